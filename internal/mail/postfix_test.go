//go:build unix

package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
	"github.com/convoke/convoke/internal/testenv"
)

// A Postfix as it comes relays our mail to the next server: what arrives there is, to the byte, what we made, but for the
// trace that it puts on top; signatures hold; addresses beyond ASCII pass; what is too large is refused before it is sent.
func TestPostfixRelaysWhatWeMake(t *testing.T) {
	t.Parallel()
	sink := mailtest.NewServer(t, mailtest.ServerOptions{})
	const most = 8 << 20
	cfg, err := mail.ParseURL("smtp://" + testenv.Postfix(t, sink.Addr(), most) + "?starttls=off&helo=convoke.test")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, kind := range []string{mail.DKIMEd25519, mail.DKIMRSA} {
		if err := mail.MakeDKIMKey(folder, "s-"+kind, kind); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := mail.ReadDKIMKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2017, 8, 15, 9, 0, 0, 0, time.UTC) }
	sign := mail.NewDKIM("example.test", keys, now).Sign
	p := mail.NewPool(mail.PoolConfig{Transport: mail.NewSMTP(cfg), Connections: 2, Sign: sign})
	t.Cleanup(p.Close)

	var envelopes []mail.Envelope
	for i, to := range []string{"anna@example.test", "李雷@example.test", "ليلى@example.test", "large@example.test"} {
		envelopes = append(envelopes, mail.Envelope{ID: int64(i + 1), From: "bpf+bounce-abc@example.test", To: to, Data: relayed(t, to, now())})
	}
	envelopes[3].Data = append(envelopes[3].Data, strings.Repeat("A line of a message that is too large for the server.\r\n", most/50)...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	results, err := p.Send(ctx, envelopes, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results[:3] {
		if r.Outcome != mail.Accepted || !strings.HasPrefix(r.Reply, "Ok: queued as ") || r.Server != "relay.test" {
			t.Errorf("to %s: %+v", envelopes[i].To, r)
		}
	}
	if r := results[3]; r.Outcome != mail.Failed || r.Enhanced != mail.TooLarge || r.Code != 552 {
		t.Errorf("a message of %d bytes: %+v", len(envelopes[3].Data), r)
	}
	arrived := wait(ctx, t, sink, 3)
	for _, e := range envelopes[:3] {
		got, ok := arrived[e.To]
		if !ok {
			t.Fatalf("nothing arrived for %s: %v", e.To, arrived)
		}
		checkRelayed(t, keys, e, got, string(sign(e.Data)))
	}
}

func checkRelayed(t *testing.T, keys []mail.DKIMKey, e mail.Envelope, got mailtest.Message, want string) {
	t.Helper()
	trace, rest, _ := strings.Cut(string(got.Data), "DKIM-Signature:")
	if !strings.HasPrefix(trace, "Received: ") || "DKIM-Signature:"+rest != want {
		t.Errorf("to %s arrived\n%s\nwant behind the trace\n%s", e.To, got.Data, want)
	}
	if got.From != e.From || got.UTF8 != !mail.Everywhere(e.To) {
		t.Errorf("from %s to %s with SMTPUTF8 %t", got.From, got.To, got.UTF8)
	}
	found, err := dkim.VerifyWithOptions(strings.NewReader(string(got.Data)), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		for _, k := range keys {
			if k.Name("example.test") == name {
				return []string{k.Record()}, nil
			}
		}
		return nil, errors.New("no such name")
	}})
	if err != nil || len(found) != 2 || found[0].Err != nil || found[1].Err != nil {
		t.Errorf("to %s: signatures %v, %v", e.To, found, err)
	}
}

func relayed(t *testing.T, to string, at time.Time) []byte {
	t.Helper()
	s, err := mail.NewSkeleton(mail.Parts{
		From: mail.Address{Name: "أمانة المنتدى", Email: "bpf@example.test"}, Subject: "دعوة إلى تقديم المساهمات: " + mail.Slot("name"),
		Text: ".\nDear  " + mail.Slot("name") + " \n\nFrom here\t\n", HTML: "<p>السلام عليكم  " + mail.Slot("name") + "</p>", Locale: "ar", Dir: "rtl",
		ListID: "BPF <bpf.example.test>",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.Render(nil, mail.Recipient{
		To: mail.Address{Name: "李雷, \"Lei\"", Email: to}, ReplyTo: mail.Address{Email: "bpf+re-abc@example.test"}, MessageID: "d1@example.test",
		Date: at, UnsubscribeURL: "https://convoke.test/u/abcdefgh", Values: []string{"李雷 👩🏽‍💻", "李雷 👩🏽‍💻"},
	})
}

// wait gives what arrived, by recipient.
func wait(ctx context.Context, t *testing.T, sink *mailtest.Server, n int) map[string]mailtest.Message {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		arrived := map[string]mailtest.Message{}
		for _, m := range sink.Messages() {
			arrived[m.To] = m
		}
		if len(arrived) >= n {
			return arrived
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d of %d messages arrived", len(arrived), n)
		case <-tick.C:
		}
	}
}
