package inbound

import (
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

const replyPurpose = link.Reply

// bounce takes a server's report of a delivery. Only one that came to the return path of a message that left changes anything.
func (s *Service) bounce(tx *db.Tx, a addressed, read *mail.Incoming) (verdict, error) {
	v := a.verdict(Bounce, Waiting, NoToken)
	worst, told := worstOf(read.Report.Recipients)
	v.status, v.diagnostic = worst.Status, worst.Diagnostic
	switch {
	case a.forged:
		v.outcome = Forged
	case a.found == nil || a.what != returnTo:
	case !a.found.sent():
		v.outcome = NeverSent
	case !told:
		v.outcome = Unreadable
	case worst.Action == "delayed":
		v.state, v.outcome = Filed, Delayed
	case worst.Action != "failed":
		v.state, v.outcome = Filed, Arrived
	default:
		return s.returned(tx, a, v)
	}
	return v, nil
}

func (s *Service) returned(tx *db.Tx, a addressed, v verdict) (verdict, error) {
	hard, known, err := s.Campaigns.Bounced(tx, system(), Returned{DeliveryID: a.found.DeliveryID, Status: v.status, Diagnostic: line(v.diagnostic, 500)})
	switch {
	case errs.Is(err, errs.Conflict):
		v.outcome = NeverSent
		return v, nil
	case err != nil:
		return v, err
	case known:
		v.outcome = Known
	case hard:
		v.outcome = Bounced
	default:
		v.outcome = BouncedOnce
	}
	v.state = Handled
	return v, nil
}

// worstOf is what matters of a report: a failure, else that a server still tries, else whatever it says; false where it says nothing.
func worstOf(all []mail.Reported) (worst mail.Reported, told bool) {
	rank := func(action string) int {
		switch action {
		case "failed":
			return 3
		case "delayed":
			return 2
		}
		return 1
	}
	for _, r := range all {
		if r.Action == "" && strings.HasPrefix(r.Status, "5.") {
			r.Action = "failed"
		}
		if r.Action != "" && (!told || rank(r.Action) > rank(worst.Action)) {
			worst, told = r, true
		}
	}
	return worst, told
}

// complaint takes a provider's report that somebody called a message of ours unwanted. The message, which comes back with it, has
// the token.
func (s *Service) complaint(tx *db.Tx, a addressed, read *mail.Incoming) (verdict, error) {
	var returned []string
	for _, name := range []string{"Reply-To", "Return-Path", "List-Unsubscribe"} {
		returned = append(returned, addressesIn(read.Report.OriginalHeader(name))...)
	}
	if a.found == nil {
		for _, t := range s.Boxes.tokens(returned) {
			d, err := s.deliveryOf(tx, t.text)
			if err != nil {
				return verdict{}, err
			}
			if a.forged = a.forged || d == nil; d != nil {
				a = addressed{what: t.what, found: d}
				break
			}
		}
	}
	v := a.verdict(Complaint, Waiting, NoToken)
	v.status = read.Report.Feedback
	switch {
	case a.forged && a.found == nil:
		v.outcome = Forged
		return v, nil
	case v.status == "not-spam" || v.status == "auth-failure" || v.status == "dmarc":
		v.state, v.outcome = Filed, NoComplaint
		return v, nil
	case a.found == nil:
		return v, nil
	}
	known, err := s.Campaigns.Complained(tx, system(), a.found.DeliveryID)
	switch {
	case errs.Is(err, errs.Conflict):
		v.outcome = NeverSent
		return v, nil
	case err != nil:
		return v, err
	case known:
		v.outcome = Known
	default:
		v.outcome = Complained
	}
	v.state = Handled
	return v, nil
}

// addressesIn are what stands between angle brackets, without mailto and what follows the address.
func addressesIn(header string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(header, func(r rune) bool { return r == '<' || r == '>' || r == ',' || r == ' ' }) {
		part, _, _ = strings.Cut(strings.TrimPrefix(part, "mailto:"), "?")
		if strings.Contains(part, "@") {
			all = append(all, part)
		}
	}
	return all
}

// stop honours a wish for no more, of whoever has a message of ours.
func (s *Service) stop(tx *db.Tx, a addressed) (verdict, error) {
	v := a.verdict(Unsubscribe, Waiting, Forged)
	switch {
	case a.found == nil:
		return v, nil
	case !a.found.sent():
		v.outcome = NeverSent
		return v, nil
	}
	return s.stopped(tx, v)
}

// stopSender honours a wish for no more without a token: of whoever writes from the mailbox to which a message of ours went. A
// sender can be forged, but then it does no worse than to spare somebody our mail, and an officer sees it.
func (s *Service) stopSender(tx *db.Tx, d *delivery, sender string) (verdict, error) {
	v := verdict{kind: Unsubscribe, state: Waiting, outcome: SenderOnly}
	if d != nil {
		v = v.of(*d, ByMessageID)
		if d.Email != "" && d.Email == sender {
			return s.stopped(tx, v)
		}
		return v, nil
	}
	if sender == "" {
		return v, nil
	}
	last, err := lastTo(tx, sender)
	if db.IsNotFound(err) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	return s.stopped(tx, v.of(last, BySender))
}

func (s *Service) stopped(tx *db.Tx, v verdict) (verdict, error) {
	err := s.Contacts.StopByMail(tx, v.cycleID, v.contactID, v.deliveryID)
	if errs.Is(err, errs.NotFound) { // erased, or without the mailbox by now
		v.outcome = Undecided
		return v, nil
	}
	v.state, v.outcome = Handled, Stopped
	return v, err
}
