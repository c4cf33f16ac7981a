package campaign

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Edge names a kind of reader for whom a message looks different from what its author had in mind.
type Edge string

// The edges. Each has a text campaign.edge.<edge>.
const (
	LongestName  Edge = "longest_name"
	RightToLeft  Edge = "right_to_left" // a name in a script that is written so
	NoName       Edge = "no_name"
	Organization Edge = "organization"
)

// Edges lists them in the order in which they are shown.
func Edges() []Edge { return []Edge{LongestName, RightToLeft, NoName, Organization} }

// EdgeSample is the first recipient of a step that is such a reader.
type EdgeSample struct {
	Edge Edge
	Planned
}

// FoundMessage is a contact in an outbox, and what became of the message.
type FoundMessage struct {
	Planned
	State DeliveryState // DeliveryPlanned, or DeliverySkipped, before the launch
}

// MostFound is how many contacts InOutbox looks for.
const MostFound = 100

// InOutbox finds those of these contacts that are in the outbox of a step, by name.
func (s *Service) InOutbox(ctx context.Context, by account.Actor, id int64, position int, contacts []int64) ([]FoundMessage, error) {
	o, q, err := s.planOf(ctx, by, id, position)
	if err != nil || len(contacts) == 0 {
		return nil, errs.Wrap("campaign.in_outbox", err)
	}
	tx := s.DB.Read(ctx)
	contacts = contacts[:min(len(contacts), MostFound)]
	if o.Step.LaunchedAt != nil {
		found, err := deliveredTo(tx, o.Step.ID, contacts)
		return found, errs.Wrap("campaign.in_outbox", err)
	}
	planned, err := q.among(tx, contacts)
	found := make([]FoundMessage, len(planned))
	for i, p := range planned {
		found[i] = FoundMessage{Planned: p, State: plannedState(p)}
	}
	return found, errs.Wrap("campaign.in_outbox", err)
}

// withoutForm lists the languages in which the text of a step is approved and the questionnaire that it leads to is not:
// nobody gets the message in them. It names the questionnaire.
func (s *Service) withoutForm(ctx context.Context, cycleID int64, step *Step) ([]string, int64, error) {
	text, err := s.textOf(ctx, step)
	if err != nil {
		return nil, 0, err
	}
	approved, err := s.Texts.ApprovedLocales(ctx, text.revisionID)
	if err != nil {
		return nil, 0, err
	}
	usable, err := s.locales(ctx, cycleID, text.revisionID, text.open)
	if err != nil {
		return nil, 0, err
	}
	lacks := slices.DeleteFunc(slices.Clone(approved), func(tag string) bool { return !s.Bundle.Supported(tag) || slices.Contains(usable, tag) })
	if len(lacks) == 0 {
		return nil, 0, nil
	}
	forms, err := s.Texts.Documents(ctx, cycleID, KindQuestionnaire)
	if err != nil || len(forms) == 0 {
		return nil, 0, err
	}
	return lacks, forms[0].ID, nil
}
