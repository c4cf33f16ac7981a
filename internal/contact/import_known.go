package contact

import (
	"slices"

	"github.com/convoke/convoke/internal/geo"
)

// known is a contact as it will be after the rows that were judged so far: one that is in the
// database, or one that an earlier row of the batch adds.
type known struct {
	Contact
	mails    []*mailbox // in the contact's order
	ties     []*knownTie
	listing  *Listing // on the list of the import's cycle; nil where it is not there
	found    found    // of a new one: by what it is found
	importID int64    // the import that brought it, 0 for none

	row          int   // the row that adds it, 0 where it is in the database
	before       int   // how many of its mails are in the database
	lastPosition int64 // of these
	changed      bool
}

// knownTie is a tie of a known contact.
type knownTie struct {
	Affiliation
	to            *known
	added, edited bool
}

// mailbox is an address with whoever has it.
type mailbox struct {
	Address
	suppressed bool
	holders    []*known
}

// scene is what the database knows of everything that the rows of a batch mention, and what the rows
// themselves add to it.
type scene struct {
	byID    map[int64]*known
	byMail  map[string]*mailbox
	byKey   map[string][]*known // by name_key
	orgs    map[string]*known   // organizations by folded name
	added   []*known            // in the order of their rows
	changed []*known
	mails   []*mailbox // new ones
}

func newScene() *scene {
	return &scene{byID: map[int64]*known{}, byMail: map[string]*mailbox{}, byKey: map[string][]*known{}, orgs: map[string]*known{}}
}

func (k *known) isNew() bool { return k.ID == 0 }

func (k *known) has(m *mailbox) bool { return slices.Contains(k.mails, m) }

// inOrganization says whether the contact has a tie to an organization of that folded name.
func (k *known) inOrganization(folded string) bool {
	return slices.ContainsFunc(k.ties, func(t *knownTie) bool { return t.to.isCalled(folded) })
}

// isCalled says whether a folded name is the contact's.
func (k *known) isCalled(folded string) bool {
	return k.SortName == folded || geo.Fold(k.Name) == folded
}

// add makes the row a contact of its own.
func (a *scene) add(e *entry, o *importOptions) *known {
	k := &known{Contact: e.given, row: e.number, importID: o.importID}
	k.CreatedAt, k.UpdatedAt = o.now, o.now
	fill := func(to *string, with string) {
		if *to == "" {
			*to = with
		}
	}
	fill(&k.StakeholderGroup, o.group)
	fill(&k.Country, o.country)
	fill(&k.Source, o.source)
	if k.LawfulBasis == NoBasis {
		k.LawfulBasis, k.LawfulBasisNote = ParseBasis(o.lawfulBasis)
	}
	k.Region = regionFor(o.ref, k.StakeholderGroup, k.Country)
	if e.given.Region != "" && e.given.Region != k.Region {
		k.Region, k.RegionOverridden = e.given.Region, true
	}
	a.added = append(a.added, k)
	a.index(k)
	for i := range e.emails {
		a.link(k, e, i, o)
	}
	for _, t := range e.ties {
		a.tie(k, t, e.number, o)
	}
	a.list(k, o)
	return k
}

func (a *scene) index(k *known) {
	a.byKey[k.NameKey] = append(a.byKey[k.NameKey], k)
	if k.Kind != Organization {
		return
	}
	for _, name := range []string{k.SortName, geo.Fold(k.Name)} {
		if _, there := a.orgs[name]; !there {
			a.orgs[name] = k
		}
	}
}

// link gives the contact an address, as its last one.
func (a *scene) link(k *known, e *entry, i int, o *importOptions) {
	email := e.emails[i]
	m := a.byMail[email]
	if m == nil {
		m = &mailbox{Address: Address{Email: email, Hash: e.hashes[i], Kind: e.kindOf(i, o.isRole), Status: AddressOK, CreatedAt: o.now}}
		if e.undeliverable {
			m.Status = Bounced
		}
		a.byMail[email] = m
		a.mails = append(a.mails, m)
	}
	k.mails = append(k.mails, m)
	m.holders = append(m.holders, k)
}

// tie ties the contact to the organization of a name, and adds that where there is none. A new
// organization takes group and country of its person, and goes on no list by itself. The contact represents it where it
// belongs to it now and represents no other: who answers for whom must not hang on which was known first.
func (a *scene) tie(k *known, t entryTie, row int, o *importOptions) {
	org := a.orgs[t.folded]
	if org == nil {
		org = &known{row: row, importID: o.importID, Contact: Contact{
			Kind: Organization, Name: t.name, SortName: t.folded, StakeholderGroup: k.StakeholderGroup, Country: k.Country,
			Region: regionFor(o.ref, k.StakeholderGroup, k.Country), Source: k.Source, LawfulBasis: k.LawfulBasis, LawfulBasisNote: k.LawfulBasisNote,
			NameKey: t.key, NameBones: t.bones, CreatedAt: o.now, UpdatedAt: o.now,
		}}
		a.added = append(a.added, org)
		a.index(org)
	}
	k.ties = append(k.ties, &knownTie{added: true, to: org, Affiliation: Affiliation{
		Function: t.function, Title: t.title, Since: t.since, Until: t.until, Represents: t.until == "" && !k.represents(), CreatedAt: o.now,
	}})
}

// represents says whether the contact answers for an organization.
func (k *known) represents() bool {
	return slices.ContainsFunc(k.ties, func(t *knownTie) bool { return t.Represents && t.Until == "" })
}

func (a *scene) list(k *known, o *importOptions) {
	if o.cycleID != 0 {
		k.listing = &Listing{CycleID: o.cycleID, StakeholderGroup: k.StakeholderGroup, Region: k.Region, ListedAt: o.now}
	}
}

// touch notes that a contact of the database is changed.
func (a *scene) touch(k *known) {
	if !k.changed && !k.isNew() {
		k.changed = true
		a.changed = append(a.changed, k)
	}
}

// update brings a contact up to what a row says, and gives what changes. What the row does not say stays.
func (a *scene) update(k *known, e *entry, o *importOptions) []FieldChange {
	var changes []FieldChange
	note := func(field, before, after string) { changes = append(changes, FieldChange{field, before, after}) }
	set := func(field string, to *string, value string) {
		if value != "" && *to != value {
			note(field, *to, value)
			*to = value
		}
	}
	group, region := k.StakeholderGroup, k.Region
	set("name", &k.Name, e.given.Name)
	set("transliteration", &k.Transliteration, e.given.Transliteration)
	set("stakeholder_group", &k.StakeholderGroup, e.given.StakeholderGroup)
	set("country", &k.Country, e.given.Country)
	set("languages", &k.Languages, e.given.Languages)
	set("expertise", &k.Expertise, e.given.Expertise)
	set("source", &k.Source, e.given.Source)
	if basis, before := e.given.LawfulBasis, k.said(); basis != NoBasis && k.LawfulBasis != Consent { // consent is never taken for less
		k.LawfulBasis, k.LawfulBasisNote = basis, e.given.LawfulBasisNote
		if k.said() != before {
			note("lawful_basis", before, k.said())
		}
	}
	set("notes", &k.Notes, e.given.Notes)
	k.settle(o.ref)
	if e.given.Region != "" && e.given.Region != k.Region {
		k.Region, k.RegionOverridden = e.given.Region, true
	}
	if k.Region != region {
		note("region", region, k.Region)
	}
	for i, email := range e.emails {
		if m := a.byMail[email]; m == nil || !k.has(m) {
			note("email", "", email)
			a.link(k, e, i, o)
		}
	}
	changes = append(changes, a.updateTies(k, e, o)...)
	changes = append(changes, a.updateListing(k, group, region, o)...)
	if len(changes) > 0 {
		a.touch(k)
	}
	return changes
}

// updateListing puts the contact on the list of the cycle, and lets its place there follow group and region.
func (a *scene) updateListing(k *known, group, region string, o *importOptions) []FieldChange {
	switch {
	case o.cycleID == 0:
		return nil
	case k.listing == nil:
		a.list(k, o)
		return []FieldChange{{Field: "cycle", After: o.cycleName}}
	case k.StakeholderGroup != group || k.Region != region:
		k.listing.StakeholderGroup, k.listing.Region = k.StakeholderGroup, k.Region
	}
	return nil
}

// updateTies pairs the ties of the row with those of the contact, the most alike first, and adds what is left.
func (a *scene) updateTies(k *known, e *entry, o *importOptions) []FieldChange {
	var changes []FieldChange
	taken := map[*knownTie]bool{}
	for _, t := range e.ties {
		if t.folded == k.SortName && k.Kind == Organization {
			continue
		}
		old := closest(k.ties, t, taken)
		if old == nil {
			a.tie(k, t, e.number, o)
			taken[k.ties[len(k.ties)-1]] = true
			changes = append(changes, FieldChange{Field: "organization", After: t.name})
			continue
		}
		taken[old] = true
		set := func(field string, to *string, value string) {
			if value != "" && *to != value {
				changes = append(changes, FieldChange{field, *to, value})
				*to, old.edited = value, true
			}
		}
		if before := old.Function; t.function != NoFunction && before != t.function {
			changes = append(changes, FieldChange{"function", string(before), string(t.function)})
			old.Function, old.edited = t.function, true
		}
		set("title", &old.Title, t.title)
		set("since", &old.Since, t.since)
		set("until", &old.Until, t.until)
	}
	return changes
}

func closest(ties []*knownTie, t entryTie, taken map[*knownTie]bool) *knownTie {
	var best *knownTie
	score := -1
	for _, k := range ties {
		if !k.to.isCalled(t.folded) || taken[k] {
			continue
		}
		points := 0
		for _, same := range []bool{k.Until == t.until, k.Since == t.since, k.Function == t.function, k.Title == t.title} {
			if same {
				points++
			}
		}
		if points > score {
			best, score = k, points
		}
	}
	return best
}

// said is the basis in words.
func (k *known) said() string {
	if k.LawfulBasis == OtherBasis {
		return k.LawfulBasisNote
	}
	return string(k.LawfulBasis)
}
