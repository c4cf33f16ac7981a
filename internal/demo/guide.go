package demo

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/web"
)

// Trail is what the guide needs to know what has happened.
type Trail interface {
	Happened(ctx context.Context, actions []string, since string) (map[string]audit.Event, error)
}

// Guide is the list of what to try in the demo, in the order of the chain. A step is done when
// somebody did it after the demo was laid out.
type Guide struct {
	Trail Trail
	Slug  string // of the demo's cycle
}

// step ties a thing to try to the event that proves it.
type step struct {
	key    string
	action string
	as     account.Role
	email  string
	link   string
}

func (g Guide) steps() []step {
	return []step{
		{"claim", "claim.made", account.Volunteer, "carla@volunteers.example.org", "/outreach"},
		{"address", "address.added", account.Volunteer, "carla@volunteers.example.org", "/outreach"},
		{"translate", "translation.submitted", account.Translator, "teresa@translators.example.org", "/translations"},
		{"review", "translation.approved", account.Translator, "rodrigo@translators.example.org", "/translations"},
		{"comments", "comment.answered", account.Lead, "maren@lead.example.org", "/documents"},
		{"links", "document.completed", account.Officer, "olu@secretariat.example.org", "/documents"},
		{"freeze", "campaign.frozen", account.Officer, "olu@secretariat.example.org", "/campaigns"},
		{"approve", "campaign.approved", account.Officer, "helene@secretariat.example.org", "/campaigns"},
		{"launch", "campaign.launched", account.Officer, "olu@secretariat.example.org", "/campaigns"},
		{"answer", "contribution.received", account.Officer, "olu@secretariat.example.org", "/mailbox"},
		{"publish", "contribution.published", account.Public, "", "/calls/" + g.Slug + "/contributions"},
		{"follow_up", "campaign.follow_up_launched", account.Officer, "olu@secretariat.example.org", "/campaigns"},
		{"relay", "relay.logged", account.Coordinator, "ines@nri.example.org", "/initiative"},
	}
}

// Guide implements web.Guide.
func (g Guide) Guide(ctx context.Context, _ string, _ account.Actor) ([]web.GuideStep, error) {
	steps := g.steps()
	actions := make([]string, len(steps))
	for i, s := range steps {
		actions[i] = s.action
	}
	happened, err := g.Trail.Happened(ctx, actions, loaded)
	if err != nil {
		return nil, err
	}
	list := make([]web.GuideStep, len(steps))
	for i, s := range steps {
		event, done := happened[s.action]
		list[i] = web.GuideStep{Key: s.key, Done: done, DoneBy: event.ActorName, As: s.as, Email: s.email, Link: s.link}
	}
	return list, nil
}
