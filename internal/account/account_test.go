package account_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// house is an account service with a clock that stands still until it is moved, and a mailer that remembers.
type house struct {
	*account.Service
	now  time.Time
	sent []string
}

func (h *house) SendSignIn(_ context.Context, _ account.Account, _, secret string, _ time.Time) error {
	h.sent = append(h.sent, secret)
	return nil
}

func newHouse(d *db.DB) *house {
	h := &house{now: time.Date(2017, 8, 7, 13, 0, 0, 0, time.UTC)}
	h.Service = account.New(account.Deps{DB: d, Mailer: h, Now: func() time.Time { return h.now }, Normalize: normalize})
	return h
}

func normalize(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if !strings.Contains(email, "@") {
		return "", errs.InvalidFields(errs.FieldError("email", "field.email"))
	}
	return email, nil
}

func (h *house) add(t *testing.T, email string, role account.Role) account.Account {
	t.Helper()
	a, err := h.Add(context.Background(), audit.System("test"), account.Account{Email: email, Name: "Ana"}, role)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAddGivesOneAccountManyRoles(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(d)
		first := h.add(t, "Ana@Example.org", account.Volunteer)
		second := h.add(t, "ana@example.org ", account.Translator)
		again := h.add(t, "ana@example.org", account.Translator)
		if first.ID != second.ID || again.ID != first.ID {
			t.Fatalf("three accounts for one address: %d, %d, %d", first.ID, second.ID, again.ID)
		}
		if want := []account.Role{account.Translator, account.Volunteer}; !slices.Equal(again.Roles, want) {
			t.Errorf("roles %v, want %v", again.Roles, want)
		}
		all, err := h.List(context.Background())
		if err != nil || len(all) != 1 {
			t.Errorf("listed %v, %v", all, err)
		}
		unnamed, err := h.Add(context.Background(), audit.System("test"), account.Account{Email: "b.bold@example.org"}, account.Volunteer)
		if err != nil || unnamed.Name != "b.bold" {
			t.Errorf("others are shown %q, which must not be an address: %v", unnamed.Name, err)
		}
		_, err = h.Add(context.Background(), audit.System("test"), account.Account{Email: "b@example.org"}, "king")
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("an unknown role: got %v", err)
		}
	})
}

func TestSignInLinkWorksOnceAndOnlyInItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		h.add(t, "ana@example.org", account.Officer)
		if err := h.RequestSignIn(ctx, "ANA@example.org", "es"); err != nil || len(h.sent) != 1 {
			t.Fatalf("sent %d, %v", len(h.sent), err)
		}
		if who, err := h.Peek(ctx, h.sent[0]); err != nil || who.Name != "Ana" {
			t.Fatalf("peek: %v, %v", who, err)
		}
		session, _, err := h.Redeem(ctx, h.sent[0], "browser", "r1")
		if err != nil {
			t.Fatalf("redeem after a peek: %v", err)
		}
		if actor, err := h.Authenticate(ctx, session, "r2"); err != nil || !actor.Is(account.Officer) || actor.RequestID != "r2" {
			t.Errorf("authenticate: %v, %v", actor, err)
		}
		if _, _, err := h.Redeem(ctx, h.sent[0], "", ""); !errs.Is(err, errs.Gone) {
			t.Errorf("second use: got %v, want gone", err)
		}
		if err := h.RequestSignIn(ctx, "ana@example.org", "es"); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(account.SignInLifetime)
		if _, _, err := h.Redeem(ctx, h.sent[1], "", ""); !errs.Is(err, errs.Gone) {
			t.Errorf("after its time: got %v, want gone", err)
		}
		if _, err := h.Peek(ctx, "never made"); !errs.Is(err, errs.Gone) {
			t.Errorf("forged: got %v, want gone", err)
		}
	})
}

func TestSignInLinkStartsOneSessionHoweverManyClick(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		secret, err := h.IssueSignIn(ctx, h.add(t, "ana@example.org", account.Officer).ID)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		results := make(chan error, 20)
		for range cap(results) {
			group.Go(func() {
				_, _, err := h.Redeem(ctx, secret, "", "")
				results <- err
			})
		}
		group.Wait()
		close(results)
		started := 0
		for err := range results {
			switch {
			case err == nil:
				started++
			case !errs.Is(err, errs.Gone):
				t.Errorf("got %v, want gone", err)
			}
		}
		if started != 1 {
			t.Errorf("%d sessions from one link", started)
		}
	})
}

func TestRequestTellsNothingAboutAccountsAndIsLimited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		h.add(t, "ana@example.org", account.Officer)
		if err := h.RequestSignIn(ctx, "stranger@example.org", "en"); err != nil || len(h.sent) != 0 {
			t.Errorf("a stranger: %v, %d sent", err, len(h.sent))
		}
		for range 20 {
			if err := h.RequestSignIn(ctx, "ana@example.org", "en"); err != nil {
				t.Fatal(err)
			}
		}
		if len(h.sent) != 5 {
			t.Errorf("%d links at once, want 5", len(h.sent))
		}
		if err := h.RequestSignIn(ctx, "no address", "en"); !errs.Is(err, errs.Invalid) {
			t.Errorf("got %v, want invalid", err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		a := h.add(t, "ana@example.org", account.Officer)
		start := func() string {
			secret, err := h.IssueSignIn(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			session, _, err := h.Redeem(ctx, secret, "", "")
			if err != nil {
				t.Fatal(err)
			}
			return session
		}
		one, two, three := start(), start(), start()
		actor, err := h.Authenticate(ctx, one, "")
		if err != nil {
			t.Fatal(err)
		}
		steps := []struct {
			name  string
			do    func() error
			alive []bool
		}{
			{"one ends", func() error { return h.End(ctx, actor, one) }, []bool{false, true, true}},
			{"ending twice", func() error { return h.End(ctx, actor, one) }, []bool{false, true, true}},
			{"all end", func() error { return h.EndAll(ctx, actor) }, []bool{false, false, false}},
		}
		for _, step := range steps {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			for i, session := range []string{one, two, three} {
				_, err := h.Authenticate(ctx, session, "")
				if (err == nil) != step.alive[i] {
					t.Errorf("%s: session %d: %v", step.name, i+1, err)
				}
			}
		}
		late := start()
		h.now = h.now.Add(account.SessionLifetime)
		if _, err := h.Authenticate(ctx, late, ""); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("after its lifetime: got %v", err)
		}
	})
}

func TestTokenActsAsItsAccountAndIsKeptAsHash(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		a := h.add(t, "ana@example.org", account.Lead)
		token, err := h.CreateToken(ctx, audit.System("test"), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if actor, err := h.AuthenticateToken(ctx, token, ""); err != nil || actor.ID != a.ID || !actor.Is(account.Lead) {
			t.Errorf("got %v, %v", actor, err)
		}
		if _, err := h.AuthenticateToken(ctx, token+"x", ""); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("a wrong token: got %v", err)
		}
		var kept string
		if err := d.Read(ctx).QueryRow("select hash from api_token").Scan(&kept); err != nil || strings.Contains(kept, token) {
			t.Errorf("the table holds %q, %v", kept, err)
		}
	})
}

func TestEveryChangeLeavesItsEvent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, h := context.Background(), newHouse(d)
		a := h.add(t, "ana@example.org", account.Officer)
		secret, err := h.IssueSignIn(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		session, _, err := h.Redeem(ctx, secret, "", "")
		if err != nil {
			t.Fatal(err)
		}
		actor, err := h.Authenticate(ctx, session, "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.CreateToken(ctx, actor.Who, a.ID)
		if err := errors.Join(err, h.End(ctx, actor, session)); err != nil {
			t.Fatal(err)
		}
		events, err := audit.NewTrail(d).List(ctx, audit.Filter{ObjectKind: "account", ObjectID: a.ID, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range events {
			got = append(got, e.Action)
			if strings.Contains(e.Before+e.After, secret) {
				t.Errorf("%s holds the secret", e.Action)
			}
		}
		want := []string{"session.ended", "token.created", "session.started", "account.role_granted", "account.added"}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
