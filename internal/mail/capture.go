package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// captureBatch is how many messages one transaction takes.
const captureBatch = 500

// CaptureDeps are what capturing needs.
type CaptureDeps struct {
	DB  *db.DB
	Now func() time.Time
}

// CaptureTransport puts mail into the database instead of sending it, where no server is
// configured. The mailbox page reads it there.
//
// A message is captured once however often it is handed over: its Message-ID and recipient
// decide. So a process killed between the commit and the report may simply send again, and the
// journal, which exists for servers that cannot be asked, is not used.
type CaptureTransport struct {
	db  *db.DB
	now func() time.Time
}

// NewCapture makes the transport; one connection is right for it.
func NewCapture(d CaptureDeps) *CaptureTransport { return &CaptureTransport{db: d.DB, now: d.Now} }

// Name is for logs and for people.
func (t *CaptureTransport) Name() string { return "captured" }

// Open always succeeds.
func (t *CaptureTransport) Open(context.Context) (Conn, error) { return &captureConn{t: t}, nil }

type captureConn struct{ t *CaptureTransport }

// Close does nothing.
func (c *captureConn) Close() error { return nil }

// Send captures what next gives, up to 500 messages in a transaction.
func (c *captureConn) Send(ctx context.Context, next func() (Envelope, bool), _ Recorder, report func(Result)) error {
	for ctx.Err() == nil {
		var batch []Captured
		var ids []int64
		for len(batch) < captureBatch {
			e, ok := next()
			if !ok {
				break
			}
			batch = append(batch, c.t.captured(&e))
			ids = append(ids, e.ID)
		}
		if len(batch) == 0 {
			return nil
		}
		err := c.t.db.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return insertCaptured(tx, batch) })
		for _, id := range ids {
			r := Result{ID: id, Outcome: Accepted, Stage: StageText, Code: 250, Enhanced: "2.0.0", Reply: "captured", Server: c.t.Name()}
			if err != nil {
				r = Result{ID: id, Outcome: NotSent}
			}
			report(r)
		}
		if err != nil {
			return &errs.Error{Code: errs.Unavailable, Key: "error.database_away", Op: "mail.capture", Err: err}
		}
	}
	return nil
}

// captured reads from a message what the list shows. Unreadable mail is captured all the same.
func (t *CaptureTransport) captured(e *Envelope) Captured {
	m := Captured{At: t.now(), From: e.From, To: e.To, Raw: e.Data}
	headers, _ := readHeaders(e.Data)
	p := Parsed{Headers: headers}
	m.Subject, m.MessageID = p.Header("Subject"), p.Header("Message-ID")
	m.Locale, _, _ = strings.Cut(p.Header("Content-Language"), ",") // the reader's comes first
	if m.MessageID == "" {
		sum := sha256.Sum256(e.Data)
		m.MessageID = "sha256:" + hex.EncodeToString(sum[:])
	}
	return m
}

// List gives captured mail, the newest first, without its raw text.
func (t *CaptureTransport) List(ctx context.Context, f CapturedFilter) ([]Captured, error) {
	list, err := listCaptured(t.db.Read(ctx), f)
	return list, errs.Wrap("mail.captured.list", err)
}

// Get gives one captured mail; errs.NotFound if there is none of that id.
func (t *CaptureTransport) Get(ctx context.Context, id int64) (*Captured, error) {
	m, err := getCaptured(t.db.Read(ctx), id)
	if db.IsNotFound(err) {
		return nil, errs.E(errs.NotFound, "mail.captured.not_found")
	}
	return m, errs.Wrap("mail.captured.get", err)
}
