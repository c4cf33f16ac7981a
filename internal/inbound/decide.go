package inbound

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

const noteLimit = 500

// Order says what contribution to make of a mail.
type Order struct {
	CycleID   int64 // of the mail where it is about one
	ContactID int64 // 0: from outside of the list, then Sender is used
	Language  string
	Consent   bool
	Sender    Sender
}

// Made is what became of a mail that was made a contribution.
type Made struct {
	ContributionID int64
	NotTaken       []string // the names of documents that the contribution could not take
}

// MakeContribution records what a mail says, and the documents that it brings, as a contribution, which somebody then checks: it
// came when the mail did. A mail is made one at most once, whoever asks at the same time. Errors are those of recording a
// contribution, errs.Conflict for a mail that was handled, errs.Gone for one that was erased.
func (s *Service) MakeContribution(ctx context.Context, by account.Actor, id int64, o Order) (Made, error) {
	if err := by.Require(account.InboundDecide); err != nil {
		return Made{}, err
	}
	opened, err := s.Open(ctx, by, id)
	if err != nil {
		return Made{}, err
	}
	a := Arrival{
		CycleID: o.CycleID, ContactID: o.ContactID, ReceivedAt: opened.ReceivedAt, Text: s.Links.Conceal(contributed(opened.Read)),
		Language: o.Language, Consent: o.Consent, Sender: o.Sender,
	}
	if opened.CycleID != nil {
		a.CycleID = *opened.CycleID
	}
	if opened.DeliveryID != nil {
		a.DeliveryID = *opened.DeliveryID
	}
	files := documents(opened.Read)
	if most := s.Contributions.LongestText(); utf8.RuneCountInString(a.Text) > most { // whole as a document
		files = append([]mail.File{{Name: "mail.txt", Content: []byte(a.Text)}}, files...) // first: nothing of the text stays behind
		a.Text = string([]rune(a.Text)[:most])
	}
	var made Made
	made.NotTaken, err = s.Contributions.FromMail(ctx, by, a, files, func(tx *db.Tx, contributionID int64) error {
		made.ContributionID = contributionID
		return s.closeIn(tx, by, id, Handled, MadeContribution, func(m *Mail) {
			m.ContributionID = &contributionID
			if o.ContactID != 0 {
				m.ContactID = &o.ContactID
			}
			m.CycleID = optional(a.CycleID)
		})
	})
	if err != nil {
		return Made{}, errs.Wrap("inbound.make_contribution", err)
	}
	return made, nil
}

// documents are the files of a mail that may be contributions.
func documents(m *mail.Incoming) []mail.File {
	return slices.DeleteFunc(slices.Clone(m.Files), func(f mail.File) bool { return !IsDocument(f) })
}

// contributed is what a mail says, without what it answers. One that says nothing names its documents.
func contributed(m *mail.Incoming) string {
	text := mail.WithoutQuote(m.Text)
	if text != "" {
		return text
	}
	all := []string{m.Subject}
	for _, f := range documents(m) {
		all = append(all, f.Name)
	}
	return strings.TrimSpace(strings.Join(all, "\n"))
}

// Close notes what an officer did about a mail otherwise, one of Choices, or that nothing is to be done. The error is errs.Conflict
// for a mail that was handled.
func (s *Service) Close(ctx context.Context, by account.Actor, id int64, outcome Outcome, note string) error {
	if err := by.Require(account.InboundDecide); err != nil {
		return err
	}
	note = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(note, "\ufffd"), "\x00", ""))
	switch {
	case !slices.Contains(Choices(), outcome):
		return errs.InvalidFields(errs.FieldError("outcome", "field.choice"))
	case utf8.RuneCountInString(note) > noteLimit:
		return errs.InvalidFields(errs.FieldError("note", "field.too_long", "Max", noteLimit))
	}
	to := Handled
	if outcome == Left {
		to = Filed
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.closeIn(tx, by, id, to, outcome, func(m *Mail) { m.Note = note })
	})
	return errs.Wrap("inbound.close", err)
}

// closeIn closes a mail in a transaction; with sets what else is known of it.
func (s *Service) closeIn(tx *db.Tx, by account.Actor, id int64, to State, outcome Outcome, with func(*Mail)) error {
	m, err := lock(tx, id)
	if db.IsNotFound(err) {
		return notFound()
	}
	if err != nil {
		return err
	}
	before := map[string]any{"state": m.State, "outcome": m.Outcome}
	if err := m.close(to, outcome, by.ID, s.Now()); err != nil {
		return err
	}
	with(&m)
	if err := save(tx, &m); err != nil {
		return err
	}
	return s.record(tx, by.Who, &m, fmt.Sprintf("inbound.%s", verbOf(to)), before, map[string]any{
		"state": m.State, "outcome": m.Outcome, "contribution": m.ContributionID, // not the note: it goes with the mail, and the trail stays
	})
}

func verbOf(to State) string {
	if to == Filed {
		return "filed"
	}
	return "handled"
}

// Reopen lets a mail wait for an officer again, where nothing was made of it.
func (s *Service) Reopen(ctx context.Context, by account.Actor, id int64) error {
	if err := by.Require(account.InboundDecide); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := lock(tx, id)
		if db.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return err
		}
		before := map[string]any{"state": m.State, "outcome": m.Outcome}
		if err := m.reopen(); err != nil {
			return err
		}
		if err := save(tx, &m); err != nil {
			return err
		}
		return s.record(tx, by.Who, &m, "inbound.reopened", before, map[string]any{"state": m.State})
	})
	return errs.Wrap("inbound.reopen", err)
}
