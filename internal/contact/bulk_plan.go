package contact

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// BulkOutcome says what a bulk edit does to a contact.
type BulkOutcome string

// The outcomes.
const (
	WillChange BulkOutcome = "change"
	StaysSame  BulkOutcome = "same"
	Refused    BulkOutcome = "refused"
)

// BulkRow is a contact with what a bulk edit does to it.
type BulkRow struct {
	ContactID int64
	Name      string // "" where nobody is there
	Outcome   BulkOutcome
	Why       errs.Field    // of one that is refused: the field, and the key of the sentence that says why
	Changes   []FieldChange // listing: group and region, separated by a space
}

// BulkRefusal is a reason for which contacts are refused.
type BulkRefusal struct {
	Why   errs.Field
	Count int
}

// BulkPreview is what an edit would do.
type BulkPreview struct {
	Selected, Changed, Same, Refused int
	Refusals                         []BulkRefusal // the most frequent first
	Changing                         []BulkRow     // the first by name
	RefusedRows                      []BulkRow     // likewise
	Token                            string        // of exactly this: commit wants it back
}

// bulkRows is how many contacts a preview shows of each outcome.
const bulkRows = 20

// bulkItem is a contact with what the edit makes of it.
type bulkItem struct {
	BulkRow
	before, after Contact
	listed, place *Listing // before and after; nil where it is not on the list
}

// bulkPlan is an edit worked out.
type bulkPlan struct {
	*Bulk
	items []bulkItem // by id
}

// settle says what is wrong with an edit before anybody is looked at.
func (s *Service) settleBulk(b *Bulk) error {
	if wrong := b.Changes.tidy(s.Reference, b.CycleID); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	if b.Changes.nothing() {
		return errs.E(errs.Invalid, "bulk.nothing_chosen")
	}
	return nil
}

// selectedIDs are whom an edit is about, each once and in ascending order.
func (s *Service) selectedIDs(tx *db.Tx, by account.Actor, b *Bulk) ([]int64, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(b.IDs)))
	tooMany := errs.InvalidFields(errs.FieldError("contacts", "bulk.too_many", "Max", MaxBulk))
	if b.All != nil {
		ids = nil
		err := s.EachMatch(tx, by, *b.All, refreshed, func(some []int64) error {
			if ids = append(ids, some...); len(ids) > MaxBulk {
				return tooMany
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	switch {
	case len(ids) == 0:
		return nil, errs.InvalidFields(errs.FieldError("contacts", "bulk.nobody"))
	case len(ids) > MaxBulk:
		return nil, tooMany
	}
	return ids, nil
}

// plan works out what an edit does to each of these contacts.
func (s *Service) planBulk(tx *db.Tx, b *Bulk, ids []int64) (*bulkPlan, error) {
	p := &bulkPlan{Bulk: b, items: make([]bulkItem, 0, len(ids))}
	for some := range slices.Chunk(ids, refreshed) {
		scene, err := bulkSceneOf(tx, b, some, s.Now())
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			p.items = append(p.items, s.judge(b, scene, id))
		}
	}
	return p, nil
}

// judge follows the rules by which a single contact is edited.
func (s *Service) judge(b *Bulk, scene *bulkScene, id int64) bulkItem {
	before, there := scene.contacts[id]
	i := bulkItem{BulkRow: BulkRow{ContactID: id, Name: before.Name}, before: before, after: before}
	if listed, ok := scene.listings[id]; ok {
		i.listed, i.place = &listed, &listed
	}
	switch {
	case !there && scene.merged[id] != "":
		i.Name = scene.merged[id]
		return i.refuse(errs.FieldError("contacts", "bulk.refused.merged"))
	case !there:
		return i.refuse(errs.FieldError("contacts", "bulk.refused.gone"))
	case before.ErasedAt != nil:
		return i.refuse(errs.FieldError("contacts", "contact.erased"))
	}
	b.Changes.apply(&i.after)
	if !i.after.RegionOverridden { // of what settle fills in, the rest follows from the name, which stays
		i.after.Region = regionFor(s.Reference, i.after.StakeholderGroup, i.after.Country)
	}
	if wrong := i.after.validate(s.Reference); len(wrong) > 0 {
		return i.refuse(wrong[0])
	}
	switch {
	case b.Changes.List == ListRemove && i.listed != nil:
		if why := scene.keeps[id]; why != "" {
			return i.refuse(errs.FieldError("list", why))
		}
		i.place = nil
	case b.Changes.List == ListAdd && i.listed == nil:
		i.place = &Listing{CycleID: b.CycleID, ContactID: id, StakeholderGroup: i.after.StakeholderGroup, Region: i.after.Region, ListedAt: s.Now()}
	case i.listed != nil && b.Changes.moves(before, i.after, *i.listed):
		moved := *i.listed
		moved.StakeholderGroup, moved.Region = i.after.StakeholderGroup, i.after.Region
		i.place = &moved
	}
	return i.compare(b.Changes.Note)
}

func (i bulkItem) refuse(why errs.Field) bulkItem {
	i.Outcome, i.Why, i.after, i.place = Refused, why, i.before, i.listed
	return i
}

// compare says in which fields a contact changes.
func (i bulkItem) compare(line string) bulkItem {
	note := func(field, before, after string) {
		if before != after {
			i.Changes = append(i.Changes, FieldChange{field, before, after})
		}
	}
	a, b := i.before, i.after
	note("stakeholder_group", a.StakeholderGroup, b.StakeholderGroup)
	note("country", a.Country, b.Country)
	if a.RegionOverridden != b.RegionOverridden {
		note("region_override", override(a), override(b))
	} else {
		note("region", a.Region, b.Region)
	}
	note("language", a.Languages, b.Languages)
	note("expertise", a.Expertise, b.Expertise)
	note("source", a.Source, b.Source)
	note("lawful_basis", string(a.LawfulBasis), string(b.LawfulBasis))
	note("lawful_basis_note", a.LawfulBasisNote, b.LawfulBasisNote)
	note("note", "", line)
	note("listing", i.listed.cell(), i.place.cell())
	i.Outcome = StaysSame
	if len(i.Changes) > 0 {
		i.Outcome = WillChange
	}
	return i
}

// edited says whether the contact itself changes, and not only its place on the list.
func (i *bulkItem) edited() bool {
	return slices.ContainsFunc(i.Changes, func(c FieldChange) bool { return c.Field != "listing" })
}

func override(c Contact) string {
	if c.RegionOverridden {
		return c.Region
	}
	return ""
}

// cell is a place on a list: group and region, "" for none.
func (l *Listing) cell() string {
	if l == nil {
		return ""
	}
	return l.StakeholderGroup + " " + l.Region
}

// preview counts the outcomes and shows the first contacts.
func (p *bulkPlan) preview() BulkPreview {
	v := BulkPreview{Selected: len(p.items), Token: p.token()}
	counts := map[string]int{}
	whys := map[string]errs.Field{}
	var changing, refused []bulkItem
	for _, i := range p.items {
		switch i.Outcome {
		case WillChange:
			changing = append(changing, i)
		case Refused:
			refused = append(refused, i)
			key := i.Why.Name + " " + i.Why.Key
			counts[key]++
			whys[key] = i.Why
		}
	}
	v.Changed, v.Refused = len(changing), len(refused)
	v.Same = v.Selected - v.Changed - v.Refused
	for key, n := range counts {
		v.Refusals = append(v.Refusals, BulkRefusal{whys[key], n})
	}
	slices.SortFunc(v.Refusals, func(a, b BulkRefusal) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Why.Key+a.Why.Name, b.Why.Key+b.Why.Name))
	})
	v.Changing, v.RefusedRows = firstByName(changing), firstByName(refused)
	return v
}

func firstByName(items []bulkItem) []BulkRow {
	slices.SortFunc(items, func(a, b bulkItem) int {
		return cmp.Or(strings.Compare(a.before.SortName, b.before.SortName), cmp.Compare(a.ContactID, b.ContactID))
	})
	rows := make([]BulkRow, min(len(items), bulkRows))
	for n := range rows {
		rows[n] = items[n].BulkRow
	}
	return rows
}

// token is the same only where the edit is the same and meets the same contacts, each as it was: whatever
// somebody changes at one of them meanwhile makes it another.
func (p *bulkPlan) token() string {
	h := sha256.New()
	write := json.NewEncoder(io.Writer(h))
	// Numbers, texts and times alone are written, which cannot fail, to a hash, which does not either.
	_ = write.Encode([]any{p.CycleID, p.Changes, p.Changes.Note})
	for _, i := range p.items {
		seen := i.before
		seen.SortName, seen.NameKey, seen.NameBones, seen.LanguageChain = "", "", "", "" // follow from the rest
		seen.CreatedAt, seen.UpdatedAt = seen.CreatedAt.UTC(), seen.UpdatedAt.UTC()
		_ = write.Encode([]any{i.ContactID, seen, i.listed.cell(), i.Outcome, i.Why.Key, i.Changes})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
