package contact

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// truth is a generated list of contacts of which is known who is who. It is made before anything is compared, and
// knows nothing of how that is done: variants are what people who keep lists write.
type truth struct {
	random  *rand.Rand
	drafts  []Draft
	person  []int // who each draft really is
	persons int
	taken   map[string]bool // name and organization
}

// The names that the list is made of: common ones of several scripts, so that many who are not the same share them.
var (
	latinGiven = strings.Fields(`Maria Ana Marta Carla Carlos Luis Luisa Mario José João Pedro Paulo Paula Fernanda Fernando Juan Juana Daniel Daniela
		Andrea Andreas Christian Christina Martin Martina Jean Jeanne Pierre Claire Sophie Amina Fatou Kofi Kwame Wanjiru Achieng Grace John James Mary
		Catherine Elizabeth Jürgen Günther Žofia Łukasz Agnieszka Søren Åsa Håkan Özlem Şebnem Nguyễn Priya Arjun Sanjay Deepika`)
	latinFamily = strings.Fields(`Silva Santos Oliveira García López Pérez Núñez Martínez Rodríguez Fernández Müller Schröder Weiß Dupont Lefèvre Çelik
		Kowalski Wiśniewska Novák Dvořák Jensen Ødegård Andersson Mwangi Otieno Mensah Diallo Traoré Smith Johnson Brown Sharma Patel Gupta Tanaka Kimura`)
	// The same name in Cyrillic and as passports, publishers and people write it.
	cyrillicGiven = [][]string{
		{"Юрий", "Yuri", "Yuriy", "Iurii"},
		{"Сергей", "Sergey", "Sergei"},
		{"Дмитрий", "Dmitry", "Dmitri", "Dmitriy"},
		{"Наталья", "Natalia", "Natalya"},
		{"Татьяна", "Tatiana", "Tatyana"},
		{"Михаил", "Mikhail"},
		{"Юлия", "Yulia", "Julia", "Iuliia"},
		{"Алексей", "Alexey", "Aleksei", "Alexei"},
	}
	cyrillicFamily = [][]string{
		{"Иванов", "Ivanov"},
		{"Жуков", "Zhukov"},
		{"Кузнецов", "Kuznetsov"},
		{"Хрусталёв", "Khrustalev"},
		{"Щербаков", "Shcherbakov"},
		{"Цветаев", "Tsvetaev"},
		{"Яковлев", "Yakovlev", "Iakovlev"},
		{"Фёдоров", "Fedorov", "Fyodorov"},
		{"Чернышев", "Chernyshev"},
		{"Гордиенко", "Gordienko"},
	}
	arabicGiven = [][]string{
		{"محمد", "Muhammad", "Mohamed", "Mohammed"},
		{"أحمد", "Ahmed", "Ahmad"},
		{"فاطمة", "Fatima", "Fatimah"},
		{"خالد", "Khaled", "Khalid"},
		{"حسن", "Hassan", "Hasan"},
		{"سلمى", "Salma"},
		{"يوسف", "Youssef", "Yusuf", "Yousef"},
		{"مريم", "Maryam", "Mariam"},
	}
	arabicFamily = [][]string{
		{"الحسيني", "Al-Husseini", "El Husseini", "Alhusseini"},
		{"منصور", "Mansour", "Mansoor"},
		{"الراشد", "Al-Rashid", "Al Rashed"},
		{"بركات", "Barakat"},
		{"درويش", "Darwish"},
		{"المغربي", "Al-Maghribi", "El Maghribi"},
		{"سليمان", "Suleiman", "Sulaiman"},
		{"عبد الرحمن", "Abdulrahman", "Abdel Rahman"},
	}
	hanFamily = [][]string{{"王", "Wang"}, {"李", "Li"}, {"张", "Zhang"}, {"刘", "Liu"}, {"陈", "Chen"}, {"赵", "Zhao"}, {"周", "Zhou"}, {"吴", "Wu"}}
	hanGiven  = [][]string{{"小明", "Xiaoming"}, {"美丽", "Meili"}, {"志强", "Zhiqiang"}, {"建国", "Jianguo"}, {"晓红", "Xiaohong"}, {"文博", "Wenbo"}, {"雪", "Xue"}, {"海燕", "Haiyan"}}

	listCountries = strings.Fields("BR AR UY KE GH SN DE FR PL TR RU UA EG MA LB CN IN US GB SE")
	listPlaces    = strings.Fields("Andorra Bolivia Chad Dakar Eritrea Fiji Gabon Haiti Iceland Jordan Kenya Laos Malta Nepal Oman Panama Qatar Rwanda Samoa Togo Uganda Vanuatu Yemen Zambia Lima Quito Oslo")
	// Organizations and how else they are written; each is in several places, and there it is another.
	listOrganizations = [][]string{
		{"Universidad de la República", "Univ. de la República", "Universidad de la Republica"},
		{"Internet Society", "The Internet Society", "Internet Society Ltd."},
		{"Ministry of Foreign Affairs", "Min. of Foreign Affairs"},
		{"Open Net Foundation", "OpenNet Foundation", "Open Net Fdn."},
		{"Kenya ICT Action Network", "KICTANet Kenya ICT Action Network"},
		{"Example Networks GmbH", "Example Networks"},
		{"Instituto Nacional de Ciberseguridad", "Inst. Nacional de Ciberseguridad", "INSTITUTO NACIONAL DE CIBERSEGURIDAD"},
		{"Association for Progressive Networks", "Assoc. for Progressive Networks"},
		{"Technical University of Example City", "Technical Univ. of Example City"},
		{"Digital Rights Watch"},
		{"Bank of the South"},
		{"Coding for All"},
		{"Regional Registry Example"},
		{"Daily Example"},
		{"Telecom Example SA", "Telecom Example"},
		{"National Research Council", "Natl. Research Council"},
		{"Women in Tech Example"},
		{"Consumers Union Example", "Consumers' Union Example"},
		{"School of Law Example"},
		{"Center for Policy Example", "Centre for Policy Example"},
	}
)

func makeTruth(seed uint64, families int) *truth {
	m := &truth{taken: map[string]bool{}, random: rand.New(rand.NewPCG(seed, 7))}
	for range families {
		m.somebody()
	}
	return m
}

func (m *truth) pick(n int) int { return m.random.IntN(n) }

func any1[T any](m *truth, all []T) T { return all[m.pick(len(all))] }

func (m *truth) add(d Draft, who int) {
	d.Kind, d.StakeholderGroup = Person, "civil_society"
	m.drafts, m.person = append(m.drafts, d), append(m.person, who)
}

// organization is one in some place, as it writes itself and as others do.
func (m *truth) organization() []string {
	place := any1(m, listPlaces)
	var all []string
	for _, o := range any1(m, listOrganizations) {
		all = append(all, o+" "+place)
	}
	return all
}

// spelling is a name with the other ways in which it is written.
type spelling struct{ given, family []string }

func (m *truth) name() spelling {
	switch m.pick(10) {
	case 0, 1:
		return spelling{any1(m, cyrillicGiven), any1(m, cyrillicFamily)}
	case 2:
		return spelling{any1(m, arabicGiven), any1(m, arabicFamily)}
	case 3:
		return spelling{any1(m, hanGiven), any1(m, hanFamily)}
	}
	family := any1(m, latinFamily)
	if m.pick(3) == 0 {
		family += " " + any1(m, latinFamily)
	}
	return spelling{[]string{any1(m, latinGiven)}, []string{family}}
}

func (n spelling) at(i, j int) string {
	given, family := n.given[i%len(n.given)], n.family[j%len(n.family)]
	if i == 0 && len(n.given) == 2 && len([]rune(family)) == 1 { // Han
		return family + given
	}
	return given + " " + family
}

// somebody adds a person, who may be on the list again in another form, and others who are easily taken for them.
func (m *truth) somebody() {
	who := m.persons
	m.persons++
	n := m.name()
	organization := m.organization()
	for m.taken[n.at(0, 0)+organization[0]] { // two of one name in one place: nobody could tell them apart
		organization = m.organization()
	}
	m.taken[n.at(0, 0)+organization[0]] = true
	d := Draft{Name: n.at(0, 0), Organization: organization[0], Country: any1(m, listCountries)}
	if m.pick(2) == 0 {
		d.Email = fmt.Sprintf("p%d@example.org", who)
	}
	m.add(d, who)
	switch kind := m.pick(24); {
	case kind < 2: // entered twice
		m.add(d, who)
	case kind < 3: // the case
		v := d
		v.Name = strings.ToUpper(d.Name)
		m.add(v, who)
	case kind < 4: // without diacritics
		v := d
		v.Name = plainLetters(d.Name)
		m.add(v, who)
	case kind < 5: // the other order
		v := d
		words := strings.Fields(d.Name)
		v.Name = strings.Join(append(words[1:], words[0]), " ")
		m.add(v, who)
	case kind < 7 && len(n.given) > 1: // in Latin letters
		v := d
		v.Name = n.at(1+m.pick(len(n.given)-1), 1)
		m.add(v, who)
	case kind < 8: // organization spelled differently
		v := d
		v.Organization = any1(m, organization)
		v.Email = ""
		m.add(v, who)
	case kind < 10 && len([]rune(d.Name)) > 4: // a slip of the finger
		v := d
		v.Name, v.Email = m.slip(d.Name), ""
		m.add(v, who)
	case kind < 11: // letters that look like others, or cannot be seen
		v := d
		v.Name, v.Email = m.disguise(d.Name), ""
		if v.Name != d.Name {
			m.add(v, who)
		}
	case kind < 12: // with a title
		v := d
		v.Name = any1(m, []string{"Dr. ", "Prof. ", "Ms ", "Mme "}) + d.Name
		m.add(v, who)
	case kind < 14: // somebody else of that name, elsewhere
		v := d
		v.Email, v.Organization = "", otherThan(m, organization)
		if m.taken[v.Name+v.Organization] {
			return
		}
		m.taken[v.Name+v.Organization] = true
		m.add(v, m.stranger())
	case kind < 15: // and in another country, where nobody said where they work
		v := d
		v.Email, v.Organization = "", ""
		v.Country = otherCountry(m, d.Country)
		m.add(v, m.stranger())
	case kind < 17: // somebody of the family, in the family's organization
		v := d
		v.Email = ""
		if v.Name = any1(m, latinGiven) + " " + lastOf(d.Name); v.Name != d.Name && !m.taken[v.Name+v.Organization] {
			m.taken[v.Name+v.Organization] = true
			m.add(v, m.stranger())
		}
	case kind < 18: // of the family, at the family's mailbox
		v := d
		v.Email = fmt.Sprintf("p%d@example.org", who)
		m.drafts[len(m.drafts)-1].Email = v.Email
		if v.Name = any1(m, latinGiven) + " " + lastOf(d.Name); v.Name != d.Name && !m.taken[v.Name+v.Organization] {
			m.taken[v.Name+v.Organization] = true
			m.add(v, m.stranger())
		}
	case kind < 20: // a colleague at the mailbox of the office
		office := fmt.Sprintf("info@office%d.example.org", m.pick(10))
		m.drafts[len(m.drafts)-1].Email = office
		v := d
		v.Email, v.Name = office, m.name().at(0, 0)
		if !m.taken[v.Name+v.Organization] {
			m.taken[v.Name+v.Organization] = true
			m.add(v, m.stranger())
		}
	}
}

func (m *truth) stranger() int {
	m.persons++
	return m.persons - 1
}

func lastOf(name string) string {
	words := strings.Fields(name)
	return words[len(words)-1]
}

func otherThan(m *truth, organization []string) string {
	for {
		if o := m.organization(); o[0] != organization[0] {
			return o[0]
		}
	}
}

func otherCountry(m *truth, country string) string {
	for {
		if c := any1(m, listCountries); c != country {
			return c
		}
	}
}

func plainLetters(name string) string {
	return strings.NewReplacer("é", "e", "è", "e", "á", "a", "ã", "a", "í", "i", "ó", "o", "ö", "o", "ü", "u", "ú", "u", "ñ", "n", "ç", "c", "Ç", "C", "ß", "ss",
		"ś", "s", "ř", "r", "ø", "o", "Ø", "O", "å", "a", "Å", "A", "Ž", "Z", "Ł", "L", "Ş", "S", "Ö", "O", "ễ", "e", "ł", "l", "ё", "е").Replace(name)
}

// slip makes a typing error somewhere: a letter twice, left out, another one, or two in the wrong order.
func (m *truth) slip(name string) string {
	r := []rune(name)
	for range 50 {
		at := m.pick(len(r) - 1)
		if r[at] == ' ' || r[at+1] == ' ' || r[at] == r[at+1] {
			continue
		}
		switch m.pick(4) {
		case 0:
			return string(r[:at+1]) + string(r[at:])
		case 1:
			return string(r[:at]) + string(r[at+1:])
		case 2:
			other := r[m.pick(len(r))] // of the same alphabet
			if other == ' ' || other == r[at] {
				continue
			}
			return string(r[:at]) + string(other) + string(r[at+1:])
		}
		return string(r[:at]) + string(r[at+1]) + string(r[at]) + string(r[at+2:])
	}
	return name
}

func (m *truth) disguise(name string) string {
	if m.pick(2) == 0 {
		r := []rune(name)
		at := 1 + m.pick(len(r)-1)
		return string(r[:at]) + any1(m, []string{"\u200b", "\u200d", "\u2060", "\u00ad"}) + string(r[at:])
	}
	return strings.NewReplacer("a", "а", "o", "о").Replace(name) // Cyrillic
}

// The deduplicator on a list of known truth. Of duplicates each pair counts, also where a person stands on the list more than twice.
func TestDuplicatesAreFoundAndNobodyElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		m := makeTruth(2017, 2000)
		ids := h.enter(m.drafts)
		if _, err := h.ScanDuplicates(context.Background()); err != nil {
			t.Fatal(err)
		}
		same := map[int64]int{}
		for i, id := range ids {
			same[id] = m.person[i]
		}
		var right, wrong, missed int
		found := map[[2]int64]bool{}
		for _, p := range h.foundPairs() {
			found[[2]int64{p.LowID, p.HighID}] = true
			if same[p.LowID] == same[p.HighID] {
				right++
			} else {
				if wrong++; wrong <= 30 {
					t.Logf("not the same: %q, %q: %d (%s)", h.draftOf(m, ids, p.LowID), h.draftOf(m, ids, p.HighID), p.Score, p.Reasons)
				}
			}
		}
		for i := range ids {
			for j := i + 1; j < len(ids) && j < i+3; j++ { // a person's entries follow each other
				if m.person[i] == m.person[j] && !found[[2]int64{ids[i], ids[j]}] {
					if missed++; missed <= 40 {
						t.Logf("missed: %q, %q", describeDraft(m.drafts[i]), describeDraft(m.drafts[j]))
					}
				}
			}
		}
		precision, recall := float64(right)/float64(right+wrong), float64(right)/float64(right+missed)
		t.Logf("%d contacts, %d pairs of the same: precision %.4f, recall %.4f (%d right, %d wrong, %d missed)",
			len(ids), right+missed, precision, recall, right, wrong, missed)
		if precision < 0.98 || recall < 0.95 {
			t.Errorf("precision %.4f, recall %.4f; want at least 0.98 and 0.95", precision, recall)
		}
	})
}

func describeDraft(d Draft) string {
	return strings.Join([]string{d.Name, d.Organization, d.Country, d.Email}, " | ")
}

func (h *house) draftOf(m *truth, ids []int64, id int64) string {
	for i := range ids {
		if ids[i] == id {
			return describeDraft(m.drafts[i])
		}
	}
	return "?"
}

// enter puts contacts into the tables as an import would, in one transaction.
func (h *house) enter(drafts []Draft) []int64 {
	h.t.Helper()
	ids := make([]int64, len(drafts))
	organizations := map[string]int64{}
	err := h.d.Write(context.Background(), func(tx *db.Tx) error {
		var ties, links []string
		for i, d := range drafts {
			if o := d.Organization; o != "" && organizations[o] == 0 {
				c := h.contactOf(Draft{Kind: Organization, Name: o, StakeholderGroup: "civil_society"})
				if err := insertContact(tx, &c); err != nil {
					return err
				}
				organizations[o] = c.ID
			}
			c := h.contactOf(d)
			if err := insertContact(tx, &c); err != nil {
				return err
			}
			ids[i] = c.ID
			if d.Organization != "" {
				ties = append(ties, fmt.Sprintf("(%d, %d, true, (select created_at from contact where id = %d))", c.ID, organizations[d.Organization], c.ID))
			}
			if d.Email != "" {
				a, err := h.findOrInsert(tx, d.Email)
				if err != nil {
					return err
				}
				links = append(links, fmt.Sprintf("(%d, %d, 1)", c.ID, a.ID))
			}
		}
		for i := 0; i < len(ties); i += 400 {
			if _, err := tx.Exec("insert into affiliation (contact_id, organization_id, represents, created_at) values " + strings.Join(ties[i:min(i+400, len(ties))], ", ")); err != nil {
				return err
			}
		}
		for i := 0; i < len(links); i += 400 {
			if _, err := tx.Exec("insert into contact_address (contact_id, address_id, position) values " + strings.Join(links[i:min(i+400, len(links))], ", ")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return ids
}

// foundPairs are all pairs of persons that were found, merged ones too.
func (h *house) foundPairs() []Pair {
	h.t.Helper()
	var all []Pair
	err := h.d.Read(context.Background()).Scan(&all, `select d.* from duplicate d where not exists (
		select 1 from contact c where c.id = d.low_id and c.kind = 'organization') order by d.id`)
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}
