package inbound

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

// Delivered is a mail as a server hands it over.
type Delivered struct {
	From string   // of the envelope, "" for none
	To   []string // of the envelope; empty where it is not known
	Raw  []byte
	// Noted says that a server of ours wrote on top when the mail arrived: it may have waited for us.
	Noted bool
}

const longestWait = 30 * 24 * time.Hour // of a mail with a server of ours

// Receive stores a mail, and only that: once it returns, the mail is safe. The same mail again is no error and gives the id that
// it has. The error is errs.TooLarge for one of more than mail.MaxIncoming bytes, else whatever the database says.
func (s *Service) Receive(ctx context.Context, d Delivered) (int64, error) {
	if len(d.Raw) > mail.MaxIncoming {
		return 0, errs.E(errs.TooLarge, "mail.parse.too_large")
	}
	read := mail.ReadIncoming(d.Raw)
	now := s.Now()
	m := Mail{
		Hash: s.hash(d, read), ReceivedAt: now, StoredAt: now, EnvelopeFrom: line(d.From, 320), EnvelopeTo: lines(d.To),
		MessageID: line(read.MessageID, 250), FromName: line(read.From.Name, 200), FromEmail: strings.ToLower(line(read.From.Email, 320)),
		Subject: line(read.Subject, 500), Size: len(d.Raw), Files: len(read.Files), State: Waiting,
	}
	if at := read.Received; d.Noted && !at.IsZero() && at.Before(now) && at.After(now.Add(-longestWait)) {
		m.ReceivedAt = at.Truncate(time.Microsecond)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return insert(tx, &m, d.Raw) })
	if err != nil {
		return 0, errs.Wrap("inbound.receive", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return m.ID, nil
}

// hash is the same for the same mail, whatever way it took: of what was sent, and of the tokens of the addresses that it came to.
func (s *Service) hash(d Delivered, read *mail.Incoming) string {
	h := sha256.New()
	var tokens []string
	for _, t := range s.Boxes.tokens(slices.Concat(d.To, read.Recipients)) {
		tokens = append(tokens, t.what+"-"+t.text)
	}
	slices.Sort(tokens)
	h.Write([]byte(strings.Join(tokens, " ") + "\n"))
	head, folded := true, false
	for l := range bytes.Lines(d.Raw) {
		l = bytes.TrimRight(l, "\r\n")
		if head && len(l) == 0 {
			head = false
		}
		if head {
			if l[0] != ' ' && l[0] != '\t' {
				folded = isTrace(l)
			}
			if folded {
				continue
			}
		}
		h.Write(l)
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// isTrace says of a header that servers add it on the way.
func isTrace(l []byte) bool {
	name, _, found := bytes.Cut(l, []byte(":"))
	if !found {
		return bytes.HasPrefix(l, []byte("From ")) // of a mailbox file
	}
	switch strings.ToLower(string(name[:min(len(name), 40)])) {
	case "received", "x-received", "return-path", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to":
		return true
	}
	return false
}

// line is text on one line for a column; both databases refuse what is not UTF-8.
func line(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func lines(all []string) string {
	kept := make([]string, 0, len(all))
	for _, s := range all[:min(len(all), 100)] {
		kept = append(kept, line(s, 320))
	}
	return strings.Join(kept, "\n")
}
