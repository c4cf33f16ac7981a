package contribution

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// right is what a token allows: the contribution of one contact in one cycle, the one that a secret was made for, or the one
// that somebody was invited to edit.
type right struct {
	target link.Target
	secret string  // hash
	editor *Editor // nil for the contributor
}

// secretPrefix tells a secret from a signed token, whose alphabet has no hyphen.
const secretPrefix = "s-"

// right is that of the contributor. Who edits with them is refused with errs.Forbidden: what only the contributor decides asks here.
func (s *Service) right(ctx context.Context, token string) (right, error) {
	r, err := s.shared(ctx, token)
	if err == nil && r.editor != nil {
		return right{}, errs.E(errs.Forbidden, "editor.not_yours")
	}
	return r, err
}

// shared is the right of the contributor or of somebody who edits with them. The error is errs.Gone for an editor whose invitation
// was taken back; the right then only says who they are.
func (s *Service) shared(ctx context.Context, token string) (right, error) {
	if strings.HasPrefix(token, secretPrefix) {
		return right{secret: hashOf(token)}, nil
	}
	if t, err := s.Links.Parse(link.Edit, token); err == nil {
		return editorRight(s.DB.Read(ctx), t)
	}
	t, err := s.Links.Parse(link.Respond, token)
	if err == nil && (t.CycleID == 0 || t.ContactID == 0) {
		err = errs.E(errs.NotFound, "link.unknown")
	}
	if err == nil {
		t.ContactID, err = successor(s.DB.Read(ctx), t.ContactID)
	}
	return right{target: t}, err
}

func editorRight(tx *db.Tx, t link.Target) (right, error) {
	e, err := editorByID(tx, t.ContactID)
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return right{}, err
	}
	return right{target: t, editor: &e}, e.allowed()
}

// editorID is nil for the contributor.
func (r right) editorID() *int64 {
	if r.editor == nil {
		return nil
	}
	return &r.editor.ID
}

// who is who does something with the right: the account where somebody is signed in, else the contributor or the editor by name.
func (r right) who(by account.Actor, c Contribution) audit.Who {
	if r.editor == nil || by.SignedIn() {
		return author(by, c)
	}
	return audit.Who{Kind: audit.ByContributor, Name: r.editor.Name, RequestID: by.RequestID}
}

func newSecret() (token, hash string) {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	token = secretPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
