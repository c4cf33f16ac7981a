package letter

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/mail"
)

// Texts gives the acknowledgement that a cycle wrote itself, approved in exactly this locale. The
// error is errs.NotFound where there is none: then the built-in letter is sent.
type Texts interface {
	Acknowledgement(ctx context.Context, cycleID int64, locale string) (Text, error)
}

// Waker tells a worker that a mail waits. A waker that fails loses nothing: the sweep finds the mail.
type Waker interface {
	Wake(ctx context.Context, mailID int64, attempt int)
}

// Sender hands one message to a mail server.
type Sender interface {
	Send(ctx context.Context, e mail.Envelope) mail.Result
}

// Deps is what an Outbox works with.
type Deps struct {
	DB        *db.DB
	Now       func() time.Time // UTC
	I18n      *i18n.Bundle
	From      mail.Address
	PublicURL string        // without a trailing slash
	Unique    func() string // a new word for each Message-ID; Random outside of tests
	Texts     Texts         // nil: only built-in letters
	Waker     Waker         // nil: only the sweep finds mails
	Sender    Sender        // nil where mails are only queued
}

// Outbox queues letters and sends them.
type Outbox struct {
	Deps
	templates templates
}

// New makes the outbox.
func New(d Deps) (*Outbox, error) {
	t, err := parseTemplates()
	if err != nil {
		return nil, errs.Wrap("letter.new", err)
	}
	return &Outbox{Deps: d, templates: t}, nil
}

// Random is 128 bits as a word.
func Random() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}

// Prepared is a letter that is written and not yet stored.
type Prepared struct {
	outbox *Outbox
	row    outgoing
}

// Prepare writes a letter. Nothing is stored.
func (o *Outbox) Prepare(ctx context.Context, l Letter) (*Prepared, error) {
	to := l.recipient()
	speaker := o.I18n.For(l.language())
	now := o.Now()
	envelope := mail.Recipient{To: to, MessageID: o.Unique() + "@" + domainOf(o.From.Email), Date: now}
	text, own, err := o.textOf(ctx, l, speaker)
	if err != nil {
		return nil, errs.Wrap("letter.prepare", err)
	}
	raw, err := compose(o.From, envelope, text, speaker)
	if own && errs.Is(err, errs.Invalid) { // the cycle's text cannot be sent as it stands: nobody goes without an answer
		if text, err = o.templates.render(l.write(speaker)); err == nil {
			raw, err = compose(o.From, envelope, text, speaker)
		}
	}
	if err != nil {
		return nil, errs.Wrap("letter.prepare", err)
	}
	return &Prepared{outbox: o, row: outgoing{
		Kind: l.Kind(), Recipient: to.Email, MailFrom: o.From.Email, Raw: raw, State: Queued, NotBefore: now, CreatedAt: now,
	}}, nil
}

// Enclose takes a message that another room has written whole, for one of us.
func (o *Outbox) Enclose(kind, to string, raw []byte) *Prepared {
	now := o.Now()
	return &Prepared{outbox: o, row: outgoing{Kind: kind, Recipient: to, MailFrom: o.From.Email, Raw: raw, State: Queued, NotBefore: now, CreatedAt: now}}
}

// Store queues the letter in the caller's transaction, so that it leaves exactly if that commits.
func (p *Prepared) Store(tx *db.Tx) error { return insert(tx, &p.row) }

// Wake tells a worker after the commit.
func (p *Prepared) Wake(ctx context.Context) {
	if p.outbox.Waker != nil && p.row.ID != 0 {
		p.outbox.Waker.Wake(ctx, p.row.ID, p.row.Attempts)
	}
}

// Queue writes a letter and queues it in a transaction of its own.
func (o *Outbox) Queue(ctx context.Context, l Letter) error {
	p, err := o.Prepare(ctx, l)
	if err != nil {
		return err
	}
	if err := o.DB.Write(ctx, p.Store); err != nil {
		return errs.Wrap("letter.queue", err)
	}
	p.Wake(ctx)
	return nil
}

// textOf is the cycle's own text where it has one in the language, else the built-in letter.
func (o *Outbox) textOf(ctx context.Context, l Letter, speaker *i18n.Localizer) (text Text, own bool, err error) {
	if a, ok := l.(Acknowledgement); ok && o.Texts != nil {
		text, err := o.Texts.Acknowledgement(ctx, a.CycleID, speaker.Tag())
		if err == nil {
			return text.fill(a.fields(speaker), speaker), true, nil
		}
		if !errs.Is(err, errs.NotFound) {
			return Text{}, false, err
		}
	}
	text, err = o.templates.render(l.write(speaker))
	return text, false, err
}

// SendSignIn implements account.Mailer.
func (o *Outbox) SendSignIn(ctx context.Context, to account.Account, locale, secret string, expires time.Time) error {
	if locale == "" {
		locale = to.Language
	}
	return o.Queue(ctx, SignIn{
		To: to.Email, Name: to.Name, Language: locale, Link: o.PublicURL + "/sign-in/" + secret,
		Expires: expires, Zone: zoneOf(to.TimeZone),
	})
}

// zoneOf is a zone by its IANA name, UTC where nobody knows it.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

func domainOf(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return domain
}
