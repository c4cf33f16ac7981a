package campaign

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
)

// lettersTo are the raw letters that wait for an address.
func (h *house) lettersTo(email string) [][]byte {
	h.t.Helper()
	rows, err := h.db.Read(context.Background()).Query("select raw from outgoing_mail where recipient = ? and kind = 'campaign_test' order by id", email)
	h.must(err)
	defer func() { _ = rows.Close() }()
	var all [][]byte
	for rows.Next() {
		var raw []byte
		h.must(rows.Scan(&raw))
		all = append(all, raw)
	}
	h.must(rows.Err())
	return all
}

// TestTestGolden holds the test messages whole: marked in the subject, in one language throughout, to nobody but the one
// who asked, and with links that lead nowhere.
func TestTestGolden(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	ctx := context.Background()
	locales := []string{"en", "fr", "es", "ar", "zh", "ru", "pt"}
	h.texts.revision(h.texts.byDocument(h.message)).locales = locales
	h.contact("Amina", "amina@example.org", "ar")
	c := h.approved()
	sent, err := h.SendTest(ctx, h.approver, c.ID, 1, false)
	h.must(err)
	if sent.Messages != len(locales) || !slices.Equal(sent.Locales, locales) || sent.Email != "approver@example.org" {
		t.Errorf("sent %+v", sent)
	}
	raws := h.lettersTo("approver@example.org")
	if n := h.number("select count(*) from outgoing_mail"); n != len(raws) || n != len(locales) {
		t.Fatalf("%d letters, %d of them to who asked", n, len(raws))
	}
	ids := map[string]bool{}
	for i, raw := range raws {
		golden(t, "testdata/test."+locales[i]+".eml", raw)
		mailtest.Read(t, raw)
		read, err := mail.Read(raw)
		h.must(err)
		l := h.Bundle.For(locales[i])
		if subject := read.Header("Subject"); subject != l.T("mail.test.subject", "Subject", "The call ("+locales[i]+")") {
			t.Errorf("the subject is %q", subject)
		}
		if read.Header("Content-Language") != locales[i] || strings.Contains(read.Header("Reply-To"), "+re-") || !strings.Contains(read.Text, "https://convoke.test/r/preview") {
			t.Errorf("%s: %s", locales[i], raw)
		}
		ids[read.Header("Message-ID")] = true
	}
	if len(ids) != len(locales) {
		t.Errorf("%d Message-IDs", len(ids))
	}
}

func TestATestMessageGoesToOneself(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		h.contacts(2)
		text := h.texts.revision(h.texts.byDocument(h.message))
		text.variants = []string{"media"}
		c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "c", Audience: Audience{All: true}, Steps: []StepDraft{{Kind: Call, DocumentID: h.message}}})
		h.must(err)
		sent, err := h.SendTest(ctx, h.officer, c.ID, 1, true) // also while the text is open
		h.must(err)
		if sent.Messages != 4 || len(h.lettersTo("officer@example.org")) != 4 {
			t.Errorf("sent %+v", sent)
		}
		text.broken = map[string]error{"es": errs.E(errs.Conflict, "x")}
		if sent, err = h.SendTest(ctx, h.officer, c.ID, 1, false); err != nil || sent.Messages != 1 {
			t.Errorf("with a broken translation: %+v, %v", sent, err)
		}
		text.broken["en"] = errs.E(errs.Conflict, "x")
		_, err = h.SendTest(ctx, h.officer, c.ID, 1, false)
		h.refuses(errs.Conflict, err, "sent nothing")
		_, err = h.SendTest(ctx, h.officer, c.ID, 2, false)
		h.refuses(errs.NotFound, err, "of no step")
		_, err = h.SendTest(ctx, account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Volunteer}}, c.ID, 1, false)
		h.refuses(errs.Forbidden, err, "to a volunteer")
		if len(h.server.Messages()) != 0 || h.number("select count(*) from delivery") != 0 || h.number("select count(*) from audit_event where action = 'campaign.tested'") != 2 {
			t.Error("a test went through the campaign, or left no trace")
		}
	})
}

// counting allows as often as is asked, and remembers keys.
type counting struct{ counts map[string]int }

func (c *counting) Allow(_ context.Context, key string, limit int, window time.Duration) (bool, time.Duration, error) {
	c.counts[key]++
	return c.counts[key] <= limit, window - time.Second, nil
}

// A test is a letter for each language and variant: whoever presses the button again and again gets no hundreds.
func TestTestMessagesAreLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	h.Limiter = &counting{counts: map[string]int{}}
	ctx := context.Background()
	h.contacts(1)
	c := h.approved(StepDraft{OffsetDays: 7, OffsetFrom: FromLaunch})
	for i := range maxTests {
		_, err := h.SendTest(ctx, h.officer, c.ID, 1+i%2, false)
		h.must(err)
	}
	waiting := len(h.lettersTo("officer@example.org"))
	_, err := h.SendTest(ctx, h.officer, c.ID, 1, false)
	h.refuses(errs.TooMany, err, "once more")
	if e := errs.Find(err); e == nil || e.Key != "error.too_many.minutes" || e.Args["Count"] != 10 {
		t.Errorf("it says %v", err)
	}
	if n := len(h.lettersTo("officer@example.org")); n != waiting || n == 0 {
		t.Errorf("%d letters, %d before", n, waiting)
	}
	_, err = h.SendTest(ctx, h.approver, c.ID, 1, false)
	h.must(err) // each person has their own
}
