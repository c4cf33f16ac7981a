package contact

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// AddressLetters writes to readers who want our messages at another address. Nothing is stored.
type AddressLetters interface {
	// PrepareConfirmation asks at the new address. It names nobody: whoever reads there may be a stranger.
	PrepareConfirmation(ctx context.Context, n AddressConfirmation) (Message, error)
	// PrepareMoved tells the old address.
	PrepareMoved(ctx context.Context, n AddressMoved) (Message, error)
}

// AddressConfirmation is what the letter to the new address says.
type AddressConfirmation struct {
	To       string
	Language string
	Cycle    string
	Secret   string // of the link by which it is confirmed
}

// AddressMoved is what the letter to the old address says.
type AddressMoved struct {
	To       string
	Name     string
	Language string
	Cycle    string
	Masked   string // the new address
	Token    string // of the page on which it can be undone
}

const (
	changesAtOnce  = 3 // letters that a contact can ask for within a day, and that one mailbox is sent
	changesWithin  = 24 * time.Hour
	changeLifetime = 14 * 24 * time.Hour
)

// AddressChange is another address that a reader asked for. It counts once the letter to it was answered.
type AddressChange struct {
	ID          int64
	ContactID   int64 // as it was then: it may have become part of another
	DeliveryID  int64 // the mail by whose link it was asked
	Email       string
	SecretHash  string
	Language    string
	AskedAt     time.Time
	ExpiresAt   time.Time
	ConfirmedAt *time.Time
}

// Confirm says that somebody reads at the address. Doing it again is no error; after its time it is errs.Gone.
func (a *AddressChange) Confirm(now time.Time) error {
	switch {
	case a.ConfirmedAt != nil:
		return nil
	case !now.Before(a.ExpiresAt):
		return errs.E(errs.Gone, "preferences.confirm.expired")
	}
	a.ConfirmedAt = &now
	return nil
}

// AskAddress writes a letter to another address that the reader wants our messages at. Whether that address is known, or must
// not be written to, is not told: the answer is the same. Errors are errs.Invalid with the field "new_email", errs.TooMany, and
// errs.Conflict after everything was stopped.
func (s *Service) AskAddress(ctx context.Context, by account.Actor, token, email, language string) error {
	normal, wrong := s.normalizeField(email)
	if normal == "" {
		wrong = append(wrong, errs.FieldError("new_email", "field.required"))[:1]
		wrong[0].Name = "new_email"
		return errs.InvalidFields(wrong...)
	}
	p, err := s.Preferences(ctx, token)
	if err != nil {
		return err
	}
	switch {
	case !p.Whole:
		return errs.E(errs.NotFound, "link.unknown")
	case p.Stopped != nil && p.Stopped.Scope == Everything:
		return errs.E(errs.Conflict, "preferences.address.stopped")
	}
	secret := newSecret()
	letter, err := s.Letters.PrepareConfirmation(ctx, AddressConfirmation{To: normal, Language: language, Cycle: p.Cycle, Secret: secret})
	if err != nil {
		return errs.Wrap("contact.ask_address", err)
	}
	err = s.asReader(ctx, by, token, "contact.ask_address", func(tx *db.Tx, r *reader, who audit.Who) error {
		return s.askAddress(tx, r, who, AddressChange{
			ContactID: r.contact.ID, DeliveryID: r.deliveryID, Email: normal, SecretHash: hashOf(secret), Language: language,
			AskedAt: s.Now(), ExpiresAt: s.Now().Add(changeLifetime),
		}, letter)
	})
	if err == nil {
		letter.Wake(ctx)
	}
	return err
}

func (s *Service) askAddress(tx *db.Tx, r *reader, who audit.Who, a AddressChange, letter Message) error {
	byContact, toMailbox, err := countChanges(tx, a.ContactID, a.Email, s.Now().Add(-changesWithin))
	if err != nil {
		return err
	}
	if byContact >= changesAtOnce {
		return errs.E(errs.TooMany, "preferences.address.too_many")
	}
	if err := insertChange(tx, &a); err != nil {
		return err
	}
	if toMailbox < changesAtOnce {
		if err := s.storeLetter(tx, letter); err != nil {
			return err
		}
	}
	// Not the address: the trail forgets nothing.
	return s.record(tx, who, "preference.address_asked", r.contact.ID, nil, map[string]any{"delivery": r.deliveryID})
}

// PendingAddress is what the page behind the link of the letter shows.
type PendingAddress struct {
	Masked   string
	Cycle    string
	Language string
	Done     bool
}

// PendingAddress changes nothing. Errors are errs.NotFound, and errs.Gone after the time of the link.
func (s *Service) PendingAddress(ctx context.Context, secret string) (PendingAddress, error) {
	tx := s.DB.Read(ctx)
	a, r, err := s.changeOf(tx, secret)
	if err != nil {
		return PendingAddress{}, errs.Wrap("contact.pending_address", err)
	}
	p := PendingAddress{Masked: mask(a.Email), Language: a.Language, Done: a.ConfirmedAt != nil}
	if err := a.Confirm(s.Now()); err != nil {
		return PendingAddress{}, err
	}
	p.Cycle, err = roundName(tx, r.cycleID)
	return p, errs.Wrap("contact.pending_address", err)
}

func (s *Service) changeOf(tx *db.Tx, secret string) (AddressChange, reader, error) {
	a, err := changeBySecret(tx, hashOf(secret))
	if db.IsNotFound(err) {
		return a, reader{}, errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return a, reader{}, err
	}
	r, err := s.readerOf(tx, s.Links.Token(link.Unsubscribe, link.Target{ContactID: a.ContactID, DeliveryID: a.DeliveryID}))
	return a, r, err
}

// ConfirmAddress makes the address the first of the contact: what is launched from then on goes there. The old one stays
// with the contact, and what was asked there holds on; it is told. Errors are as in PendingAddress, and errs.Conflict where the
// address must not be written to.
func (s *Service) ConfirmAddress(ctx context.Context, by account.Actor, secret string) error {
	if err := by.Require(account.PublicAnswer); err != nil {
		return err
	}
	told, err := s.toldOf(ctx, secret)
	if err != nil {
		return errs.Wrap("contact.confirm_address", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		a, r, err := s.changeOf(tx, secret)
		if err != nil || a.ConfirmedAt != nil {
			return err
		}
		if err := a.Confirm(s.Now()); err != nil {
			return err
		}
		first, err := saveConfirmed(tx, &a)
		if err != nil || !first {
			return err
		}
		if err := s.moveTo(tx, &r, r.who(by), a.Email); err != nil {
			return err
		}
		return s.storeLetter(tx, told)
	})
	if err == nil && told != nil {
		told.Wake(ctx)
	}
	return errs.Wrap("contact.confirm_address", err)
}

// toldOf is the letter to the address that messages went to; nil where there was none, or it is the same.
func (s *Service) toldOf(ctx context.Context, secret string) (Message, error) {
	tx := s.DB.Read(ctx)
	a, r, err := s.changeOf(tx, secret)
	if err != nil {
		return nil, err
	}
	old, err := mailableAddress(tx, r.contact.ID)
	if err != nil || old.AddressID == 0 || old.Email == a.Email || a.ConfirmedAt != nil {
		return nil, err
	}
	cycle, err := roundName(tx, r.cycleID)
	if err != nil {
		return nil, err
	}
	return s.Letters.PrepareMoved(ctx, AddressMoved{
		To: old.Email, Name: r.contact.Name, Language: a.Language, Cycle: cycle, Masked: mask(a.Email),
		Token: s.Links.Token(link.Unsubscribe, link.Target{CycleID: r.cycleID, ContactID: r.contact.ID, DeliveryID: r.deliveryID}),
	})
}

// moveTo makes an address, at which somebody was just shown to read, the first of the contact.
func (s *Service) moveTo(tx *db.Tx, r *reader, who audit.Who, email string) error {
	if _, err := s.lockLiving(tx, r.contact.ID); err != nil {
		return err
	}
	a, err := s.findOrInsert(tx, email)
	if err != nil {
		return err
	}
	suppressed, err := isSuppressed(tx, a.Hash)
	if err != nil {
		return err
	}
	if suppressed || a.Status == Complained {
		return errs.E(errs.Conflict, "preferences.confirm.unusable")
	}
	if a.Status == Bounced {
		before := a.Status
		if err := a.Restore(); err != nil {
			return err
		}
		if _, err := saveStatus(tx, &a, before); err != nil {
			return err
		}
		if err := s.refreshHolders(tx, a.Hash); err != nil {
			return err
		}
	}
	if _, err := linkAddress(tx, r.contact.ID, a.ID); err != nil {
		return err
	}
	if err := s.putFirst(tx, who, r, a.ID, "preference.address_confirmed"); err != nil {
		return err
	}
	return s.FindDuplicatesIn(tx, []int64{r.contact.ID})
}

// BackToThis makes the mailbox of the mail the first of the contact again. The error is errs.Conflict where the contact does
// not have it any more.
func (s *Service) BackToThis(ctx context.Context, by account.Actor, token string) error {
	return s.asReader(ctx, by, token, "contact.back_to_this", func(tx *db.Tx, r *reader, who audit.Who) error {
		if r.deliveryID == 0 {
			return errs.E(errs.NotFound, "link.unknown")
		}
		if _, err := s.lockLiving(tx, r.contact.ID); err != nil {
			return err
		}
		a, err := linkedAddress(tx, r.contact.ID, r.boxes[0].ID)
		if db.IsNotFound(err) {
			return errs.E(errs.Conflict, "preferences.confirm.unusable")
		}
		if err != nil {
			return err
		}
		return s.putFirst(tx, who, r, a.ID, "preference.address_back")
	})
}

func (s *Service) putFirst(tx *db.Tx, who audit.Who, r *reader, addressID int64, action string) error {
	before, err := addressIDs(tx, r.contact.ID)
	if err != nil {
		return err
	}
	after := []int64{addressID}
	for _, id := range before {
		if id != addressID {
			after = append(after, id)
		}
	}
	if err := orderAddresses(tx, r.contact.ID, after); err != nil {
		return err
	}
	if err := s.refreshAll(tx, []int64{r.contact.ID}); err != nil {
		return err
	}
	return s.record(tx, who, action, r.contact.ID, map[string]any{"addresses": before}, map[string]any{"addresses": after, "delivery": r.deliveryID})
}

func newSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
