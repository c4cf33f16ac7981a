// Package link makes and reads the signed tokens of personal links and of reply addresses, so that
// nothing has to be stored for a link to be checked, and a link can be rendered in a microsecond.
package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"strings"
	"sync"

	"github.com/convoke/convoke/internal/errs"
)

// Purpose binds a token to one use: a token for reading cannot unsubscribe.
type Purpose byte

// The purposes.
const (
	Respond     Purpose = 'r' // the personal form of a contact in a cycle
	Unsubscribe Purpose = 'u'
	Reply       Purpose = 'a' // in Return-Path and Reply-To: says which delivery is meant
	Suggestion  Purpose = 's' // what became of a contact that somebody without an account suggested
	Shown       Purpose = 'f' // when a public form was shown
	Sign        Purpose = 'g' // where somebody signs a contribution beside others
	Comment     Purpose = 'c' // what became of a comment by somebody without an account
	Edit        Purpose = 'e' // the form of a contributor, for whom they invited to edit with them
)

// Target is what a token points at. Zero fields are allowed.
type Target struct {
	CycleID    int64
	ContactID  int64 // of a Suggestion: the candidate; of a Comment: the thread; of Sign: the signatory; of Edit: the editor
	DeliveryID int64 // of Shown: seconds since 1970
}

const tagBytes = 10 // 80 bits: nobody guesses one over the network

// encoding is lower case without look-alikes being case-dependent, because tokens stand in the
// local part of addresses, which some servers fold to one case.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Signer makes and checks tokens with one key. It is safe for use by several goroutines.
type Signer struct{ macs sync.Pool }

// NewSigner signs with this key.
func NewSigner(key []byte) *Signer {
	derived := hmac.New(sha256.New, key)
	derived.Write([]byte("convoke link v1"))
	k := derived.Sum(nil)
	return &Signer{macs: sync.Pool{New: func() any { return hmac.New(sha256.New, k) }}}
}

// Token is the token for a target, made of lower-case letters and digits.
func (s *Signer) Token(p Purpose, t Target) string {
	buf := make([]byte, 0, 1+3*binary.MaxVarintLen64+tagBytes)
	buf = append(buf, byte(p))
	buf = binary.AppendUvarint(buf, uint64(t.CycleID))
	buf = binary.AppendUvarint(buf, uint64(t.ContactID))
	buf = binary.AppendUvarint(buf, uint64(t.DeliveryID))
	return encoding.EncodeToString(append(buf, s.tag(buf)...))
}

// Parse reads a token made for this purpose; errs.NotFound for any other text, because whoever
// forged it learns nothing.
func (s *Signer) Parse(p Purpose, token string) (Target, error) {
	token = strings.ToLower(token)
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) <= tagBytes || raw[0] != byte(p) || encoding.EncodeToString(raw) != token {
		return Target{}, notFound()
	}
	body, tag := raw[:len(raw)-tagBytes], raw[len(raw)-tagBytes:]
	if !hmac.Equal(tag, s.tag(body)) {
		return Target{}, notFound()
	}
	var ids [3]int64
	rest := body[1:]
	for i := range ids {
		v, n := binary.Uvarint(rest)
		if n <= 0 {
			return Target{}, notFound()
		}
		ids[i], rest = int64(v), rest[n:]
	}
	return Target{CycleID: ids[0], ContactID: ids[1], DeliveryID: ids[2]}, nil
}

func (s *Signer) tag(body []byte) []byte {
	mac := s.macs.Get().(hash.Hash) //nolint:forcetypeassert // the pool holds nothing else
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write(body)
	return mac.Sum(nil)[:tagBytes]
}

func notFound() error { return errs.E(errs.NotFound, "link.unknown") }
