package undo

import "fmt"

// table is one of the tables whose rows can be kept. Its key columns are numbers but for those that it names.
type table struct {
	name string
	key  []string
	// derived are columns that follow from others, or that the program keeps up by itself: that one of them
	// differs does not mean that somebody has changed the row.
	derived []string
	// text are key columns that are no numbers.
	text []string
	// referred says that rows of other tables here may refer to its rows.
	referred bool
	// moves: rows are set back by taking them out and putting them in again, because their
	// unique columns may have changed places.
	moves bool
}

// tables is the closed list: names of tables are never taken from anywhere else. What others refer to stands before them.
func tables() []table {
	return []table{
		{name: "contact", key: id(), referred: true, derived: []string{
			"sort_name", "language_chain", "name_key", "name_bones", "updated_at",
		}},
		{name: "address", key: id(), referred: true},
		{name: "nri", key: id(), referred: true},
		{name: "claim", key: id(), referred: true, derived: []string{"warned_at"}},
		{name: "contribution", key: id(), referred: true},
		{name: "answer", key: []string{"contribution_id", "question"}, text: []string{"question"}},
		{name: "signatory", key: id()},
		{name: "contribution_editor", key: id()},
		{name: "contact_address", key: []string{"contact_id", "position"}, moves: true},
		{name: "affiliation", key: id()},
		{name: "listing", key: id(), derived: []string{
			"addressable", "approached", "responded", "no_address", "bounced", "no_language", "unreached",
		}},
		{name: "candidate", key: id()},
		{name: "suppression", key: id()},
		{name: "duplicate", key: id(), derived: []string{"score", "reasons", "found_at"}},
		{name: "merged_contact", key: []string{"contact_id"}},
		{name: "attempt", key: id()},
		{name: "handover", key: id()},
		{name: "reported_address", key: id()},
		{name: "connection", key: id()},
		{name: "delivery", key: id()},
		{name: "delivery_batch", key: []string{"step_id", "number"}, derived: []string{
			"owner", "lease_until", "attempt", "not_before", "ended_at", "queued", "sent", "deferred", "failed", "skipped", "uncertain",
		}},
		{name: "dropped_message", key: id(), moves: true},
		{name: "edited_message", key: id(), moves: true},
		{name: "nri_coordinator", key: id()},
		{name: "own_date", key: id(), moves: true},
		{name: "inbound_mail", key: id(), derived: []string{
			"kind", "state", "outcome", "note", "contribution_id", "sorted_at", "handled_at", "handled_by",
		}},
	}
}

func id() []string { return []string{"id"} }

func tableNamed(name string) (table, error) {
	for _, t := range tables() {
		if t.name == name {
			return t, nil
		}
	}
	return table{}, fmt.Errorf("no table %q whose rows can be kept", name)
}
