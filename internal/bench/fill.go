package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/geo"
)

// filled is how many people one statement adds.
const filled = 5000

// person is a Person as it travels to the database.
type person struct {
	ID     int64  `json:"id"`
	Kind   string `json:"kind"`
	Region string `json:"region"`
	Org    int64  `json:"org"`
	Status string `json:"status"`
	Person
}

// Fill makes a list of that many contacts, a twentieth of them organizations, and gives its cycle. What follows from them is
// computed by the room that owns it.
func Fill(ctx context.Context, d *db.DB, contacts *contact.Service, ref *geo.Reference, count int) (cycleID int64, err error) {
	organizations := max(1, count/20)
	g := NewGenerator(organizations)
	now := time.Date(2017, 8, 1, 0, 0, 0, 0, time.UTC)
	err = d.Write(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(`insert into cycle (slug, name, state, default_language, created_at) values ('bench', 'Bench', 'open', 'en', ?) returning id`, now).Scan(&cycleID)
	})
	for first := 1; first <= count && err == nil; first += filled {
		var rows []person
		for i := first; i < first+filled && i <= count; i++ {
			rows = append(rows, madeUp(g, ref, i, organizations))
		}
		err = d.Write(ctx, func(tx *db.Tx) error { return add(tx, cycleID, now, rows) })
	}
	if err != nil {
		return cycleID, err
	}
	if err := setTargets(ctx, d, cycleID, count); err != nil {
		return cycleID, err
	}
	if err := settle(ctx, d); err != nil {
		return cycleID, err
	}
	return cycleID, contacts.Tidy(ctx)
}

// madeUp is the contact of a number: the first are the organizations.
func madeUp(g *Generator, ref *geo.Reference, number, organizations int) person {
	p := person{ID: int64(number), Kind: "person", Person: g.Person(number), Status: "ok"}
	if number <= organizations {
		p.Kind, p.Organization = "organization", -1
		p.Name, p.Country = g.Organization(number)
	}
	if p.Organization >= 0 {
		p.Org = int64(p.Organization) + 1
	}
	if p.Bounced {
		p.Status = "bounced"
	}
	p.Region = string(ref.RegionOf(p.Country))
	if p.Group == geo.GroupIntergovernmental {
		p.Region = string(geo.NoRegion)
	}
	return p
}

func add(tx *db.Tx, cycleID int64, now time.Time, rows []person) error {
	list, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	from := `json_to_recordset(cast(? as json)) as r(id bigint, kind text, region text, org bigint, status text, "Name" text,
		"Country" text, "Group" text, "Languages" text, "Email" text, "Notes" text, "Source" text, "Expertise" text, "OptedOut" boolean)`
	if tx.Dialect() == db.SQLite {
		from = `(select value ->> 'id' as id, value ->> 'kind' as kind, value ->> 'region' as region, value ->> 'org' as org, value ->> 'status' as status,
			value ->> 'Name' as "Name", value ->> 'Country' as "Country", value ->> 'Group' as "Group", value ->> 'Languages' as "Languages",
			value ->> 'Email' as "Email", value ->> 'Notes' as "Notes", value ->> 'Source' as "Source", value ->> 'Expertise' as "Expertise",
			value ->> 'OptedOut' as "OptedOut" from json_each(?)) r`
	}
	for _, s := range []struct {
		statement string
		args      []any
	}{
		{`insert into contact (id, kind, name, sort_name, country, region, stakeholder_group, languages, expertise, source, notes, created_at, updated_at)
			select id, kind, "Name", '', "Country", region, "Group", "Languages", "Expertise", "Source", "Notes", ?, ? from ` + from, []any{now, now, string(list)}},
		{`insert into listing (cycle_id, contact_id, stakeholder_group, region, listed_at)
			select ?, id, "Group", region, ? from ` + from + ` where id % 50 <> 0`, []any{cycleID, now, string(list)}},
		{`insert into address (id, email, hash, kind, status, created_at)
			select id, "Email", "Email", 'personal', status, ? from ` + from + ` where "Email" <> ''`, []any{now, string(list)}},
		{`insert into contact_address (contact_id, address_id, position) select id, id, 1 from ` + from + ` where "Email" <> ''`, []any{string(list)}},
		{`insert into suppression (hash, reason, created_at) select "Email", 'asked', ? from ` + from + ` where "Email" <> '' and "OptedOut"`, []any{now, string(list)}},
		{`insert into affiliation (contact_id, organization_id, created_at) select id, org, ? from ` + from + ` where org > 0`, []any{now, string(list)}},
	} {
		if _, err := tx.Exec(s.statement, s.args...); err != nil {
			return fmt.Errorf("%.30s: %w", s.statement, err)
		}
	}
	return nil
}

// setTargets sets targets above what some cells have, and below what the others have.
func setTargets(ctx context.Context, d *db.DB, cycleID int64, count int) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into target (cycle_id, stakeholder_group, region, count)
			select ?, stakeholder_group, region, case when region = 'weog' then ? else 1 end from listing where cycle_id = ? group by stakeholder_group, region`,
			cycleID, count, cycleID)
		return err
	})
}

// settle lets the database do what it does by itself in quiet minutes.
func settle(ctx context.Context, d *db.DB) error {
	if d.Dialect() == db.SQLite { // which does nothing by itself: its planner knows nothing of how many rows there are
		return nil
	}
	_, err := d.Read(ctx).Exec("vacuum (analyze) contact_search, contact, listing, address, contact_address, affiliation, suppression, listed_count, claim, account, connection")
	return err
}
