package contact

import (
	"context"
	"encoding/json"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// compareChunk is how many contacts are compared with everybody in one transaction.
const compareChunk = 500

// compared is how far an import's contacts are compared with everybody.
type compared struct {
	Added int64 `json:"added"` // the last whom it brought
	Set   int64 `json:"set"`   // the last changeset of those whom it changed
}

// compare looks for pairs that may be one among whom an import brought or changed, and anybody. It comes behind the
// import, because it costs many times what the writing does, and goes on where it was cut off.
func (s *Imports) compare(ctx context.Context, i Import) error {
	var at compared
	if i.Position != "" {
		if err := json.Unmarshal([]byte(i.Position), &at); err != nil {
			return errs.Wrap("contact.import.compare", err)
		}
	}
	for i.ComparedAt == nil {
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			now, err := s.mine(tx, i)
			if err != nil {
				return err
			}
			if err := s.compareSome(tx, &now, &at); err != nil {
				return err
			}
			i = now
			return saveImport(tx, &i)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Imports) compareSome(tx *db.Tx, i *Import, at *compared) error {
	ids, err := addedAfter(tx, i.ID, at.Added, compareChunk)
	if err != nil {
		return err
	}
	if len(ids) > 0 {
		at.Added = ids[len(ids)-1]
	} else {
		if at.Set, err = changesetAfter(tx, i.ID, at.Set); err != nil {
			return err
		}
		if at.Set == 0 {
			now := s.Now()
			i.ComparedAt, i.Position = &now, ""
			return nil
		}
		if ids, err = touchedBy(tx, at.Set); err != nil {
			return err
		}
	}
	next, err := json.Marshal(at)
	if err != nil {
		return err
	}
	i.Position = string(next)
	return s.FindDuplicatesIn(tx, ids)
}
