package sheet

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
)

func reference(t testing.TB) *geo.Reference {
	t.Helper()
	ref, err := geo.Load()
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// interpret reads one row under a header of field names, and gives the keys of its problems; those
// that only were noted begin with "~".
func interpret(t testing.TB, header string, row ...string) (Row, []string) {
	t.Helper()
	var mapping []Mapping
	for i, h := range strings.Split(header, ",") {
		mapping = append(mapping, Mapping{Column: i, Header: h, Field: Field(unnumberedField(h))})
	}
	got, problems := Interpret(Record{Number: 2, Cells: row}, mapping, reference(t), mail.Normalize)
	var keys []string
	for _, p := range problems {
		key := p.Key
		if s, ok := p.Args["Suggestion"]; ok {
			key += " " + fmt.Sprint(s)
		}
		if !p.Rejects {
			key = "~" + key
		}
		keys = append(keys, p.Letter+" "+key)
	}
	return got, keys
}

func unnumberedField(h string) string { return strings.TrimRight(h, "_0123456789") }

func TestInterpret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header string
		row          []string
		want         Row
		problems     []string
	}{
		{
			"all", "id,kind,name,transliteration,organization,function,title,since,stakeholder_group,country,region,languages,email,address_kind,email_2,address_kind_2,expertise,source,lawful_basis,notes",
			[]string{"7", "Person", "Анна Берг", "Anna Berg", "MinTech", "implementer", "Head", "24/03/2017", "Gov", "Brasil", "GRULAC", "pt_BR, English", "ANNA@example.org", "personal", "info@example.org", "role", "ddos mobile-security", "card", "consent", "one\r\ntwo"},
			Row{
				ID: 7, Kind: "person", Name: "Анна Берг", Transliteration: "Anna Berg", Organization: "MinTech", Function: "implementer", Title: "Head", Since: "2017-03-24",
				StakeholderGroup: "government", Country: "BR", Region: geo.GRULAC, Languages: []string{"pt-BR", "en"},
				Emails:    []Mailbox{{Address: "anna@example.org", Kind: "personal"}, {Address: "info@example.org", Kind: "role"}},
				Expertise: []string{"ddos", "mobile-security"}, Source: "card", LawfulBasis: "consent", Notes: "one\ntwo",
			},
			nil,
		},
		{
			"aliases", "name,stakeholder_group,country,languages",
			[]string{"Li", "NGO / Civil Society", "Brazil (BR)", "français; Arabic and 中文"},
			Row{Name: "Li", StakeholderGroup: "civil_society", Country: "BR", Languages: []string{"fr", "ar", "zh"}},
			nil,
		},
		{"Namibia", "name,country", []string{"Li", "NA"}, Row{Name: "Li", Country: "NA"}, nil},
		{"nothing", "name,country,languages,email", []string{"Li", "n/a", "-", "?"}, Row{Name: "Li"}, nil},
		{"tags with spaces", "name,languages", []string{"Li", "es en fr"}, Row{Name: "Li", Languages: []string{"es", "en", "fr"}}, nil},
		{"language of a place", "name,languages", []string{"Li", "Portuguese (Brazil)"}, Row{Name: "Li", Languages: []string{"pt-BR"}}, nil},
		{"turned", "name", []string{"Berg, Anna"}, Row{Name: "Anna Berg"}, []string{"A ~sheet.note.turned"}},
		{"not turned with a number", "id,name", []string{"3", "Berg, Anna"}, Row{ID: 3, Name: "Berg, Anna"}, nil},
		{"not turned", "name", []string{"Example, Inc."}, Row{Name: "Example, Inc."}, nil},
		{"parts", "given_name,family_name", []string{"Anna", "Berg"}, Row{Name: "Anna Berg"}, nil},
		{"Han parts", "given_name,family_name", []string{"小明", "王"}, Row{Name: "王小明"}, nil},
		{"organization only", "organization,email", []string{"Example", "info@example.org"}, Row{Kind: "organization", Name: "Example", Emails: []Mailbox{{Address: "info@example.org"}}}, nil},
		{"name beside the address", "email", []string{`"Berg, Anna" <anna@example.org>`}, Row{Name: "Anna Berg", Emails: []Mailbox{{Address: "anna@example.org", Name: "Berg, Anna"}}}, nil},
		{"name in the address", "email", []string{"anna.berg@example.org"}, Row{Name: "Anna Berg", Emails: []Mailbox{{Address: "anna.berg@example.org"}}}, []string{"A ~sheet.note.name_from_address"}},
		{
			"several addresses", "name,email",
			[]string{"Li", "a@example.org; Bo Berg <b@example.org>,c@example.org d@example.org ::: a@example.org"},
			Row{Name: "Li", Emails: []Mailbox{{Address: "a@example.org"}, {Address: "b@example.org", Name: "Bo Berg"}, {Address: "c@example.org"}, {Address: "d@example.org"}}},
			nil,
		},
		{"roster", "name,email", []string{"Li", "anna at example.org"}, Row{Name: "Li", Emails: []Mailbox{{Address: "anna@example.org"}}}, []string{"B ~sheet.note.at_sign"}},
		{"international", "name,email", []string{"Li", "用户@例え.テスト"}, Row{Name: "Li", Emails: []Mailbox{{Address: "用户@xn--r8jz45g.xn--zckzah"}}}, nil},
		{"zero width", "name,email", []string{"A\u200bnna\u202e", "an\u200bna@example.org"}, Row{Name: "Anna", Emails: []Mailbox{{Address: "anna@example.org"}}}, []string{"A ~sheet.note.invisible", "B ~sheet.note.invisible"}},
		{"inert", "name,notes", []string{"'=Anna", "''+1"}, Row{Name: "=Anna", Notes: "'+1"}, nil},
		{"apostrophe", "name", []string{"'t Hart"}, Row{Name: "'t Hart"}, nil},
		{"joiner", "name", []string{"می\u200cخواهم"}, Row{Name: "می\u200cخواهم"}, nil},
		{"status", "name,mail_status", []string{"Li", "blocklisted"}, Row{Name: "Li", MustNotMail: true}, nil},
		{"status bounced", "name,mail_status", []string{"Li", "bounced"}, Row{Name: "Li", Undeliverable: true}, nil},
		{"attributes", "name,attributes", []string{"Li", `{"Country":"Brasil","city":"Lima","organization":"Ex","languages":["es","pt"],"type":"known","n":1}`}, Row{Name: "Li", Country: "BR", Organization: "Ex", Languages: []string{"es", "pt"}}, nil},
		{"labels", "name,labels", []string{"Li", "* myContacts ::: NGO ::: GRULAC ::: Friends"}, Row{Name: "Li", StakeholderGroup: "civil_society", Region: geo.GRULAC}, nil},
		{"unknown expertise", "name,expertise", []string{"Li", "ddos; weaving"}, Row{Name: "Li", Expertise: []string{"ddos"}}, []string{"B ~sheet.note.expertise"}},

		{"near country", "name,country", []string{"Li", "Brazl"}, Row{Name: "Li"}, []string{"B sheet.cell.country_near Brazil"}},
		{"near country in French", "name,country", []string{"Li", "Alemagne"}, Row{Name: "Li"}, []string{"B sheet.cell.country_near Allemagne"}},
		{"unknown country", "name,country", []string{"Li", "Atlantis"}, Row{Name: "Li"}, []string{"B sheet.cell.country"}},
		{"two countries", "name,country", []string{"Li", "Brazil, Portugal"}, Row{Name: "Li"}, []string{"B sheet.cell.country"}},
		{"near group", "name,stakeholder_group", []string{"Li", "Acadmia"}, Row{Name: "Li"}, []string{"B sheet.cell.group_near Academia"}},
		{"unknown group", "name,stakeholder_group", []string{"Li", "Pirates"}, Row{Name: "Li"}, []string{"B sheet.cell.group"}},
		{"unknown region", "name,region", []string{"Li", "Europe"}, Row{Name: "Li"}, []string{"B sheet.cell.region"}},
		{"unknown language", "name,languages", []string{"Li", "Klingonisch"}, Row{Name: "Li"}, []string{"B sheet.cell.language"}},
		{"near language", "name,languages", []string{"Li", "Portugese"}, Row{Name: "Li"}, []string{"B sheet.cell.language_near Portuguese"}},
		{"bad address", "name,email", []string{"Li", "a@example.org, nobody"}, Row{Name: "Li", Emails: []Mailbox{{Address: "a@example.org"}}}, []string{"B mail.address.form"}},
		{"bidi address", "name,email", []string{"Li", "a\u202eb@example.org"}, Row{Name: "Li"}, []string{"B mail.address.characters"}},
		{"injected", "name,email", []string{"Anna\r\nBcc: eve@example.org", "a@example.org"}, Row{Emails: []Mailbox{{Address: "a@example.org"}}}, []string{"A sheet.cell.header_injection"}},
		{"injected address", "name,email", []string{"Li", "a@example.org\nBcc: eve@example.org"}, Row{Name: "Li"}, []string{"B sheet.cell.header_injection"}},
		{"ambiguous day", "name,since", []string{"Li", "03/04/2017"}, Row{Name: "Li"}, []string{"B sheet.cell.date"}},
		{"too long", "name", []string{strings.Repeat("x", 201)}, Row{}, []string{"A field.too_long"}},
		{"no name", "name,country", []string{"", "BR"}, Row{Country: "BR"}, []string{"A sheet.cell.name_missing"}},
		{"kind", "name,kind", []string{"Li", "robot"}, Row{Name: "Li"}, []string{"B sheet.cell.kind"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, problems := interpret(t, c.header, c.row...)
			c.want.Number = 2
			if diff := cmp.Diff(c.want, got, cmpopts.IgnoreUnexported(Mailbox{})); diff != "" {
				t.Errorf("%s", diff)
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems: %s", diff)
			}
		})
	}
}

func TestParseDay(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2017": "2017", "2017-03": "2017-03", "3/2017": "2017-03", "2016-2018": "2016", "2016/17": "2016", "1000-02": "", "2017-03-04": "2017-03-04", "2017-03-04T00:00:00Z": "2017-03-04", "2017-03-04 10:00": "2017-03-04",
		"4.3.2017": "2017-03-04", "24/03/2017": "2017-03-24", "03/24/2017": "2017-03-24", "04/04/2017": "2017-04-04", "2017年3月4日": "2017-03-04",
		"03/04/2017": "", "2017-02-30": "", "31.12.1066": "", "soon": "", "": "", "2017-13-01": "", "12": "", "1.2.3.4": "",
	} {
		if got, _ := parseDay(text); got != want {
			t.Errorf("parseDay(%q) = %q, want %q", text, got, want)
		}
	}
}

// What normalize says is what the person reads.
func TestNormalizeIsTheJudge(t *testing.T) {
	t.Parallel()
	_, problems := Interpret(Record{Cells: []string{"x"}}, []Mapping{{Field: Email}}, reference(t), func(string) (string, error) { return "", errors.New("no") })
	if len(problems) != 1 || problems[0].Key != "mail.address.form" || !problems[0].Rejects {
		t.Errorf("%+v", problems)
	}
}
