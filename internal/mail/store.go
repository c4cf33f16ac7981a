package mail

import (
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
)

// Captured is a message that was kept instead of sent.
type Captured struct {
	ID        int64
	At        time.Time // UTC
	From      string    // the return path
	To        string    // the recipient of the envelope
	MessageID string
	Subject   string
	Locale    string
	Raw       []byte // nil in lists
}

// CapturedFilter narrows a list. The zero filter is everything.
type CapturedFilter struct {
	To     string // the recipient, exactly
	Query  string // a part of subject or recipient; case matters only outside of ASCII
	Before int64  // ids below; 0: from the newest
	Limit  int    // 1 to 200; 0 means 50
}

const (
	defaultList = 50
	maxList     = 200
)

const capturedColumns = "id, at, mail_from, recipient, message_id, subject, locale"

// insertCaptured keeps each message once, by Message-ID and recipient.
func insertCaptured(tx *db.Tx, batch []Captured) error {
	for i := range batch {
		m := &batch[i]
		_, err := tx.Exec("insert into captured_mail (at, mail_from, recipient, message_id, subject, locale, raw) values (?, ?, ?, ?, ?, ?, ?)"+
			" on conflict (message_id, recipient) do nothing",
			m.At, stored(m.From), stored(m.To), stored(m.MessageID), stored(m.Subject), stored(m.Locale), m.Raw)
		if err != nil {
			return err
		}
	}
	return nil
}

// stored is text that PostgreSQL takes.
func stored(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd") }

func listCaptured(tx *db.Tx, f CapturedFilter) ([]Captured, error) {
	query, args := "select "+capturedColumns+" from captured_mail where true", []any{}
	if f.To != "" {
		query, args = query+" and recipient = ?", append(args, f.To)
	}
	if f.Query != "" {
		pattern := "%" + likeEscape.Replace(strings.ToLower(f.Query)) + "%"
		query, args = query+` and (lower(subject) like ? escape '!' or lower(recipient) like ? escape '!')`, append(args, pattern, pattern)
	}
	if f.Before > 0 {
		query, args = query+" and id < ?", append(args, f.Before)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultList
	}
	rows, err := tx.Query(query+" order by id desc limit ?", append(args, min(limit, maxList))...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []Captured
	for rows.Next() {
		var m Captured
		if err := rows.Scan(&m.ID, &m.At, &m.From, &m.To, &m.MessageID, &m.Subject, &m.Locale); err != nil {
			return nil, err
		}
		m.At = m.At.UTC()
		list = append(list, m)
	}
	return list, rows.Err()
}

// ForgetCaptured removes, in the caller's transaction, what was captured for addresses that somebody wants forgotten.
func ForgetCaptured(tx *db.Tx, recipients []string) error {
	for _, to := range recipients {
		if _, err := tx.Exec("delete from captured_mail where recipient = ?", to); err != nil {
			return err
		}
	}
	return nil
}

var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func getCaptured(tx *db.Tx, id int64) (*Captured, error) {
	var m Captured
	err := tx.QueryRow("select "+capturedColumns+", raw from captured_mail where id = ?", id).
		Scan(&m.ID, &m.At, &m.From, &m.To, &m.MessageID, &m.Subject, &m.Locale, &m.Raw)
	if err != nil {
		return nil, err
	}
	m.At = m.At.UTC()
	return &m, nil
}
