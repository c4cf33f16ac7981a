package web_test

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func fetch[T any](v T) *T { return &v }

// What an officer does with two entries of one person: compare, choose, merge, see it, be refused the undo and told why, undo.
func TestTwoEntriesOfOnePerson(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOutreachApp(t, d), context.Background()
		mine := o.add(contact.Draft{Name: "Юлия Кузнецова", Organization: "Open Net", Country: "RU", Languages: "ru", Email: "yulia@example.org", LawfulBasis: "public_interest"})
		theirs := o.add(contact.Draft{Name: "Yulia Kuznetsova", Organization: "Open Net", Country: "RU", Languages: "en", Email: "yk@example.com", LawfulBasis: "consent"})
		for page, edit := range map[string]contact.Edit{
			mine:   {Expertise: fetch("ddos")},
			theirs: {Expertise: fetch("ics"), Region: fetch("weog")},
		} {
			if _, err := o.contacts.Update(ctx, o.officer, idOf(page), edit); err != nil {
				t.Fatal(err)
			}
		}
		b := o.SignIn(o.Account("second", account.Officer))
		o.want("the list", b.Get("/contacts/duplicates"), 200, "Юлия Кузнецова", "Yulia Kuznetsova", "same name in another script", "Every six hours")
		o.want("the other by a name", b.Get(mine+"/merge?other=kuznetsova+yul"), 200, "Compare: Yulia Kuznetsova · Open Net")
		o.want("nobody of that name", b.Get(mine+"/merge?other=nobody"), 200, "Nothing found.")
		compare := b.Get(mine + "/merge?other=" + path.Base(theirs))
		o.want("the comparison", compare, 200, "Region", "(by the country)", "Expertise", "Denial of service", "Industrial control", "Lawful basis", "The stricter one stays.")
		for _, name := range []string{"keep_name", "keep_region", "keep_expertise", "keep_language"} {
			if !strings.Contains(compare.Body, `name="`+name+`"`) {
				t.Errorf("no choice of %s", name)
			}
		}
		for _, checked := range []string{`name="keep_region" value="theirs" checked`, `name="keep_expertise" value="both" checked`, `name="keep_language" value="both" checked`, `name="keep_name" value="mine" checked`} {
			if !strings.Contains(compare.Body, checked) {
				t.Errorf("not chosen beforehand: %s", checked)
			}
		}
		refused := b.PostForm(mine+"/merge", url.Values{"other": {path.Base(theirs)}, "keep_name": {"theirs"}, "keep_notes": {"nonsense"}})
		if refused.Status != http.StatusUnprocessableEntity || !strings.Contains(refused.Body, `name="keep_name" value="theirs" checked`) {
			t.Errorf("a choice is lost: %d", refused.Status)
		}
		done := b.PostForm(mine+"/merge", url.Values{"other": {path.Base(theirs)}, "keep_region": {"mine"}})
		if done.Status != http.StatusSeeOther {
			t.Fatalf("merging: %d %s", done.Status, done.Text())
		}
		got, err := o.contacts.Get(ctx, o.officer, idOf(mine))
		if err != nil || got.Expertise != "ddos ics" || got.Languages != "ru en" || got.RegionOverridden || got.Region != "eastern_european_group" || got.LawfulBasis != contact.Consent {
			t.Errorf("%+v, %v", got.Contact, err)
		}
		o.want("the changes", b.Get("/contacts/changes"), 200, "Yulia Kuznetsova became part of Юлия Кузнецова", "second", "Yulia Kuznetsova becomes a contact of its own again")
		if led := b.Get(theirs); led.Status != http.StatusMovedPermanently || led.Location() != mine {
			t.Errorf("the old address leads to %d %s", led.Status, led.Location())
		}

		if _, err := o.contacts.Update(ctx, o.officer, idOf(mine), contact.Edit{Expertise: fetch("dns-ixp"), Languages: fetch("uk")}); err != nil {
			t.Fatal(err)
		}
		undo := "/contacts/changes/" + strings.TrimPrefix(done.Location()[strings.Index(done.Location(), "#c-"):], "#c-") + "/undo"
		blocked := b.PostForm(undo, nil)
		o.want("changed since", blocked, 409, "Changed since", "Юлия Кузнецова", "the contact", "Expertise", "Languages")
		for _, column := range []string{">expertise<", ">languages<", "contact_address", "changes.object"} {
			if strings.Contains(blocked.Body, column) {
				t.Errorf("the page shows %q", column)
			}
		}
		if _, err := o.contacts.Update(ctx, o.officer, idOf(mine), contact.Edit{Expertise: fetch("ddos ics"), Languages: fetch("ru en")}); err != nil {
			t.Fatal(err)
		}
		if undone := b.PostForm(undo, nil); undone.Status != http.StatusSeeOther {
			t.Fatalf("undoing: %d %s", undone.Status, undone.Text())
		}
		after := b.Get("/contacts/changes")
		o.want("after the undo", after, 200, "Undone by second", "Yulia Kuznetsova became part of")
		if strings.Contains(after.Body, "/undo") || !strings.Contains(after.Body, `href="`+theirs+`"`) {
			t.Error("it can be undone twice, or does not lead to both")
		}
		o.want("the other", b.Get(theirs), 200, "Yulia Kuznetsova")
	})
}

// A merge of somebody who was erased shows no name, and nothing can be taken back of it.
func TestAMergeOfSomebodyErased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOutreachApp(t, d), context.Background()
		mine, theirs := o.add(contact.Draft{Name: "Zebedee Quux", Email: "z@example.org"}), o.add(contact.Draft{Name: "Zebedee Quuux", Email: "q@example.org"})
		done, err := o.contacts.Unite(ctx, o.officer, contact.Union{Survivor: idOf(mine), Other: idOf(theirs)})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.contacts.Erase(ctx, o.officer, idOf(mine), false); err != nil {
			t.Fatal(err)
		}
		b := o.SignIn(o.Account("second", account.Officer))
		page := b.Get("/contacts/changes")
		o.want("the changes", page, 200, "A merge of a contact that was erased since")
		if page.Shows("Quu") || strings.Contains(page.Body, "/undo") {
			t.Error("it names who was erased, or offers to undo")
		}
		if _, err := o.contacts.Undo(ctx, o.officer, done.ChangesetID); !errs.Is(err, errs.Conflict) {
			t.Errorf("nothing was taken back, and nobody was told: %v", err)
		}
		for _, page := range []string{mine, theirs} {
			events, err := audit.NewTrail(d).List(ctx, audit.Filter{ObjectKind: "contact", ObjectID: idOf(page), Limit: 50})
			if err != nil || len(events) == 0 {
				t.Fatal(events, err)
			}
			for _, e := range events {
				if strings.Contains(e.Before+e.After, "Quu") {
					t.Errorf("the trail names who was erased: %s of %s", e.Action, page)
				}
			}
		}
	})
}

// idOf is the id of the contact whose page this is.
func idOf(page string) int64 {
	id, _ := strconv.ParseInt(path.Base(page), 10, 64)
	return id
}
