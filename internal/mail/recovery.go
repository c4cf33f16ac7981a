//go:build unix

package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/convoke/convoke/internal/errs"
)

// Trust says how far a dead process's journal can be believed.
type Trust string

const (
	// Exact: every message is told. A batch leased by this owner that is not among its
	// batches had nothing begun.
	Exact Trust = "exact"
	// EarlierBoot: the machine has restarted since; the last records may be missing. Every
	// open batch of this owner is uncertain, but for what is told as accepted.
	EarlierBoot Trust = "earlier_boot"
	// Damaged: not readable. Every open batch of this owner is uncertain. Where even the
	// header is damaged, Owner is empty.
	Damaged Trust = "damaged"
)

// BatchOutcome is what a dead process got done of one attempt at a batch whose results it had
// not reported as committed. A delivery in neither list was never begun.
type BatchOutcome struct {
	Batch    int64
	Attempt  int
	Accepted []int64 // the server said 250: sent
	Begun    []int64 // the dot may have gone out and nothing was heard: uncertain
}

// DeadJournal is the journal of a process that is gone.
type DeadJournal struct {
	Owner   string
	Trust   Trust
	Batches []BatchOutcome

	path string
}

// ReadDead reads the journal of every process that is gone, in a folder that may not exist.
// thisBoot is BootID(). The journals stay until Forget; several processes may read at once.
func ReadDead(dir, thisBoot string) ([]DeadJournal, error) {
	var dead []DeadJournal
	err := eachJournal(dir, func(path string, f *os.File) error {
		if !lockShared(f) || !stillNamed(path, f) {
			return nil
		}
		d, err := readDead(f, thisBoot)
		if err != nil {
			return err
		}
		d.path = path
		dead = append(dead, d)
		return nil
	})
	return dead, errs.Wrap("mail.journal.read", err)
}

// LiveOwners are the owners of journals whose process still runs. Their batches are theirs,
// however late they are.
func LiveOwners(dir string) ([]string, error) {
	var live []string
	err := eachJournal(dir, func(path string, f *os.File) error {
		if lockShared(f) && stillNamed(path, f) {
			return nil
		}
		head := make([]byte, headerSize)
		if _, err := f.ReadAt(head, 0); err != nil {
			return err
		}
		live = append(live, strings.TrimRight(string(head[80:80+maxOwner]), "\x00"))
		return nil
	})
	return live, errs.Wrap("mail.journal.live", err)
}

// Forget removes a dead journal, once everything it told is committed.
func Forget(d DeadJournal) error {
	err := os.Remove(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errs.Wrap("mail.journal.forget", err)
}

// eachJournal opens every journal of a folder in turn. One that goes meanwhile was recovered
// by somebody else or closed by its owner.
func eachJournal(dir string, fn func(path string, f *os.File) error) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+journalSuffix))
	if err != nil {
		return err
	}
	slices.Sort(paths)
	for _, path := range paths {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(fn(path, f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// lockShared says whether nobody owns the file. The lock goes when the file is closed.
func lockShared(f *os.File) bool {
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil
}

// stillNamed says whether the file opened is the one that has the name now: a living owner may
// have put a larger one in its place, or removed it, between opening and locking.
func stillNamed(path string, f *os.File) bool {
	named, err := os.Stat(path)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(named, opened)
}

func readDead(f *os.File, thisBoot string) (DeadJournal, error) {
	info, err := f.Stat()
	if err != nil {
		return DeadJournal{}, err
	}
	if info.Size() > headerSize+2*maxHalf {
		return DeadJournal{Trust: Damaged}, nil
	}
	data := make([]byte, info.Size())
	if _, err := f.ReadAt(data, 0); err != nil {
		return DeadJournal{}, err
	}
	h, err := decodeHeader(data)
	if err != nil {
		return DeadJournal{Owner: h.owner, Trust: Damaged}, nil //nolint:nilerr // the damage is the answer
	}
	d := DeadJournal{Owner: h.owner, Trust: Exact}
	if !h.sealed && (thisBoot == "" || h.boot != thisBoot) {
		d.Trust = EarlierBoot
	}
	open, err := fold(halfOf(data, h.half, h.active))
	if err != nil {
		d.Trust = Damaged
		return d, nil //nolint:nilerr // the damage is the answer
	}
	d.Batches = outcomes(open)
	return d, nil
}

// outcomes orders what fold told, so that recovery does the same thing every time.
func outcomes(open map[batchKey]map[int64]kind) []BatchOutcome {
	var out []BatchOutcome
	for key, deliveries := range open {
		o := BatchOutcome{Batch: key.batch, Attempt: key.attempt}
		for id, k := range deliveries {
			if k == kindAccepted {
				o.Accepted = append(o.Accepted, id)
			} else {
				o.Begun = append(o.Begun, id)
			}
		}
		slices.Sort(o.Accepted)
		slices.Sort(o.Begun)
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b BatchOutcome) int {
		if a.Batch != b.Batch {
			return int(min(max(a.Batch-b.Batch, -1), 1))
		}
		return a.Attempt - b.Attempt
	})
	return out
}
