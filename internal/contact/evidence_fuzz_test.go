package contact

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/contact/names"
)

// reasonCodes are all codes that evidence may have: each has a text.
var reasonCodes = strings.Fields(`same_address shared_mailbox name_identical name_disguise name_reordered name_spelled name_script name_near name_part name_differs
	common_name same_organization organization_differs same_country country_differs`)

// profileOf makes a contact of bytes: facts says which addresses, organizations and country it has.
func profileOf(id int64, kind Kind, name, transliteration, organization string, facts uint16) *profile {
	p := &profile{ID: id, Kind: kind, Name: name, Transliteration: transliteration, Country: []string{"", "BR", "KE", "CN"}[facts&3]}
	for bit, box := range []*[]int64{&p.personal, &p.personal, &p.role, &p.role} {
		if facts>>(2+bit)&1 == 1 {
			*box = append(*box, int64(10+bit))
		}
	}
	if facts>>6&1 == 1 {
		p.organizations, p.orgIDs = []string{organization}, []int64{int64(20 + facts>>7&1)}
	}
	if facts>>8&1 == 1 {
		p.organizations, p.orgIDs = append(p.organizations, "Open Net"), append(p.orgIDs, 30)
	}
	return p
}

// Two contacts of any bytes: the order does not matter, the score keeps its bounds, each reason is known, and who is exactly
// equal is found.
func FuzzEvidence(f *testing.F) {
	for _, seed := range [][4]string{
		{"Ana Núñez", "ana nunez", "", "Open Net"},
		{"Юлия Кузнецова", "Yulia Kuznetsova", "", "Открытая сеть"},
		{"王小明", "Wang Xiaoming", "Xiaoming Wang", "互联网协会"},
		{"محمد حسن", "Mohamed Hassan", "", "Ltd"},
		{"А\u200bna", "Ana", "\xff", ""},
		{"J. Silva", "Joana M. Silva", "김", "IGF"},
		{"", "!!!", "", " "},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], uint16(0x5d), uint16(0x15d), 1)
		f.Add(seed[0], seed[1], seed[2], seed[3], uint16(0x44), uint16(0x1c6), 5)
	}
	f.Fuzz(func(t *testing.T, one, two, transliteration, organization string, left, right uint16, sharing int) {
		if len(one)+len(two)+len(transliteration)+len(organization) > 4*maxLine {
			t.Skip() // the room refuses longer ones
		}
		for _, kind := range []Kind{Person, Organization} {
			a, b := profileOf(1, kind, one, transliteration, organization, left), profileOf(2, kind, two, "", organization+one, right)
			known := map[string]bool{}
			for _, w := range names.Words(names.Person, one) {
				known[w] = left>>9&1 == 1
			}
			there, forward := pairOf(a, b, weigh(a, b, familiar{known: known, alike: map[[2]string]bool{}, sharing: sharing}))
			back, backward := pairOf(b, a, weigh(b, a, familiar{known: known, alike: map[[2]string]bool{}, sharing: sharing}))
			if forward != backward || there != back {
				t.Errorf("%+v, %+v: %+v, the other way %+v", a, b, there, back)
			}
			if forward && (there.LowID != 1 || there.HighID != 2 || there.State != PairOpen || there.Score < likely || there.Score > 100) {
				t.Errorf("%+v, %+v: %+v", a, b, there)
			}
			for _, code := range there.ReasonCodes() {
				if !slices.Contains(reasonCodes, code) {
					t.Errorf("%q has no text", code)
				}
			}
			if equal(a, b) != equal(b, a) || equal(a, b) && !forward {
				t.Errorf("%+v, %+v: equal %v, the other way %v, found %v", a, b, equal(a, b), equal(b, a), forward)
			}
			twin := *a
			twin.ID, twin.personal, a.personal = 2, []int64{10}, []int64{10}
			if names.Tight(one) == "" || !utf8.ValidString(one) {
				continue
			}
			pair, found := pairOf(a, &twin, weigh(a, &twin, familiar{known: known, alike: map[[2]string]bool{}, sharing: sharing}))
			if !equal(a, &twin) || !found || !strings.Contains(pair.Reasons, "name_identical") || !strings.Contains(pair.Reasons, "same_address") {
				t.Errorf("%+v and its double: equal %v, %+v", a, equal(a, &twin), pair)
			}
		}
	})
}
