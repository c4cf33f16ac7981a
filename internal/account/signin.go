package account

import (
	"context"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// RequestSignIn mails a link to the account of this address. It answers the same whether there
// is such an account or not, so that nobody can find out who has one. Errors are errs.Invalid
// for what is no address.
func (s *Service) RequestSignIn(ctx context.Context, email, locale string) error {
	normal, err := s.Normalize(email)
	if err != nil {
		return errs.Wrap("account.request_sign_in", err)
	}
	a, err := accountByEmail(s.DB.Read(ctx), normal)
	if db.IsNotFound(err) || (err == nil && a.DisabledAt != nil) {
		return nil
	}
	if err != nil {
		return errs.Wrap("account.request_sign_in", err)
	}
	n, err := countSignIns(s.DB.Read(ctx), a.ID, s.Now().Add(-SignInLifetime))
	if err != nil || n >= signInsAtOnce {
		return errs.Wrap("account.request_sign_in", err)
	}
	secret, err := s.IssueSignIn(ctx, a.ID)
	if err != nil {
		return errs.Wrap("account.request_sign_in", err)
	}
	return errs.Wrap("account.request_sign_in", s.Mailer.SendSignIn(ctx, a, locale, secret, s.Now().Add(SignInLifetime)))
}

// IssueSignIn makes the secret of a link that signs the account in, once, within 15 minutes.
func (s *Service) IssueSignIn(ctx context.Context, accountID int64) (string, error) {
	secret, hash := newSecret()
	now := s.Now()
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		return insertSignIn(tx, &signInToken{AccountID: accountID, Hash: hash, CreatedAt: now, ExpiresAt: now.Add(SignInLifetime)})
	})
	return secret, errs.Wrap("account.issue_sign_in", err)
}

// Peek says whose link this is without using it up, because opening a link must change nothing.
// The error is errs.Gone where the link was used, is too old or never was.
func (s *Service) Peek(ctx context.Context, secret string) (Account, error) {
	t, err := s.liveSignIn(s.DB.Read(ctx), secret)
	if err != nil {
		return Account{}, err
	}
	return s.ByID(ctx, t.AccountID)
}

// Redeem uses the link up and starts a session; the returned secret belongs into the cookie.
// The error is errs.Gone where the link was used, is too old or never was.
func (s *Service) Redeem(ctx context.Context, secret, userAgent, requestID string) (session string, a Account, err error) {
	session, hash := newSecret()
	now := s.Now()
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := s.liveSignIn(tx, secret)
		if err != nil {
			return err
		}
		if first, err := useSignIn(tx, t.ID, now); err != nil || !first {
			return orGone(err)
		}
		if a, err = accountByID(tx, t.AccountID); err != nil || a.DisabledAt != nil {
			return orGone(err)
		}
		return s.start(tx, a, hash, userAgent, requestID)
	})
	if err != nil {
		return "", Account{}, errs.Wrap("account.redeem", err)
	}
	return session, a, nil
}

func (s *Service) start(tx *db.Tx, a Account, hash, userAgent, requestID string) error {
	now := s.Now()
	row := Session{
		AccountID: a.ID, Hash: hash, CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(SessionLifetime), UserAgent: userAgent[:min(len(userAgent), 200)],
	}
	if err := insertSession(tx, &row); err != nil {
		return err
	}
	who := audit.Who{Kind: audit.ByAccount, ID: a.ID, Name: a.Name, RequestID: requestID}
	return audit.Record(tx, who, now, audit.Change{Action: "session.started", ObjectKind: "account", ObjectID: a.ID})
}

func (s *Service) liveSignIn(tx *db.Tx, secret string) (signInToken, error) {
	t, err := signInByHash(tx, hashOf(secret))
	if db.IsNotFound(err) || (err == nil && !t.live(s.Now())) {
		return signInToken{}, orGone(nil)
	}
	return t, errs.Wrap("account.sign_in_link", err)
}

func orGone(err error) error {
	if err != nil {
		return err
	}
	return errs.E(errs.Gone, "signin.link_gone")
}

// Authenticate finds the actor behind a session's cookie; errs.Unauthorized where it holds no more.
func (s *Service) Authenticate(ctx context.Context, session, requestID string) (Actor, error) {
	row, err := sessionByHash(s.DB.Read(ctx), hashOf(session))
	if db.IsNotFound(err) || (err == nil && !row.live(s.Now())) {
		return Actor{}, errs.E(errs.Unauthorized, "error.unauthorized")
	}
	if err != nil {
		return Actor{}, errs.Wrap("account.authenticate", err)
	}
	if s.Now().Sub(row.LastSeenAt) > time.Hour {
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return touchSession(tx, row.ID, s.Now()) }); err != nil {
			return Actor{}, errs.Wrap("account.authenticate", err)
		}
	}
	return s.enabledActor(ctx, row.AccountID, requestID)
}

func (s *Service) enabledActor(ctx context.Context, id int64, requestID string) (Actor, error) {
	a, err := s.ByID(ctx, id)
	if err != nil {
		return Actor{}, err
	}
	if a.DisabledAt != nil {
		return Actor{}, errs.E(errs.Unauthorized, "error.unauthorized")
	}
	return s.Actor(ctx, a, requestID)
}

// End ends the session of a cookie. Ending one that is over is no error.
func (s *Service) End(ctx context.Context, by Actor, session string) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := revokeSession(tx, hashOf(session), s.Now())
		if err != nil || n == 0 {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{Action: "session.ended", ObjectKind: "account", ObjectID: by.ID})
	})
	return errs.Wrap("account.end", err)
}

// EndAll ends every session of the actor, on all devices.
func (s *Service) EndAll(ctx context.Context, by Actor) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := revokeSessions(tx, by.ID, s.Now()); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{Action: "session.all_ended", ObjectKind: "account", ObjectID: by.ID})
	})
	return errs.Wrap("account.end_all", err)
}

// CreateToken makes a bearer token for programs that act as this account. It is shown once.
func (s *Service) CreateToken(ctx context.Context, by audit.Who, accountID int64) (string, error) {
	secret, hash := newSecret()
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		t := apiToken{AccountID: accountID, Hash: hash, CreatedAt: s.Now()}
		if err := insertAPIToken(tx, &t); err != nil {
			return err
		}
		return audit.Record(tx, by, s.Now(), audit.Change{Action: "token.created", ObjectKind: "account", ObjectID: accountID})
	})
	return secret, errs.Wrap("account.create_token", err)
}

// AuthenticateToken finds the actor behind a bearer token; errs.Unauthorized where it is not valid.
func (s *Service) AuthenticateToken(ctx context.Context, token, requestID string) (Actor, error) {
	t, err := apiTokenByHash(s.DB.Read(ctx), hashOf(token))
	if db.IsNotFound(err) {
		return Actor{}, errs.E(errs.Unauthorized, "error.unauthorized")
	}
	if err != nil {
		return Actor{}, errs.Wrap("account.authenticate_token", err)
	}
	return s.enabledActor(ctx, t.AccountID, requestID)
}
