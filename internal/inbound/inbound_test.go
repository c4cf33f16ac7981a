package inbound

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/mail"
)

func TestOurAddresses(t *testing.T) {
	t.Parallel()
	b := Boxes{Local: "bpf", Domains: []string{"replies.convoke.test", "convoke.test", ""}}
	for address, want := range map[string]bool{
		"bpf@convoke.test": true, "BPF@Replies.Convoke.TEST": true, "bpf@convoke.test.": true, "bpf+re-abc@convoke.test": true, "bpf+bounce-abc@convoke.test": true,
		"bpf+stop-a@convoke.test": true, "postmaster@convoke.test": true,
		"bpf@": false, "@convoke.test": false, "": false, "bpf": false, "bpf+@convoke.test": false, "bpf+re-@convoke.test": false, "bpf+x-abc@convoke.test": false,
		"bpf+re@convoke.test": false, "other@convoke.test": false, "bpf@example.org": false, "postmaster+re-a@convoke.test": false, "bpf@x@convoke.test": false,
	} {
		if got := b.Takes(address); got != want {
			t.Errorf("%q: %t", address, got)
		}
	}
	got := b.tokens([]string{"x@example.org", "bpf+RE-Abc@convoke.test", "bpf+re-abc@replies.convoke.test", "bpf+stop-d@convoke.test"})
	if len(got) != 2 || got[0] != (token{"re", "abc"}) || got[1] != (token{"stop", "d"}) {
		t.Errorf("%v", got)
	}
}

// Whatever is done in whatever order: what something was made of stays so, and every move that is refused changes nothing.
func TestMovesOfAMail(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		m := Mail{State: Waiting}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before := m
			var err error
			switch rapid.IntRange(0, 3).Draw(t, "move") {
			case 0:
				err = m.sort(verdict{kind: Bounce, state: Handled, outcome: rapid.SampledFrom([]Outcome{Bounced, Known, Stopped, Complained}).Draw(t, "outcome")}, at)
			case 1:
				err = m.sort(verdict{kind: Reply, state: Waiting, outcome: Undecided}, at)
			case 2:
				err = m.close(rapid.SampledFrom([]State{Handled, Filed}).Draw(t, "to"), rapid.SampledFrom([]Outcome{Answered, MadeContribution, Left}).Draw(t, "outcome"), 1, at)
			case 3:
				err = m.reopen()
			}
			if err != nil && m != before {
				t.Fatalf("refused, and changed: %+v, %+v", before, m)
			}
			if err != nil && !errs.Is(err, errs.Conflict) {
				t.Fatal(err)
			}
			if before.SortedAt != nil && !before.Reopenable() && before.State == Handled && m.State != Handled {
				t.Fatalf("%s was undone: %+v", before.Outcome, m)
			}
			if m.SortedAt == nil && m.State != Waiting {
				t.Fatalf("decided before it was sorted: %+v", m)
			}
		}
	})
}

func TestWordsForNoMore(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Unsubscribe": true, "  STOP.\n\n> Dear": true, "Désabonnez-moi !": true, "«Отписаться»": true, "إلغاء الاشتراك": true, "退订。": true, "Darme de baja": true,
		"Cancelar inscrição": true, "Please do not stop": false, "Stop the presses": false, "": false, "Our answer\nunsubscribe": false,
	} {
		if got := wantsNoMore(&mail.Incoming{Subject: "Re: Call", Text: text}); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	if wantsNoMore(&mail.Incoming{Subject: "Stop", Files: []mail.File{{Name: "answer.docx"}}}) {
		t.Error("a document is not lost for a word in the subject")
	}
}

// The same mail is the same whatever way it took, and another is another.
func TestTheHashIsOfWhatWasSent(t *testing.T) {
	t.Parallel()
	s := New(Deps{Boxes: Boxes{Local: "bpf", Domains: []string{"convoke.test"}}})
	hash := func(to, raw string) string {
		return s.hash(Delivered{To: []string{to}, Raw: []byte(raw)}, mail.ReadIncoming([]byte(raw)))
	}
	const one = "From: a@example.org\r\nSubject: x\r\n\r\nReceived: in the text\r\n"
	same := hash("bpf@convoke.test", one)
	for _, other := range []string{
		"Received: from x\r\n\tby y; now\r\nReturn-Path: <a@example.org>\r\n" + one, strings.ReplaceAll(one, "\r\n", "\n"), "From a@example.org Mon\n" + one,
		"Delivered-To: bpf@convoke.test\r\n" + one,
	} {
		if hash("bpf@convoke.test", other) != same {
			t.Errorf("another hash: %q", other)
		}
	}
	for _, different := range []string{hash("bpf+re-abc@convoke.test", one), hash("bpf@convoke.test", one+"x"), hash("bpf@convoke.test", "Subject: x\r\n\r\n")} {
		if different == same {
			t.Error("another mail has the same hash")
		}
	}
}
