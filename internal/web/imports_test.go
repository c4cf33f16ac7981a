package web_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// What an officer does with a list: upload it, say what a column is, read the verdicts, decide on one, import, look, undo.
func TestOfficerImportsAList(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		o.add(contact.Draft{Name: "Rahul Sharma", Country: "IN", Email: "rahul@example.org"})
		b := o.SignIn(o.Account("second", account.Officer))
		o.want("the page", b.Get("/contacts/import"), 200, "Import contacts", "At most 32 MB", "Nothing has been imported yet.")
		up := b.PostFile("/contacts/import", "list.csv", []byte("name,email,country,group\nZoe,zoe@example.org,Norway,NGO\nRahul Sharma,r@example.net,India,Gov\nBo,bo@,Atlantis,NGO,more\n"), nil)
		if up.Status != http.StatusSeeOther {
			t.Fatalf("uploading: %d %s", up.Status, up.Text())
		}
		at := up.Location()
		o.want("an empty file", b.PostFile("/contacts/import", "none.csv", nil, nil), http.StatusUnprocessableEntity, "There is nothing in this file.")
		o.want("the columns", b.Get(at), 200, "What do the columns mean?", "(column A)", "For instance: \u2068Zoe\u2069 · \u2068Rahul Sharma\u2069")
		lost := b.PostForm(at+"/columns", url.Values{
			"header": {"yes"}, "encoding": {"UTF-8"}, "delimiter": {"comma"}, "column_0": {""}, "column_1": {""}, "column_2": {"notes"}, "column_3": {""},
			"cycle_id": {fmt.Sprint(o.cycle.ID)}, "source": {"the hallway"},
		})
		o.want("no name", lost, http.StatusUnprocessableEntity, "Say which column holds the name")
		for _, typed := range []string{`value="the hallway"`, `<option value="notes" selected>`, `href="#f-mapping"`} {
			if !strings.Contains(lost.Body, typed) {
				t.Errorf("lost: %s", typed)
			}
		}
		checked := b.PostForm(at+"/columns", url.Values{"header": {"yes"}, "cycle_id": {fmt.Sprint(o.cycle.ID)}, "source": {"the hallway"}})
		if checked.Status != http.StatusSeeOther {
			t.Fatalf("checking: %d %s", checked.Status, checked.Text())
		}
		o.want("the verdicts", b.Get(at), 200, "What would happen", "Nothing has been written yet.", "possible duplicate", "Same name in the same country",
			"email\u2069 (B): This does not look like an e-mail address", "country\u2069 (C): We do not know the country “\u2068Atlantis\u2069”.", "more cells than the table has columns (5, not 4)", "deleted 30 days after")
		o.want("a decision", b.PostForm(at+"/decisions", url.Values{"decision_3": {"nonsense"}}), http.StatusUnprocessableEntity)
		if got := b.PostForm(at+"/decisions", url.Values{"decision_3": {"add"}}); got.Status != http.StatusSeeOther {
			t.Fatalf("deciding: %d %s", got.Status, got.Text())
		}
		rejected := b.Get(at + "/rejected")
		if rejected.Status != 200 || !strings.Contains(rejected.Body, "Bo,bo@,Atlantis,NGO") || !strings.Contains(rejected.Body, "Atlantis”.") {
			t.Errorf("rejected rows: %d %q", rejected.Status, rejected.Body)
		}
		b.Get(at)
		if got := b.PostForm(at+"/start", url.Values{"duplicates": {"skip"}}); got.Status != http.StatusSeeOther {
			t.Fatalf("importing: %d %s", got.Status, got.Text())
		}
		o.want("the result", b.Get(at), 200, "The list is imported", "Undo the whole import", "possible duplicate · added", "See the contacts that it added")
		o.want("twice", b.PostForm(at+"/start", url.Values{"duplicates": {"skip"}}), http.StatusConflict, "not waiting for a decision")
		page, err := o.contacts.List(context.Background(), o.officer, contact.Filter{CycleID: o.cycle.ID, Source: "the hallway"})
		if err != nil || len(page.Rows) != 2 {
			t.Fatalf("imported %+v, %v", page.Rows, err)
		}
		b.Get(at)
		if got := b.PostForm(at+"/undo", nil); got.Status != http.StatusSeeOther {
			t.Fatalf("undoing: %d %s", got.Status, got.Text())
		}
		o.want("undone", b.Get(at), 200, "The import is undone", "Contacts removed: 2")
		o.want("in the list of imports", b.Get("/contacts/import"), 200, "list.csv", "undone")
	})
}

// A large file is worked on behind the page, which looks again by itself and says how far it is.
func TestImportShowsItsProgress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOutreachApp(t, d)
		woken := 0
		o.imports.Wake = func(context.Context, int64) error { woken++; return nil }
		var list strings.Builder
		list.WriteString("name,email,group,notes\n")
		for i := range 70 {
			fmt.Fprintf(&list, "Person %d,p%d@example.org,NGO,%s\n", i, i, strings.Repeat("x", 3900))
		}
		b := o.SignIn(o.Account("second", account.Officer))
		b.Get("/contacts/import")
		at := b.PostFile("/contacts/import", "large.csv", []byte(list.String()), nil).Location()
		b.Get(at)
		b.PostForm(at+"/columns", url.Values{"header": {"yes"}, "cycle_id": {"0"}})
		working := b.Get(at)
		o.want("working", working, 200, "Working on it", "This page looks again by itself", "Rows so far: 0")
		if working.Header.Get("Refresh") == "" || woken != 1 {
			t.Errorf("nobody looks again, or works: woken %d", woken)
		}
		sweep := func() {
			t.Helper()
			if err := o.imports.Sweep(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		sweep()
		o.want("checked", b.Get(at), 200, "What would happen", "70")
		b.PostForm(at+"/start", nil)
		o.want("importing", b.Get(at), 200, "Working on it")
		sweep()
		o.want("imported", b.Get(at), 200, "The list is imported", "70")
		b.PostForm(at+"/undo", nil)
		o.want("undoing", b.Get(at), 200, "Working on it")
		sweep()
		o.want("undone", b.Get(at), 200, "Contacts removed: 70")
	})
}

// What is no list is refused at the field in which it was chosen, with the limit where there is one.
func TestFilesThatAreNoList(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	b := o.SignIn(o.Account("second", account.Officer))
	b.Get("/contacts/import")
	bomb, err := os.ReadFile("../contact/sheet/testdata/bad/zip-bomb.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		content []byte
		status  int
		says    string
	}{
		{"nothing.csv", nil, 422, "There is nothing in this file."},
		{"paper.pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), 422, "This is a file of the kind PDF, which is no table."},
		{"bomb.xlsx", bomb, 422, "too large once it is unpacked. Limit in megabytes: 500."},
		{"huge.csv", bytes.Repeat([]byte("x,y\n"), 34<<18), 413, "The file is larger than 32 MB."},
	} {
		got := b.PostFile("/contacts/import", c.name, c.content, nil)
		o.want(c.name, got, c.status, c.says)
		if c.status == 422 && !strings.Contains(got.Body, `href="#f-file"`) {
			t.Errorf("%s: the message leads nowhere", c.name)
		}
	}
	if imports, _, err := o.imports.List(context.Background(), o.officer, 0); err != nil || len(imports) != 0 {
		t.Errorf("kept %+v, %v", imports, err)
	}
}

func TestOnlyOfficersSeeImports(t *testing.T) {
	t.Parallel()
	o := newOutreachApp(t, dbtest.SQLite(t))
	b := o.SignIn(o.Account("second", account.Officer))
	b.Get("/contacts/import")
	at := b.PostFile("/contacts/import", "list.csv", []byte("name\nZoe\n"), nil).Location()
	for _, role := range []account.Role{account.Volunteer, account.Translator, account.Lead} {
		v := o.As(role)
		for _, path := range []string{"/contacts/import", at, at + "/rejected", "/contacts/export"} {
			if got := v.Get(path); got.Status != http.StatusForbidden {
				t.Errorf("%s: GET %s: %d", role, path, got.Status)
			}
		}
		for _, path := range []string{at + "/columns", at + "/decisions", at + "/start", at + "/undo"} {
			if got := v.PostForm(path, nil); got.Status != http.StatusForbidden {
				t.Errorf("%s: POST %s: %d", role, path, got.Status)
			}
		}
		if got := v.PostFile("/contacts/import", "list.csv", []byte("name\nZoe\n"), nil); got.Status != http.StatusForbidden {
			t.Errorf("%s: upload: %d", role, got.Status)
		}
	}
	if got := o.Visitor().Get(at); got.Status != http.StatusSeeOther {
		t.Errorf("a visitor: %d", got.Status)
	}
}
