package bench

import (
	"fmt"
	"strings"

	"github.com/convoke/convoke/internal/contact"
)

// The kinds of questions.
const (
	kindList      = "list"
	kindSearch    = "search"
	kindFilter    = "filter"
	kindGap       = "gap"
	kindVolunteer = "volunteer"
	kindMatrix    = "matrix"
	kindBare      = "bare"
)

// questions are a mix of what people ask for: words that many have and that one has, filters by themselves and
// together, some that nobody meets, every kind of gap.
func (b *bench) questions() []question {
	all := []question{
		b.list(kindList, "first page", fixed(contact.Filter{})),
		b.list(kindList, "first page, in Arabic", fixed(contact.Filter{Locale: "ar"})),
		b.list(kindList, "first page, in Chinese", fixed(contact.Filter{Locale: "zh"})),
		b.deep("page 160, without a filter", 20, contact.Filter{}),
		b.deep("page 80 of a word", 10, contact.Filter{Query: "ana"}),
		b.deep("page 80 of a country", 10, contact.Filter{Country: "RU"}),
	}
	return append(append(append(all, b.searches()...), b.filters()...), b.gaps()...)
}

func fixed(f contact.Filter) func(int) contact.Filter {
	return func(int) contact.Filter { return f }
}

// turns asks for each of the queries in its turn.
func turns(f contact.Filter, queries ...string) func(int) contact.Filter {
	return func(round int) contact.Filter {
		f.Query = queries[round%len(queries)]
		return f
	}
}

func (b *bench) searches() []question {
	g := NewGenerator(max(1, b.Contacts/20))
	someone := func(round int) Person { return g.Person(b.Contacts/20 + 1 + (round*104729)%(b.Contacts-b.Contacts/20)) }
	search := func(name string, filter func(int) contact.Filter) question { return b.list(kindSearch, name, filter) }
	return []question{
		search("a whole name", func(r int) contact.Filter { return contact.Filter{Query: someone(r).Name} }),
		search("a family name", func(r int) contact.Filter {
			words := strings.Fields(someone(r).Name)
			return contact.Filter{Query: words[len(words)-1]}
		}),
		search("a common word", turns(contact.Filter{}, "Ana", "Maria", "JOHN", "joao")),
		search("two words", turns(contact.Filter{}, "ana perez", "john greenham", "silva", "tainá alchalves", "ministry ash")),
		search("two or three letters", turns(contact.Filter{}, "al", "ma", "yo", "xim", "zo", "ox", "thr")),
		search("one letter", turns(contact.Filter{}, "a", "q", "z")),
		search("a Han character", turns(contact.Filter{}, "王", "伟", "海", "大", "欣")),
		search("Han characters", turns(contact.Filter{}, "王小明", "大学", "国志强", "李思远")),
		search("Arabic", turns(contact.Filter{}, "المصري", "محمد", "احمد", "سعيد علي", "ابراهيم")),
		search("Cyrillic", turns(contact.Filter{}, "Елк", "Фёдор", "семен жукова", "Ольга")),
		search("an address", func(r int) contact.Filter { return contact.Filter{Query: someone(r).Email} }),
		search("a domain", turns(contact.Filter{}, "cyberlab.example.org", "greenhub", "test", "@example.net")),
		search("a word of notes", turns(contact.Filter{}, "nairobi", "encryption", "kyoto spam")),
		search("nothing there", turns(contact.Filter{}, "xqzzy", "ana xqzzy", "王 xqzzy", "al 伟")),
		search("a word, in Arabic", turns(contact.Filter{Locale: "ar"}, "ana", "ivan", "王", "محمد")),
		search("a word and a filter", turns(contact.Filter{StakeholderGroup: "academia", Region: "grulac"}, "ana", "josé", "per", "王")),
	}
}

func (b *bench) filters() []question {
	one := func(name string, f contact.Filter) question { return b.list(kindFilter, name, fixed(f)) }
	return []question{
		one("organizations", contact.Filter{Kind: contact.Organization}),
		one("a stakeholder group", contact.Filter{StakeholderGroup: "media"}),
		one("a region", contact.Filter{Region: "asia_pacific_group"}),
		one("a country", contact.Filter{Country: "CN"}),
		one("a small country", contact.Filter{Country: "GE"}),
		one("a language", contact.Filter{Language: "ar"}),
		one("expertise", contact.Filter{Expertise: "law"}),
		one("on the list", contact.Filter{Listed: contact.Yes}),
		one("not on the list", contact.Filter{Listed: contact.No}),
		one("opted out", contact.Filter{AddressState: contact.OptedOut}),
		one("a source", contact.Filter{Source: "List 7"}),
		one("notes", contact.Filter{HasNotes: contact.Yes}),
		one("no notes", contact.Filter{HasNotes: contact.No}),
		one("a cell", contact.Filter{Listed: contact.Yes, StakeholderGroup: "government", Region: "eastern_european_group"}),
		one("Arabic speakers in Chinese order", contact.Filter{Language: "ar", Locale: "zh"}),
		one("Russian law with notes", contact.Filter{Country: "RU", Expertise: "law", HasNotes: contact.Yes}),
		one("a rare combination", contact.Filter{Kind: contact.Organization, Country: "SD", StakeholderGroup: "media", AddressState: contact.AllBounced}),
		one("an empty combination", contact.Filter{Country: "CN", Region: "grulac", Listed: contact.Yes}),
		one("an unknown country", contact.Filter{Country: "IS"}),
	}
}

func (b *bench) gaps() []question {
	var all []question
	for _, gap := range contact.Gaps() {
		all = append(all,
			b.list(kindGap, fmt.Sprintf("%s, on the list", gap), fixed(contact.Filter{Gap: gap, Listed: contact.Yes})),
			b.list(kindGap, fmt.Sprintf("%s of a cell", gap), fixed(contact.Filter{Gap: gap, Listed: contact.Yes, StakeholderGroup: "media", Region: "african_group"})),
			b.list(kindGap, fmt.Sprintf("%s in China", gap), fixed(contact.Filter{Gap: gap, Country: "CN"})),
		)
	}
	return all
}
