package adapt_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/adapt"
	"github.com/convoke/convoke/internal/campaign/campaigntest"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/i18n/i18ntest"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

const mailDomain = "replies.convoke.test"

// mailRoom is a post office at which mail comes in too.
type mailRoom struct {
	*postOffice
	inbound       *inbound.Service
	contributions *contribution.Service
	at            time.Time // the clock of the mail room
}

func newMailRoom(t *testing.T, d *db.DB) *mailRoom {
	t.Helper()
	r := &mailRoom{postOffice: newPostOfficeAt(t, d, nil, mailDomain), at: noon}
	now := func() time.Time { return r.at }
	ref, err := geo.Load()
	ok(t, err)
	outbox, err := letter.New(letter.Deps{
		DB: d, Now: now, I18n: i18ntest.Bundle(t), From: mail.Address{Name: "Secretariat", Email: "bpf@convoke.test"}, PublicURL: "https://convoke.test", Unique: letter.Random,
	})
	ok(t, err)
	r.contributions = contribution.New(contribution.Deps{
		DB: d, Now: now, Cycles: adapt.Rounds{Service: r.kit.Cycles}, Questions: contributiontest.Questions{}, Links: campaigntest.Links(), Letters: outbox,
		Lists: r.contacts, Geo: ref, Locales: i18ntest.Bundle(t).Tags(), Normalize: mail.Normalize, PublicURL: "https://convoke.test",
	})
	r.inbound = inbound.New(inbound.Deps{
		DB: d, Now: now, Links: campaigntest.Links(), Boxes: inbound.Boxes{Local: "bpf", Domains: []string{mailDomain, "convoke.test"}},
		Campaigns: adapt.Returns{Service: r.kit.Service}, Contacts: r.contacts, Contributions: adapt.MailedContributions{Service: r.contributions}, Normalize: mail.Normalize,
	})
	return r
}

var replyToken = regexp.MustCompile(`Reply-To: BPF Cybersecurity[^<]*<bpf\+re-([a-z2-7]+)@replies\.convoke\.test>`)

// token is that of the message that an address was sent last.
func (r *mailRoom) token(to string) string {
	r.t.Helper()
	token := ""
	for _, m := range r.server.Messages() {
		unfolded := strings.ReplaceAll(string(m.Data), "\r\n ", " ")
		if found := replyToken.FindStringSubmatch(unfolded); m.To == to && found != nil {
			token = found[1]
			if m.From != "bpf+bounce-"+token+"@"+mailDomain || !strings.Contains(unfolded, "<mailto:bpf+stop-"+token+"@"+mailDomain+">") {
				r.t.Errorf("to %s from %s:\n%s", to, m.From, m.Data)
			}
		}
	}
	if token == "" {
		r.t.Fatalf("nothing was sent to %s", to)
	}
	return token
}

// take stores and sorts a mail, and gives it as it was sorted.
func (r *mailRoom) take(to, from string, raw []byte) inbound.Row {
	r.t.Helper()
	ctx := context.Background()
	id, err := r.inbound.Receive(ctx, inbound.Delivered{From: from, To: []string{to}, Raw: raw, Noted: true})
	ok(r.t, err)
	ok(r.t, r.inbound.Sweep(ctx))
	o, err := r.inbound.Open(ctx, r.officer, id)
	ok(r.t, err)
	return o.Row
}

func wire(all ...string) []byte { return []byte(strings.Join(all, "\r\n") + "\r\n") }

func letterFrom(from, subject string, more ...string) []byte {
	head := []string{"From: " + from, "To: bpf@convoke.test", "Subject: " + subject, fmt.Sprintf("Message-ID: <%x@example.org>", from+subject+strings.Join(more, ""))}
	return wire(append(head, more...)...)
}

func report(action, status, words string) []byte {
	return wire("From: MAILER-DAEMON@mx.example.org", "Subject: Undelivered", "Auto-Submitted: auto-replied",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=r", "",
		"--r", "", "It failed.", "--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx", "",
		"Final-Recipient: rfc822; x@example.org", "Action: "+action, "Status: "+status, "Diagnostic-Code: smtp; "+words, "", "--r--")
}

func complaintOf(headers ...string) []byte {
	return wire(slices.Concat([]string{
		"From: fbl@provider.example", "Content-Type: multipart/report; report-type=feedback-report; boundary=r", "",
		"--r", "Content-Type: message/feedback-report", "", "Feedback-Type: abuse", "", "--r", "Content-Type: message/rfc822", "",
	}, headers, []string{"", "Dear", "--r--"})...)
}

const attachedDocument = "Content-Disposition: attachment; filename=answer.docx"

func withDocument(from, subject, text string) []byte {
	return letterFrom(from, subject, "Content-Type: multipart/mixed; boundary=m", "", "--m", "Content-Type: text/plain; charset=utf-8", "", text,
		"--m", "Content-Type: application/octet-stream", attachedDocument, "", "PK", "--m", "Content-Type: text/calendar", "", "BEGIN:VCALENDAR", "--m--")
}

// Each kind of mail is found to be what it is, and what follows from it follows only with a token of ours.
func TestMailIsSorted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		people := map[string]int64{}
		for _, name := range []string{"reply", "auto", "gone", "full", "angry", "leaves", "stops", "forged", "old", "weak", "page"} {
			people[name] = r.listed(name, name+"@example.org")
		}
		r.launched()
		r.kit.Work()
		late := r.listed("late", "late@example.org")
		var queued int64
		ok(t, d.Read(ctx).QueryRow("select min(id) from delivery").Scan(&queued))
		to := func(what, name string) string {
			return "bpf+" + what + "-" + r.token(name+"@example.org") + "@" + mailDomain
		}
		other := link.NewSigner([]byte("another key, with which nobody here signs")).Token(link.Reply, link.Target{CycleID: r.cycle, ContactID: people["forged"], DeliveryID: queued})

		for name, tt := range map[string]struct {
			to, from string
			raw      []byte
			kind     inbound.Kind
			state    inbound.State
			outcome  inbound.Outcome
			match    inbound.Match
			who      int64
		}{
			"a reply": {to("re", "reply"), "x@example.org", letterFrom("Ré <else@example.net>", "Re: Call", "", "We will answer."), inbound.Reply, inbound.Waiting, inbound.Undecided, inbound.ByToken, people["reply"]},
			"a reply with a document": {
				to("re", "reply"), "x@example.org", withDocument("ليلى <else@example.net>", "Re: Call", "Attached."),
				inbound.Contribution, inbound.Waiting, inbound.Undecided, inbound.ByToken, people["reply"],
			},
			"a machine": {
				to("re", "auto"), "", letterFrom("auto@example.org", "Away", "Auto-Submitted: auto-replied", "", "I am away."),
				inbound.AutoReply, inbound.Filed, inbound.ByMachine, inbound.ByToken, people["auto"],
			},
			"a machine at the return path": {
				to("bounce", "auto"), "", letterFrom("auto@example.org", "Away", "Auto-Submitted: auto-replied", "", "I am away, too."),
				inbound.AutoReply, inbound.Filed, inbound.ByMachine, inbound.ByToken, people["auto"],
			},
			"perhaps a machine": {
				to("re", "weak"), "w@example.org", letterFrom("weak@example.org", "رد تلقائي: دعوة", "", "غائبة"),
				inbound.AutoReply, inbound.Filed, inbound.ByMachine, inbound.ByToken, people["weak"],
			},
			"gone":          {to("bounce", "gone"), "", report("failed", "5.1.1", "550 5.1.1 no such user"), inbound.Bounce, inbound.Handled, inbound.Bounced, inbound.ByToken, people["gone"]},
			"full":          {to("bounce", "full"), "", report("failed", "5.2.2", "552 5.2.2 full"), inbound.Bounce, inbound.Handled, inbound.BouncedOnce, inbound.ByToken, people["full"]},
			"delayed":       {to("bounce", "reply"), "", report("delayed", "4.4.1", "no answer"), inbound.Bounce, inbound.Filed, inbound.Delayed, inbound.ByToken, people["reply"]},
			"forged bounce": {"bpf+bounce-" + other + "@" + mailDomain, "", report("failed", "5.1.1", "550 gone"), inbound.Bounce, inbound.Waiting, inbound.Forged, inbound.NoMatch, 0},
			"a bounce at the wrong address": {
				to("re", "forged"), "", report("failed", "5.1.1", "550 gone too"), inbound.Bounce, inbound.Waiting, inbound.NoToken, inbound.ByToken, people["forged"],
			},
			"a bounce without a token":   {"bpf@convoke.test", "", report("failed", "5.1.1", "550 gone as well"), inbound.Bounce, inbound.Waiting, inbound.NoToken, inbound.NoMatch, 0},
			"an old server's bounce":     {to("bounce", "old"), "", letterFrom("MAILER-DAEMON@old.example", "failure notice", "", "Hi. Sorry."), inbound.Bounce, inbound.Waiting, inbound.Unreadable, inbound.ByToken, people["old"]},
			"a complaint":                {"bpf@convoke.test", "", complaintOf("Reply-To: BPF <" + to("re", "angry") + ">"), inbound.Complaint, inbound.Handled, inbound.Complained, inbound.ByToken, people["angry"]},
			"a forged complaint":         {"bpf@convoke.test", "", complaintOf("Reply-To: <bpf+re-" + other + "@" + mailDomain + ">"), inbound.Complaint, inbound.Waiting, inbound.Forged, inbound.NoMatch, 0},
			"a complaint without":        {"bpf@convoke.test", "", complaintOf("Message-ID: <d1@convoke.test>"), inbound.Complaint, inbound.Waiting, inbound.NoToken, inbound.NoMatch, 0},
			"the button":                 {to("stop", "leaves"), "l@example.org", letterFrom("leaves@example.org", "unsubscribe", "", ""), inbound.Unsubscribe, inbound.Handled, inbound.Stopped, inbound.ByToken, people["leaves"]},
			"a forged button":            {"bpf+stop-" + other + "@" + mailDomain, "l@example.org", letterFrom("forged@example.org", "x", "", ""), inbound.Unsubscribe, inbound.Waiting, inbound.Forged, inbound.NoMatch, 0},
			"stop, in Arabic":            {to("re", "stops"), "s@example.org", letterFrom("other@example.net", "Re: Call", "", "إلغاء الاشتراك.", "", "> Dear"), inbound.Unsubscribe, inbound.Handled, inbound.Stopped, inbound.ByToken, people["stops"]},
			"stop, from its mailbox":     {"bpf@convoke.test", "p@example.org", letterFrom("Page <PAGE@example.org>", "取消订阅", "", ""), inbound.Unsubscribe, inbound.Handled, inbound.Stopped, inbound.BySender, people["page"]},
			"stop, from nobody we wrote": {"bpf@convoke.test", "p@example.org", letterFrom("late@example.org", "Unsubscribe", "", ""), inbound.Unsubscribe, inbound.Waiting, inbound.SenderOnly, inbound.NoMatch, 0},
			"somebody on the list":       {"bpf@convoke.test", "p@example.org", withDocument("Late <late@example.org>", "Our answer", "See the file."), inbound.Contribution, inbound.Waiting, inbound.Undecided, inbound.BySender, late},
			"a stranger":                 {"bpf@convoke.test", "p@example.org", letterFrom("someone@example.net", "Hello", "", "Stop the presses."), inbound.Unknown, inbound.Waiting, inbound.Undecided, inbound.NoMatch, 0},
		} {
			got := r.take(tt.to, tt.from, tt.raw)
			var who int64
			if got.ContactID != nil {
				who = *got.ContactID
			}
			if got.Kind != tt.kind || got.State != tt.state || got.Outcome != tt.outcome || got.MatchedBy != tt.match || who != tt.who {
				t.Errorf("%s: %q, %q, %q, by %q, of %d; want %q, %q, %q, by %q, of %d", name, got.Kind, got.State, got.Outcome, got.MatchedBy, who,
					tt.kind, tt.state, tt.outcome, tt.match, tt.who)
			}
			again := r.take(tt.to, tt.from, append([]byte("Received: from another.example; Mon, 7 Aug 2017 11:00:00 +0000\r\n"), tt.raw...))
			if again.ID != got.ID {
				t.Errorf("%s: the same mail by another way is %d and %d", name, got.ID, again.ID)
			}
		}
		states := map[string]string{}
		for name, id := range people {
			var state, status string
			ok(t, d.Read(ctx).QueryRow("select d.state, a.status from delivery d join address a on a.id = d.address_id where d.contact_id = ?", id).Scan(&state, &status))
			states[name] = state + " " + status
		}
		for name, want := range map[string]string{
			"gone": "bounced bounced", "full": "bounced ok", "angry": "complained complained", "forged": "sent ok", "reply": "sent ok", "auto": "sent ok", "old": "sent ok",
			"leaves": "sent ok", "stops": "sent ok", "weak": "sent ok", "page": "sent ok",
		} {
			if states[name] != want {
				t.Errorf("%s: %s, want %s", name, states[name], want)
			}
		}
		if n := r.count("select count(*) from opt_out where scope = 'cycle' and how = 'mail' and ended_at is null"); n != 3 {
			t.Errorf("%d asked for no more, want 3", n)
		}
		if n := r.count("select count(*) from suppression"); n != 1 {
			t.Errorf("%d addresses are suppressed, want that of the complaint", n)
		}
		if n := r.count("select count(*) from contribution"); n != 0 {
			t.Errorf("%d contributions were made by nobody", n)
		}
		if n := r.count("select count(*) from audit_event where action = 'inbound.sorted'"); n != r.count("select count(*) from inbound_mail") {
			t.Errorf("%d events", n)
		}
	})
}

// A report that speaks of a message that never left changes nothing.
func TestABounceOfWhatNeverLeftChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newMailRoom(t, d)
		id := r.listed("Ana", "ana@example.org")
		r.launched()
		var delivery int64
		ok(t, d.Read(context.Background()).QueryRow("select id from delivery where contact_id = ?", id).Scan(&delivery))
		token := campaigntest.Links().Token(link.Reply, link.Target{CycleID: r.cycle, ContactID: id, DeliveryID: delivery})
		got := r.take("bpf+bounce-"+token+"@"+mailDomain, "", report("failed", "5.1.1", "550 gone"))
		if got.Outcome != inbound.NeverSent || got.State != inbound.Waiting || r.count("select count(*) from delivery where state = 'queued'") != 1 ||
			r.count("select count(*) from address where status = 'ok'") != 1 {
			t.Errorf("%+v", got.Mail)
		}
	})
}

// One mail that comes several times at once, and is sorted by several at once, is one and does once what it does.
func TestTheSameMailAtOnceIsOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		r.listed("Ana", "ana@example.org")
		r.launched()
		r.kit.Work()
		to := []string{"bpf+bounce-" + r.token("ana@example.org") + "@" + mailDomain}
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				if _, err := r.inbound.Receive(ctx, inbound.Delivered{To: to, Raw: report("failed", "5.1.1", "550 gone")}); err != nil {
					t.Error(err)
				}
				if err := r.inbound.Sweep(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := r.count("select count(*) from inbound_mail"); n != 1 {
			t.Errorf("%d mails", n)
		}
		if n := r.count("select count(*) from audit_event where action in ('inbound.sorted', 'address.bounced')"); n != 2 {
			t.Errorf("%d events, want two", n)
		}
		if n := r.count("select count(*) from delivery_try where state = 'bounced'"); n != 1 {
			t.Errorf("%d lines in the story", n)
		}
		second := r.take(to[0], "", report("failed", "5.1.1", "550 still gone"))
		if second.Outcome != inbound.Known {
			t.Errorf("another report of the same: %q", second.Outcome)
		}
	})
}

// What officers do about a mail is noted, and can be taken back where nothing was made of it.
func TestOfficersCloseAndReopen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		got := r.take("bpf@convoke.test", "x@example.net", letterFrom("Zoë <x@example.net>", "Hello", "", "Hi"))
		for _, outcome := range []inbound.Outcome{inbound.Bounced, "x", ""} {
			if err := r.inbound.Close(ctx, r.officer, got.ID, outcome, ""); !errs.Is(err, errs.Invalid) {
				t.Errorf("closed as %q: %v", outcome, err)
			}
		}
		if err := r.inbound.Close(ctx, r.officer, got.ID, inbound.Answered, strings.Repeat("x", 501)); !errs.Is(err, errs.Invalid) {
			t.Errorf("a long note: %v", err)
		}
		ok(t, r.inbound.Close(ctx, r.officer, got.ID, inbound.Answered, "by phone\x00"))
		if err := r.inbound.Close(ctx, r.officer, got.ID, inbound.Left, ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("closed twice: %v", err)
		}
		ok(t, r.inbound.Reopen(ctx, r.officer, got.ID))
		ok(t, r.inbound.Close(ctx, r.officer, got.ID, inbound.Left, ""))
		rows, _, err := r.inbound.List(ctx, r.officer, inbound.Filter{State: inbound.Filed, Kind: inbound.Unknown})
		ok(t, err)
		if len(rows) != 1 || rows[0].Outcome != inbound.Left || rows[0].ByName != "officer" {
			t.Errorf("%+v", rows)
		}
		if err := r.inbound.Close(ctx, r.officer, 999, inbound.Left, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("of a mail that is not there: %v", err)
		}
		for _, err := range []error{r.inbound.Close(ctx, r.ana, got.ID, inbound.Left, ""), r.inbound.Reopen(ctx, account.Nobody(""), got.ID)} {
			if !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.Unauthorized) {
				t.Errorf("by somebody else: %v", err)
			}
		}
	})
}

// Mails follow a contact who becomes part of another, and come back; whoever is erased takes theirs along.
func TestMailsFollowTheirContact(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := newMailRoom(t, d)
		one, two := r.listed("Ana", "ana@example.org"), r.listed("Anna", "")
		r.launched()
		r.kit.Work()
		r.take("bpf+re-"+r.token("ana@example.org")+"@"+mailDomain, "ana@example.org", letterFrom("ana@example.org", "Re: Call", "", "Soon."))
		united, err := r.unite(two, one)
		ok(t, err)
		if mine, err := r.inbound.OfContact(ctx, r.officer, two); err != nil || len(mine) != 1 {
			t.Errorf("after the merge: %v, %v", mine, err)
		}
		_, err = r.contacts.Undo(ctx, r.officer, united.ChangesetID)
		ok(t, err)
		if mine, err := r.inbound.OfContact(ctx, r.officer, one); err != nil || len(mine) != 1 {
			t.Errorf("after it was taken back: %v, %v", mine, err)
		}
		stranger := r.take("bpf@convoke.test", "ana@example.org", wire("From: Ana <ana@example.org>", "Precedence: bulk", "Subject: other", "", "x"))
		ok(t, r.inbound.Close(ctx, r.officer, stranger.ID, inbound.Answered, "Ana, by phone"))
		ok(t, r.contacts.Erase(ctx, r.officer, one, false))
		if n := r.count("select count(*) from audit_event where object_kind = 'inbound_mail' and after like '%by phone%'"); n != 0 {
			t.Errorf("the note is in %d events of the trail, which nobody can erase", n)
		}
		if n := r.count("select count(*) from inbound_raw") + r.count("select count(*) from inbound_mail where from_email <> '' or subject <> '' or envelope_from <> ''"); n != 0 {
			t.Errorf("%d things are left of what was erased", n)
		}
		if _, err := r.inbound.Raw(ctx, r.officer, stranger.ID); !errs.Is(err, errs.Gone) {
			t.Errorf("the mail itself: %v", err)
		}
		if _, err := r.inbound.MakeContribution(ctx, r.officer, stranger.ID, inbound.Order{ContactID: two, CycleID: r.cycle}); err == nil {
			t.Error("a contribution was made of what was erased")
		}
	})
}

var _ contact.Eraser = inbound.Eraser{}
