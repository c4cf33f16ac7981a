package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Mailer sends the sign-in link; secret is to be put into the link and kept nowhere else.
type Mailer interface {
	SendSignIn(ctx context.Context, to Account, locale, secret string, expires time.Time) error
}

// Deps is what a Service works with.
type Deps struct {
	DB        *db.DB
	Mailer    Mailer
	Now       func() time.Time                   // UTC
	Normalize func(email string) (string, error) // errs.Invalid where it is no address
}

// Service signs people and programs in and out.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Add makes an account with one role, or gives an existing account one more role.
func (s *Service) Add(ctx context.Context, by audit.Who, a Account, role Role) (Account, error) {
	email, err := s.Normalize(a.Email)
	if err != nil {
		return Account{}, errs.Wrap("account.add", err)
	}
	if !role.Valid() {
		return Account{}, errs.InvalidFields(errs.FieldError("role", "account.role.unknown", "Role", string(role)))
	}
	a.Email = email
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		a, err = s.findOrInsert(tx, by, a)
		if err != nil {
			return err
		}
		return s.grant(tx, by, &a, role)
	})
	return a, errs.Wrap("account.add", err)
}

func (s *Service) findOrInsert(tx *db.Tx, by audit.Who, a Account) (Account, error) {
	known, err := accountByEmail(tx, a.Email)
	if err == nil || !db.IsNotFound(err) {
		return known, err
	}
	a.CreatedAt = s.Now()
	if a.Language == "" {
		a.Language = "en"
	}
	if a.TimeZone == "" {
		a.TimeZone = "UTC"
	}
	if a.Name == "" {
		a.Name, _, _ = strings.Cut(a.Email, "@") // others read the name, and the trail keeps it
	}
	if err := insertAccount(tx, &a); err != nil {
		return a, err
	}
	return a, audit.Record(tx, by, s.Now(), audit.Change{
		Action: "account.added", ObjectKind: "account", ObjectID: a.ID,
		After: map[string]any{"name": a.Name, "language": a.Language},
	})
}

func (s *Service) grant(tx *db.Tx, by audit.Who, a *Account, role Role) error {
	for _, r := range a.Roles {
		if r == role {
			return nil
		}
	}
	a.Roles = append(a.Roles, role)
	if err := insertRole(tx, accountRole{AccountID: a.ID, Role: role, GrantedAt: s.Now()}); err != nil {
		return err
	}
	return audit.Record(tx, by, s.Now(), audit.Change{
		Action: "account.role_granted", ObjectKind: "account", ObjectID: a.ID, After: map[string]any{"role": role},
	})
}

// List gives all accounts with their roles.
func (s *Service) List(ctx context.Context) ([]Account, error) {
	all, err := listAccounts(s.DB.Read(ctx))
	return all, errs.Wrap("account.list", err)
}

// ByEmail finds an account; errs.NotFound where there is none.
func (s *Service) ByEmail(ctx context.Context, email string) (Account, error) {
	normal, err := s.Normalize(email)
	if err != nil {
		return Account{}, errs.Wrap("account.by_email", err)
	}
	a, err := accountByEmail(s.DB.Read(ctx), normal)
	if db.IsNotFound(err) {
		return Account{}, errs.E(errs.NotFound, "account.not_found", "Email", normal)
	}
	return a, errs.Wrap("account.by_email", err)
}

// ByID finds an account; errs.NotFound where there is none.
func (s *Service) ByID(ctx context.Context, id int64) (Account, error) {
	a, err := accountByID(s.DB.Read(ctx), id)
	if db.IsNotFound(err) {
		return Account{}, errs.E(errs.NotFound, "error.not_found")
	}
	return a, errs.Wrap("account.by_id", err)
}

// Actor loads who an account is in the eyes of the permission table.
func (s *Service) Actor(ctx context.Context, a Account, requestID string) (Actor, error) {
	actor := Actor{
		Who:   audit.Who{Kind: audit.ByAccount, ID: a.ID, Name: a.Name, RequestID: requestID},
		Email: a.Email, Roles: a.Roles, Language: a.Language, TimeZone: a.TimeZone,
	}
	if !actor.Is(Coordinator) {
		return actor, nil
	}
	countries, err := coordinatorCountries(s.DB.Read(ctx), a.ID)
	actor.Countries = countries
	return actor, errs.Wrap("account.actor", err)
}

// newSecret is 256 bits for a link or a cookie, and the hash that is kept of it.
func newSecret() (secret, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
