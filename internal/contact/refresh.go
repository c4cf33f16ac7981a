package contact

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// around is what lies about a contact and shapes what is derived of it.
type around struct {
	Organizations []Contact // that it belongs to now, the represented first
}

// refreshAll recomputes everything that follows from the facts about these contacts, and of nobody
// else: call it with whoever got or lost an address, a tie, a place on a list, or was edited, in the
// transaction that changed it. Ids that are nobody's are passed over.
func (s *Service) refreshAll(tx *db.Tx, ids []int64) error {
	for _, id := range ids {
		c, err := contactByID(tx, id)
		if db.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.refresh(tx, &c); err != nil {
			return err
		}
	}
	return nil
}

// derive fills in what follows from a contact and what lies about it. It asks no database.
func derive(ref *geo.Reference, c *Contact, at around) {
	c.settle(ref)
	var theirs []string
	names := []string{c.Name, c.Transliteration}
	for _, o := range at.Organizations {
		theirs = append(theirs, strings.Fields(o.Languages)...)
		names = append(names, o.Name, o.Transliteration)
	}
	var briefing []string
	if country, ok := ref.Country(c.Country); ok {
		briefing = []string{country.BriefingLanguage}
	}
	c.LanguageChain = Chain(strings.Fields(c.Languages), theirs, briefing)
	c.SearchName = geo.Fold(strings.Join(names, " "))
	c.SearchNotes = geo.Fold(c.Notes)
}
