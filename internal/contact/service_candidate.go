package contact

import (
	"context"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Suggest proposes a contact for a cycle. Whether its address is known or suppressed is not told:
// that is for the officer who decides. The error is errs.Invalid with the fields that are wrong.
func (s *Service) Suggest(ctx context.Context, by account.Actor, cycleID int64, c Candidate) (Candidate, error) {
	if err := by.Require(account.CandidateSuggest); err != nil {
		return Candidate{}, err
	}
	who := by.ID
	c = Candidate{
		CycleID: cycleID, State: Proposed, Kind: c.Kind, Name: clean(c.Name), Organization: clean(c.Organization),
		Email: c.Email, StakeholderGroup: c.StakeholderGroup, Country: strings.ToUpper(strings.TrimSpace(c.Country)),
		Language: c.Language, Note: cleanText(c.Note), SuggestedBy: &who, SuggestedAt: s.Now(),
	}
	email, wrong := s.normalizeField(c.Email)
	if wrong = append(c.validate(s.Reference), wrong...); len(wrong) > 0 {
		return c, errs.InvalidFields(wrong...)
	}
	c.Email = email
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertCandidate(tx, &c); err != nil {
			return err
		}
		return s.recordCandidate(tx, by.Who, &c, "candidate.suggested", "")
	})
	return c, errs.Wrap("contact.suggest", err)
}

// Accept makes a contact of the candidate and puts it on the list of its cycle. The error is
// errs.Conflict where the candidate was decided already or its address must not be mailed.
func (s *Service) Accept(ctx context.Context, by account.Actor, id int64, note string) (Candidate, error) {
	return s.decide(ctx, by, id, "candidate.accepted", func(tx *db.Tx, c *Candidate) error {
		organization := c.Organization
		if c.Kind == Organization {
			organization = ""
		}
		added, err := s.create(tx, by.Who, Draft{
			Kind: c.Kind, Name: c.Name, Organization: organization, StakeholderGroup: c.StakeholderGroup,
			Country: c.Country, Languages: c.Language, Source: "suggested", Email: c.Email, CycleID: c.CycleID,
		})
		if err != nil {
			return err
		}
		return c.Accept(by.ID, added.ID, cleanText(note), s.Now())
	})
}

// Merge says that the candidate is a contact whom we have: the contact goes on the list of the
// cycle and gets the suggested address, if that is new.
func (s *Service) Merge(ctx context.Context, by account.Actor, id, contactID int64, note string) (Candidate, error) {
	return s.decide(ctx, by, id, "candidate.merged", func(tx *db.Tx, c *Candidate) error {
		into, err := contactByID(tx, contactID)
		if db.IsNotFound(err) {
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
	return s.decide(ctx, by, id, "candidate.rejected", func(_ *db.Tx, c *Candidate) error {
		return c.Reject(by.ID, cleanText(note), s.Now())
	})
}

func (s *Service) decide(ctx context.Context, by account.Actor, id int64, action string, move func(*db.Tx, *Candidate) error) (Candidate, error) {
	if err := by.RequireOn(account.CandidateDecide, false, ""); err != nil {
		return Candidate{}, err
	}
	var c Candidate
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
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
		first, err := saveDecision(tx, &c)
		if err != nil {
			return err
		}
		if !first {
			return errs.E(errs.Conflict, "contact.candidate.decided")
		}
		return s.recordCandidate(tx, by.Who, &c, action, before)
	})
	return c, errs.Wrap(action, err)
}

func (s *Service) recordCandidate(tx *db.Tx, by audit.Who, c *Candidate, action string, before CandidateState) error {
	change := audit.Change{
		Action: action, ObjectKind: "candidate", ObjectID: c.ID, CycleID: c.CycleID,
		After: map[string]any{"state": c.State, "name": c.Name, "contact": c.ContactID},
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
