package contact

import (
	"bytes"
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// furnish fills the house with contacts that are hard to write into a table and to read from it again.
func (k *desk) furnish() {
	k.t.Helper()
	ctx := context.Background()
	tied := func(id int64, organization string, a Affiliation) {
		a.ContactID = id
		if _, err := k.AffiliateByName(ctx, k.officer, organization, a); err != nil {
			k.t.Fatal(err)
		}
	}
	addressed := func(id int64, emails ...string) {
		for _, email := range emails {
			if _, err := k.AddAddress(ctx, k.officer, id, email); err != nil {
				k.t.Fatal(err)
			}
		}
	}
	notes := "She said \"no\";\nthen, on Tuesday:\tyes.\n=SUM(A1)\n'quoted'\nBcc: nobody"
	ana := k.add(Draft{
		Name: "Ana Pérez", Organization: "Fundación Ñandú", Function: "implementer", Title: "Jefa, \"red\"", Country: "PE", Email: "ana@example.org", Languages: "es qu",
		Expertise: "ddos", Notes: notes, Source: "+1 list", LawfulBasis: "consent", Region: "weog",
	})
	addressed(ana.ID, "second@example.org", "info@nandu.example", "bounced@example.org", "gone@example.org", "complained@example.org", "josé@bücher.example")
	tied(ana.ID, "Fundación Ñandú", Affiliation{Function: PolicyAnalyst, Since: "2014-05", Until: "2016"})
	tied(ana.ID, "=cmd|' /C calc'!A0", Affiliation{Function: OtherFunction, Title: "-1", Since: "2016-01-31"})
	tied(ana.ID, "Союз; сети (отдел)", Affiliation{Represents: true, Until: "2017-08-07"})
	k.exec("update address set status = 'bounced' where email = 'bounced@example.org'")
	k.exec("update address set status = 'complained' where email = 'complained@example.org'")
	if err := k.Suppress(ctx, k.officer, "gone@example.org", AskedUs); err != nil {
		k.t.Fatal(err)
	}
	out := k.add(Draft{Name: "Only Opted Out", Email: "left@example.org"})
	if err := k.Suppress(ctx, k.officer, "left@example.org", AskedUs); err != nil {
		k.t.Fatal(err)
	}
	tied(out.ID, "Fundación Ñandú", Affiliation{})
	for _, d := range []Draft{
		{Name: "=cmd|' /C calc'!A0", Email: "formula@example.org", Notes: "@SUM(1)"},
		{Name: "+1 555", Transliteration: "-x", Notes: "-\n-"},
		{Name: "-x"},
		{Name: "@x", LawfulBasis: "somebody's own words"},
		{Name: "'=1"},
		{Name: "'t Hart"},
		{Name: "محمد العلي", Transliteration: "Muhammad al-Ali", Organization: "وزارة الاتصالات", Email: "ali@example.org"},
		{Name: "王小明", Transliteration: "Wang Xiaoming", Languages: "zh-Hant"},
		{Name: "Анна Берг", Transliteration: "Anna Berg", Country: "NA"},
		{Name: "Berg, Anna", Email: "berg@example.org"},
		{Name: "Unknown", Email: "unknown@example.org"},
		{Name: "n/a", Organization: "Fundación Ñandú"},
		{Name: "sep=;", Notes: "a,b;c|d\te"},
		{Name: "Two of a name", Country: "PE"},
		{Name: "Two of a name", Country: "PE"},
		{Name: "Desk", Kind: Organization, Country: "PE", Email: "shared@example.org"},
		{Name: "Colleague", Email: "shared@example.org", Organization: "Desk"},
		{Name: "Министерство", Transliteration: "Ministerstvo", Kind: Organization, Country: "UZ"},
	} {
		k.add(d)
	}
	k.add(Draft{Name: "Official", Organization: "Ministerstvo", Country: "UZ"})
}

// What is exported and imported again, as CSV or as a workbook, changes nothing.
func TestExportedAndImportedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.furnish()
		before := k.dump()
		contacts := k.count("select count(*) from contact")
		for _, format := range []sheet.Format{sheet.Text, sheet.XLSX} {
			text := k.exported(format)
			rows := k.judged(text, ImportPlan{CycleID: 0})
			for _, r := range rows {
				if r.Verdict != VerdictUnchanged || len(r.Problems) > 0 {
					t.Errorf("%s: row %d is %s: %+v", format, r.Number, r.Verdict, r)
				}
			}
			if i := k.take(text, ImportPlan{}); i.Tally != (Tally{Unchanged: contacts}) {
				t.Errorf("%s: %d contacts, %+v", format, contacts, i.Tally)
			}
			if after := k.dump(); after != before {
				t.Fatalf("%s: %s", format, differing(before, after))
			}
		}
	})
}

func (k *desk) exported(format sheet.Format) string {
	k.t.Helper()
	var file bytes.Buffer
	to := sheet.NewCSV(&file, true)
	if format == sheet.XLSX {
		var err error
		if to, err = sheet.NewXLSX(&file, "Contacts"); err != nil {
			k.t.Fatal(err)
		}
	}
	if _, err := k.imports.Export(context.Background(), k.officer, Filter{}, to); err != nil {
		k.t.Fatal(err)
	}
	return file.String()
}

// An export says all that another house needs to know of ties.
func TestTiesSurviveTheJourney(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.take(lines("name,email,stakeholder_group,organization,function,since,until,organization_2,title_2,until_2",
			"Ana,ana@example.org,academia,Here,implementer,2016-05,,There,Head,2015",
			"Bo,bo@example.org,academia,,,,,There,Clerk,",
			"Cy,cy@example.org,academia,Here,,2017,2016,,,",
			"Di,di@example.org,academia,Here,,,2031,,,",
		), ImportPlan{})
		type tie struct {
			Person, Organization, Function, Title, Since, Until string
		}
		got, err := scanAll[tie](d.Read(context.Background()), `select p.name as person, o.name as organization, f.function, f.title, f.since, f.until
			from affiliation f join contact p on p.id = f.contact_id join contact o on o.id = f.organization_id order by p.name, o.name`)
		if err != nil {
			t.Fatal(err)
		}
		want := []tie{{"Ana", "Here", "implementer", "", "2016-05", ""}, {"Ana", "There", "", "Head", "", "2015"}, {"Bo", "There", "", "Clerk", "", ""}}
		if len(got) != len(want) {
			t.Fatalf("%+v", got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%+v, want %+v", got[i], want[i])
			}
		}
	})
}

func TestImportedTiesRepresentOneOrganization(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.take(lines("name,email,stakeholder_group,organization,until,organization_2,organization_3",
			"Ana,ana@example.org,media,Old House,2015,New House,Other House",
			"Ben,ben@example.org,media,Other House,,New House,"), ImportPlan{})
		k.take(lines("name,email,organization", "Ana,ana@example.org,Fourth House"), ImportPlan{})
		for person, want := range map[string]string{"Ana": "New House", "Ben": "Other House"} {
			var got []string
			err := k.d.Read(context.Background()).Scan(&got, `select o.name from affiliation f join contact o on o.id = f.organization_id
				join contact c on c.id = f.contact_id where c.name = ? and f.represents order by f.id`, person)
			if err != nil || len(got) != 1 || got[0] != want {
				t.Errorf("%s represents %v, %v; want %s", person, got, err, want)
			}
		}
	})
}

// Whoever takes an export elsewhere reads in it who asked for less.
func TestAnExportSaysWhatWasAsked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, ctx := newDesk(t, d), context.Background()
		ana := k.add(Draft{Name: "Ana", Email: "ana@example.org"})
		k.add(Draft{Name: "Ben", Email: "ben@example.org"})
		k.add(Draft{Name: "Cleo", Email: "cleo@example.org"})
		for _, w := range []Recorded{{Scope: ThisCycle, CycleID: k.cycle, Note: "x"}, {Scope: NoReminders, Note: "x"}} {
			k.fine(k.RecordAsked(ctx, k.officer, ana.ID, w))
		}
		k.fine(k.Suppress(ctx, k.officer, "ben@example.org", ComplainedOf))
		file := k.exported(sheet.Text)
		asked := map[string]string{}
		for _, line := range strings.Split(strings.TrimSpace(file), "\n") {
			cells := strings.Split(strings.TrimSpace(line), ",")
			asked[cells[2]] = cells[len(cells)-1]
		}
		want := map[string]string{"name": "asked_not_to_get", "Ana": "cycle:bpf-2017 reminders", "Ben": "everything", "Cleo": ""}
		if !maps.Equal(asked, want) {
			t.Errorf("the file says %v", asked)
		}
		if i := k.take(file, ImportPlan{}); i.Tally != (Tally{Unchanged: 3}) {
			t.Errorf("read again: %+v", i.Tally)
		}
	})
}
