package contribution

import (
	"context"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// mailbox is an address and whether it is suppressed already.
type mailbox struct {
	Email      string
	Suppressed bool
}

// Mailbox is what the page of an unsubscribe link says.
type Mailbox struct {
	Masked       string // "m•••@example.org": enough to know it, not enough to learn it
	Unsubscribed bool
	Locale       string // the language of the mail that the link was in, else the contact's
}

// Mailbox says which mailbox a link unsubscribes, and changes nothing. The error is
// errs.NotFound where the link is not one of ours.
func (s *Service) Mailbox(ctx context.Context, token string) (Mailbox, error) {
	boxes, locale, err := s.mailboxes(ctx, token)
	if err != nil {
		return Mailbox{}, err
	}
	out := Mailbox{Locale: locale, Unsubscribed: true}
	var masked []string
	for _, b := range boxes {
		masked = append(masked, mask(b.Email))
		out.Unsubscribed = out.Unsubscribed && b.Suppressed
	}
	out.Masked = strings.Join(masked, ", ")
	return out, nil
}

// Unsubscribe makes sure that the mailbox of the link is never mailed again, at once. Doing it again is no
// error. The token is the right: mail programs call it without a session.
func (s *Service) Unsubscribe(ctx context.Context, by account.Actor, token string) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	boxes, _, err := s.mailboxes(ctx, token)
	if err != nil {
		return err
	}
	who := account.Actor{Who: audit.Who{Kind: audit.ByContributor, RequestID: by.RequestID}, Roles: []account.Role{account.Public}}
	for _, b := range boxes {
		if b.Suppressed {
			continue
		}
		if err := s.Suppressor.Unsubscribe(ctx, who, b.Email); err != nil {
			return errs.Wrap("contribution.unsubscribe", err)
		}
	}
	return nil
}

// mailboxes are the one that the mail went to, or all of the contact where the link names no mail.
func (s *Service) mailboxes(ctx context.Context, token string) ([]mailbox, string, error) {
	t, err := s.Links.Parse(link.Unsubscribe, token)
	if err != nil {
		return nil, "", err
	}
	tx := s.DB.Read(ctx)
	if t.ContactID, err = successor(tx, t.ContactID); err != nil {
		return nil, "", errs.Wrap("contribution.mailboxes", err)
	}
	p, err := profileOf(tx, t.CycleID, t.ContactID)
	if db.IsNotFound(err) {
		return nil, "", errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return nil, "", errs.Wrap("contribution.mailboxes", err)
	}
	boxes, err := boxesOf(tx, t)
	if err == nil && len(boxes) == 0 {
		err = errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return nil, "", errs.Wrap("contribution.mailboxes", err)
	}
	locale, err := s.localeFor(tx, t, p)
	return boxes, locale, errs.Wrap("contribution.mailboxes", err)
}

// mask keeps the first letter and the domain.
func mask(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	first := []rune(local)
	if len(first) == 0 {
		return "•••@" + domain
	}
	return string(first[0]) + "•••@" + domain
}
