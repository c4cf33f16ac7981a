package contribution_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

var (
	ctx     = context.Background()
	nobody  = account.Nobody("req-1")
	officer = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "Officer"}, Roles: []account.Role{account.Officer}}
)

func each(t *testing.T, fn func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clocktest.At(time.Date(2017, 8, 20, 10, 0, 0, 0, time.UTC))
		k := contributiontest.New(t, d, c.Now)
		k.Exec("insert into account (email, name, created_at) values ('officer@example.org', 'Officer', ?)", c.Now())
		fn(t, k, c)
	})
}

func yes() *bool { b := true; return &b }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, what string, err error, code errs.Code) {
	t.Helper()
	if !errs.Is(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestTheChainOfOneContributor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		id := k.Contact("María", "es-MX fr")
		token := k.Respond(id)

		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if f.Locale != "es" || f.Questionnaire.Locale != "es" || f.Started() || !f.Invited() || f.Contribution.Name != "María" {
			t.Errorf("opened: %+v", f)
		}
		if n := k.Count("select count(*) from contribution"); n != 0 {
			t.Fatalf("opening the form made %d drafts", n)
		}

		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "Mucho.", "q3.other": "Otra cosa"}})
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "", "other": "Libre"}, Consent: yes()})
		ok(t, err)
		f, err = k.Open(ctx, token, "en")
		ok(t, err)
		if len(f.Answers) != 2 || f.Answers["q3.other"] != "Otra cosa" || f.Answers["other"] != "Libre" || f.Locale != "en" {
			t.Errorf("came back to %v in %s", f.Answers, f.Locale)
		}

		got, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		if got.State != contribution.Published || *got.PublicNumber != 1 || got.Late || got.StakeholderGroup != "civil_society" || got.Country != "UY" {
			t.Errorf("submitted: %+v", got)
		}
		if n := k.Count("select count(*) from responded_contact where contact_id = ? and cycle_id = ?", id, k.CycleID); n != 1 {
			t.Errorf("counted %d times", n)
		}
		mail := k.Text("select raw from outgoing_mail where kind = 'acknowledgement'")
		if !strings.Contains(mail, "Content-Language: es\r\n") || !strings.Contains(mail, "Auto-Submitted:") {
			t.Errorf("acknowledgement: %s", mail)
		}
		page, err := k.Published(ctx, k.CycleID, 0, 10)
		ok(t, err)
		if page.Total != 1 || page.Contributions[0].Answers["other"] != "Libre" || page.Contributions[0].Name != "María" {
			t.Errorf("public: %+v", page)
		}

		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		wants(t, "correcting what is published", err, errs.Conflict)

		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		_, err = k.Withdraw(ctx, nobody, token)
		ok(t, err)
		if n := k.Count("select count(*) from answer"); n != 0 {
			t.Errorf("%d answers are left after the withdrawal", n)
		}
		stub, err := k.PublishedOne(ctx, k.CycleID, 1)
		ok(t, err)
		if !stub.Withdrawn() || stub.Name != "" || len(stub.Answers) != 0 {
			t.Errorf("stub: %+v", stub)
		}
		_, err = k.Submit(ctx, nobody, token)
		wants(t, "submitting after the withdrawal", err, errs.Conflict)
		_, err = k.Again(ctx, nobody, token)
		ok(t, err)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "De nuevo"}, Consent: yes()})
		ok(t, err)
		if got, err = k.Submit(ctx, nobody, token); err != nil || *got.PublicNumber != 2 {
			t.Errorf("again: %+v, %v", got, err)
		}
		for _, action := range []string{"started", "received", "checked", "published", "withdrawn"} {
			if n := k.Count("select count(*) from audit_event where action = ?", "contribution."+action); n == 0 {
				t.Errorf("no event contribution.%s", action)
			}
		}
	})
}

func TestLateIsJudgedByArrival(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		end := time.Date(2017, 9, 16, 12, 0, 0, 0, time.UTC) // 15 September ends anywhere on earth
		grace := time.Date(2017, 11, 16, 12, 0, 0, 0, time.UTC)
		nri := k.Contact("Juventud IGF", "es")
		k.Exec("insert into nri (name, kind, created_at) values ('Juventud IGF', 'youth', ?)", c.Now())
		tests := []struct {
			name string
			id   int64
			at   time.Time
			late bool
		}{
			{"the last instant", k.Contact("A", "en"), end.Add(-time.Microsecond), false},
			{"the instant itself", k.Contact("B", "en"), end, true},
			{"weeks after", k.Contact("C", "en"), grace.Add(-time.Microsecond), true},
			{"an initiative, in its grace", nri, grace.Add(-time.Microsecond), false},
		}
		for _, tt := range tests {
			c.Set(tt.at)
			_, err := k.Save(ctx, nobody, k.Respond(tt.id), contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
			ok(t, err)
			got, err := k.Submit(ctx, nobody, k.Respond(tt.id))
			ok(t, err)
			if got.Late != tt.late || got.State != contribution.Received {
				t.Errorf("%s: late %v (%s), want %v", tt.name, got.Late, got.State, tt.late)
			}
			if tt.id == nri && (got.NRIID == nil || !got.DeadlineAt.Equal(grace)) {
				t.Errorf("%s: %+v", tt.name, got)
			}
		}
	})
}

// A draft may be older than what is known of its contact: whether they answer for an initiative is asked when they hand in.
func TestADraftIsJudgedByWhatItsContactIsNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, c *clocktest.Clock) {
		grace := time.Date(2017, 11, 16, 12, 0, 0, 0, time.UTC)
		token := k.Respond(k.Contact("Juventud IGF", "es"))
		_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
		ok(t, err)
		k.Exec("insert into nri (name, kind, created_at) values ('Juventud IGF', 'youth', ?)", c.Now())
		c.Set(grace.Add(-time.Hour))
		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if !f.Deadline.At.Equal(grace) {
			t.Errorf("the form says %v", f.Deadline)
		}
		got, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		if got.Late || got.NRIID == nil || !got.DeadlineAt.Equal(grace) {
			t.Errorf("late %v by %v", got.Late, got.DeadlineAt)
		}
	})
}

func TestSubmitTwiceAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("Zoë", "fr"))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "oui"}, Consent: yes()})
				if err != nil && !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
				if _, err := k.Submit(ctx, nobody, token); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for table, want := range map[string]int{"contribution": 1, "outgoing_mail": 1, "responded_contact": 1} {
			if n := k.Count("select count(*) from " + table); n != want {
				t.Errorf("%s has %d rows, want %d", table, n, want)
			}
		}
		if n := k.Count("select count(*) from audit_event where action = 'contribution.received'"); n != 1 {
			t.Errorf("received %d times", n)
		}
	})
}

func TestPublicNumbersHaveNoHoles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		var wg sync.WaitGroup
		const people = 12
		for i := range people {
			token := k.Respond(k.Contact("P"+strings.Repeat("x", i), "en"))
			wg.Go(func() {
				_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "yes"}, Consent: yes()})
				if err == nil {
					_, err = k.Submit(ctx, nobody, token)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var seen []int
		for before := 0; ; {
			page, err := k.Published(ctx, k.CycleID, before, 5)
			ok(t, err)
			for _, p := range page.Contributions {
				seen = append(seen, p.Number)
			}
			if before = page.Next; before == 0 {
				break
			}
		}
		for i, n := range seen {
			if n != people-i {
				t.Fatalf("numbers %v", seen)
			}
		}
	})
}

func TestForgedAndForeignTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		id := k.Contact("Ana", "pt")
		bad := map[string]string{
			"empty": "", "nonsense": "abc", "a secret nobody has": "s-AAAA", "for unsubscribing": k.UnsubscribeToken(id),
			"of nobody":     k.Signer.Token(link.Respond, link.Target{CycleID: k.CycleID}),
			"of a stranger": k.Signer.Token(link.Respond, link.Target{CycleID: k.CycleID, ContactID: id + 999}),
			"changed":       k.Respond(id)[1:] + "a",
		}
		for name, token := range bad {
			_, err := k.Open(ctx, token, "")
			wants(t, name+": open", err, errs.NotFound)
			_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "x"}})
			wants(t, name+": save", err, errs.NotFound)
			_, err = k.Submit(ctx, nobody, token)
			wants(t, name+": submit", err, errs.NotFound)
		}
		if n := k.Count("select count(*) from contribution"); n != 0 {
			t.Errorf("%d contributions", n)
		}
	})
}

func TestWhatCannotBeSubmitted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("Ana", "pt"))
		_, err := k.Submit(ctx, nobody, token)
		wants(t, "nothing saved", err, errs.Invalid)
		_, err = k.Withdraw(ctx, nobody, token)
		wants(t, "nothing to withdraw", err, errs.Conflict)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "  "}})
		ok(t, err)
		_, err = k.Submit(ctx, nobody, token)
		wants(t, "only blanks", err, errs.Invalid)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{
			Answers: contribution.Answers{"q9": "x"}, Language: "tlh", Profile: &contribution.Profile{Capacity: "king"},
		})
		var names []string
		for _, f := range errs.FieldsOf(err) {
			names = append(names, f.Name)
		}
		if strings.Join(names, " ") != "q9 language name capacity" {
			t.Errorf("fields %v", names)
		}
	})
}

func TestCorrectUntilPublished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token := k.Respond(k.Contact("Ana", "pt"))
		_, err := k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "one"}})
		ok(t, err)
		got, err := k.Submit(ctx, nobody, token)
		ok(t, err)
		_, err = k.Publish(ctx, officer, got.ID)
		wants(t, "publishing without consent", err, errs.Conflict)
		_, err = k.Check(ctx, officer, got.ID)
		ok(t, err)
		got, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "two"}})
		if err != nil || got.State != contribution.Received || got.CheckedAt != nil {
			t.Errorf("corrected: %+v, %v", got, err)
		}
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": ""}})
		wants(t, "taking every answer back", err, errs.Conflict)
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Consent: yes()})
		ok(t, err)
		got, err = k.Submit(ctx, nobody, token)
		if err != nil || got.State != contribution.Published {
			t.Errorf("consent given later: %+v, %v", got, err)
		}
		if n := k.Count("select count(*) from outgoing_mail"); n != 1 {
			t.Errorf("%d acknowledgements", n)
		}
	})
}
