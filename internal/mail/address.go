package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/convoke/convoke/internal/errs"
)

const (
	maxAddress = 254 // RFC 5321 path of 256 without its angle brackets
	maxLocal   = 64
)

var domainProfile = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckHyphens(true),
	idna.CheckJoiners(true),
	idna.ValidateLabels(true),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
)

// Normalize gives the one spelling of an address under which it is known: trimmed, NFC, the
// local part in lower case, the domain in lower-case ASCII (IDNA). Two spellings of the same
// mailbox give the same string. An address that cannot be mailed safely is an Invalid error with
// the field "email": no control or bidirectional control characters, no spaces, quotes or angle
// brackets, no domain without a dot, at most 254 bytes.
func Normalize(email string) (string, error) {
	s := norm.NFC.String(strings.TrimSpace(email))
	if s == "" {
		return "", badAddress("mail.address.empty")
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, forbiddenInAddress) {
		return "", badAddress("mail.address.characters")
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return "", badAddress("mail.address.form")
	}
	local, err := normalizeLocal(s[:at])
	if err != nil {
		return "", err
	}
	domain, err := normalizeDomain(s[at+1:])
	if err != nil {
		return "", err
	}
	if len(local)+1+len(domain) > maxAddress {
		return "", badAddress("mail.address.too_long")
	}
	return local + "@" + domain, nil
}

func normalizeLocal(s string) (string, error) {
	local := norm.NFC.String(strings.ToLower(s))
	if len(local) > maxLocal {
		return "", badAddress("mail.address.too_long")
	}
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return "", badAddress("mail.address.form")
	}
	if strings.ContainsAny(local, `"(),:;<>@[\]`) {
		return "", badAddress("mail.address.characters")
	}
	return local, nil
}

func normalizeDomain(s string) (string, error) {
	domain, err := domainProfile.ToASCII(s)
	if err != nil || !strings.Contains(domain, ".") {
		return "", badAddress("mail.address.domain")
	}
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	if strings.Trim(top, "0123456789") == "" { // an IP address, or a typing error
		return "", badAddress("mail.address.domain")
	}
	return domain, nil
}

func forbiddenInAddress(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || isBidiControl(r) || unicode.Is(unicode.Zs, r) ||
		unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' || r == utf8.RuneError
}

// isBidiControl says whether a character reorders the text around it. In a name or an address
// it can make a reader see something else than what is there.
func isBidiControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
}

func badAddress(key string) error {
	return errs.InvalidFields(errs.FieldError("email", key))
}

// roles are the mailboxes of RFC 2142 and those that institutions use in the same way.
var roles = map[string]bool{
	"info": true, "marketing": true, "sales": true, "support": true, "abuse": true, "noc": true, "security": true,
	"postmaster": true, "hostmaster": true, "usenet": true, "news": true, "webmaster": true, "www": true, "uucp": true, "ftp": true,
	"admin": true, "administration": true, "administrator": true, "cert": true, "cirt": true, "communication": true,
	"communications": true, "contact": true, "contacto": true, "contato": true, "csirt": true, "desk": true, "dpo": true,
	"email": true, "enquiries": true, "enquiry": true, "feedback": true, "general": true, "hello": true, "help": true,
	"helpdesk": true, "inquiries": true, "inquiry": true, "mail": true, "mailbox": true, "media": true, "noreply": true,
	"no-reply": true, "office": true, "policy": true, "presse": true, "press": true, "prensa": true, "privacy": true,
	"pr": true, "reception": true, "registry": true, "root": true, "secretariat": true, "secretaria": true,
	"secretary": true, "service": true, "soc": true, "team": true, "webteam": true,
}

// IsRole says whether an address belongs to a function rather than to a person (RFC 2142:
// info, security, secretariat, …), so that several people may read it. A tag after "+" and a
// short or generic second word ("info-fr", "press.office") do not matter.
func IsRole(email string) bool {
	local, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	if !found {
		return false
	}
	local, _, _ = strings.Cut(local, "+")
	if roles[local] {
		return true
	}
	words := strings.FieldsFunc(local, func(r rune) bool { return r == '-' || r == '.' || r == '_' })
	if len(words) < 2 || !roles[words[0]] {
		return false
	}
	for _, w := range words[1:] {
		if len(w) > 3 && !roles[w] {
			return false
		}
	}
	return true
}

// Everywhere says whether every server can deliver to a normalized address. The others are those whose part before the @ is
// not ASCII: only servers that offer SMTPUTF8 take them (RFC 6531). Domains are always ASCII on the wire.
func Everywhere(email string) bool { return isASCII(email) }

// Address is a mailbox with the name shown beside it. Email is one that Normalize accepts;
// Name is any text and may be empty.
type Address struct {
	Name  string
	Email string
}

// String is the address as the value of a header: encoded, safe to put behind "To: ".
func (a Address) String() string {
	return string(appendAddress(nil, a, len("Reply-To: ")))
}
