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

// enlist adds the volunteers.
func enlist(ctx context.Context, d *db.DB, now time.Time) ([]account.Actor, error) {
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
		return nil
	})
	return all, err
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
