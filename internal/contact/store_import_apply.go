package contact

import (
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/undo"
)

// insertAdded writes what the rows of a batch add, each table with one statement.
func insertAdded(tx *db.Tx, sc *scene, o *importOptions) error {
	if err := insertMailboxes(tx, sc.mails, o); err != nil {
		return err
	}
	if err := insertContacts(tx, sc.added, o); err != nil {
		return err
	}
	if err := insertFound(tx, sc.added); err != nil {
		return err
	}
	everybody := append(append([]*known{}, sc.added...), sc.changed...)
	if err := insertLinks(tx, everybody, o); err != nil {
		return err
	}
	if err := insertTies(tx, everybody, o); err != nil {
		return err
	}
	return insertListings(tx, everybody, o)
}

func insertMailboxes(tx *db.Tx, all []*mailbox, o *importOptions) error {
	if len(all) == 0 {
		return nil
	}
	ids, err := takeIDs(tx, "address", len(all))
	if err != nil {
		return err
	}
	for i, m := range all {
		m.ID = ids[i]
	}
	return insertRows(tx, "address", []column{
		{"id", "bigint", ids},
		texts("email", all, func(m *mailbox) string { return m.Email }),
		texts("hash", all, func(m *mailbox) string { return m.Hash }),
		texts("kind", all, func(m *mailbox) string { return string(m.Kind) }),
		texts("status", all, func(m *mailbox) string { return string(m.Status) }),
		columnOf("created_at", "timestamptz", all, func(m *mailbox) time.Time { return m.CreatedAt }),
		numbers("import_id", all, func(*mailbox) int64 { return o.importID }),
	})
}

func insertContacts(tx *db.Tx, all []*known, o *importOptions) error {
	if len(all) == 0 {
		return nil
	}
	ids, err := takeIDs(tx, "contact", len(all))
	if err != nil {
		return err
	}
	for i, k := range all {
		k.ID = ids[i]
	}
	return insertRows(tx, "contact", append(contactColumns(all),
		texts("kind", all, func(k *known) string { return string(k.Kind) }),
		columnOf("created_at", "timestamptz", all, func(k *known) time.Time { return k.CreatedAt }),
		columnOf("updated_at", "timestamptz", all, func(k *known) time.Time { return k.UpdatedAt }),
		texts("language_chain", all, func(k *known) string { return k.LanguageChain }),
		numbers("import_id", all, func(*known) int64 { return o.importID }),
	))
}

// insertFound writes by what the new contacts are found.
func insertFound(tx *db.Tx, all []*known) error {
	if len(all) == 0 {
		return nil
	}
	if tx.Dialect() == db.SQLite { // JSON has no bytes
		rows := make([]found, len(all))
		for i, k := range all {
			k.found.ContactID = k.ID
			rows[i] = k.found
		}
		return saveFound(tx, rows)
	}
	return insertRows(tx, "contact_search", []column{
		numbers("contact_id", all, func(k *known) int64 { return k.ID }),
		columnOf("script", "smallint", all, func(k *known) int16 { return int16(k.found.Script) }),
		columnOf("sort_key", "bytea", all, func(k *known) []byte { return k.found.SortKey }),
		columnOf("sort_key_es", "bytea", all, func(k *known) []byte { return k.found.SortKeySpanish }),
		texts("address_state", all, func(k *known) string { return string(k.found.AddressState) }),
		texts("words", all, func(k *known) string { return k.found.Words }),
	})
}

// contactColumns are those that an import may change, after the id.
func contactColumns(all []*known) []column {
	return []column{
		numbers("id", all, func(k *known) int64 { return k.ID }),
		texts("name", all, func(k *known) string { return k.Name }),
		texts("transliteration", all, func(k *known) string { return k.Transliteration }),
		texts("sort_name", all, func(k *known) string { return k.SortName }),
		texts("name_key", all, func(k *known) string { return k.NameKey }),
		texts("name_bones", all, func(k *known) string { return k.NameBones }),
		texts("country", all, func(k *known) string { return k.Country }),
		texts("region", all, func(k *known) string { return k.Region }),
		columnOf("region_overridden", "boolean", all, func(k *known) bool { return k.RegionOverridden }),
		texts("stakeholder_group", all, func(k *known) string { return k.StakeholderGroup }),
		texts("languages", all, func(k *known) string { return k.Languages }),
		texts("expertise", all, func(k *known) string { return k.Expertise }),
		texts("source", all, func(k *known) string { return k.Source }),
		texts("lawful_basis", all, func(k *known) string { return string(k.LawfulBasis) }),
		texts("lawful_basis_note", all, func(k *known) string { return k.LawfulBasisNote }),
		texts("notes", all, func(k *known) string { return k.Notes }),
	}
}

// contactLink is an address of a contact at its place.
type contactLink struct{ contact, address, position int64 }

func insertLinks(tx *db.Tx, all []*known, o *importOptions) error {
	var links []contactLink
	for _, k := range all {
		last := k.lastPosition
		for _, m := range k.mails[k.before:] {
			last++
			links = append(links, contactLink{k.ID, m.ID, last})
		}
	}
	if len(links) == 0 {
		return nil
	}
	return insertRows(tx, "contact_address", []column{
		numbers("contact_id", links, func(l contactLink) int64 { return l.contact }),
		numbers("address_id", links, func(l contactLink) int64 { return l.address }),
		numbers("position", links, func(l contactLink) int64 { return l.position }),
		numbers("import_id", links, func(contactLink) int64 { return o.importID }),
	})
}

func insertTies(tx *db.Tx, all []*known, o *importOptions) error {
	var ties []*knownTie
	for _, k := range all {
		for _, t := range k.ties {
			if t.added {
				t.ContactID, t.OrganizationID = k.ID, t.to.ID
				ties = append(ties, t)
			}
		}
	}
	if len(ties) == 0 {
		return nil
	}
	return insertRows(tx, "affiliation", []column{
		numbers("contact_id", ties, func(t *knownTie) int64 { return t.ContactID }),
		numbers("organization_id", ties, func(t *knownTie) int64 { return t.OrganizationID }),
		texts("function", ties, func(t *knownTie) string { return string(t.Function) }),
		texts("title", ties, func(t *knownTie) string { return t.Title }),
		columnOf("represents", "boolean", ties, func(t *knownTie) bool { return t.Represents }),
		texts("since", ties, func(t *knownTie) string { return t.Since }),
		texts("until", ties, func(t *knownTie) string { return t.Until }),
		columnOf("created_at", "timestamptz", ties, func(t *knownTie) time.Time { return t.CreatedAt }),
		numbers("import_id", ties, func(*knownTie) int64 { return o.importID }),
	})
}

func flag(name string, from []*known, of func(*known) bool) column {
	return columnOf(name, "boolean", from, of)
}

func insertListings(tx *db.Tx, all []*known, o *importOptions) error {
	var fresh []*known
	for _, k := range all {
		if k.listing != nil && k.listing.ID == 0 {
			fresh = append(fresh, k)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return insertRows(tx, "listing", []column{
		numbers("cycle_id", fresh, func(k *known) int64 { return k.listing.CycleID }),
		numbers("contact_id", fresh, func(k *known) int64 { return k.ID }),
		texts("stakeholder_group", fresh, func(k *known) string { return k.listing.StakeholderGroup }),
		texts("region", fresh, func(k *known) string { return k.listing.Region }),
		columnOf("listed_at", "timestamptz", fresh, func(k *known) time.Time { return k.listing.ListedAt }),
		flag("addressable", fresh, func(k *known) bool { return k.found.AddressState == Usable }),
		flag("no_address", fresh, func(k *known) bool { return len(k.mails) == 0 }),
		flag("bounced", fresh, func(k *known) bool { return k.found.AddressState == AllBounced }),
		flag("no_language", fresh, func(k *known) bool { return k.Languages == "" }),
		// Nobody can have reached who is new; of others this is counted again below.
		flag("unreached", fresh, func(k *known) bool { return k.found.AddressState != OptedOut }),
		columnOf("mailbox_id", "bigint", fresh, func(k *known) *int64 { return mailboxOf(k.surroundings().Addresses) }),
		texts("language_chain", fresh, func(k *known) string { return k.LanguageChain }),
		numbers("import_id", fresh, func(*known) int64 { return o.importID }),
	})
}

// updateChanged writes what the rows of a batch change at contacts that were there before it.
func updateChanged(tx *db.Tx, all []*known, o *importOptions) error {
	if len(all) == 0 {
		return nil
	}
	// What the import itself brought in an earlier batch is as new as it was: only a change by
	// somebody else must keep the undoing from taking it away.
	err := updateRows(tx, "contact", append(contactColumns(all), columnOf("updated_at", "timestamptz", all, func(k *known) time.Time {
		if k.importID == o.importID {
			return k.UpdatedAt
		}
		return o.now
	})))
	if err != nil {
		return err
	}
	for _, k := range all {
		if k.listing != nil && k.listing.ID != 0 {
			if err := moveListing(tx, k.listing.CycleID, k.ID, k.listing.StakeholderGroup, k.listing.Region); err != nil {
				return err
			}
		}
		for _, t := range k.ties {
			if !t.edited || t.ID == 0 {
				continue
			}
			_, err := tx.Exec("update affiliation set function = ?, title = ?, since = ?, until = ? where id = ?", t.Function, t.Title, t.Since, t.Until, t.ID)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// changedTables are those whose rows an import changes or adds at contacts that were there before.
func changedTables() map[string]string {
	return map[string]string{"contact": "id", "contact_address": "contact_id", "affiliation": "contact_id", "listing": "contact_id"}
}

// touchedBy are the contacts of whom a changeset has images.
func touchedBy(tx *db.Tx, set int64) ([]int64, error) {
	var all []int64
	for table, column := range changedTables() {
		ids, err := undo.Touched(tx, set, table, column)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func keepChanged(tx *db.Tx, set *undo.Set, ids []int64) error {
	for table, column := range changedTables() {
		where, arg := undo.Named(tx, column, ids)
		if err := set.Keep(tx, table, where, arg); err != nil {
			return err
		}
	}
	return nil
}

func noteAdded(tx *db.Tx, set *undo.Set, ids []int64, importID int64) error {
	for table, column := range changedTables() {
		if table == "contact" {
			continue
		}
		where, arg := undo.Named(tx, column, ids)
		if err := set.Added(tx, table, where+" and t.import_id = ?", arg, importID); err != nil {
			return err
		}
	}
	return nil
}
