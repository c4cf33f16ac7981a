package mail

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + "org"
	for _, c := range []struct{ in, want, key string }{
		{" Anna.Berg@Example.ORG ", "anna.berg@example.org", ""},
		{"anna+igf@example.org", "anna+igf@example.org", ""},
		{"o'hara@example.com", "o'hara@example.com", ""},
		{"jürgen@bücher.example", "jürgen@xn--bcher-kva.example", ""},
		{"ju\u0308rgen@BÜCHER.example", "jürgen@xn--bcher-kva.example", ""},
		{"用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah", ""},
		{"Ж@xn--80ak6aa92e.example", "ж@xn--80ak6aa92e.example", ""},
		{"", "", "mail.address.empty"},
		{"anna", "", "mail.address.form"},
		{"@example.org", "", "mail.address.form"},
		{"anna@", "", "mail.address.form"},
		{".anna@example.org", "", "mail.address.form"},
		{"an..na@example.org", "", "mail.address.form"},
		{"anna@localhost", "", "mail.address.domain"},
		{"anna@192.0.2.1", "", "mail.address.domain"},
		{"anna@[192.0.2.1]", "", "mail.address.domain"},
		{"anna@exa_mple.org", "", "mail.address.domain"},
		{"anna@-example.org", "", "mail.address.domain"},
		{"anna@example..org", "", "mail.address.domain"},
		{"anna@example.org.", "", "mail.address.domain"},
		{"an na@example.org", "", "mail.address.characters"},
		{"anna@example.org\r\nBcc: eve@example.org", "", "mail.address.characters"},
		{"anna\x00@example.org", "", "mail.address.characters"},
		{"\u202eanna@example.org", "", "mail.address.characters"},
		{"an\u200bna@example.org", "", "mail.address.characters"},
		{"\"anna\"@example.org", "", "mail.address.characters"},
		{"anna@evil.example@example.org", "", "mail.address.characters"},
		{"Anna <anna@example.org>", "", "mail.address.characters"},
		{"anna\xff@example.org", "", "mail.address.characters"},
		{long, "", "mail.address.too_long"},
		{strings.Repeat("a", 65) + "@example.org", "", "mail.address.too_long"},
	} {
		got, err := Normalize(c.in)
		if got != c.want {
			t.Errorf("Normalize(%q) = %q, want %q", c.in, got, c.want)
		}
		key := ""
		if f := errs.FieldsOf(err); len(f) == 1 {
			key = f[0].Key
		}
		if key != c.key {
			t.Errorf("Normalize(%q): %v, want %q", c.in, err, c.key)
		}
	}
}

func TestNormalizeIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "local") + "@" + rapid.SampledFrom([]string{"example.org", "Bücher.example", "例え.テスト"}).Draw(t, "domain")
		once, err := Normalize(s)
		if err != nil {
			return
		}
		twice, err := Normalize(once)
		if err != nil || once != twice {
			t.Fatalf("%q → %q → %q, %v", s, once, twice, err)
		}
		if strings.ContainsAny(once, " \r\n<>\"") || len(once) > maxAddress {
			t.Fatalf("unsafe: %q", once)
		}
	})
}

func TestIsRole(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"info@example.org": true, "INFO@example.org": true, "info+igf@example.org": true, "info-fr@example.org": true,
		"press.office@example.org": true, "secretariat@example.int": true, "abuse-team@example.net": true, "noc@example.net": true,
		"anna@example.org": false, "info.jones@example.org": false, "securitymartha@example.org": false, "info": false, "": false,
	} {
		if IsRole(in) != want {
			t.Errorf("IsRole(%q) is not %v", in, want)
		}
	}
}

func TestAddressHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"", "<a@example.org>"},
		{"Anna Berg", "Anna Berg <a@example.org>"},
		{"Berg, Anna", `"Berg, Anna" <a@example.org>`},
		{"R&D <x> \"q\"", "=?UTF-8?B?UiZEIDx4PiAicSI=?= <a@example.org>"},
		{"Añá", "=?UTF-8?B?QcOxw6E=?= <a@example.org>"},
		{"Eve\r\nBcc: x@example.org", `"Eve Bcc: x@example.org" <a@example.org>`},
		{"=?UTF-8?B?QQ==?=", "=?UTF-8?B?PT9VVEYtOD9CP1FRPT0/PQ==?= <a@example.org>"},
		{"A\u202eB", "AB <a@example.org>"},
	} {
		if got := (Address{Name: c.name, Email: "a@example.org"}).String(); got != c.want {
			t.Errorf("%q: %s", c.name, got)
		}
	}
}

func TestAddressIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		line := "To: " + string(appendAddress(nil, Address{Name: name, Email: "a@example.org"}, 4))
		for _, l := range strings.Split(line, "\r\n") {
			if len(l) > lineLimit+2 {
				t.Fatalf("line of %d: %q", len(l), l)
			}
		}
		got, err := mail.ParseAddress(strings.ReplaceAll(line[4:], "\r\n", ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if got.Name != cleanHeader(name) || got.Address != "a@example.org" {
			t.Fatalf("%q came back as %q", name, got.Name)
		}
	})
}

// homoglyphs are domains that look like another one; the letters tell them apart.
const homoglyphs = "аррӏе.example"

func TestNormalizeTellsLookalikesApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, in := range []string{"a@apple.example", "a@" + homoglyphs, "а@apple.example", "a@аpple.example", "a@ɑpple.example"} {
		got, err := Normalize(in)
		if err != nil {
			continue // refused is told apart as well
		}
		if other, twice := seen[got]; twice {
			t.Errorf("%q and %q are both %q", other, in, got)
		}
		seen[got] = in
		if _, domain, _ := strings.Cut(got, "@"); strings.ContainsFunc(domain, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("%q: the domain of %q is not in ASCII", in, got)
		}
	}
	if len(seen) < 3 {
		t.Errorf("only %d were accepted", len(seen))
	}
}

// FuzzNormalize: an address that is accepted is its own normal form, in whatever spelling it came,
// and holds nothing that could end a header, hide, or turn the text around it.
func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{
		" Anna.Berg@Example.ORG ", "ju\u0308rgen@BÜCHER.example", "用户@例え.テスト", "a@" + homoglyphs, "anna@example.org\r\nBcc: x@example.org",
		"\u202eanna@example.org", "an\u200bna@example.org", "می\u200cخواهم@example.org", "a\u00ad@example.org", "İ@example.org", "ﬀ@ﬀ.example", "a@ⓔxample.org",
		"a@例え。テスト", "ǅ@example.org", "a@xn--bcher-kva.example", "a@xn--.example", "ß@straße.example", "\u0345@example.org", "a@-.org", "K@example.org", "\u1e9e@example.org",
		"a@example\uff0eorg", "'=1+1@example.org", "a@%00.org", "אבג@דוגמה.example", "a\u0300\u0316@example.org",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		once, err := Normalize(email)
		if err != nil {
			if len(errs.FieldsOf(err)) != 1 || once != "" {
				t.Fatalf("%q: %q, %v", email, once, err)
			}
			return
		}
		for _, again := range []string{once, " " + once + "\t"} {
			if got, err := Normalize(again); err != nil || got != once {
				t.Fatalf("%q → %q → %q, %v", email, once, got, err)
			}
		}
		if upper := strings.ToUpper(once); strings.ToLower(upper) == once {
			if got, err := Normalize(upper); err == nil && got != once {
				t.Fatalf("%q → %q, in capitals %q", email, once, got)
			}
		}
		local, domain, _ := strings.Cut(once, "@")
		if local == "" || !strings.Contains(domain, ".") || len(once) > maxAddress || len(local) > maxLocal || !utf8.ValidString(once) {
			t.Fatalf("%q → %q", email, once)
		}
		for _, r := range once {
			if unicode.IsControl(r) || unicode.IsSpace(r) || isBidiControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || strings.ContainsRune(`"(),:;<>[\]`, r) {
				t.Fatalf("%q → %q has %U", email, once, r)
			}
		}
		for _, r := range domain {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' {
				t.Fatalf("%q → domain %q", email, domain)
			}
		}
	})
}
