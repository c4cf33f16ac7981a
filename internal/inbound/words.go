package inbound

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/mail"
)

// noMore are the words by which people ask for no more, each a whole line.
func noMore() []string {
	return []string{
		"unsubscribe", "unsubscribe me", "please unsubscribe", "please unsubscribe me", "stop", "remove me", "please remove me", "remove", "opt out", "opt-out",
		"désabonner", "desabonner", "désabonnez-moi", "se désabonner", "désinscription", "désinscrire", "désinscrivez-moi", "me désinscrire",
		"cancelar suscripción", "cancelar suscripcion", "cancelar la suscripción", "darme de baja", "darse de baja", "baja", "desuscribir", "quitar de la lista",
		"cancelar inscrição", "cancelar inscricao", "cancelar a inscrição", "cancelar subscrição", "remover", "descadastrar", "sair da lista",
		"отписаться", "отпишите меня", "отписка", "отказаться от рассылки", "отписать",
		"إلغاء الاشتراك", "الغاء الاشتراك", "ألغوا اشتراكي", "إلغاء اشتراكي", "أوقفوا الرسائل",
		"退订", "取消订阅", "退訂", "取消訂閱", "请退订",
	}
}

// wantsNoMore says whether the subject, or all that was written, is a wish for no more and nothing else.
func wantsNoMore(read *mail.Incoming) bool {
	if len(read.Files) > 0 && hasDocument(read) {
		return false
	}
	said := func(s string) bool {
		s = strings.ToLower(strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) }))
		return slices.Contains(noMore(), strings.Join(strings.Fields(s), " "))
	}
	if said(read.Subject) {
		return true
	}
	for l := range strings.Lines(mail.WithoutQuote(read.Text)) {
		if strings.TrimSpace(l) != "" {
			return said(l)
		}
	}
	return false
}

// farewell is how many characters a wish for no more may have with its greeting and signature.
const farewell = 400

// andMore lets a mail that says more than a wish for no more wait for an officer too: it may be what was asked for. What stands
// from an address of ours on is our message.
func (s *Service) andMore(v verdict, read *mail.Incoming) verdict {
	own := 0
	for l := range strings.Lines(mail.WithoutQuote(read.Text)) {
		if slices.ContainsFunc(s.Boxes.Domains, func(d string) bool { return d != "" && strings.Contains(strings.ToLower(l), "@"+strings.ToLower(d)) }) {
			break
		}
		own += utf8.RuneCountInString(strings.TrimSpace(l))
	}
	if own > farewell {
		v.state = Waiting
	}
	return v
}

// hasDocument says whether a mail brings what may be a contribution. A picture in the text, a card, an invitation and a signature
// are none.
func hasDocument(read *mail.Incoming) bool {
	return slices.ContainsFunc(read.Files, IsDocument)
}

// IsDocument says of a file that it may be a contribution, by its name: what it truly is shows when it is read.
func IsDocument(f mail.File) bool {
	switch strings.ToLower(path.Ext(f.Name)) {
	case ".docx", ".doc", ".docm", ".odt", ".rtf", ".txt", ".md", ".pdf", ".pages":
		return true
	}
	return false
}

// fromServer says of a sender that it is a mail server itself.
func fromServer(email string) bool {
	local, _, _ := strings.Cut(email, "@")
	switch local {
	case "mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon":
		return true
	}
	return false
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
