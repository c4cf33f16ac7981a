package demo

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/outreach"
)

// Targets of 2017 are not known. These ask for more where the year's lesson was that too few
// took part: governments and the private sector.
var targets = map[string]int{
	geo.GroupGovernment: 8, geo.GroupPrivateSector: 6, geo.GroupTechnicalCommunity: 6,
	geo.GroupCivilSociety: 6, geo.GroupAcademia: 4, geo.GroupMedia: 2,
}

func (l *loader) addTargets(ctx context.Context) error {
	for group, count := range targets {
		for _, region := range geo.Regions() {
			if region == geo.NoRegion {
				continue
			}
			if err := l.Outreach.SetTarget(ctx, l.by, l.cycle.ID, group, string(region), count); err != nil {
				return err
			}
		}
	}
	return l.Outreach.SetTarget(ctx, l.by, l.cycle.ID, geo.GroupIntergovernmental, string(geo.NoRegion), 8)
}

// addConnections says what each volunteer declared to be connected to.
func (l *loader) addConnections(ctx context.Context) error {
	for _, p := range l.people.Volunteers {
		for kind, values := range p.Connections {
			for _, value := range values {
				_, err := l.Outreach.Connect(ctx, l.as(p.Email), outreach.Kind(kind), value)
				if err := ignore(err, errs.Conflict); err != nil {
					return errs.Wrap("demo.connect "+p.Email, err)
				}
			}
		}
	}
	return nil
}

// addOutreach lets two volunteers have begun: one writes to a contact herself, so that the call
// leaves that contact alone; one has a promise.
func (l *loader) addOutreach(ctx context.Context) error {
	begun := []struct {
		email, contact string
		attempt        *outreach.Attempt
	}{
		{"richard@volunteers.example.org", "Jürgen Größler", nil},
		{"aissatou@volunteers.example.org", "Luc Sarr", &outreach.Attempt{
			Channel: outreach.ByCall, Outcome: outreach.NoAnswer, Note: "Rang twice; will try again next week.",
		}},
	}
	for _, b := range begun {
		if err := l.begin(ctx, b.email, b.contact, b.attempt); err != nil {
			return errs.Wrap("demo.outreach "+b.contact, err)
		}
	}
	return l.invite(ctx)
}

// invite lets one volunteer have asked another to go on with a contact. Nobody is written to: the mailbox of
// the demo begins empty.
func (l *loader) invite(ctx context.Context) error {
	quiet := *l.Outreach
	quiet.Notifier = nil
	from := l.as("richard@volunteers.example.org")
	held, err := quiet.Mine(ctx, from, l.cycle.ID)
	if err != nil || len(held) == 0 || held[0].Offer != nil {
		return errs.Wrap("demo.invite", err)
	}
	_, err = quiet.HandOver(ctx, from, held[0].ID, l.accounts["carla@volunteers.example.org"].ID,
		"I am on the road until the end of the month. He reads English: could you write to him?")
	return errs.Wrap("demo.invite", err)
}

func (l *loader) begin(ctx context.Context, email, name string, attempt *outreach.Attempt) error {
	volunteer := l.as(email)
	c, err := l.Outreach.Claim(ctx, volunteer, l.cycle.ID, l.contacts[name], outreach.ReachOut)
	if errs.Is(err, errs.Conflict) {
		return nil // an earlier, interrupted start has done it
	}
	if err != nil || attempt == nil {
		return err
	}
	attempt.At = l.Now().Add(-time.Hour)
	_, err = l.Outreach.LogAttempt(ctx, volunteer, c.ID, *attempt)
	return err
}
