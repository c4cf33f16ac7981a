package nri

import (
	"context"
	"net/url"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

const maxMinutes = 24 * 60

func (m Meeting) validate() error {
	var wrong []errs.Field
	if errs.Blank(m.Title) {
		wrong = append(wrong, errs.FieldError("title", "field.required"))
	}
	if m.StartsAt.IsZero() {
		wrong = append(wrong, errs.FieldError("day", "field.datetime"))
	}
	if _, err := time.LoadLocation(m.Zone); m.Zone == "" || err != nil {
		wrong = append(wrong, errs.FieldError("zone", "field.time_zone"))
	}
	if m.Minutes < 1 || m.Minutes > maxMinutes {
		wrong = append(wrong, errs.FieldError("minutes", "field.number_max", "Max", maxMinutes))
	}
	if m.JoinURL != "" && !webAddress(m.JoinURL) {
		wrong = append(wrong, errs.FieldError("join_url", "field.url"))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func webAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// AddMeeting announces a meeting of a cycle. Minutes is 60 where it is 0.
func (s *Service) AddMeeting(ctx context.Context, by account.Actor, m Meeting) (Meeting, error) {
	if err := by.Require(account.NRIWrite); err != nil {
		return Meeting{}, err
	}
	if m.Minutes == 0 {
		m.Minutes = 60
	}
	if err := m.validate(); err != nil {
		return Meeting{}, err
	}
	m.ID, m.StartsAt, m.CreatedAt = 0, m.StartsAt.UTC().Truncate(time.Microsecond), s.Now()
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertMeeting(tx, &m); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "meeting.added", ObjectKind: "meeting", ObjectID: m.ID, CycleID: m.CycleID,
			After: map[string]any{"title": m.Title, "starts_at": m.StartsAt, "zone": m.Zone, "minutes": m.Minutes},
		})
	})
	return m, errs.Wrap("nri.add_meeting", err)
}

// NextMeeting is the meeting of the cycle that is going on or comes next; ok is false where none is announced.
func (s *Service) NextMeeting(ctx context.Context, by account.Actor, cycleID int64) (m Meeting, ok bool, err error) {
	if err := by.Require(account.NRIRead); err != nil {
		return Meeting{}, false, err
	}
	coming, err := meetingsFrom(s.DB.Read(ctx), cycleID, s.Now().Add(-maxMinutes*time.Minute))
	if err != nil {
		return Meeting{}, false, errs.Wrap("nri.next_meeting", err)
	}
	for _, m := range coming {
		if s.Now().Before(m.EndsAt()) {
			return m, true, nil
		}
	}
	return Meeting{}, false, nil
}
