package inbound

import (
	"context"
	"errors"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

const (
	sortAtOnce = 200
	sortPause  = 30 * time.Second // after which whatever another process stored is looked for
)

// Run sorts what is stored, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(sortPause)
	defer tick.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "mail waits to be sorted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// Sweep sorts all that waits for it. It may run at any time, and several times at once.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		ids, err := unsorted(s.DB.Read(ctx), sortAtOnce)
		if err != nil {
			return errs.Wrap("inbound.sweep", err)
		}
		var failed []error
		for _, id := range ids {
			if err := s.Sort(ctx, id); err != nil {
				failed = append(failed, err)
			}
		}
		if len(failed) > 0 || len(ids) < sortAtOnce {
			return errors.Join(failed...)
		}
	}
}

// Sort finds out what a mail is, and does what follows from it without a person, all in one transaction. One that was sorted is
// left alone. Where sorting fails for another reason than the database being away, the mail waits for an officer.
func (s *Service) Sort(ctx context.Context, id int64) error {
	err := s.sortOnce(ctx, id, s.decide)
	if err == nil || db.IsAway(err) || ctx.Err() != nil {
		return errs.Wrap("inbound.sort", err)
	}
	s.Log.ErrorContext(ctx, "a mail could not be sorted", "mail", id, "error", err)
	return errs.Wrap("inbound.sort", s.sortOnce(ctx, id, func(*db.Tx, *Mail, *mail.Incoming) (verdict, error) {
		return verdict{kind: Unknown, state: Waiting, outcome: SorterFailed}, nil
	}))
}

func (s *Service) sortOnce(ctx context.Context, id int64, decide func(*db.Tx, *Mail, *mail.Incoming) (verdict, error)) error {
	content, err := rawOf(s.DB.Read(ctx), id)
	if err != nil && !db.IsNotFound(err) {
		return err
	}
	read := mail.ReadIncoming(content)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := lock(tx, id)
		if err != nil || m.SortedAt != nil {
			return err
		}
		v, err := decide(tx, &m, read)
		if err != nil {
			return err
		}
		v.diagnostic = line(v.diagnostic, 500)
		if err := m.sort(v, s.Now()); err != nil {
			return err
		}
		if err := save(tx, &m); err != nil {
			return err
		}
		return s.record(tx, system(), &m, "inbound.sorted", nil, map[string]any{
			"kind": m.Kind, "state": m.State, "outcome": m.Outcome, "matched_by": m.MatchedBy, "contact": m.ContactID, "delivery": m.DeliveryID,
		})
	})
}

// verdict is what a mail was found to be.
type verdict struct {
	kind       Kind
	state      State
	outcome    Outcome
	matchedBy  Match
	cycleID    int64
	contactID  int64
	deliveryID int64
	status     string
	diagnostic string
}

func (v verdict) of(d delivery, by Match) verdict {
	v.cycleID, v.contactID, v.deliveryID, v.matchedBy = d.CycleID, d.ContactID, d.DeliveryID, by
	return v
}

// decide finds out what a mail is. What changes anything needs a token of ours, which nobody can guess: all else in a mail is
// what whoever wrote it wanted us to read.
func (s *Service) decide(tx *db.Tx, m *Mail, read *mail.Incoming) (verdict, error) {
	a, err := s.addressed(tx, m, read)
	if err != nil {
		return verdict{}, err
	}
	switch {
	case read.Report != nil && read.Report.Kind == mail.DeliveryReport:
		return s.bounce(tx, a, read)
	case read.Report != nil && read.Report.Kind == mail.FeedbackReport:
		return s.complaint(tx, a, read)
	case a.what == stopAt:
		return s.stop(tx, a)
	case a.what == returnTo && fromServer(m.FromEmail):
		return a.verdict(Bounce, Waiting, Unreadable), nil
	case read.Auto == mail.ByMachine, read.Auto == mail.PerhapsNot && a.found != nil && !hasDocument(read):
		return a.verdict(AutoReply, Filed, ByMachine), nil
	}
	return s.fromPerson(tx, a, m, read)
}

// addressed is what the addresses of a mail say that it is about.
type addressed struct {
	what   string // of the token: re, bounce, stop; "" without one
	forged bool   // there is a token, and it is none of ours
	found  *delivery
}

// verdict is of the message of ours that the mail is about, where it is about one.
func (a addressed) verdict(kind Kind, state State, outcome Outcome) verdict {
	v := verdict{kind: kind, state: state, outcome: outcome}
	if a.found != nil {
		v = v.of(*a.found, ByToken)
	}
	return v
}

// addressed reads the tokens: those of the envelope first, which are where the mail truly went.
func (s *Service) addressed(tx *db.Tx, m *Mail, read *mail.Incoming) (addressed, error) {
	var a addressed
	for _, t := range s.Boxes.tokens(append(splitLines(m.EnvelopeTo), read.Recipients...)) {
		d, err := s.deliveryOf(tx, t.text)
		switch {
		case err != nil:
			return a, err
		case d != nil:
			return addressed{what: t.what, found: d}, nil
		case !a.forged:
			a = addressed{what: t.what, forged: true}
		}
	}
	return a, nil
}

// deliveryOf is nil for a token that is none of ours, or of a delivery that is not there.
func (s *Service) deliveryOf(tx *db.Tx, text string) (*delivery, error) {
	target, err := s.Links.Parse(replyPurpose, text)
	if errs.Is(err, errs.NotFound) || err == nil && target.DeliveryID == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d, err := deliveryByID(tx, target.DeliveryID)
	if db.IsNotFound(err) || err == nil && d.CycleID != target.CycleID {
		return nil, nil
	}
	return &d, err
}

// fromPerson is for what somebody wrote.
func (s *Service) fromPerson(tx *db.Tx, a addressed, m *Mail, read *mail.Incoming) (verdict, error) {
	v := verdict{kind: Unknown, state: Waiting, outcome: Undecided}
	if a.forged {
		v.outcome = Forged
	}
	kind := Reply
	if hasDocument(read) {
		kind = Contribution
	}
	if a.found != nil {
		if wantsNoMore(read) {
			v, err := s.stop(tx, a)
			return s.andMore(v, read), err
		}
		return a.verdict(kind, Waiting, Undecided), nil
	}
	d, err := s.answered(tx, read)
	if err != nil {
		return v, err
	}
	sender, err := s.Normalize(m.FromEmail)
	if err != nil {
		sender = ""
	}
	if wantsNoMore(read) {
		v, err := s.stopSender(tx, d, sender)
		return s.andMore(v, read), err
	}
	if d != nil {
		v.kind = kind
		return v.of(*d, ByMessageID), nil
	}
	if sender == "" {
		return v, nil
	}
	who, err := listedAt(tx, sender)
	if err != nil || len(who) == 0 || len(who) == 2 && who[0].CycleID == who[1].CycleID {
		return v, err
	}
	v.kind, v.matchedBy, v.contactID, v.cycleID = kind, BySender, who[0].ContactID, who[0].CycleID
	return v, nil
}

// answered is the message of ours that a mail says it answers, nil for none.
func (s *Service) answered(tx *db.Tx, read *mail.Incoming) (*delivery, error) {
	for _, id := range read.References {
		number := deliveryNamed(id, s.Boxes.Domains)
		if number == 0 {
			continue
		}
		d, err := deliveryByID(tx, number)
		if db.IsNotFound(err) || err == nil && !d.sent() {
			continue
		}
		return &d, err
	}
	return nil, nil
}
