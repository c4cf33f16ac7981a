package mail

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/mail/mailtest"
)

// dkimKeys makes a key of each kind.
func dkimKeys(t *testing.T) []DKIMKey {
	t.Helper()
	folder := t.TempDir()
	for _, kind := range []string{DKIMEd25519, DKIMRSA} {
		if err := MakeDKIMKey(folder, "s-"+kind, kind); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := ReadDKIMKeys(folder)
	if err != nil || len(keys) != 2 || keys[0].Kind() != DKIMEd25519 || keys[1].Kind() != DKIMRSA {
		t.Fatalf("%v, %v", keys, err)
	}
	return keys
}

// verify asks emersion/go-msgauth, with the records that we tell people to publish, and gives how many signatures hold.
func verify(t interface{ Fatalf(string, ...any) }, keys []DKIMKey, message []byte) int {
	records := map[string]string{}
	for _, k := range keys {
		records[k.Name("example.org")] = k.Record()
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(message), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if r, ok := records[name]; ok {
			return []string{r}, nil
		}
		return nil, errors.New("no such name: " + name)
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, message)
	}
	good := 0
	for _, v := range found {
		if v.Err == nil {
			good++
		}
	}
	return good
}

func signer(keys []DKIMKey) *DKIM {
	return NewDKIM("example.org", keys, func() time.Time { return testDate })
}

func TestSignaturesHoldForAnotherProgram(t *testing.T) {
	t.Parallel()
	keys := dkimKeys(t)
	d := signer(keys)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([ -~\n\t]|\. ?|  |\t\t| \n|é|文){0,300}`))
	rapid.Check(t, func(t *rapid.T) {
		p := testParts("x"+text.Draw(t, "text"), "<p>"+text.Draw(t, "html")+"</p>")
		if HasSlot(p.Text) || HasSlot(p.HTML) {
			t.Skip("slots")
		}
		p.Subject = "s" + strings.NewReplacer("\r", "", "\n", "").Replace(text.Draw(t, "subject"))
		sk, err := NewSkeleton(p)
		if err != nil {
			t.Skip("refused")
		}
		r := testRecipient()
		r.To.Name = text.Draw(t, "name")
		message := d.Sign(sk.Render(nil, r))
		if n := verify(t, keys, message); n != 2 {
			t.Fatalf("%d signatures hold\n%s", n, message)
		}
		if m := mailtest.Read(t, message); len(m.Names) != 14 {
			t.Fatalf("%q", m.Names)
		}
	})
}

// What servers on the way may do to a message leaves the signatures whole; what changes its meaning does not.
func TestSignaturesHoldWhatTheyShould(t *testing.T) {
	t.Parallel()
	keys := dkimKeys(t)
	sk, err := NewSkeleton(testParts("Dear  colleague,\n\n\tplease answer \n", "<p>Dear</p>"))
	if err != nil {
		t.Fatal(err)
	}
	message := string(signer(keys).Sign(sk.Render(nil, testRecipient())))
	for name, tt := range map[string]struct {
		old, with string
		holds     bool
	}{
		"nothing":               {"", "", true},
		"a trace":               {"DKIM-Signature: v=1; a=ed25519", "Received: from a by b;\r\n Tue, 15 Aug 2017 09:00:01 +0000\r\nDKIM-Signature: v=1; a=ed25519", true},
		"folding":               {"List-ID: BPF Cybersecurity", "List-ID: BPF\r\n\t Cybersecurity", true},
		"spaces at a line end":  {"--\r\n", "-- \t\r\n", true},
		"another subject":       {"Subject: Call", "Subject: Ball", false},
		"a second sender":       {"Date: ", "From: eve@example.org\r\nDate: ", false},
		"another unsubscribe":   {"/u/abc", "/u/abd", false},
		"no promise of a click": {"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", false},
		"a marked reply":        {"MIME-Version", "In-Reply-To: <x@y>\r\nMIME-Version", false},
		"another body":          {"answer", "answers", false},
		"a line more":           {"<p>Dear</p>", "<p>Dear</p>\r\nx", false},
	} {
		changed := strings.Replace(message, tt.old, tt.with, 1)
		if tt.old != "" && changed == message {
			t.Errorf("%s: nothing to change in\n%s", name, message)
		}
		if n := verify(t, keys, []byte(changed)); (n == 2) != tt.holds || !tt.holds && n != 0 {
			t.Errorf("%s: %d signatures hold\n%s", name, n, changed)
		}
	}
}

// Whatever goes through a pool with keys is signed once, also what is tried again on another connection.
func TestThePoolSigns(t *testing.T) {
	t.Parallel()
	keys := dkimKeys(t)
	server := mailtest.NewRaw(t, mailtest.RawOptions{Script: func(e mailtest.Event) mailtest.Action {
		return mailtest.Action{Close: e.Conn == 1 && e.Stage == "data"}
	}})
	cfg, err := ParseURL("smtp://" + server.Addr() + "?starttls=off")
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(PoolConfig{Transport: NewSMTP(cfg), Sign: signer(keys).Sign})
	t.Cleanup(p.Close)
	sk, err := NewSkeleton(testParts("Dear colleague", "<p>Dear</p>"))
	if err != nil {
		t.Fatal(err)
	}
	es := envelopesOf(1, 5)
	for i := range es {
		es[i].Data = sk.Render(nil, testRecipient())
	}
	if _, err := p.Send(context.Background(), es, nil); err != nil {
		t.Fatal(err)
	}
	for _, m := range server.Messages() {
		if n := strings.Count(string(m.Data), "DKIM-Signature: "); n != 2 || verify(t, keys, m.Data) != 2 {
			t.Errorf("%d signatures in\n%s", n, m.Data)
		}
	}
	if n := len(server.Messages()); n != 5 {
		t.Errorf("%d messages", n)
	}
}

func TestKeysAreReadWithCare(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := MakeDKIMKey(folder, "one", DKIMEd25519); err != nil {
		t.Fatal(err)
	}
	if err := MakeDKIMKey(folder, "one", DKIMEd25519); !errors.Is(err, os.ErrExist) {
		t.Errorf("a key is written over: %v", err)
	}
	if info, err := os.Stat(filepath.Join(folder, "one.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	keys, err := ReadDKIMKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	k := keys[0]
	for record, want := range map[string]bool{
		k.Record(): true, strings.ReplaceAll(k.Record(), " ", ""): true, strings.Replace(k.Record(), "v=DKIM1; ", "", 1): true,
		"v=DKIM1; k=ed25519; p=": false, strings.Replace(k.Record(), "ed25519", "rsa", 1): false, "v=spf1 mx -all": false, "": false,
	} {
		if k.Published(record) != want {
			t.Errorf("%q: %t", record, !want)
		}
	}
	for name, content := range map[string]string{"two.pem": "no key", "Bad_Name.pem": "x"} {
		other := t.TempDir()
		if err := os.WriteFile(filepath.Join(other, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadDKIMKeys(other); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
