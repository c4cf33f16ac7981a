package config

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// maxSender is how long the local part of the sender may be, so that with the detail that tells
// deliveries apart it stays within the 64 octets of RFC 5321.
const maxSender = 20

// Sender is the address that mail comes from as servers know it, with the domain in ASCII (IDNA), and the name beside it.
func (c Config) Sender() (name, email string) {
	a, err := mail.ParseAddress(c.MailFrom)
	if err != nil {
		return "", c.MailFrom // checked when it was read
	}
	at := strings.LastIndexByte(a.Address, '@')
	if domain, err := idna.Lookup.ToASCII(a.Address[at+1:]); err == nil {
		return a.Name, a.Address[:at+1] + domain
	}
	return a.Name, a.Address
}

// checkSender wants an address that every server takes: only recipients may have one that needs SMTPUTF8.
func checkSender(from string) error {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return Error{MailFrom, fmt.Sprintf("%q is no address", from), "write secretariat@convoke.example.org or Secretariat <secretariat@convoke.example.org>"}
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if at > maxSender {
		return Error{MailFrom, fmt.Sprintf("has more than %d characters before the @", maxSender), "choose a shorter one: each message adds a detail to it, and 64 are allowed"}
	}
	if strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>@[\]`, r) }) {
		return Error{MailFrom, "has characters before the @ that not every mail server takes", "use letters of A to Z, digits and hyphens there"}
	}
	if _, err := idna.Lookup.ToASCII(domain); err != nil {
		return Error{MailFrom, fmt.Sprintf("%q is no name of a mail domain", domain), "write secretariat@convoke.example.org or Secretariat <secretariat@convoke.example.org>"}
	}
	return nil
}

// asciiDomain is a domain as servers know it (IDNA); what is none stays as it is.
func asciiDomain(given string) string {
	given = strings.TrimSpace(given)
	if domain, err := idna.Lookup.ToASCII(given); err == nil {
		return domain
	}
	return given
}

func checkInbound(domain string) error {
	if domain == "" {
		return nil
	}
	if _, err := idna.Lookup.ToASCII(domain); err != nil || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "@ /:") {
		return Error{InboundMail, fmt.Sprintf("%q is no name of a mail domain", domain), "write the domain whose mail convoke inbound reads, like replies.convoke.example.org, or leave it empty"}
	}
	return nil
}
