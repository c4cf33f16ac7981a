package contact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// AddressKind says whose mailbox an address is.
type AddressKind string

// The kinds of addresses.
const (
	Personal AddressKind = "personal"
	Role     AddressKind = "role" // of a function: several people may read it (RFC 2142)
)

// Valid says whether an address can be of this kind.
func (k AddressKind) Valid() bool { return k == Personal || k == Role }

// AddressStatus says whether mail to an address arrives.
type AddressStatus string

// The statuses: ok → bounced | complained, bounced → complained, and bounced → ok where somebody checked.
const (
	AddressOK  AddressStatus = "ok"
	Bounced    AddressStatus = "bounced"
	Complained AddressStatus = "complained"
)

// Address is a mailbox. Several contacts may share one.
type Address struct {
	ID        int64
	Email     string // normalized, unique
	Hash      string // see AddressHash
	Kind      AddressKind
	Status    AddressStatus
	CreatedAt time.Time
}

// Reason says why an address is suppressed.
type Reason string

// The reasons.
const (
	Unsubscribed Reason = "unsubscribed" // by the link in a message
	AskedUs      Reason = "asked"        // in words, recorded by an officer
	ComplainedOf Reason = "complained"   // reported as unwanted
)

// AddressHash is the keyed hash by which a suppression outlives the address itself.
func AddressHash(secret []byte, normalized string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(normalized))
	return hex.EncodeToString(mac.Sum(nil))
}

// Bounce marks an address that mail comes back from.
func (a *Address) Bounce() error { return a.move(Bounced, AddressOK) }

// Complain marks an address whose owner reported our mail.
func (a *Address) Complain() error { return a.move(Complained, AddressOK, Bounced) }

// Restore says that an address works again, although mail had come back from it. An address whose
// owner reported our mail stays as it is: that was a person, not a machine.
func (a *Address) Restore() error { return a.move(AddressOK, Bounced) }

func (a *Address) move(to AddressStatus, from ...AddressStatus) error {
	for _, s := range from {
		if a.Status == s {
			a.Status = to
			return nil
		}
	}
	return errs.E(errs.Conflict, "contact.address.illegal_move", "From", string(a.Status), "To", string(to))
}
