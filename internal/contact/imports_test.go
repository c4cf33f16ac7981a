package contact

import (
	"context"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestRowsGetTheirVerdicts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ana := k.add(Draft{Name: "Ana Pérez", Organization: "Fundación Ñandú", Country: "PE", Email: "ana@example.org", StakeholderGroup: "civil_society", Languages: "es"})
		k.add(Draft{Name: "Desk", Kind: Organization, Country: "PE", Email: "info@example.org", StakeholderGroup: "civil_society"})
		if err := k.Suppress(context.Background(), k.officer, "gone@example.org", AskedUs); err != nil {
			t.Fatal(err)
		}
		rows := k.judged(lines("name,email,organization,stakeholder_group,country",
			"New Person,new@example.org,Some House,civil society,Peru",
			"Ana Pérez,ANA@example.org,,,",
			"Ana Pérez,ana@example.org,Fundación Ñandú,academia,",
			"ana perez,,fundacion nandu,civil society,",
			"Somebody Else,info@example.org,,civil society,PE",
			"Gone,gone@example.org,,civil society,PE",
			"Wrong,not an address,,civil society,PE",
			"No Group,nogroup@example.org,,,PE",
			"New Person,new@example.org,Some House,civil society,Peru",
			"Ana Pérez,,Another House,civil society,Chile",
		), ImportPlan{})
		want := []struct {
			verdict Verdict
			of      int64
			ofRow   int
			reason  string
			problem string
			column  string
		}{
			{verdict: VerdictNew},
			{verdict: VerdictUnchanged, of: ana.ID},
			{verdict: VerdictUpdate, of: ana.ID},
			{verdict: VerdictPossibleDuplicate, of: ana.ID, reason: AlikeOrganization},
			{verdict: VerdictPossibleDuplicate, reason: AlikeRoleAddress},
			{verdict: VerdictSuppressed},
			{verdict: VerdictRejected, problem: "email", column: "B"},
			{verdict: VerdictRejected, problem: "stakeholder_group"},
			{verdict: VerdictUnchanged, ofRow: 2},
			{verdict: VerdictNew},
		}
		for i, w := range want {
			got := rows[i]
			if got.Number != i+2 || got.Verdict != w.verdict || got.OfRow != w.ofRow || w.of != 0 && (got.ContactID == nil || *got.ContactID != w.of) {
				t.Errorf("row %d: %+v, want %+v", i+2, got, w)
			}
			if w.reason != "" && (len(got.Reasons) != 1 || got.Reasons[0] != w.reason) {
				t.Errorf("row %d: reasons %v", i+2, got.Reasons)
			}
			if w.problem != "" && (len(got.Problems) != 1 || got.Problems[0].Column != w.problem || w.column != "" && got.Problems[0].Letter != w.column) {
				t.Errorf("row %d: problems %+v", i+2, got.Problems)
			}
		}
		if c := rows[2].Changes; len(c) != 1 || c[0] != (FieldChange{"stakeholder_group", "civil_society", "academia"}) {
			t.Errorf("changes %+v", c)
		}
	})
}

func TestImportWritesWhatTheCheckSaid(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		ctx := context.Background()
		ana := k.add(Draft{Name: "Ana Pérez", Country: "PE", Email: "ana@example.org", StakeholderGroup: "civil_society", Notes: "kept"})
		before := k.dump()
		i := k.take(lines("name,email,organization,stakeholder_group,country,languages,notes",
			"Luz,luz@example.org,Fundación Ñandú,civil society,Peru,qu,",
			"Ana Pérez,ana@example.org,Fundación Ñandú,,,es,",
			"Luz,luz@example.org,,,,,met in Lima",
			"Nobody,,,,,,",
		), ImportPlan{CycleID: k.cycle, Source: "a list", LawfulBasis: "legitimate interest"})
		if i.Tally != (Tally{New: 1, Update: 2, Rejected: 1}) || i.RowsDone != 4 {
			t.Errorf("counts %+v, %d rows", i.Tally, i.RowsDone)
		}
		got, err := k.Get(ctx, k.officer, ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Languages != "es" || got.Notes != "kept" || got.Country != "PE" || len(got.Affiliations) != 1 || got.Source != "" || got.LanguageChain != "es" {
			t.Errorf("updated: %+v", got)
		}
		page, err := k.List(ctx, k.officer, Filter{Query: "luz nandu", CycleID: k.cycle})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("found %+v, %v", page.Rows, err)
		}
		luz, err := k.Get(ctx, k.officer, page.Rows[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if luz.Region != "grulac" || luz.Source != "a list" || luz.LanguageChain != "qu es" || len(luz.Addresses) != 1 || len(luz.Listings) != 1 || luz.Notes != "met in Lima" ||
			len(luz.Affiliations) != 1 || luz.Affiliations[0].OrganizationID != got.Affiliations[0].OrganizationID {
			t.Errorf("added: %+v", luz)
		}
		if n := k.events("import.batch"); n != 1 {
			t.Errorf("%d events for the batch", n)
		}
		if n := k.count("select count(*) from audit_event where action = 'contact.updated' and object_id = ?", ana.ID); n != 1 {
			t.Errorf("%d events for the update", n)
		}
		undone := k.undo(i.ID)
		if undone.RemovedCount != 2 || undone.KeptCount != 0 {
			t.Errorf("undone: %+v", undone)
		}
		if after := k.dump(); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	})
}

func TestOnlyOfficersImport(t *testing.T) {
	t.Parallel()
	k := newDesk(t, dbtest.SQLite(t))
	volunteer := k.member("volunteer", account.Volunteer)
	if _, err := k.imports.Upload(context.Background(), volunteer, fileOf("name\nAna\n")); !errs.Is(err, errs.Forbidden) {
		t.Errorf("upload: %v", err)
	}
	if _, err := k.imports.Preview(context.Background(), volunteer, fileOf("name\nAna\n"), ImportPlan{}, nil); !errs.Is(err, errs.Forbidden) {
		t.Errorf("preview: %v", err)
	}
}

// An organization that comes into being with somebody who was there before is still new to the rows after it.
func TestNewOrganizationOfAKnownPerson(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.add(Draft{Name: "Ana Pérez", Country: "PE", Email: "ana@example.org"})
		before := k.dump()
		i := k.take(lines("kind,name,email,organization,stakeholder_group,country",
			"person,Ana Pérez,ana@example.org,New House,,",
			"organization,New House,info@example.net,,academia,PE",
		), ImportPlan{CycleID: k.cycle})
		if i.Tally != (Tally{Update: 2}) {
			t.Errorf("counts %+v", i.Tally)
		}
		if n := k.count("select count(*) from contact where name = 'New House' and stakeholder_group = 'academia'"); n != 1 {
			t.Errorf("%d organizations", n)
		}
		k.undo(i.ID)
		if after := k.dump(); after != before {
			t.Errorf("%s", differing(before, after))
		}
	})
}
