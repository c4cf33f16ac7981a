package sheet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// emails takes in a cell with addresses: "a@x.org; Anna Berg <b@x.org>".
func (in *Interpreter) emails(m Mapping, text string) {
	if isHeader(text) {
		in.reject(m, text, "sheet.cell.header_injection")
		return
	}
	if len(text) > maxEmailCell {
		in.reject(m, text, "field.too_long", "Max", maxEmailCell)
		return
	}
	for part := range addresses(text) {
		if len(in.row.Emails) >= maxEmails {
			in.reject(m, text, "sheet.cell.too_many_addresses", "Max", maxEmails)
			return
		}
		in.email(m, part)
	}
}

func (in *Interpreter) email(m Mapping, part string) {
	name, address := nameAndAddress(part)
	seen := strings.Map(dropWidthless, address)
	if seen != address {
		in.note(m, seen, "sheet.note.invisible")
	}
	if dotted, ok := spelledOut(seen); ok {
		in.note(m, dotted, "sheet.note.at_sign")
		seen = dotted
	}
	normalized, err := in.normalize(seen)
	if err != nil {
		key, args := "mail.address.form", errs.Args(nil)
		if f := errs.FieldsOf(err); len(f) > 0 {
			key, args = f[0].Key, f[0].Args
		}
		in.reject(m, seen, key, flat(args)...)
		return
	}
	if slices.ContainsFunc(in.row.Emails, func(e Mailbox) bool { return e.Address == normalized }) {
		return
	}
	name, _ = cleanLine(name)
	if !fits(name, maxLine) || strings.Contains(name, "@") {
		name = ""
	}
	in.row.Emails = append(in.row.Emails, Mailbox{Address: normalized, Name: name})
	in.row.Emails[len(in.row.Emails)-1].column = m.Column
}

func flat(args errs.Args) []any {
	var all []any
	for k, v := range args {
		all = append(all, k, v)
	}
	return all
}

// addresses parts a cell at commas, semicolons, bars, lines and white space, though not within
// quotes and not within a name before angle brackets.
func addresses(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		text = strings.ReplaceAll(text, ":::", ";")
		if !strings.ContainsAny(text, ",;|\r\n\t <") {
			yield(text)
			return
		}
		start, quoted := 0, false
		give := func(end int) bool {
			part := strings.TrimSpace(text[start:end])
			return part == "" || yield(part)
		}
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == '"':
				quoted = !quoted && strings.IndexByte(text[i+1:], '"') >= 0
			case quoted, !strings.ContainsRune(",;|\r\n\t ", rune(c)):
			case strings.ContainsRune(", \t", rune(c)) && !complete(text[start:i], text[i+1:]):
			default:
				if !give(i) {
					return
				}
				start = i + 1
			}
		}
		give(len(text))
	}
}

// complete says at a space or a comma that an address stands before it, so that what follows is
// another one. "Berg, Anna <anna@example.org>" goes on, and so does "anna at example.org".
func complete(before, after string) bool {
	before = strings.TrimSpace(before)
	if !strings.Contains(before, "@") {
		return before == ""
	}
	after = strings.TrimLeft(after, " \t,;|\r\n")
	return !strings.HasPrefix(after, "@") && !strings.HasPrefix(after, "<") && !strings.HasSuffix(before, "@") || strings.HasSuffix(before, ">")
}

// nameAndAddress takes "Anna Berg <anna@example.org>", "<anna@…>", "mailto:anna@…" and
// "anna@… (Anna Berg)" apart.
func nameAndAddress(part string) (name, address string) {
	part = strings.TrimSpace(part)
	if open := strings.LastIndexByte(part, '<'); open >= 0 && strings.HasSuffix(part, ">") {
		name, part = part[:open], part[open+1:len(part)-1]
	} else if open := strings.IndexByte(part, '('); open > 0 && strings.HasSuffix(part, ")") && strings.Contains(part[:open], "@") {
		name, part = part[open+1:len(part)-1], part[:open]
	}
	name = strings.ReplaceAll(strings.Trim(strings.TrimSpace(name), `"'`), `\"`, `"`)
	part = strings.TrimSpace(part)
	if len(part) > 7 && strings.EqualFold(part[:7], "mailto:") {
		part, _, _ = strings.Cut(part[7:], "?")
	}
	return name, strings.Trim(part, ".")
}

// dropWidthless takes characters without width out of an address, which come along when it is
// copied from a page. Direction characters stay: the judge of addresses refuses them.
func dropWidthless(r rune) rune {
	switch r {
	case '\u200b', '\u2060', '\ufeff', '\u00ad', '\u180e':
		return -1
	}
	return r
}

// spelledOut reads "anna at example.org", as rosters of mailing lists hide addresses.
func spelledOut(address string) (string, bool) {
	if strings.Contains(address, "@") {
		return "", false
	}
	for _, at := range []string{" at ", "(at)", "[at]", " (at) ", " [at] ", "＠"} {
		local, domain, found := strings.Cut(address, at)
		local, domain = strings.TrimSpace(local), strings.TrimSpace(domain)
		if found && strings.Contains(domain, ".") && !strings.ContainsAny(local+domain, " \t") && local != "" {
			return local + "@" + domain, true
		}
	}
	return "", false
}

// elsewhere says of an address where somebody reads it, not whose it is.
const elsewhere = "elsewhere"

func parseAddressKind(text string) string {
	switch geo.Fold(text) {
	case "personal", "person", "private", "own", "personnel", "personnelle", "شخصي", "个人", "личныи", "pessoal", "particular":
		return "personal"
	case "role", "function", "functional", "shared", "generic", "office", "fonction", "generique", "funcion", "generico",
		"وظيفي", "职能", "公共", "служебныи", "общии", "funcao":
		return "role"
	case "work", "home", "other", "business", "main", "primary", "internet", "travail", "domicile", "trabajo", "casa", "trabalho":
		return elsewhere
	}
	return ""
}

// addressKind says whose mailboxes the addresses of the column before it are.
func (in *Interpreter) addressKind(m Mapping, line string) {
	kind := recall(in.words.addressKinds, line, parseAddressKind)
	switch kind {
	case "":
		in.reject(m, line, "sheet.cell.address_kind")
		return
	case elsewhere:
		return
	}
	before := -1
	for _, e := range in.row.Emails {
		if e.column < m.Column {
			before = max(before, e.column)
		}
	}
	for i := range in.row.Emails {
		if e := &in.row.Emails[i]; e.column == before {
			e.Kind = kind
		}
	}
}

// mailStatus reads what the product that wrote the table thinks of mailing this contact.
//
//   - listmonk: enabled, disabled, blocklisted (models.SubscriberStatus…)
//   - LimeSurvey: "OK", "OptOut", and anything else after a delivery failed
//   - Mailman: enabled, by_user, by_bounces, by_moderator (DeliveryStatus)
//   - elsewhere a yes under a header like "unsubscribed"
func (in *Interpreter) mailStatus(m Mapping, line string) {
	negative := false
	switch geo.Fold(m.Header) {
	case "unsubscribed", "opted out", "opt out", "optout", "do not mail", "do not email", "do not contact", "dnc", "blocklisted", "blacklisted",
		"desinscrit", "dado de baja", "ألغى الاشتراك", "الغي الاشتراك", "退订", "отписан", "descadastrado":
		negative = true
	}
	switch word := strings.ReplaceAll(geo.Fold(line), " ", ""); word {
	case "ok", "enabled", "active", "subscribed", "confirmed", "unconfirmed", "valid", "in", "optin":
	case "no", "false", "0", "n", "non", "нет", "لا", "否", "nao", "falso":
		in.row.MustNotMail = in.row.MustNotMail || !negative
	case "yes", "true", "1", "y", "x", "oui", "si", "да", "نعم", "是", "sim", "vrai", "verdadero", "verdadeiro":
		in.row.MustNotMail = in.row.MustNotMail || negative
	case "optout", "optedout", "out", "blocklisted", "blacklisted", "unsubscribed", "disabled", "byuser", "bymoderator", "complained", "spam", "inactive", "donotmail", "donotcontact", "suppressed":
		in.row.MustNotMail = true
	case "bounced", "invalid", "bybounces", "undeliverable", "failed", "cleaned":
		in.row.Undeliverable = true
	default:
		in.row.Undeliverable = true
		in.note(m, line, "sheet.note.mail_status")
	}
}

// attributes takes what it knows out of a JSON object, as listmonk keeps what it has no column for.
func (in *Interpreter) attributes(m Mapping, text string) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		in.note(m, text, "sheet.note.attributes")
		return
	}
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	in.soft = true
	defer func() { in.soft = false }()
	for _, k := range keys {
		f, _ := byHeader(k)
		if f == Ignore || f == Attributes || f == ID || in.at(f).Column >= 0 && !f.several() {
			continue
		}
		if value := scalar(object[k]); value != "" {
			in.cell(Mapping{Column: m.Column, Header: m.Header, Field: f}, value)
		}
	}
}

func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%.6f", v), ".000000")
	case bool:
		return fmt.Sprint(v)
	case []any:
		var all []string
		for _, x := range v {
			if s := scalar(x); s != "" && len(all) < 50 {
				all = append(all, s)
			}
		}
		return strings.Join(all, "; ")
	}
	return ""
}
