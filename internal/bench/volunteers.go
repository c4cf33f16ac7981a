package bench

import (
	"context"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/outreach"
)

// volunteer is somebody whose first page is asked for, with what they say that they are connected to.
type volunteer struct {
	name      string
	language  string
	connected map[outreach.Kind]string
}

// volunteers are as different as those who sign up: from somebody of one house to somebody who only speaks a language.
func volunteers() []volunteer {
	return []volunteer{
		{"of a country and a group", "es", map[outreach.Kind]string{outreach.KnowsCountry: "AR", outreach.KnowsGroup: "government"}},
		{"of a small country", "en", map[outreach.Kind]string{outreach.KnowsCountry: "GE"}},
		{"of an organization", "fr", map[outreach.Kind]string{outreach.SameOrganization: "7"}},
		{"of a registry", "en", map[outreach.Kind]string{outreach.KnowsRIR: "AFRINIC"}},
		{"of a region, with a conflict", "ru", map[outreach.Kind]string{outreach.KnowsRegion: "eastern_european_group", outreach.HasConflict: "BY"}},
		{"of a language", "zh", nil},
	}
}

// livePerVolunteer is how many contacts each of the others holds, so that the lists have claims to look at.
const livePerVolunteer = 10

// enlist adds the volunteers, and two hundred others who hold claims.
func enlist(ctx context.Context, d *db.DB, cycleID int64, now time.Time) ([]account.Actor, error) {
	all := make([]account.Actor, 0, len(volunteers()))
	err := d.Write(ctx, func(tx *db.Tx) error {
		for i, v := range volunteers() {
			var id int64
			err := tx.QueryRow("insert into account (email, name, language, created_at) values (?, ?, ?, ?) returning id",
				"volunteer."+strconv.Itoa(i)+"@example.org", v.name, v.language, now).Scan(&id)
			if err != nil {
				return err
			}
			if _, err := tx.Exec("insert into account_role (account_id, role, granted_at) values (?, ?, ?)", id, account.Volunteer, now); err != nil {
				return err
			}
			for kind, value := range v.connected {
				if _, err := tx.Exec("insert into connection (account_id, kind, value) values (?, ?, ?)", id, kind, value); err != nil {
					return err
				}
			}
			all = append(all, account.Actor{Who: audit.Who{ID: id}, Roles: []account.Role{account.Volunteer}, Language: v.language})
		}
		return hold(tx, cycleID, now)
	})
	return all, err
}

// hold gives two hundred others ten contacts each.
func hold(tx *db.Tx, cycleID int64, now time.Time) error {
	for i := range 200 {
		var id int64
		err := tx.QueryRow("insert into account (email, name, created_at) values (?, 'Other', ?) returning id", "other."+strconv.Itoa(i)+"@example.org", now).Scan(&id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`insert into claim (cycle_id, contact_id, volunteer_id, purpose, state, claimed_at, expires_at)
			select cycle_id, contact_id, ?, 'reach_out', 'active', ?, ? from listing where cycle_id = ? and contact_id > ? order by contact_id limit ?`,
			id, now, now.Add(14*24*time.Hour), cycleID, 97*i, livePerVolunteer)
		if err != nil {
			return err
		}
	}
	return nil
}

// plates ask for the gaps that suit each volunteer, which is what their first page costs.
func (b *bench) plates() []question {
	all := make([]question, 0, len(b.crew))
	for i, v := range volunteers() {
		by := b.crew[i]
		all = append(all, question{kindVolunteer, v.name, func(ctx context.Context, _ int) error {
			_, err := b.outreach.Gaps(ctx, by, b.cycle)
			return err
		}})
	}
	return all
}
