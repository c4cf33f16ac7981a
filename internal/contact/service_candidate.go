package contact

import (
	"context"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Suggest proposes a contact for a cycle. Whether its address is known or suppressed is not told:
// that is for the officer who decides. A coordinator suggests contacts of their own countries. The
// error is errs.Invalid with the fields that are wrong.
func (s *Service) Suggest(ctx context.Context, by account.Actor, cycleID int64, c Candidate) (Candidate, error) {
	if err := by.Require(account.CandidateSuggest); err != nil {
		return Candidate{}, err
	}
	who := by.ID
	c = c.tidy()
	if c.Origin != FromAnswer || !by.May(account.CandidateDecide) {
		c.Origin, c.ContributionID = FromMember, nil
	}
	c.SuggestedBy, c.SuggesterName, c.SuggesterEmail = &who, "", ""
	var wrong []errs.Field
	if by.Scope(account.ContactRead) == account.Country && !inScope(by, c.Country) {
		wrong = append(wrong, errs.FieldError("country", "contact.candidate.own_countries"))
	}
	return s.propose(ctx, by, cycleID, c, wrong)
}

func (s *Service) propose(ctx context.Context, by account.Actor, cycleID int64, c Candidate, wrong []errs.Field) (Candidate, error) {
	c.CycleID, c.State, c.SuggestedAt = cycleID, Proposed, s.Now()
	email, bad := s.normalizeField(c.Email)
	wrong = append(append(wrong, c.validate(s.Reference)...), bad...)
	own, bad := s.normalizeField(c.SuggesterEmail)
	for _, f := range bad {
		f.Name = "suggester_email"
		wrong = append(wrong, f)
	}
	if len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	c.Email, c.SuggesterEmail = email, own
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertCandidate(tx, &c); err != nil {
			return err
		}
		return s.recordCandidate(tx, by.Who, &c, "candidate.suggested", "")
	})
	return c, errs.Wrap("contact.suggest", err)
}

// Approval is how an officer accepts a candidate.
type Approval struct {
	Edited   *Candidate // what the candidate is really called and the like; nil takes it as it was suggested
	Unlisted bool       // do not put it on the list of the cycle
	Note     string     // for whoever suggested it
}

// Accept makes a contact of the candidate and puts it on the list of its cycle. The error is
// errs.Invalid with the fields that are wrong, and errs.Conflict where the candidate was decided
// already or its address must not be mailed.
func (s *Service) Accept(ctx context.Context, by account.Actor, id int64, how Approval) (Candidate, error) {
	return s.decide(ctx, by, id, verdict{Accepted, how.Note}, func(tx *db.Tx, c *Candidate) error {
		if how.Edited != nil {
			c.take(how.Edited.tidy())
		}
		organization := c.Organization
		if c.Kind == Organization {
			organization = ""
		}
		d := Draft{
			Kind: c.Kind, Name: c.Name, Transliteration: c.Transliteration, Organization: organization, Function: string(c.Function),
			StakeholderGroup: c.StakeholderGroup, Country: c.Country, Languages: c.Language, Source: c.source(), Email: c.Email,
		}
		if !how.Unlisted {
			d.CycleID = c.CycleID
		}
		added, err := s.create(tx, by.Who, d)
		if err != nil {
			return err
		}
		return c.Accept(by.ID, added.ID, cleanText(how.Note), s.Now())
	})
}

// take corrects what was suggested.
func (c *Candidate) take(e Candidate) {
	c.Kind, c.Name, c.Transliteration, c.Function, c.Organization = e.Kind, e.Name, e.Transliteration, e.Function, e.Organization
	c.Email, c.StakeholderGroup, c.Country, c.Language = e.Email, e.StakeholderGroup, e.Country, e.Language
}

// source is where we have the contact from, as it stands at the contact.
func (c *Candidate) source() string {
	switch c.Origin {
	case FromPublic:
		return "suggested in public"
	case FromAnswer:
		return "suggested in an answer"
	case FromReader:
		return "named by a colleague who was asked"
	}
	return "suggested by a member"
}

// Merge says that the candidate is a contact whom we have: the contact goes on the list of the
// cycle and gets the suggested address, if that is new.
func (s *Service) Merge(ctx context.Context, by account.Actor, id, contactID int64, note string) (Candidate, error) {
	return s.decide(ctx, by, id, verdict{Merged, note}, func(tx *db.Tx, c *Candidate) error {
		into, err := contactByID(tx, contactID)
		if db.IsNotFound(err) || err == nil && into.ErasedAt != nil {
			return errs.InvalidFields(errs.FieldError("contact_id", "contact.candidate.no_such_contact"))
		}
		if err != nil {
			return err
		}
		if c.Email != "" {
			if _, err := s.addAddress(tx, by.Who, into.ID, c.Email); err != nil {
				return err
			}
		}
		listed, err := isListed(tx, c.CycleID, into.ID)
		if err != nil {
			return err
		}
		if !listed {
			if err := s.list(tx, by.Who, c.CycleID, &into, "", ""); err != nil {
				return err
			}
		}
		return c.Merge(by.ID, into.ID, cleanText(note), s.Now())
	})
}

// Reject turns a candidate down. The note is required: the one who suggested it learns why.
func (s *Service) Reject(ctx context.Context, by account.Actor, id int64, note string) (Candidate, error) {
	return s.decide(ctx, by, id, verdict{Rejected, note}, func(_ *db.Tx, c *Candidate) error {
		return c.Reject(by.ID, cleanText(note), s.Now())
	})
}

// verdict is what is about to be decided, and what whoever suggested it reads.
type verdict struct {
	state CandidateState
	note  string
}

func (s *Service) decide(ctx context.Context, by account.Actor, id int64, v verdict, move func(*db.Tx, *Candidate) error) (Candidate, error) {
	if err := by.RequireOn(account.CandidateDecide, false, ""); err != nil {
		return Candidate{}, err
	}
	action := "candidate." + string(v.state)
	news, err := s.outcomeLetter(ctx, by, id, v)
	if err != nil {
		return Candidate{}, errs.Wrap(action, err)
	}
	var c Candidate
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if c, err = candidateByID(tx, id); err != nil {
			_, err = orNotFound(c, err)
			return err
		}
		before := c.State
		if before != Proposed {
			return errs.E(errs.Conflict, "contact.candidate.decided")
		}
		if err := move(tx, &c); err != nil {
			return err
		}
		c.SuggesterName, c.SuggesterEmail = "", "" // they were left for questions before the decision
		first, err := saveDecision(tx, &c)
		if err != nil {
			return err
		}
		if !first {
			return errs.E(errs.Conflict, "contact.candidate.decided")
		}
		if err := s.storeLetter(tx, news); err != nil {
			return err
		}
		return s.recordCandidate(tx, by.Who, &c, action, before)
	})
	if err == nil && news != nil {
		news.Wake(ctx)
	}
	return c, errs.Wrap(action, err)
}

func (s *Service) recordCandidate(tx *db.Tx, by audit.Who, c *Candidate, action string, before CandidateState) error {
	change := audit.Change{
		Action: action, ObjectKind: "candidate", ObjectID: c.ID, CycleID: c.CycleID,
		After: map[string]any{"state": c.State, "contact": c.ContactID},
	}
	if before != "" {
		change.Before = map[string]any{"state": before}
	}
	return audit.Record(tx, by, s.Now(), change)
}

// Candidate gives one candidate: any to an officer, their own to others.
func (s *Service) Candidate(ctx context.Context, by account.Actor, id int64) (Candidate, error) {
	if err := by.Require(account.CandidateSuggest); err != nil {
		return Candidate{}, err
	}
	c, err := orNotFound(candidateByID(s.DB.Read(ctx), id))
	if err == nil && !by.May(account.CandidateDecide) && (c.SuggestedBy == nil || *c.SuggestedBy != by.ID) {
		return Candidate{}, errs.E(errs.NotFound, "contact.not_found")
	}
	return c, errs.Wrap("contact.candidate", err)
}

// candidatePage is how many candidates a page holds.
const candidatePage = 100

// Candidates lists the candidates of a cycle, the newest first: all to an officer, their own to
// others. State "" means all states; before is the id that the page starts below, 0 for the first.
// More says whether others follow.
func (s *Service) Candidates(ctx context.Context, by account.Actor, cycleID int64, state CandidateState, before int64) (page []Candidate, more bool, err error) {
	if err := by.Require(account.CandidateSuggest); err != nil {
		return nil, false, err
	}
	mine := by.ID
	if by.May(account.CandidateDecide) {
		mine = 0
	}
	page, err = listCandidates(s.DB.Read(ctx), cycleID, state, mine, before, candidatePage+1)
	if len(page) > candidatePage {
		page, more = page[:candidatePage], true
	}
	return page, more, errs.Wrap("contact.candidates", err)
}

// CandidatesOf are the candidates that officers found in the answers of a contribution.
func (s *Service) CandidatesOf(ctx context.Context, by account.Actor, contributionID int64) ([]Candidate, error) {
	if err := by.RequireOn(account.CandidateDecide, false, ""); err != nil {
		return nil, err
	}
	all, err := candidatesOf(s.DB.Read(ctx), contributionID)
	return all, errs.Wrap("contact.candidates_of", err)
}
