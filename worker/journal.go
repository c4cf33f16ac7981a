package worker

import (
	"crypto/rand"
	"encoding/hex"
	"os"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Journals implements campaign.Journals with a folder of this machine.
type Journals struct {
	journal *mail.Journal
	dir     string
	owner   string
	boot    string
}

// OpenJournals opens a journal for this process in the folder, under a name that no other has. The
// caller closes it when nothing is sent any more.
func OpenJournals(dir string) (*Journals, error) {
	owner, err := newOwner()
	if err != nil {
		return nil, errs.Wrap("worker.journals", err)
	}
	j, err := mail.OpenJournal(dir, owner)
	if err != nil {
		return nil, errs.Wrap("worker.journals", err)
	}
	return &Journals{journal: j, dir: dir, owner: owner, boot: mail.BootID()}, nil
}

// newOwner is the machine's name, for people, and a number, for the machine.
func newOwner() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return host + "-" + hex.EncodeToString(b[:]), nil
}

// Owner is the name under which this process leases batches.
func (j *Journals) Owner() string { return j.owner }

// Recorder is this process's journal.
func (j *Journals) Recorder() mail.Recorder { return j.journal }

// Finished releases what the journal keeps of a batch.
func (j *Journals) Finished(batch int64, attempt int) error {
	return j.journal.Finished(batch, attempt)
}

// Dead are the journals of processes of this machine that are gone.
func (j *Journals) Dead() ([]mail.DeadJournal, error) { return mail.ReadDead(j.dir, j.boot) }

// Live are the owners of journals whose process runs.
func (j *Journals) Live() ([]string, error) { return mail.LiveOwners(j.dir) }

// Forget removes a dead journal.
func (j *Journals) Forget(d mail.DeadJournal) error { return mail.Forget(d) }

// Close ends this process's journal. With nothing unfinished in it, its file goes.
func (j *Journals) Close() error { return j.journal.Close() }
