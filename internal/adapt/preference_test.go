package adapt_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

var pageOfMail = regexp.MustCompile(`List-Unsubscribe: <https://convoke\.test/u/([a-z2-7]+)>`)

// tokens are those of the pages behind the mails that addresses were sent last.
func (p *postOffice) tokens() map[string]string {
	p.t.Helper()
	all := map[string]string{}
	for _, m := range p.server.Messages() {
		found := pageOfMail.FindSubmatch(m.Data)
		if found == nil {
			p.t.Fatalf("the mail to %s leads to no page:\n%s", m.To, m.Data)
		}
		all[m.To] = string(found[1])
	}
	return all
}

// What one of two readers of a mailbox asks by the link of a mail holds for what is queued already, for both; so does what
// somebody asked who became part of another contact meanwhile.
func TestAskingByAMailHoldsForWhatIsQueued(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		p := newPostOffice(t, d, nil)
		one := p.listed("Ana", "office@example.org")
		two := p.listed("Ben", "ben@example.org")
		_, err := p.contacts.AddAddress(ctx, p.officer, two, "office@example.org")
		ok(t, err)
		cleo, other := p.listed("Cleo", "cleo@example.org"), p.listed("Cléo", "")
		p.listed("Dana", "dana@example.org")
		p.launched()
		p.kit.Work()
		tokens := p.tokens()
		ok(t, p.contacts.Stop(ctx, account.Nobody(""), tokens["cleo@example.org"], contact.ThisCampaign, contact.ByPage))
		p.launched() // another campaign: what was asked of the first one does not count
		ok(t, p.contacts.Stop(ctx, account.Nobody(""), tokens["office@example.org"], contact.ThisCycle, contact.ByOneClick))
		_, err = p.unite(other, cleo)
		ok(t, err)
		p.kit.Work()
		third := p.launched()
		ok(t, p.contacts.Stop(ctx, account.Nobody(""), tokens["cleo@example.org"], contact.Everything, contact.ByPage))
		p.kit.Work()
		got := p.got()
		want := map[string]int{"office@example.org": 1, "ben@example.org": 1, "cleo@example.org": 2, "dana@example.org": 3}
		for to, n := range want {
			if got[to] != n {
				t.Errorf("%s got %d messages, want %d", to, got[to], n)
			}
		}
		reasons := map[int64]campaign.Reason{}
		deliveries, err := p.kit.Deliveries(ctx, p.officer, third.ID, campaign.DeliveryFilter{})
		ok(t, err)
		for _, d := range deliveries {
			reasons[d.ContactID] = d.Reason
		}
		if reasons[one] != campaign.OptedOut || reasons[two] != campaign.OptedOut || reasons[other] != campaign.Suppressed {
			t.Errorf("left out for %v", reasons)
		}
	})
}

// askers are people of whom some share mailboxes, and what each asked, by the mailbox.
type askers struct {
	p             *postOffice
	first, second campaign.Campaign // the first was sent; its follow-up and the second are still to come
	contacts      []int64
	boxes         [][]string // of each contact
	tokens        map[string]string
	live          map[string]map[contact.Scope]string // by mailbox and scope: by whose mail it was asked, "" for an officer
}

func newAskers(t *testing.T, d *db.DB) *askers {
	t.Helper()
	p := newPostOffice(t, d, nil)
	a := &askers{p: p, boxes: [][]string{{"a"}, {"a", "b"}, {"b"}, {"c"}, {"d", "c"}}}
	for i, boxes := range a.boxes {
		id := p.listed(fmt.Sprint("Person ", i), boxes[0]+"@example.org")
		for _, more := range boxes[1:] {
			_, err := p.contacts.AddAddress(context.Background(), p.officer, id, more+"@example.org")
			ok(t, err)
		}
		a.contacts = append(a.contacts, id)
	}
	docs, err := p.kit.Documents.List(context.Background(), p.officer, p.cycle)
	ok(t, err)
	var message int64
	for _, doc := range docs {
		if doc.Slug == "message" {
			message = doc.ID
		}
		if doc.Slug == "follow-up" {
			a.first = p.launched(campaign.StepDraft{Kind: campaign.FollowUp, DocumentID: doc.ID, OffsetDays: 7, OffsetFrom: campaign.FromLaunch})
		}
	}
	p.kit.Work()
	a.tokens = p.tokens()
	a.second, err = p.kit.Create(context.Background(), p.officer, campaign.Proposal{
		CycleID: p.cycle, Name: "Another", Audience: campaign.Audience{All: true}, Steps: []campaign.StepDraft{{Kind: campaign.Call, DocumentID: message}},
	})
	ok(t, err)
	return a
}

// Random sequences of asking and taking back say who may be mailed as a simple model does.
func TestWhoMayBeMailedFollowsAModel(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := newAskers(t, d)
		rapid.Check(t, func(rt *rapid.T) {
			a.forget()
			for range rapid.IntRange(0, 12).Draw(rt, "steps") {
				a.step(rt)
			}
			a.check(rt)
		})
	})
}

func (a *askers) forget() {
	a.live = map[string]map[contact.Scope]string{}
	ok(a.p.t, a.p.d.Write(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.Exec("delete from opt_out"); err != nil {
			return err
		}
		_, err := tx.Exec("delete from suppression")
		return err
	}))
}

func (a *askers) step(rt *rapid.T) {
	ctx, nobody := context.Background(), account.Nobody("")
	to := rapid.SampledFrom(slices.Sorted(maps.Keys(a.tokens))).Draw(rt, "mail")
	scope := rapid.SampledFrom(contact.Stops()).Draw(rt, "scope")
	switch rapid.SampledFrom([]string{"stop", "stop", "again", "often", "record"}).Draw(rt, "what") {
	case "stop":
		fine(rt, a.p.contacts.Stop(ctx, nobody, a.tokens[to], scope, contact.ByPage))
		a.ask(to, scope, to)
	case "again":
		err := a.p.contacts.Again(ctx, nobody, a.tokens[to], scope)
		by, asked := a.live[to][scope]
		if refused := asked && by != to; refused != errs.Is(err, errs.Conflict) || !refused && err != nil {
			rt.Fatalf("%s takes back %s, asked by %q: %v", to, scope, by, err)
		}
		if by == to {
			delete(a.live[to], scope)
		}
	case "often":
		often := rapid.SampledFrom(contact.Oftens()).Draw(rt, "often")
		fine(rt, a.p.contacts.Wish(ctx, nobody, a.tokens[to], contact.Wishes{Often: often}, nil))
		a.often(to, often)
	case "record":
		i := rapid.IntRange(0, len(a.contacts)-1).Draw(rt, "contact")
		fine(rt, a.p.contacts.RecordAsked(ctx, a.p.officer, a.contacts[i], contact.Recorded{Scope: contact.ThisCycle, CycleID: a.p.cycle, Note: "in words"}))
		for _, box := range a.boxes[i] {
			a.ask(box+"@example.org", contact.ThisCycle, "")
		}
	}
}

// ask notes it, unless it holds already.
func (a *askers) ask(box string, scope contact.Scope, by string) {
	if a.live[box] == nil {
		a.live[box] = map[contact.Scope]string{}
	}
	if _, asked := a.live[box][scope]; !asked {
		a.live[box][scope] = by
	}
}

// often is one wish for the reader of the mail, wherever an earlier one was made that holds for them.
func (a *askers) often(to string, often contact.Often) {
	reader := a.readerOf(to)
	want := map[contact.Often]contact.Scope{contact.OneReminder: contact.SecondReminder, contact.NoneAtAll: contact.NoReminders}[often]
	for _, box := range append([]string{to}, a.mailboxes(reader)...) {
		for _, scope := range []contact.Scope{contact.NoReminders, contact.SecondReminder} {
			if scope != want {
				delete(a.live[box], scope)
			}
		}
	}
	if want != "" {
		a.ask(to, want, to)
	}
}

// readerOf is the contact to whom the mail at an address went.
func (a *askers) readerOf(to string) int {
	target, err := campaigntest.Links().Parse(link.Unsubscribe, a.tokens[to])
	ok(a.p.t, err)
	for i, id := range a.contacts {
		if id == target.ContactID {
			return i
		}
	}
	a.p.t.Fatalf("the mail to %s went to nobody", to)
	return 0
}

func (a *askers) mailboxes(i int) []string {
	var all []string
	for _, box := range a.boxes[i] {
		all = append(all, box+"@example.org")
	}
	return all
}

// want is the reason against a message to a contact, by the model.
func (a *askers) want(i int, ofFirst bool) campaign.Reason {
	asked := map[contact.Scope]bool{}
	for _, box := range a.mailboxes(i) {
		for scope := range a.live[box] {
			asked[scope] = true
		}
	}
	switch {
	case asked[contact.Everything]:
		return campaign.Suppressed
	case asked[contact.ThisCycle], ofFirst && asked[contact.ThisCampaign]:
		return campaign.OptedOut
	case ofFirst && asked[contact.NoReminders]:
		return campaign.FewerReminders
	}
	return ""
}

func (a *askers) check(rt *rapid.T) {
	for _, of := range []struct {
		campaign int64
		position int
		first    bool
	}{{a.first.ID, 2, true}, {a.second.ID, 1, false}} {
		o, err := a.p.kit.Plan(context.Background(), a.p.officer, of.campaign, of.position, campaign.PlanCursor{})
		fine(rt, err)
		for _, planned := range append(o.Recipients, o.Excluded...) {
			for i, id := range a.contacts {
				if got := planned.Reason; id == planned.ContactID && got != campaign.DuplicateAddress && got != a.want(i, of.first) {
					rt.Fatalf("person %d in step %d: %q, want %q; asked: %v", i, of.position, got, a.want(i, of.first), a.live)
				}
			}
		}
	}
}

func fine(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatal(err)
	}
}
