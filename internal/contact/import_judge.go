package contact

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/geo"
)

// importOptions are what an import says about all of its rows.
type importOptions struct {
	importID    int64
	cycleID     int64
	cycleName   string
	source      string
	lawfulBasis string
	group       string
	country     string
	duplicates  DuplicatePolicy
	ref         *geo.Reference
	isRole      func(email string) bool
	now         time.Time
}

// judge gives rows their verdicts, each in the light of the rows before it.
type judge struct {
	*scene
	*importOptions
	decisions map[int]decided
	seen      *seen // rows before those in sight; nil where the database has them already
}

// decided is what a person decided about a row, and about whom.
type decided struct {
	what      Decision
	contactID int64
}

// meant is whom a row means, or may mean.
type meant struct {
	who    *known
	row    int // instead of who: an earlier row that is out of sight
	same   bool
	reason string
}

// row judges one row and lets the scene know what it adds or changes, as it will be imported.
func (j *judge) row(e *entry) RowVerdict {
	v := RowVerdict{ImportID: j.importID, Number: e.number, Name: e.label()}
	v.Problems = append(e.problems[:len(e.problems):len(e.problems)], e.notes...)
	switch m := j.match(e); {
	case len(e.problems) > 0:
		v.Verdict = VerdictRejected
	case e.mustNotMail || j.isSuppressed(e) || m.who != nil && m.who.ErasedAt != nil:
		v.Verdict = VerdictSuppressed
	case m.who == nil && m.row == 0:
		v.Verdict = VerdictNew
		j.addOrReject(&v, e)
	case m.same:
		j.updateRow(&v, m, e)
	default:
		j.doubt(&v, m, e)
	}
	return v
}

// missing is what a new contact cannot be without, and neither the row nor the import says.
func (j *judge) missing(e *entry) []CellProblem {
	if e.given.StakeholderGroup == "" && j.group == "" {
		return []CellProblem{{Column: "stakeholder_group", Key: "contact.import.problem.no_group"}}
	}
	return nil
}

func (j *judge) addOrReject(v *RowVerdict, e *entry) {
	if missing := j.missing(e); len(missing) > 0 {
		v.Problems, v.Verdict = append(v.Problems, missing...), VerdictRejected
		return
	}
	j.add(e, j.importOptions)
	if j.seen != nil {
		j.seen.remember(e)
	}
}

// updateRow is for a row that means a contact for certain.
func (j *judge) updateRow(v *RowVerdict, m meant, e *entry) {
	if m.who == nil {
		v.OfRow, v.Verdict = m.row, VerdictUpdate
		if j.seen.repeats(e) {
			v.Verdict = VerdictUnchanged
		}
		return
	}
	j.of(v, m.who)
	v.Changes = j.update(m.who, e, j.importOptions)
	v.Verdict = VerdictUpdate
	if len(v.Changes) == 0 {
		v.Verdict = VerdictUnchanged
	} else if j.seen != nil {
		j.seen.remember(e)
	}
}

func (j *judge) of(v *RowVerdict, k *known) {
	v.OfName = k.Name
	if k.ID != 0 {
		v.ContactID = &k.ID
	}
	if k.isNew() {
		v.OfRow = k.row
	}
}

// doubt is for a row that may mean a contact: what a person decided about this very contact holds, else
// the import's policy.
func (j *judge) doubt(v *RowVerdict, m meant, e *entry) {
	v.Verdict, v.Reasons, v.OfRow = VerdictPossibleDuplicate, []string{m.reason}, m.row
	if m.who != nil {
		j.of(v, m.who)
	}
	d := j.decisions[e.number]
	what := DuplicatePolicy(d.what)
	if d.what == Undecided || v.ContactID != nil && d.contactID != 0 && d.contactID != *v.ContactID {
		what = j.duplicates
	}
	v.Decision = d.what
	switch {
	case what == DuplicatesAdd:
		j.addOrReject(v, e)
	case what == DuplicatesUpdate && m.who != nil && m.who.Kind == e.given.Kind:
		v.Changes = j.update(m.who, e, j.importOptions)
	}
}

func (j *judge) isSuppressed(e *entry) bool {
	return slices.ContainsFunc(e.emails, func(email string) bool {
		m := j.byMail[email]
		return m != nil && (m.suppressed || m.Status == Complained)
	})
}

// match finds whom a row means: by its number, by its addresses, by its name.
func (j *judge) match(e *entry) meant {
	if k := j.byID[e.id]; e.id != 0 && k != nil {
		return meant{who: k, same: j.isSame(k, e), reason: AlikeNumber}
	}
	if m, found := j.matchPersonal(e); found {
		return m
	}
	if m, found := j.matchRole(e); found {
		return m
	}
	if m, found := j.matchName(e); found {
		return m
	}
	if j.seen != nil {
		return j.seen.match(e, j.isRole)
	}
	return meant{}
}

// isSame guards against numbers of another installation.
func (j *judge) isSame(k *known, e *entry) bool {
	if k.Kind != e.given.Kind {
		return false
	}
	return k.NameKey == e.given.NameKey || slices.ContainsFunc(e.emails, func(email string) bool {
		m := j.byMail[email]
		return m != nil && k.has(m)
	})
}

// matchPersonal takes whoever has a personal address of the row for the one that the row means.
func (j *judge) matchPersonal(e *entry) (meant, bool) {
	var found []*known
	for _, email := range e.emails {
		m := j.byMail[email]
		if m == nil || m.Kind != Personal || len(m.holders) == 0 {
			continue
		}
		k := m.holders[0]
		if i := slices.IndexFunc(m.holders, func(h *known) bool { return h.NameKey == e.given.NameKey }); i >= 0 {
			k = m.holders[i]
		}
		if !slices.Contains(found, k) {
			found = append(found, k)
		}
	}
	switch {
	case len(found) == 0:
		return meant{}, false
	case len(found) > 1:
		return meant{who: found[0], reason: AlikeAddresses}, true
	case found[0].Kind != e.given.Kind:
		return meant{who: found[0], reason: AlikeKind}, true
	}
	return meant{who: found[0], same: true}, true
}

// matchRole finds who shares an address that several people may read. That somebody can be reached
// at the address of their own organization is no reason for doubt.
func (j *judge) matchRole(e *entry) (meant, bool) {
	for _, email := range e.emails {
		m := j.byMail[email]
		if m == nil || m.Kind != Role {
			continue
		}
		for _, k := range m.holders {
			if k.Kind == e.given.Kind && k.NameKey == e.given.NameKey {
				return meant{who: k, same: true}, true
			}
		}
		for _, k := range m.holders {
			if !ownOrganization(k, e) {
				return meant{who: k, reason: AlikeRoleAddress}, true
			}
		}
	}
	return meant{}, false
}

func ownOrganization(k *known, e *entry) bool {
	switch {
	case k.Kind == Organization && e.given.Kind == Person:
		return slices.ContainsFunc(e.ties, func(t entryTie) bool { return t.folded == k.SortName })
	case k.Kind == Person && e.given.Kind == Organization:
		return k.inOrganization(e.given.SortName)
	}
	return false
}

// matchName finds who has the same name, the closest first. An organization of the very same name is
// the same, unless it is in another country; a person never is for certain.
func (j *judge) matchName(e *entry) (meant, bool) {
	var best meant
	rank := len(nameReasons())
	for _, k := range j.byKey[e.given.NameKey] {
		if k.Kind != e.given.Kind || e.given.NameKey == "" {
			continue
		}
		if e.given.Kind == Organization && k.SortName == e.given.SortName && (k.Country == e.given.Country || k.Country == "" || e.given.Country == "") {
			return meant{who: k, same: true}, true
		}
		reason := j.alike(k, e)
		if i := slices.Index(nameReasons(), reason); i >= 0 && i < rank {
			best, rank = meant{who: k, reason: reason}, i
		}
	}
	return best, best.who != nil
}

func nameReasons() []string { return []string{AlikeOrganization, AlikeCountry, AlikeName} }

// alike says why two of the same name may be one, "" where they differ in all that could tell.
func (j *judge) alike(k *known, e *entry) string {
	country := e.given.Country
	if country == "" {
		country = j.country
	}
	switch {
	case slices.ContainsFunc(e.ties, func(t entryTie) bool { return k.inOrganization(t.folded) }):
		return AlikeOrganization
	case country != "" && country == k.Country:
		return AlikeCountry
	case (country == "" || k.Country == "") && (len(e.ties) == 0 || len(k.ties) == 0):
		return AlikeName
	}
	return ""
}
