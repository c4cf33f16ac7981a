package adapt_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/link"
)

// Whoever handles a mail at the same time, it is made one contribution, which came when the mail did.
func TestAMailBecomesOneContribution(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		id := r.listed("Ana", "ana@example.org")
		r.launched()
		r.kit.Work()
		arrived := time.Date(2017, 8, 1, 9, 30, 0, 0, time.UTC)
		raw := append([]byte("Received: from x by mail.convoke.test; "+arrived.Format(time.RFC1123Z)+"\r\n"), letterFrom("ana@example.org", "Re: Call", "", "Our answer.", "", "> Dear Ana")...)
		got := r.take("bpf+re-"+r.token("ana@example.org")+"@"+mailDomain, "ana@example.org", raw)
		if !got.ReceivedAt.Equal(arrived) {
			t.Errorf("arrived at %s, want %s", got.ReceivedAt, arrived)
		}
		if _, err := r.inbound.MakeContribution(ctx, r.ana, got.ID, inbound.Order{ContactID: id}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a volunteer may: %v", err)
		}
		var group sync.WaitGroup
		results := make(chan error, 4)
		for range 4 {
			group.Go(func() {
				_, err := r.inbound.MakeContribution(ctx, r.officer, got.ID, inbound.Order{ContactID: id, CycleID: r.cycle, Consent: true})
				results <- err
			})
		}
		group.Wait()
		made := 0
		for range 4 {
			switch err := <-results; {
			case err == nil:
				made++
			case !errs.Is(err, errs.Conflict):
				t.Error(err)
			}
		}
		all, _, err := r.contributions.List(ctx, r.officer, contribution.Filter{CycleID: r.cycle})
		ok(t, err)
		if made != 1 || len(all) != 1 {
			t.Fatalf("made %d times, %d contributions", made, len(all))
		}
		full, err := r.contributions.Get(ctx, r.officer, all[0].ID)
		ok(t, err)
		if full.Channel != contribution.Email || full.State != contribution.Received || !full.ReceivedAt.Equal(arrived) || full.Late || *full.ContactID != id || !full.ConsentPublication {
			t.Errorf("%+v", full.Contribution)
		}
		if text := strings.Join(valuesOf(full.Answers), "|"); text != "Our answer." {
			t.Errorf("it says %q", text)
		}
		if err := r.inbound.Close(ctx, r.officer, got.ID, inbound.Left, ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("closing what was handled: %v", err)
		}
		if err := r.inbound.Reopen(ctx, r.officer, got.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("reopening what was made a contribution: %v", err)
		}
	})
}

// A reply that quotes our message brings its personal link along: nobody who reads the contribution finds it there.
func TestAContributionByMailOpensNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		id := r.listed("Ana", "ana@example.org")
		r.launched()
		r.kit.Work()
		reply := r.token("ana@example.org")
		token := campaigntest.Links().Token(link.Respond, link.Target{CycleID: r.cycle, ContactID: id})
		quoted := "-----Original Message-----\r\nFrom: Secretariat <bpf+re-" + reply + "@" + mailDomain + ">\r\n\r\nAnswer here: https://convoke.test/r/" + token + "\r\n"
		for name, text := range map[string]string{
			"short": "Our answer.\r\n" + quoted, "long": strings.Repeat("Our answer.\r\n", contribution.AnswerLimit/12) + quoted,
		} {
			got := r.take("bpf+re-"+reply+"@"+mailDomain, "ana@example.org", letterFrom("ana@example.org", "Re: Call "+name, "", text))
			made, err := r.inbound.MakeContribution(ctx, r.officer, got.ID, inbound.Order{CycleID: r.cycle, Consent: true, Sender: inbound.Sender{
				Name: name, Capacity: "individual", StakeholderGroup: "civil_society", Country: "ES",
			}})
			ok(t, err)
			full, err := r.contributions.Get(ctx, r.officer, made.ContributionID)
			ok(t, err)
			said := strings.Join(valuesOf(full.Answers), "\n")
			files, err := r.contributions.Files(ctx, r.officer, made.ContributionID)
			ok(t, err)
			for _, f := range files {
				said += f.Text
			}
			if strings.Contains(said, token) || strings.Contains(said, reply) || !strings.Contains(said, "https://convoke.test/r/…") {
				t.Errorf("%s: it says %q", name, said[max(0, len(said)-400):])
			}
		}
		c, err := r.contributions.Record(ctx, r.officer, contribution.Arrival{
			CycleID: r.cycle, ContactID: id, Channel: contribution.Email, Answers: contribution.Answers{"q1": "Pasted. https://convoke.test/r/" + token},
		})
		ok(t, err)
		full, err := r.contributions.Get(ctx, r.officer, c.ID)
		ok(t, err)
		if full.Answers["q1"] != "Pasted. https://convoke.test/r/…" {
			t.Errorf("recorded: %q", full.Answers["q1"])
		}
	})
}

// Who takes a contribution back that came by mail is told that their answers and documents are deleted: so is the mail that brought them.
func TestAMailGoesWithTheContributionThatItBrought(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		r.contributions.Mails = r.inbound
		id := r.listed("Ana", "ana@example.org")
		r.launched()
		r.kit.Work()
		to := "bpf+re-" + r.token("ana@example.org") + "@" + mailDomain
		brought := r.take(to, "ana@example.org", letterFrom("ana@example.org", "Our secret position", "", "Our answer."))
		other := r.take(to, "ana@example.org", letterFrom("ana@example.org", "Re: Call", "", "When is the meeting?"))
		_, err := r.inbound.MakeContribution(ctx, r.officer, brought.ID, inbound.Order{ContactID: id, CycleID: r.cycle})
		ok(t, err)
		token := campaigntest.Links().Token(link.Respond, link.Target{CycleID: r.cycle, ContactID: id})
		_, err = r.contributions.Withdraw(ctx, account.Nobody(""), token)
		ok(t, err)
		o, err := r.inbound.Open(ctx, r.officer, brought.ID)
		ok(t, err)
		if o.ErasedAt == nil || o.Subject != "" || o.Read.Text != "" || o.Outcome != inbound.MadeContribution || *o.ContactID != id {
			t.Errorf("what brought it: %+v", o)
		}
		if n := r.count("select count(*) from inbound_raw"); n != 1 {
			t.Errorf("%d mails are kept, want the other", n)
		}
		if o, err := r.inbound.Open(ctx, r.officer, other.ID); err != nil || !strings.Contains(o.Read.Text, "meeting") {
			t.Errorf("the other: %v, %v", o.Read, err)
		}
		if n := r.count("select count(*) from audit_event where action = 'inbound.forgotten'"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

// A wish for no more is honoured at once; where the mail says more than that, somebody reads it all the same.
func TestAnAnswerThatBeginsWithStopIsRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newMailRoom(t, d)
		r.listed("Ana", "ana@example.org")
		r.launched()
		r.kit.Work()
		to := "bpf+re-" + r.token("ana@example.org") + "@" + mailDomain
		long := strings.Repeat("We think that states should cooperate.\r\n", 20)
		for name, tt := range map[string]struct {
			text  string
			state inbound.State
		}{
			"an answer": {"Stop\r\n\r\n" + long, inbound.Waiting},
			"a wish":    {"Stop\r\n\r\nRegards, Ana", inbound.Handled},
			"our words": {"Stop\r\n\r\nFrom: Secretariat <" + to + ">\r\n" + long, inbound.Handled},
		} {
			got := r.take(to, "ana@example.org", letterFrom("ana@example.org", "Re: Call, "+name, "", tt.text))
			if got.Kind != inbound.Unsubscribe || got.Outcome != inbound.Stopped || got.State != tt.state {
				t.Errorf("%s: %q, %q, %q", name, got.Kind, got.Outcome, got.State)
			}
		}
	})
}

func valuesOf(a contribution.Answers) []string {
	var all []string
	for _, text := range a {
		all = append(all, text)
	}
	return all
}
