package contribution

import (
	"context"

	"github.com/convoke/convoke/internal/errs"
)

// Call is what everybody may read of a cycle: the call, its questions, its deadlines.
type Call struct {
	Round         Round
	Questionnaire Questionnaire
	Deadline      *Deadline // that applies now; nil for none
	Grace         *Deadline // of National and Regional Initiatives; nil where they have none of their own
}

// Call gives the call of a cycle in a language; errs.NotFound where there is no such cycle or no questionnaire.
func (s *Service) Call(ctx context.Context, slug, locale string) (Call, error) {
	round, err := s.Cycles.RoundBySlug(ctx, slug)
	if err != nil {
		return Call{}, errs.Wrap("contribution.call", err)
	}
	c := Call{Round: round}
	if c.Questionnaire, err = s.Questions.Questionnaire(ctx, round.ID, locale); err != nil {
		return Call{}, errs.Wrap("contribution.call", err)
	}
	now := s.Now()
	if c.Deadline, err = s.Cycles.Deadline(ctx, round.ID, Answerer{}, now); err != nil {
		return Call{}, errs.Wrap("contribution.call", err)
	}
	if c.Grace, err = s.Cycles.Deadline(ctx, round.ID, Answerer{Initiative: true}, now); err != nil {
		return Call{}, errs.Wrap("contribution.call", err)
	}
	if c.Grace != nil && c.Deadline != nil && c.Grace.At.Equal(c.Deadline.At) {
		c.Grace = nil
	}
	return c, nil
}

// RoundBySlug finds a cycle for a page or a program; errs.NotFound where there is none.
func (s *Service) RoundBySlug(ctx context.Context, slug string) (Round, error) {
	round, err := s.Cycles.RoundBySlug(ctx, slug)
	return round, errs.Wrap("contribution.round", err)
}

// CurrentRound is the cycle that people work in; errs.NotFound where there is none.
func (s *Service) CurrentRound(ctx context.Context) (Round, error) {
	round, err := s.Cycles.CurrentRound(ctx)
	return round, errs.Wrap("contribution.round", err)
}

// QuestionnaireOf is what a cycle asks, in a language, for those who read or record answers.
func (s *Service) QuestionnaireOf(ctx context.Context, cycleID int64, locale string) (Questionnaire, error) {
	q, err := s.Questions.Questionnaire(ctx, cycleID, locale)
	return q, errs.Wrap("contribution.questionnaire", err)
}

// RoundByID finds a cycle; errs.NotFound where there is none.
func (s *Service) RoundByID(ctx context.Context, id int64) (Round, error) {
	round, err := s.Cycles.Round(ctx, id)
	return round, errs.Wrap("contribution.round", err)
}
