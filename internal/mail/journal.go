//go:build unix

package mail

import (
	"errors"
	"os"
	"sync"

	"github.com/convoke/convoke/internal/errs"
)

const (
	defaultHalf = 2 << 20   // bytes of records: 65,536
	maxHalf     = 128 << 20 // more than this many open batches means that nobody finishes them
)

// Journal is a memory-mapped file in which a process notes which messages it began and which
// were accepted. What is stored there survives SIGKILL without a system call; only a crash of
// the machine can lose it, which the boot id tells. A lock on the file proves that its owner is
// alive.
//
// The file has two halves. Records fill the active one; when it is full, those of unfinished
// batches are copied to the other and one atomic store makes that the active one. So the file is
// flat in size and whole at every instant. It doubles when the open batches alone half fill it.
type Journal struct {
	mu     sync.Mutex
	file   *journalFile
	next   int // offset of the next record in the active half
	open   int // begun and not yet decided: each keeps room for its last word
	closed bool
}

// OpenJournal makes the journal of this process in a folder, which it creates. The owner is the
// name under which it leases batches, new at every start; a journal of that name that is there
// already is a Conflict.
func OpenJournal(dir, owner string) (*Journal, error) {
	return openJournal(dir, owner, BootID(), defaultHalf)
}

func openJournal(dir, owner, boot string, half int) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap("mail.journal", err)
	}
	if owner == "" || len(owner) > maxOwner || len(boot) > maxBoot {
		return nil, errs.E(errs.Invalid, "mail.journal.owner")
	}
	f, err := createJournalFile(dir, owner, boot, half)
	if errors.Is(err, os.ErrExist) {
		return nil, errs.E(errs.Conflict, "mail.journal.taken", "Owner", owner)
	}
	if err != nil {
		return nil, errs.Wrap("mail.journal", err)
	}
	return &Journal{file: f}, nil
}

// Begun notes that the final dot of a message may go out. An error means that there is no room
// and none can be made; the message must not be sent.
func (j *Journal) Begun(r Ref) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.room(j.open + 2); err != nil {
		return err
	}
	j.append(record{kindBegun, r})
	j.open++
	return nil
}

// Accepted notes the server's 250.
func (j *Journal) Accepted(r Ref) { j.decide(record{kindAccepted, r}) }

// Refused notes that a begun message was not accepted.
func (j *Journal) Refused(r Ref) { j.decide(record{kindRefused, r}) }

// decide always has room, because Begun kept it.
func (j *Journal) decide(r record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed || j.open == 0 {
		return
	}
	j.open--
	j.append(r)
}

// Uncertain leaves a message begun and gives back the room that Begun kept.
func (j *Journal) Uncertain(Ref) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.open > 0 {
		j.open--
	}
}

// Finished releases the records of a batch whose results are committed.
func (j *Journal) Finished(batch int64, attempt int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.room(j.open + 1); err != nil {
		return err
	}
	j.append(record{kindFinished, Ref{Batch: batch, Attempt: attempt}})
	return nil
}

// Close ends the journal. With nothing unfinished in it the file goes; else it stays, made
// durable and marked as ended in order, for recovery.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	open, err := fold(j.file.active())
	if err == nil && len(open) == 0 {
		err = os.Remove(j.file.path)
	} else if err == nil {
		err = j.file.seal()
	}
	return errs.Wrap("mail.journal.close", errors.Join(err, j.file.close()))
}

func (j *Journal) append(r record) {
	r.put(j.file.active()[j.next : j.next+recordSize])
	j.next += recordSize
}

// room makes sure that n more records fit.
func (j *Journal) room(n int) error {
	if j.closed {
		return errs.E(errs.Unavailable, "mail.journal.closed")
	}
	if j.next+n*recordSize <= j.file.half {
		return nil
	}
	open, err := fold(j.file.active())
	if err != nil {
		return errs.Wrap("mail.journal", err)
	}
	need := n * recordSize
	for _, deliveries := range open {
		need += len(deliveries) * recordSize
	}
	if need <= j.file.half/2 {
		j.next = writeOpen(j.file.passive(), open)
		j.file.swap()
		return nil
	}
	return errs.Wrap("mail.journal", j.grow(open, need))
}

// grow moves to a larger file, which takes the place of the old one when it is complete.
func (j *Journal) grow(open map[batchKey]map[int64]kind, need int) error {
	half := j.file.half
	for half/2 < need {
		half *= 2
	}
	if half > maxHalf {
		return errs.E(errs.Unavailable, "mail.journal.full")
	}
	var next int
	f, err := j.file.replace(half, func(active []byte) { next = writeOpen(active, open) })
	if err != nil {
		return &errs.Error{Code: errs.Unavailable, Key: "mail.journal.full", Err: err}
	}
	j.file, j.next = f, next
	return nil
}

// writeOpen stores what fold told and returns the offset behind it.
func writeOpen(half []byte, open map[batchKey]map[int64]kind) int {
	at := 0
	for key, deliveries := range open {
		for id, k := range deliveries {
			record{k, Ref{id, key.batch, key.attempt}}.put(half[at : at+recordSize])
			at += recordSize
		}
	}
	return at
}
