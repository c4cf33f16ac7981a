package adapt_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
)

// withFiles is a mail with a text document of each of these contents.
func withFiles(from, subject string, contents ...string) []byte {
	lines := []string{"Content-Type: multipart/mixed; boundary=m", "", "--m", "Content-Type: text/plain", "", "See the files."}
	for i, c := range contents {
		name := "paper.txt"
		if i%2 == 1 {
			name = "scan.doc"
		}
		lines = append(lines, "--m", "Content-Type: application/octet-stream", "Content-Disposition: attachment; filename="+name, "", c)
	}
	return letterFrom(from, subject, append(lines, "--m--")...)
}

// The documents of a mail are added to the contribution of whom it is from, in every state in which it may still change.
func TestDocumentsOfAMailAreAdded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		people := map[contribution.State]int64{}
		for _, s := range contribution.States() {
			people[s] = r.listed(string(s), string(s)+"@example.org")
		}
		r.listed("none", "none@example.org")
		for state, id := range people {
			c, err := r.contributions.Record(ctx, r.officer, contribution.Arrival{
				CycleID: r.cycle, ContactID: id, Channel: contribution.Phone, Consent: true, Answers: contribution.Answers{"q1": "Much."},
			})
			ok(t, err)
			ok(t, d.Write(ctx, func(tx *db.Tx) error { // the ways there are other tests' matter
				_, err := tx.Exec("update contribution set state = ? where id = ?", string(state), c.ID)
				return err
			}))
		}
		for state, id := range people {
			from := string(state) + "@example.org"
			got := r.take("bpf@convoke.test", from, withFiles(from, "Our paper", "The paper of "+from, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old document"))
			made, err := r.inbound.AddToContribution(ctx, r.officer, got.ID)
			if state == contribution.Published || state == contribution.Withdrawn {
				if !errs.Is(err, errs.Conflict) {
					t.Errorf("to what is %s: %v", state, err)
				}
				ok(t, r.inbound.Close(ctx, r.officer, got.ID, inbound.Answered, ""))
				continue
			}
			if err != nil || !slices.Equal(made.NotTaken, []string{"scan.doc"}) {
				t.Errorf("to what is %s: %+v, %v", state, made, err)
				continue
			}
			full, err := r.contributions.Get(ctx, r.officer, made.ContributionID)
			ok(t, err)
			if full.State != state || *full.ContactID != id || len(full.Files) != 1 || full.Files[0].Text != "The paper of "+from {
				t.Errorf("%s: %s with %+v", state, full.State, full.Files)
			}
			if err := r.inbound.Reopen(ctx, r.officer, got.ID); !errs.Is(err, errs.Conflict) {
				t.Errorf("reopened: %v", err)
			}
			again := r.take("bpf@convoke.test", from, withFiles(from, "Our paper, again", "The paper of "+from))
			if _, err := r.inbound.AddToContribution(ctx, r.officer, again.ID); !errs.Is(err, errs.Invalid) {
				t.Errorf("the same document twice: %v", err)
			}
			if _, err := r.inbound.AddToContribution(ctx, r.ana, again.ID); !errs.Is(err, errs.Forbidden) {
				t.Errorf("by a volunteer: %v", err)
			}
		}
		if n := r.count("select count(*) from audit_event where action = 'contribution.file_attached'"); n != 4 {
			t.Errorf("%d documents in the trail, want 4", n)
		}
		if n := r.count("select count(*) from inbound_mail where outcome = 'added' and state = 'handled' and contribution_id is not null"); n != 4 {
			t.Errorf("%d mails handled, want 4", n)
		}
		for name, tt := range map[string]struct {
			raw  []byte
			code errs.Code
		}{
			"from whom nothing came":   {withFiles("none@example.org", "Our paper", "The paper"), errs.Conflict},
			"from nobody that we know": {withFiles("other@example.net", "Our paper", "The paper"), errs.Conflict},
			"without a document":       {letterFrom("received@example.org", "Soon", "", "Soon."), errs.Conflict},
		} {
			if _, err := r.inbound.AddToContribution(ctx, r.officer, r.take("bpf@convoke.test", "x@example.org", tt.raw).ID); !errs.Is(err, tt.code) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := r.inbound.AddToContribution(ctx, r.officer, 999); !errs.Is(err, errs.NotFound) {
			t.Errorf("of a mail that is not there: %v", err)
		}
		if _, err := r.inbound.AddToContribution(ctx, account.Nobody(""), 1); err == nil {
			t.Error("by nobody")
		}
	})
}

// Two officers who press the button at once add the documents once.
func TestDocumentsOfAMailAreAddedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		id := r.listed("Ana", "ana@example.org")
		_, err := r.contributions.Record(ctx, r.officer, contribution.Arrival{CycleID: r.cycle, ContactID: id, Channel: contribution.Phone, Answers: contribution.Answers{"q1": "Much."}})
		ok(t, err)
		got := r.take("bpf@convoke.test", "ana@example.org", withFiles("ana@example.org", "Our paper", "The paper"))
		var group sync.WaitGroup
		results := make(chan error, 4)
		for range 4 {
			group.Go(func() {
				_, err := r.inbound.AddToContribution(ctx, r.officer, got.ID)
				results <- err
			})
		}
		group.Wait()
		close(results)
		done := 0
		for err := range results {
			if err == nil {
				done++
			} else if !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.Invalid) {
				t.Error(err)
			}
		}
		if n := r.count("select count(*) from contribution_file"); done != 1 || n != 1 {
			t.Errorf("done %d times, %d documents", done, n)
		}
	})
}
