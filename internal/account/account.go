// Package account knows who may sign in and what they may do: accounts, roles, sign-in links,
// sessions, tokens of programs, and the one table of permissions.
package account

import "time"

// Account is a person who may sign in.
type Account struct {
	ID         int64
	Email      string // normalized, unique
	Name       string
	Language   string // BCP 47
	TimeZone   string // IANA name
	CreatedAt  time.Time
	DisabledAt *time.Time
	Roles      []Role `gorm:"-"`
}

// Session is a signed-in browser. The secret is in its cookie; only the hash is kept.
type Session struct {
	ID         int64
	AccountID  int64
	Hash       string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	UserAgent  string
}

// How long things live.
const (
	SignInLifetime  = 15 * time.Minute
	SessionLifetime = 30 * 24 * time.Hour
	signInsAtOnce   = 5 // links that one account may be sent within SignInLifetime
)

type accountRole struct {
	AccountID int64
	Role      Role
	GrantedAt time.Time
}

type signInToken struct {
	ID        int64
	AccountID int64
	Hash      string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// live says whether the link can still be used: once, and within its time.
func (t signInToken) live(now time.Time) bool { return t.UsedAt == nil && now.Before(t.ExpiresAt) }

func (s Session) live(now time.Time) bool { return s.RevokedAt == nil && now.Before(s.ExpiresAt) }

type apiToken struct {
	ID         int64
	AccountID  int64
	Hash       string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}
