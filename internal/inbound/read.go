package inbound

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Page sizes.
const (
	DefaultLimit = 25
	MaxLimit     = 100
)

// Filter narrows the list; zero values do not narrow.
type Filter struct {
	Kind      Kind
	State     State
	ContactID int64
	Before    int64 // only mails with a smaller id: the cursor of the next page
	Limit     int   // DefaultLimit where zero
}

// Row is a mail in a list.
type Row struct {
	Mail
	Contact string // the name of whom it is from, or may be; "" for nobody that we know
	ByName  string // who handled it
}

// List gives mails, the newest first; next is the cursor of the next page, 0 at the end.
func (s *Service) List(ctx context.Context, by account.Actor, f Filter) (all []Row, next int64, err error) {
	if err := by.Require(account.InboundRead); err != nil {
		return nil, 0, err
	}
	if f.State != "" && !slices.Contains(States(), f.State) || f.Kind != "" && !slices.Contains(Kinds(), f.Kind) {
		return nil, 0, nil
	}
	if f.Limit <= 0 {
		f.Limit = DefaultLimit
	}
	f.Limit = min(f.Limit, MaxLimit)
	all, err = list(s.DB.Read(ctx), f)
	if len(all) > f.Limit {
		all = all[:f.Limit]
		next = all[f.Limit-1].ID
	}
	return all, next, errs.Wrap("inbound.list", err)
}

// Count is how many mails there are of a kind in a state.
type Count struct {
	Kind  Kind
	State State
	Count int
}

// Counts says how many mails there are of each kind and state.
func (s *Service) Counts(ctx context.Context, by account.Actor) ([]Count, error) {
	if err := by.Require(account.InboundRead); err != nil {
		return nil, err
	}
	all, err := counts(s.DB.Read(ctx))
	return all, errs.Wrap("inbound.counts", err)
}

// OfContact are the newest mails from a contact, or that may be; none for whoever may not see them.
func (s *Service) OfContact(ctx context.Context, by account.Actor, contactID int64) ([]Row, error) {
	if !by.May(account.InboundRead) {
		return nil, nil
	}
	all, _, err := s.List(ctx, by, Filter{ContactID: contactID, Limit: 10})
	return all, err
}

// Opened is a mail read for an officer.
type Opened struct {
	Row
	Read *mail.Incoming // without content where the mail was erased
}

// Open reads a mail; errs.NotFound where there is none.
func (s *Service) Open(ctx context.Context, by account.Actor, id int64) (Opened, error) {
	row, content, err := s.content(ctx, by, id)
	if err != nil {
		return Opened{}, errs.Wrap("inbound.open", err)
	}
	return Opened{Row: row, Read: mail.ReadIncoming(content)}, nil
}

// Raw is the mail to the byte. The error is errs.Gone where it was erased.
func (s *Service) Raw(ctx context.Context, by account.Actor, id int64) ([]byte, error) {
	row, content, err := s.content(ctx, by, id)
	if err == nil && row.ErasedAt != nil {
		err = errs.E(errs.Gone, "inbound.erased")
	}
	return content, errs.Wrap("inbound.raw", err)
}

// File is a file of a mail, counted from 0; errs.NotFound where there is none.
func (s *Service) File(ctx context.Context, by account.Actor, id int64, number int) (mail.File, error) {
	o, err := s.Open(ctx, by, id)
	if err == nil && (number < 0 || number >= len(o.Read.Files)) {
		err = notFound()
	}
	if err != nil {
		return mail.File{}, err
	}
	return o.Read.Files[number], nil
}

func (s *Service) content(ctx context.Context, by account.Actor, id int64) (Row, []byte, error) {
	if err := by.Require(account.InboundRead); err != nil {
		return Row{}, nil, err
	}
	tx := s.DB.Read(ctx)
	row, err := rowByID(tx, id)
	if db.IsNotFound(err) {
		return row, nil, notFound()
	}
	if err != nil || row.ErasedAt != nil {
		return row, nil, err
	}
	content, err := rawOf(tx, id)
	return row, content, err
}
