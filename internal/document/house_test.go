package document_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
)

var now = time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)

type house struct {
	*document.Service
	t          testing.TB
	ctx        context.Context
	db         *db.DB
	cycleID    int64
	officer    account.Actor
	translator account.Actor
	reviewer   account.Actor
	volunteer  account.Actor
	lead       account.Actor
}

func newHouse(t testing.TB, d *db.DB) *house {
	t.Helper()
	clock := func() time.Time { return now }
	accounts := account.New(account.Deps{DB: d, Now: clock, Normalize: func(s string) (string, error) { return s, nil }})
	h := &house{t: t, ctx: context.Background(), db: d}
	actor := func(name string, role account.Role) account.Actor {
		a, err := accounts.Add(h.ctx, audit.System("test"), account.Account{Email: name + "@example.org", Name: name}, role)
		h.must(err)
		made, err := accounts.Actor(h.ctx, a, "test")
		h.must(err)
		return made
	}
	h.officer, h.translator = actor("eleonora", account.Officer), actor("alejandro", account.Translator)
	h.reviewer, h.volunteer = actor("carina", account.Translator), actor("richard", account.Volunteer)
	h.lead = actor("maarten", account.Lead)
	c, err := cycle.New(cycle.Deps{DB: d, Now: clock}).Create(h.ctx, h.officer, cycle.Cycle{Slug: "bpf-2017", Name: "BPF 2017"})
	h.must(err)
	h.cycleID = c.ID
	h.Service = document.New(document.Deps{DB: d, Now: clock, Accounts: accounts, Locales: []string{"en", "es", "ar"}})
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

const body = "Dear {{contact}},\n\nplease read https://www.example.org/call and answer: {{personal_link}}\n\nThank you."

func (h *house) message() document.Document {
	h.t.Helper()
	d, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "message", "en", document.Message{Subject: "Call for contributions", Body: body})
	h.must(err)
	return d
}

func spanish() map[string]string {
	return map[string]string{
		"subject": "Llamado a contribuciones", "p1": "Hola {{contact}}:",
		"p2": "lea https://www.example.org/call y responda: {{personal_link}}", "p3": "Gracias.",
	}
}

func (h *house) approved() (document.Document, document.Translation) {
	h.t.Helper()
	d := h.message()
	tr, err := h.Claim(h.ctx, h.translator, d.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
	h.must(err)
	_, err = h.Submit(h.ctx, h.translator, tr.ID)
	h.must(err)
	tr, err = h.Approve(h.ctx, h.reviewer, tr.ID)
	h.must(err)
	return d, tr
}

func (h *house) actions(object string) []string {
	h.t.Helper()
	events, err := audit.NewTrail(h.db).List(h.ctx, audit.Filter{ObjectKind: object, Limit: 100})
	h.must(err)
	var names []string
	for _, e := range events {
		names = append(names, e.Action)
	}
	slices.Reverse(names)
	return names
}

func (h *house) status(documentID int64, locale string) document.TranslationStatus {
	h.t.Helper()
	detail, err := h.Get(h.ctx, h.officer, documentID)
	h.must(err)
	for _, tr := range detail.Translations {
		if tr.Locale == locale {
			return tr
		}
	}
	h.t.Fatalf("no %s", locale)
	return document.TranslationStatus{}
}
