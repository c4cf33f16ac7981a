package contact

import (
	"hash/crc32"
	"hash/maphash"
	"strconv"
	"strings"
)

// seen remembers, for a check that writes nothing, which rows of the file come first with an address,
// a name in an organization or a name in a country. It is a table of fixed size: in a file of more
// rows than it can hold, repeats that are that far apart are found by the import itself.
type seen struct {
	seed  maphash.Seed
	slots []slot
	used  int
}

type slot struct {
	key     uint64 // 0 is free
	row     uint32
	content uint32
}

// How many slots, of sixteen bytes each: 256 KB at the start, 64 MB at the most.
const (
	seenStart = 1 << 14
	seenMost  = 1 << 22
)

func newSeen() *seen { return &seen{seed: maphash.MakeSeed(), slots: make([]slot, seenStart)} }

func (s *seen) hash(key string) uint64 { return max(maphash.String(s.seed, key), 1) }

func (s *seen) find(key string) *slot {
	h := s.hash(key)
	for i := h % uint64(len(s.slots)); ; i = (i + 1) % uint64(len(s.slots)) {
		switch s.slots[i].key {
		case 0:
			return nil
		case h:
			return &s.slots[i]
		}
	}
}

func (s *seen) put(key string, row int, content uint32) {
	if 4*s.used >= 3*len(s.slots) {
		if len(s.slots) >= seenMost {
			return
		}
		s.grow()
	}
	s.insert(slot{key: s.hash(key), row: uint32(row), content: content})
}

// insert keeps the first of a key.
func (s *seen) insert(n slot) {
	for i := n.key % uint64(len(s.slots)); ; i = (i + 1) % uint64(len(s.slots)) {
		switch s.slots[i].key {
		case n.key:
			return
		case 0:
			s.slots[i] = n
			s.used++
			return
		}
	}
}

func (s *seen) grow() {
	old := s.slots
	s.slots, s.used = make([]slot, 4*len(old)), 0
	for _, o := range old {
		if o.key != 0 {
			s.insert(o)
		}
	}
}

func mailKey(email string) string { return "@" + email }

func (e *entry) nameKeys() []string {
	if e.given.NameKey == "" {
		return nil
	}
	base := string(e.given.Kind) + "\x00" + e.given.NameKey + "\x00"
	keys := make([]string, 0, len(e.ties)+1)
	for _, t := range e.ties {
		keys = append(keys, base+"o"+t.folded)
	}
	if e.given.Country == "" && len(e.ties) > 0 {
		return keys
	}
	return append(keys, base+"c"+e.given.Country)
}

func (s *seen) remember(e *entry) {
	for _, email := range e.emails {
		s.put(mailKey(email), e.number, e.content)
	}
	for _, key := range e.nameKeys() {
		s.put(key, e.number, e.content)
	}
	if e.given.Kind == Person {
		for _, t := range e.ties {
			s.put("o"+t.folded, e.number, 0)
		}
		return
	}
	s.put("o"+e.given.SortName, e.number, e.content)
}

// match finds the earlier row that a row repeats.
func (s *seen) match(e *entry, isRole func(string) bool) meant {
	for _, email := range e.emails {
		if at := s.find(mailKey(email)); at != nil {
			if !isRole(email) {
				return meant{row: int(at.row), same: true}
			}
			return meant{row: int(at.row), same: at.content == e.content, reason: AlikeRoleAddress}
		}
	}
	if e.given.Kind == Organization {
		if at := s.find("o" + e.given.SortName); at != nil {
			return meant{row: int(at.row), same: true}
		}
	}
	for i, key := range e.nameKeys() {
		at := s.find(key)
		if at == nil {
			continue
		}
		reason := AlikeOrganization
		if i == len(e.ties) {
			reason = AlikeCountry
			if e.given.Country == "" {
				reason = AlikeName
			}
		}
		return meant{row: int(at.row), reason: reason}
	}
	return meant{}
}

// repeats says whether the earlier row of the same address or name says the very same.
func (s *seen) repeats(e *entry) bool {
	for _, email := range e.emails {
		if at := s.find(mailKey(email)); at != nil && at.content == e.content {
			return true
		}
	}
	at := s.find("o" + e.given.SortName)
	return e.given.Kind == Organization && at != nil && at.content == e.content
}

// checksum is the same for rows that say the same.
func (e *entry) checksum() uint32 {
	g := e.given
	parts := []string{
		strconv.FormatInt(e.id, 10), string(g.Kind), g.Name, g.Transliteration, g.StakeholderGroup, g.Country, g.Region,
		g.Languages, g.Expertise, g.Source, string(g.LawfulBasis), g.LawfulBasisNote, g.Notes, strings.Join(e.emails, "\x01"),
	}
	for _, t := range e.ties {
		parts = append(parts, t.name, string(t.function), t.title, t.since, t.until)
	}
	return crc32.ChecksumIEEE([]byte(strings.Join(parts, "\x00")))
}
