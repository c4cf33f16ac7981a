package campaign

import "sync"

// launches are the steps whose deliveries this process makes right now: a queue may ask more than once.
type launches struct {
	mu      sync.Mutex
	running map[int64]bool
}

// begin is false where the step is under way here already.
func (l *launches) begin(stepID int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running[stepID] {
		return false
	}
	l.running[stepID] = true
	return true
}

func (l *launches) end(stepID int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, stepID)
}
