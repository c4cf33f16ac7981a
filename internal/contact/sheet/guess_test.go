package sheet

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/mail"
)

func TestAliases(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(aliasTable)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		f := Field(row[0])
		if f != ignored && !f.Valid() {
			t.Errorf("%q is no field", row[0])
		}
		for alias := range strings.SplitSeq(row[1], ";") {
			if geo.Fold(alias) == "" && alias != "№" {
				t.Errorf("%s: alias %q folds to nothing", f, alias)
			}
		}
	}
	for _, f := range Fields() {
		if got, ok := byHeader(string(f)); !ok || got != f {
			t.Errorf("%s is read as %q", f, got)
		}
	}
	for _, f := range exported() {
		for n := range 4 {
			if got, _ := byHeader(numbered(f, n+1)); got != f {
				t.Errorf("%s is read as %q", numbered(f, n+1), got)
			}
		}
	}
}

// Headers as people write them: the guess is right for each of these, all of one row at once.
func TestGuess(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	for _, c := range []struct{ header, row, want string }{
		{"Name|Email|Country", "Anna Berg|a@example.org|Norway", "name email country"},
		{"First Name|Last Name|Organisation|E-mail", "Anna|Berg|Example|a@example.org", "given_name family_name organization email"},
		{"FirstName|LastName|EmailAddress|JobTitle", "Anna|Berg|a@example.org|Head", "given_name family_name email title"},
		{"first_name|last_name|email_1|email_2", "Anna|Berg|a@example.org|b@example.org", "given_name family_name email email"},
		{"Full name|Affiliation|Stakeholder Group|Region|Email address", "Anna Berg|Example|Civil society|WEOG|a@example.org", "name organization stakeholder_group region email"},
		{"Name|Stakeholder|Country|E-mail address (work)", "Anna Berg|NGO|NO|a@example.org", "name stakeholder_group country email"},
		{"Full name|Stakeholder|Organization|Organization 2|Until 2", "Anna Berg|Pirates|Example|Universidad|2015", "name stakeholder_group organization organization until"},
		{"Organization|Employer|Company 2|Name", "Example|Example Ltd|Union|Anna Berg", "organization - organization name"},
		{"Stakeholder|NGO/Gov|Mail", "Anna Berg|NGO|a@example.org", "name stakeholder_group email"},
		{"Contact person|Institution|Type|E-Mail", "Anna Berg|Example|Government|a@example.org", "name organization stakeholder_group email"},
		{"Prénom|Nom|Courriel|Pays|Langue", "Anne|Dupont|a@example.org|Sénégal|fr", "given_name family_name email country languages"},
		{"Nom|Adresse e-mail|Pays|Groupe de parties prenantes", "Anne Dupont|a@example.org|Sénégal|Société civile", "name email country stakeholder_group"},
		{"Nom complet|Organisme|Fonction|Téléphone|Remarques", "Anne Dupont|Ex|Analyste|12|x", "name organization function - notes"},
		{"Nombre|Apellido|Correo electrónico|País|Sector", "Ana|Ruiz|a@example.org|Perú|Academia", "given_name family_name email country stakeholder_group"},
		{"Nombre y apellidos|Organización|Cargo|Correo electrónico|Observaciones", "Ana Ruiz|Ex|Jefa|a@example.org|x", "name organization title email notes"},
		{"Nombre|Correo|País", "Ana Ruiz|a@example.org|Perú", "name email country"},
		{"الاسم الكامل|البريد الإلكتروني|البلد|المنظمة", "محمد علي|m@example.org|مصر|مؤسسة", "name email country organization"},
		{"الاسم|الدولة|الفئة|اللغة", "محمد علي|مصر|حكومة|العربية", "name country stakeholder_group languages"},
		{"姓名|电子邮件|国家|单位|职务", "王小明|w@example.org|中国|示例|主任", "name email country organization title"},
		{"姓|名|邮箱|邮箱2|备注", "王|小明|w@example.org|v@example.org|x", "family_name given_name email email notes"},
		{"ФИО|Электронная почта|Страна|Организация|Должность", "Анна Берг|a@example.org|Россия|Пример|глава", "name email country organization title"},
		{"Фамилия|Имя|Отчество|E-mail|Язык", "Берг|Анна|Ивановна|a@example.org|ru", "family_name given_name middle_name email languages"},
		{"Имя|Почта|Группа", "Анна Берг|a@example.org|НПО", "name email stakeholder_group"},
		{"Nome|Sobrenome|E-mail|País|Setor|Idioma", "Ana|Silva|a@example.org|Brasil|Governo|pt", "given_name family_name email country stakeholder_group languages"},
		{"Nome completo|Instituição|Correio eletrónico|Observações", "Ana Silva|Ex|a@example.org|x", "name organization email notes"},
		{"Your name|Your e-mail address|Your country", "Anna Berg|a@example.org|Norway", "name email country"},
		{"Nom / Name|Courriel / E-mail|Pays / Country", "Anna Berg|a@example.org|Norway", "name email country"},
		{"#|Name*|E-mail*:|Phone|City", "1|Anna Berg|a@example.org|12|Oslo", "- name email - -"},
		{"Delegate|Representing|Email", "Anna Berg|Norway|a@example.org", "name country email"},
		{"A|B|C|D", "Anna Berg|a@example.org|Norway|Civil society", "name email country stakeholder_group"},
		{"||", "Anna Berg|a@example.org|GRULAC", "name email region"},
		{"Surname|Given names|Member State|Official language", "Berg|Anna|Norway|en", "family_name given_name country languages"},
		{"Name|UN regional group|Economy", "Anna Berg|Asia-Pacific|Fiji", "name region country"},
		{"Name|Region|Email", "Anna Berg|Fiji|a@example.org", "name country email"},
		{"Name|Address|City", "Anna Berg|12 Main Street|Oslo", "name - -"},
		{"Name|Address|Language(s)", "Anna Berg|a@example.org|en, fr", "name email languages"},
		{"Organization|Category|Contact email|Source|Legal basis|Areas of expertise", "Ex|IGO|a@example.org|card|consent|ddos", "organization stakeholder_group email source lawful_basis expertise"},
		{"id|kind|name|email|email_kind|since", "1|person|Anna|a@example.org|personal|2017", "id kind name email address_kind since"},
		{"Company Name|Job Title|Work Email|Personal Email|Comments", "Ex|Head|a@example.org|b@example.org|x", "organization title email email notes"},
		{"Name|Name in Latin letters|E-mail", "Анна Берг|Anna Berg|a@example.org", "name transliteration email"},
	} {
		header := strings.Split(c.header, "|")
		if c.header == "||" {
			header = []string{"", "", ""}
		}
		var got []string
		for _, m := range Guess(ref, header, []Record{{Cells: strings.Split(c.row, "|")}}) {
			if m.Field == Ignore {
				m.Field = "-"
			}
			got = append(got, string(m.Field))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s:\n%s", c.header, diff)
		}
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	ref := reference(t)
	const oldGoogle = "Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name,Organization 1 - Yomi Name,Organization 1 - Title,Organization 1 - Department,Organization 2 - Type,Organization 2 - Name,Organization 2 - Title\n"
	const newGoogle = "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Country\n"
	for _, c := range []struct {
		name, text string
		preset     Preset
		want       []Row
	}{
		{
			"google old", oldGoogle + "Anna Berg,Anna,,Berg,,,,,,,,,,,,,,,,,,,,,,met in Geneva,,,* myContacts ::: NGO,* Work,a@example.org ::: b@example.org,Home,c@example.org,Mobile,12,,Example,,Head,Policy,,Union,Member\n",
			GoogleContacts,
			[]Row{{
				Name: "Anna Berg", Organization: "Example", Title: "Head", Function: "Policy", StakeholderGroup: "civil_society", Notes: "met in Geneva",
				Emails: []Mailbox{{Address: "a@example.org"}, {Address: "b@example.org"}, {Address: "c@example.org"}}, More: []Tie{{Organization: "Union", Title: "Member"}},
			}},
		},
		{
			"google new", newGoogle + "Anna,Maria,Berg,,,,Dr,,,,Example,Head,,,\"two\nlines\",,* myContacts,* Work,a@example.org,,,,,Work,Norway\n,,,,,,,,,,Example Foundation,,,,,,* myContacts,*,info@example.org,,,,,,\n",
			GoogleContacts,
			[]Row{
				{Name: "Dr Anna Maria Berg", Organization: "Example", Title: "Head", Country: "NO", Notes: "two\nlines", Emails: []Mailbox{{Address: "a@example.org"}}},
				{Kind: "organization", Name: "Example Foundation", Emails: []Mailbox{{Address: "info@example.org"}}},
			},
		},
		{
			"listmonk", "uuid,email,name,attributes,status,created_at,updated_at\n" +
				"5a1b,a@example.org,Anna Berg,\"{\"\"country\"\": \"\"Brazil\"\", \"\"organization\"\": \"\"Example\"\"}\",enabled,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z\n5a1c,b@example.org,Bo,{},blocklisted,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z\n",
			Listmonk,
			[]Row{{Name: "Anna Berg", Country: "BR", Organization: "Example", Emails: []Mailbox{{Address: "a@example.org"}}}, {Name: "Bo", MustNotMail: true, Emails: []Mailbox{{Address: "b@example.org"}}}},
		},
		{
			"limesurvey", "\xef\xbb\xbftid,firstname,lastname,email,emailstatus,token,language,validfrom,validuntil,invited,reminded,remindercount,completed,usesleft, attribute_1 <Country>, attribute_2\n" +
				"\"1\",\"Anna\",\"Berg\",\"a@example.org\",\"OK\",\"WWy1TkN\",\"es\",\"\",\"\",\"N\",\"N\",\"0\",\"N\",\"1\",\"Chile\",\"x\"\n\"2\",\"Bo\",\"Lund\",\"b@example.org\",\"OptOut\",\"x\",\"en\",\"\",\"\",\"N\",\"N\",\"0\",\"N\",\"1\",\"\",\"\"\n\"3\",\"Cy\",\"Dee\",\"c@example.org\",\"bounced\",\"x\",\"en\",\"\",\"\",\"N\",\"N\",\"0\",\"N\",\"1\",\"\",\"\"\n",
			LimeSurvey,
			[]Row{
				{Name: "Anna Berg", Country: "CL", Languages: []string{"es"}, Emails: []Mailbox{{Address: "a@example.org"}}},
				{Name: "Bo Lund", Languages: []string{"en"}, MustNotMail: true, Emails: []Mailbox{{Address: "b@example.org"}}},
				{Name: "Cy Dee", Languages: []string{"en"}, Undeliverable: true, Emails: []Mailbox{{Address: "c@example.org"}}},
			},
		},
		{
			"mailman roster", "anna.berg@example.org\nBo Lund <b@example.org>\n\"Dee, Cy\" <c@example.org>\nDee, Di <d@example.org>\n",
			Mailman,
			[]Row{
				{Name: "Anna Berg", Emails: []Mailbox{{Address: "anna.berg@example.org"}}},
				{Name: "Bo Lund", Emails: []Mailbox{{Address: "b@example.org"}}},
				{Name: "Cy Dee", Emails: []Mailbox{{Address: "c@example.org"}}},
				{Name: "Di Dee", Emails: []Mailbox{{Address: "d@example.org"}}},
			},
		},
		{
			"mailman columns", "Display Name,Address,Delivery status\nAnna Berg,a@example.org,enabled\nBo Lund,b@example.org,by_user\n",
			Mailman,
			[]Row{{Name: "Anna Berg", Emails: []Mailbox{{Address: "a@example.org"}}}, {Name: "Bo Lund", MustNotMail: true, Emails: []Mailbox{{Address: "b@example.org"}}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			table := openText(t, c.text, Options{})
			if table.Preset != c.preset {
				t.Errorf("is %q, want %q", table.Preset, c.preset)
			}
			in := NewInterpreter(table.Guess(ref), ref, mail.Normalize)
			var got []Row
			for rec, err := range table.Records(0) {
				if err != nil {
					t.Fatal(err)
				}
				row, problems := in.Row(rec)
				for _, p := range problems {
					if p.Rejects {
						t.Errorf("row %d: %+v", rec.Number, p)
					}
				}
				row.Number = 0
				for i := range row.Emails {
					row.Emails[i] = Mailbox{Address: row.Emails[i].Address, Kind: row.Emails[i].Kind}
				}
				got = append(got, row)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Mailbox{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
