package contact

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// BulkDone is an edit that was made.
type BulkDone struct {
	BulkPreview
	ChangesetID int64 // by which it can be taken back
}

// BulkCount says how many contacts an edit is about. The error is errs.Invalid ("contacts") where that is nobody, or
// more than MaxBulk.
func (s *Service) BulkCount(ctx context.Context, by account.Actor, b Bulk) (int, error) {
	if err := by.RequireOn(account.ContactBulk, false, ""); err != nil {
		return 0, err
	}
	ids, err := s.selectedIDs(s.DB.Read(ctx), by, &b)
	return len(ids), errs.Wrap("contact.bulk_count", err)
}

// PreviewBulk says what an edit would do, and changes nothing. The error is errs.Invalid with the fields that are wrong.
func (s *Service) PreviewBulk(ctx context.Context, by account.Actor, b Bulk) (BulkPreview, error) {
	if err := by.RequireOn(account.ContactBulk, false, ""); err != nil {
		return BulkPreview{}, err
	}
	if err := s.settleBulk(&b); err != nil {
		return BulkPreview{}, err
	}
	tx := s.DB.Read(ctx)
	ids, err := s.selectedIDs(tx, by, &b)
	if err != nil {
		return BulkPreview{}, errs.Wrap("contact.preview_bulk", err)
	}
	p, err := s.planBulk(tx, &b, ids)
	if err != nil {
		return BulkPreview{}, errs.Wrap("contact.preview_bulk", err)
	}
	return p.preview(), nil
}

// CommitBulk makes the edit whose preview gave this token: all that it said would change, in one transaction, as one
// changeset that Undo takes back. Contacts that it refused stay as they are. Where any of the contacts has changed
// since, where others match by now, and where nothing would change, the error is errs.Conflict and nothing happens.
//
// Who may be the same as whom is not looked at anew: names and addresses stay, and the worker looks at all
// contacts anyway.
func (s *Service) CommitBulk(ctx context.Context, by account.Actor, b Bulk, token string) (BulkDone, error) {
	if err := by.RequireOn(account.ContactBulk, false, ""); err != nil {
		return BulkDone{}, err
	}
	if err := s.settleBulk(&b); err != nil {
		return BulkDone{}, err
	}
	var done BulkDone
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		ids, err := s.selectedIDs(tx, by, &b)
		if err != nil {
			return err
		}
		if err := lockForBulk(tx, &b, ids); err != nil {
			return err
		}
		p, err := s.planBulk(tx, &b, ids)
		if err != nil {
			return err
		}
		done.BulkPreview = p.preview()
		switch {
		case done.Token != token:
			return errs.E(errs.Conflict, "bulk.changed_since")
		case done.Changed == 0:
			return errs.E(errs.Conflict, "bulk.nothing_changes")
		}
		done.ChangesetID, err = s.commitBulk(tx, by.Who, p, done.Refused)
		return err
	})
	return done, errs.Wrap("contact.commit_bulk", err)
}

// commitBulk keeps the images of what is about to change before it writes, and seals what became of it.
func (s *Service) commitBulk(tx *db.Tx, by audit.Who, p *bulkPlan, refused int) (int64, error) {
	changing := slices.DeleteFunc(p.items, func(i bulkItem) bool { return i.Outcome != WillChange })
	note, err := json.Marshal(p.Changes)
	if err != nil {
		return 0, err
	}
	set, err := undo.Begin(tx, undo.Change{Kind: BulkKind, By: by, At: s.Now(), CycleID: p.CycleID, Note: string(note)})
	if err != nil {
		return 0, err
	}
	for some := range slices.Chunk(changing, refreshed) {
		if err := writeBulk(tx, set, some, s.Now()); err != nil {
			return 0, err
		}
	}
	refresh := s.refreshAll
	if p.Changes.Languages.How != TagsStay {
		refresh = s.refreshWithMembers
	}
	if err := refresh(tx, bulkIDs(changing)); err != nil {
		return 0, err
	}
	if err := set.Seal(tx, len(changing)); err != nil {
		return 0, err
	}
	return set.ID, s.recordBulk(tx, by, p, set.ID, len(changing), refused)
}

// refreshWithMembers is refreshAll that passes on to members what changed at their organizations.
func (s *Service) refreshWithMembers(tx *db.Tx, ids []int64) error {
	members, err := membersOfAll(tx, ids)
	if err != nil {
		return err
	}
	return s.refreshAll(tx, append(members, ids...))
}

func bulkIDs(items []bulkItem) []int64 {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.ContactID
	}
	return ids
}

// recordBulk leaves one event for the edit, and one for each contact with what it was before and after: the trail of a
// contact is the only place where its history stands together.
func (s *Service) recordBulk(tx *db.Tx, by audit.Who, p *bulkPlan, set int64, changed, refused int) error {
	err := audit.Record(tx, by, s.Now(), audit.Change{
		Action: "contacts.edited", ObjectKind: "changeset", ObjectID: set, CycleID: p.CycleID,
		After: map[string]any{"changes": p.Changes, "contacts": changed, "refused": refused},
	})
	if err != nil {
		return err
	}
	return s.recordImages(tx, by, set, false)
}

// bulkImage is what a bulk edit can change of a row, of a contact or of its place on a list.
type bulkImage struct {
	ID               int64  `json:"id"`
	ContactID        int64  `json:"contact_id"`
	CycleID          int64  `json:"cycle_id"`
	StakeholderGroup string `json:"stakeholder_group"`
	Country          string `json:"country"`
	Region           string `json:"region"`
	Languages        string `json:"languages"`
	Expertise        string `json:"expertise"`
	Source           string `json:"source"`
	LawfulBasis      Basis  `json:"lawful_basis"`
	LawfulBasisNote  string `json:"lawful_basis_note"`
	Notes            string `json:"notes"`
}

// recordImages leaves the events of the contacts, of the edit or of its undoing.
func (s *Service) recordImages(tx *db.Tx, by audit.Who, set int64, undone bool) error {
	for _, table := range []string{"contact", "listing"} {
		images, err := undo.Images(tx, set, table)
		if err != nil {
			return err
		}
		changes := make([]audit.Change, len(images))
		for n, i := range images {
			if undone {
				i.Before, i.After = i.After, i.Before
			}
			if changes[n], err = bulkChange(table, i, set); err != nil {
				return err
			}
		}
		if err := audit.RecordAll(tx, by, s.Now(), changes); err != nil {
			return err
		}
	}
	return nil
}

func bulkChange(table string, i undo.Image, set int64) (audit.Change, error) {
	var was, is *bulkImage
	for text, into := range map[string]**bulkImage{i.Before: &was, i.After: &is} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return audit.Change{}, err
		}
	}
	if table == "contact" {
		before, after := differences(was.contact(), is.contact())
		after["changeset"] = set
		return audit.Change{Action: "contact.updated", ObjectKind: "contact", ObjectID: is.ID, Before: before, After: after}, nil
	}
	c := audit.Change{Action: "contact.listed", ObjectKind: "contact"}
	if was != nil {
		c.ObjectID, c.CycleID, c.Before = was.ContactID, was.CycleID, was.place(0)
	}
	if is == nil {
		c.Action, c.After = "contact.unlisted", map[string]any{"changeset": set}
		return c, nil
	}
	c.ObjectID, c.CycleID, c.After = is.ContactID, is.CycleID, is.place(set)
	return c, nil
}

func (i *bulkImage) contact() Contact {
	return Contact{
		StakeholderGroup: i.StakeholderGroup, Country: i.Country, Region: i.Region, Languages: i.Languages, Expertise: i.Expertise,
		Source: i.Source, LawfulBasis: i.LawfulBasis, LawfulBasisNote: i.LawfulBasisNote, Notes: i.Notes,
	}
}

func (i *bulkImage) place(set int64) map[string]any {
	place := map[string]any{"stakeholder_group": i.StakeholderGroup, "region": i.Region}
	if set != 0 {
		place["changeset"] = set
	}
	return place
}

// ChangesOf gives what a bulk edit changed, as its changeset remembers it.
func ChangesOf(c undo.Changeset) (Changes, bool) {
	var changes Changes
	if c.Kind != BulkKind || json.Unmarshal([]byte(c.Note), &changes) != nil {
		return Changes{}, false
	}
	return changes, true
}
