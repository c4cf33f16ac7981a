package campaign

import (
	"slices"
	"sync"
)

const (
	// arenaFull is how many bytes of messages a round has at the most, but for the last message: however large they are, they
	// are sent before more are made.
	arenaFull = 8 << 20
	// arenasKept is how many pieces of memory wait for the next round.
	arenasKept = 4
)

// arenas are the pieces of memory in which the messages of rounds stand, one behind the other. They are used again.
type arenas struct {
	full int // bytes
	mu   sync.Mutex
	free [][]byte
}

func (a *arenas) take() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.free) == 0 {
		return nil
	}
	last := len(a.free) - 1
	arena := a.free[last]
	a.free = a.free[:last]
	return arena[:0]
}

// room gives the first message of a round as many times its place as there are messages, and a little more: growing bit by bit
// would leave as much behind as is used.
func (a *arenas) room(arena []byte, messages int) []byte {
	return slices.Grow(arena, min(len(arena)*messages*9/8, a.full))
}

func (a *arenas) giveBack(arena []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.free) < arenasKept && cap(arena) <= 2*a.full {
		a.free = append(a.free, arena)
	}
}
