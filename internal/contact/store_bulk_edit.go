package contact

import (
	"errors"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

// bulkScene is what some contacts are judged by.
type bulkScene struct {
	contacts map[int64]Contact
	listings map[int64]Listing // on the list of the cycle
	merged   map[int64]string  // the names of those who became part of others
	keeps    map[int64]string  // why one cannot be taken off the list: the key of a sentence
}

func bulkSceneOf(tx *db.Tx, b *Bulk, ids []int64, now time.Time) (*bulkScene, error) {
	sc := &bulkScene{contacts: map[int64]Contact{}, listings: map[int64]Listing{}, merged: map[int64]string{}, keeps: map[int64]string{}}
	contacts, err := contactsAmong(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		sc.contacts[c.ID] = c
	}
	condition, list := among(tx, "contact_id", ids)
	var listings []Listing
	if err := tx.Scan(&listings, "select * from listing where cycle_id = ? and "+condition, b.CycleID, list); err != nil {
		return nil, err
	}
	for _, l := range listings {
		sc.listings[l.ContactID] = l
	}
	if len(contacts) < len(ids) {
		if err := sc.readMerged(tx, ids); err != nil {
			return nil, err
		}
	}
	if b.Changes.List != ListRemove {
		return sc, nil
	}
	return sc, sc.readKeeps(tx, b.CycleID, ids, now)
}

func (sc *bulkScene) readMerged(tx *db.Tx, ids []int64) error {
	var rows []struct {
		ContactID int64
		Name      string
	}
	err := scanAmong(tx, &rows, "select contact_id, name from merged_contact", "contact_id", "", ids)
	for _, r := range rows {
		sc.merged[r.ContactID] = r.Name
	}
	return err
}

// readKeeps finds whom the list cannot do without: somebody works on them, a message is on its way to them, or they are
// counted as approached or as having answered.
func (sc *bulkScene) readKeeps(tx *db.Tx, cycleID int64, ids []int64, now time.Time) error {
	condition, list := among(tx, "contact_id", ids)
	for _, keep := range []struct {
		why, from string
		args      []any
	}{
		{"bulk.refused.responded", "responded_contact where cycle_id = ?", []any{cycleID}},
		{"bulk.refused.approached", "delivered_contact where cycle_id = ?", []any{cycleID}},
		{"bulk.refused.approached", "reached_contact where cycle_id = ?", []any{cycleID}},
		{"bulk.refused.queued", "queued_contact where cycle_id = ?", []any{cycleID}},
		{"bulk.refused.claimed", "live_claim where cycle_id = ? and expires_at > ?", []any{cycleID, now}},
	} {
		var found []int64
		if err := tx.Scan(&found, "select distinct contact_id from "+keep.from+" and "+condition, append(keep.args, list)...); err != nil {
			return err
		}
		for _, id := range found {
			if sc.keeps[id] == "" {
				sc.keeps[id] = keep.why
			}
		}
	}
	return nil
}

// lockForBulk keeps others from changing these contacts, and from beginning anything with them, until the transaction ends;
// all that it will touch at once, in the order in which everybody locks them.
func lockForBulk(tx *db.Tx, b *Bulk, ids []int64) error {
	if tx.Dialect() != db.Postgres {
		return nil
	}
	all := slices.Clone(ids)
	if b.Changes.Languages.How != TagsStay {
		members, err := membersOfAll(tx, ids)
		if err != nil {
			return err
		}
		all = append(all, members...)
	}
	condition, list := among(tx, "id", all)
	if _, err := tx.Exec("select 1 from contact where "+condition+" order by id for update", list); err != nil {
		return err
	}
	return lockListings(tx, ids)
}

// membersOfAll are who belongs to any of these organizations now.
func membersOfAll(tx *db.Tx, organizationIDs []int64) ([]int64, error) {
	var ids []int64
	return ids, scanAmong(tx, &ids, "select distinct contact_id from affiliation", "organization_id", " and until = ''", organizationIDs)
}

// writeBulk keeps the images of contacts and of their places on the list, and writes what they become.
func writeBulk(tx *db.Tx, set *undo.Set, items []bulkItem, now time.Time) error {
	var edited, moved, added, removed []bulkItem
	for _, i := range items {
		if i.edited() {
			edited = append(edited, i)
		}
		switch {
		case i.listed.cell() == i.place.cell():
		case i.listed == nil:
			added = append(added, i)
		case i.place == nil:
			removed = append(removed, i)
		default:
			moved = append(moved, i)
		}
	}
	contacts, contactIDs := undo.Named(tx, "id", bulkIDs(edited))
	places, placeIDs := undo.Named(tx, "id", placesOf(slices.Concat(moved, removed)))
	if err := errors.Join(set.Keep(tx, "contact", contacts, contactIDs), set.Keep(tx, "listing", places, placeIDs)); err != nil {
		return err
	}
	if err := updateEdited(tx, edited, now); err != nil {
		return err
	}
	if err := moveListings(tx, moved); err != nil {
		return err
	}
	if err := removeListings(tx, removed); err != nil {
		return err
	}
	return addListings(tx, set, added)
}

// placesOf are the ids of places on the list as they were before.
func placesOf(items []bulkItem) []int64 {
	ids := make([]int64, len(items))
	for n, i := range items {
		ids[n] = i.listed.ID
	}
	return ids
}

func updateEdited(tx *db.Tx, all []bulkItem, now time.Time) error {
	if len(all) == 0 {
		return nil
	}
	return updateRows(tx, "contact", []column{
		numbers("id", all, func(i bulkItem) int64 { return i.ContactID }),
		texts("country", all, func(i bulkItem) string { return i.after.Country }),
		texts("region", all, func(i bulkItem) string { return i.after.Region }),
		columnOf("region_overridden", "boolean", all, func(i bulkItem) bool { return i.after.RegionOverridden }),
		texts("stakeholder_group", all, func(i bulkItem) string { return i.after.StakeholderGroup }),
		texts("languages", all, func(i bulkItem) string { return i.after.Languages }),
		texts("expertise", all, func(i bulkItem) string { return i.after.Expertise }),
		texts("source", all, func(i bulkItem) string { return i.after.Source }),
		texts("lawful_basis", all, func(i bulkItem) string { return string(i.after.LawfulBasis) }),
		texts("lawful_basis_note", all, func(i bulkItem) string { return i.after.LawfulBasisNote }),
		texts("notes", all, func(i bulkItem) string { return i.after.Notes }),
		columnOf("updated_at", "timestamptz", all, func(bulkItem) time.Time { return now }),
	})
}

func moveListings(tx *db.Tx, all []bulkItem) error {
	if len(all) == 0 {
		return nil
	}
	return updateRows(tx, "listing", []column{
		{"id", "bigint", placesOf(all)},
		texts("stakeholder_group", all, func(i bulkItem) string { return i.place.StakeholderGroup }),
		texts("region", all, func(i bulkItem) string { return i.place.Region }),
	})
}

func removeListings(tx *db.Tx, all []bulkItem) error {
	condition, list := among(tx, "id", placesOf(all))
	_, err := tx.Exec("delete from listing where "+condition, list)
	return err
}

// addListings adds places without their flags: these are derived after.
func addListings(tx *db.Tx, set *undo.Set, all []bulkItem) error {
	if len(all) == 0 {
		return nil
	}
	ids, err := takeIDs(tx, "listing", len(all))
	if err != nil {
		return err
	}
	err = insertRows(tx, "listing", []column{
		{"id", "bigint", ids},
		numbers("cycle_id", all, func(i bulkItem) int64 { return i.place.CycleID }),
		numbers("contact_id", all, func(i bulkItem) int64 { return i.ContactID }),
		texts("stakeholder_group", all, func(i bulkItem) string { return i.place.StakeholderGroup }),
		texts("region", all, func(i bulkItem) string { return i.place.Region }),
		columnOf("listed_at", "timestamptz", all, func(i bulkItem) time.Time { return i.place.ListedAt }),
	})
	if err != nil {
		return err
	}
	where, arg := undo.Named(tx, "id", ids)
	return set.Added(tx, "listing", where, arg)
}
