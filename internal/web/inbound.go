package web

import (
	"cmp"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/inbound"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/web/form"
)

// The pages of mail that came in.
const (
	inboundPage     page[inboundData]     = "inbound"
	inboundMailPage page[inboundMailData] = "inbound_mail"

	inboundShown   = 12_000 // characters of a mail's text
	inboundHeaders = 60
	inboundFiles   = 50
)

type inboundData struct {
	Kind   inbound.Kind // that the list is narrowed to, "" for all
	State  inbound.State
	Kinds  []inboundCount
	States []inboundCount
	Items  []inboundRow
	Next   int64
}

// inboundCount is a choice of the list, with how many mails it has.
type inboundCount struct {
	Value string
	Count int
}

type inboundRow struct {
	inbound.Row
	KindKey string
}

type inboundMailData struct {
	inboundRow
	Round        contribution.Round
	To           []string
	Text         string
	Shortened    bool
	Broken       bool
	Headers      []mail.Header
	Files        []inboundFile
	MayMake      bool
	MayClose     bool
	MayReopen    bool
	Existing     *contribution.Contribution // to which the mail's documents may be added; nil for none
	Written      string                     // the language it is in, as far as anybody knows; "" where nobody does
	Language     string                     // the one that is proposed for a contribution
	Languages    []form.Option
	Capacities   []form.Option
	Groups       []form.Option
	Countries    []form.Option
	CloseOptions []form.Option
}

type inboundFile struct {
	Number int
	Name   string
	Size   string
}

func (w *Web) inboundSection() section {
	return section{
		pages: []definition{inboundPage, inboundMailPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/inbound", account.InboundRead, w.inboundMails)
			r.Handle(fiber.MethodGet, "/inbound/:id", account.InboundRead, w.inboundMail)
			r.Handle(fiber.MethodGet, "/inbound/:id/raw", account.InboundRead, w.inboundRaw)
			r.Handle(fiber.MethodGet, "/inbound/:id/files/:number", account.InboundRead, w.inboundFile)
			r.Handle(fiber.MethodPost, "/inbound/:id/contribution", account.InboundDecide, w.inboundMake)
			r.Handle(fiber.MethodPost, "/inbound/:id/documents", account.InboundDecide, w.inboundAdd)
			r.Handle(fiber.MethodPost, "/inbound/:id/close", account.InboundDecide, w.inboundClose)
			r.Handle(fiber.MethodPost, "/inbound/:id/reopen", account.InboundDecide, w.inboundReopen)
		},
	}
}

func (w *Web) inboundMails(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	before, err := queryNumber(c, "before")
	if err != nil {
		return err
	}
	d := inboundData{Kind: inbound.Kind(c.Query("kind")), State: inbound.State(c.Query("state"))}
	counts, err := w.Inbound.Counts(ctx, actor)
	if err != nil {
		return err
	}
	for _, k := range inbound.Kinds() {
		d.Kinds = append(d.Kinds, inboundCount{string(k), countOf(counts, k, d.State)})
	}
	for _, s := range inbound.States() {
		d.States = append(d.States, inboundCount{string(s), countOf(counts, d.Kind, s)})
	}
	rows, next, err := w.Inbound.List(ctx, actor, inbound.Filter{Kind: d.Kind, State: d.State, Before: int64(before)})
	if err != nil {
		return err
	}
	d.Items, d.Next = inboundRows(rows), next
	return inboundPage.show(w, c, d)
}

// countOf adds up what is of a kind and in a state; "" is any.
func countOf(counts []inbound.Count, kind inbound.Kind, state inbound.State) (n int) {
	for _, c := range counts {
		if (kind == "" || c.Kind == kind) && (state == "" || c.State == state) {
			n += c.Count
		}
	}
	return n
}

func inboundRows(rows []inbound.Row) []inboundRow {
	all := make([]inboundRow, len(rows))
	for i, r := range rows {
		all[i] = inboundRow{Row: r, KindKey: kindKey(r.Kind)}
	}
	return all
}

func kindKey(k inbound.Kind) string {
	if k == inbound.Unsorted {
		return "inbound.kind.unsorted"
	}
	return "inbound.kind." + string(k)
}

func (w *Web) inboundMail(c *fiber.Ctx) error {
	d, err := w.inboundData(c)
	if err != nil {
		return err
	}
	return inboundMailPage.showForm(w, c, d, inboundForm(&d))
}

// inboundForm is what the page proposes: whom the mail is from as far as anybody knows.
func inboundForm(d *inboundMailData) form.Form {
	contact := ""
	if d.ContactID != nil {
		contact = strconv.FormatInt(*d.ContactID, 10)
	}
	return form.With("contact_id", contact, "name", d.FromName, "language", d.Language)
}

func (w *Web) inboundData(c *fiber.Ctx) (inboundMailData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	actor := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return inboundMailData{}, err
	}
	o, err := w.Inbound.Open(ctx, actor, id)
	if err != nil {
		return inboundMailData{}, err
	}
	d := inboundMailData{inboundRow: inboundRow{Row: o.Row, KindKey: kindKey(o.Kind)}, To: strings.Fields(o.EnvelopeTo)}
	d.show(l, o.Read)
	open := o.SortedAt != nil && o.ErasedAt == nil && actor.May(account.InboundDecide)
	d.MayMake = open && o.State != inbound.Handled
	d.MayClose = d.MayMake
	d.MayReopen = open && o.State != inbound.Waiting && o.Reopenable()
	if d.Round, err = w.roundOfMail(c, &o.Mail); err != nil {
		return d, err
	}
	if d.Written, err = w.languageOfMail(c, o); err != nil {
		return d, err
	}
	d.Language = cmp.Or(d.Written, d.Round.DefaultLanguage)
	if d.MayMake && o.HasDocuments() {
		if d.Existing, err = w.existingOf(c, *o.ContactID, d.Round); err != nil {
			return d, err
		}
	}
	for _, locale := range w.Bundle.Locales() {
		d.Languages = append(d.Languages, form.Option{Value: locale.Tag, Label: locale.Name})
	}
	for _, outcome := range inbound.Choices() {
		d.CloseOptions = append(d.CloseOptions, form.Option{Value: string(outcome), Label: l.T("inbound.outcome." + string(outcome))})
	}
	d.Capacities, d.Groups, d.Countries = w.capacities(c), w.groups(c), w.countries(c)
	return d, nil
}

func (w *Web) roundOfMail(c *fiber.Ctx, m *inbound.Mail) (contribution.Round, error) {
	if m.CycleID != nil {
		return w.Contributions.RoundByID(c.UserContext(), *m.CycleID)
	}
	return w.Contributions.CurrentRound(c.UserContext())
}

// languageOfMail is the one of ours that the mail names, else the one in which its sender is written to; "" where neither is known.
func (w *Web) languageOfMail(c *fiber.Ctx, o inbound.Opened) (string, error) {
	tags := strings.FieldsFunc(o.Read.Header("Content-Language"), func(r rune) bool { return r == ',' || r == ' ' })
	if o.ContactID != nil {
		ctx := c.UserContext()
		sender, err := w.Contacts.Get(ctx, account.ActorFrom(ctx), *o.ContactID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return "", err
		}
		tags = append(tags, strings.Fields(sender.LanguageChain)...)
	}
	if tag, ok := i18n.ResolveAmong(w.Bundle.Tags(), tags...); ok {
		return tag, nil
	}
	return "", nil
}

// existingOf is the contribution of a contact to which documents may be added, nil for none.
func (w *Web) existingOf(c *fiber.Ctx, contactID int64, round contribution.Round) (*contribution.Contribution, error) {
	k, err := w.Contributions.OfContact(c.UserContext(), account.ActorFrom(c.UserContext()), round.ID, contactID)
	if errs.Is(err, errs.NotFound) || err == nil && !k.Supplementable() {
		return nil, nil
	}
	return &k, err
}

// show takes over what of a mail is shown: words only, never more than a page can carry.
func (d *inboundMailData) show(l *i18n.Localizer, m *mail.Incoming) {
	d.Text, d.Broken = m.Text, m.Broken
	if utf8.RuneCountInString(d.Text) > inboundShown {
		d.Text, d.Shortened = string([]rune(d.Text)[:inboundShown]), true
	}
	for _, name := range []string{"Subject", "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted", "Precedence", "List-ID"} {
		if v := m.Header(name); v != "" && len(d.Headers) < inboundHeaders {
			d.Headers = append(d.Headers, mail.Header{Name: name, Value: firstRunes(v, 500)})
		}
	}
	for i, f := range m.Files[:min(len(m.Files), inboundFiles)] {
		d.Files = append(d.Files, inboundFile{Number: i, Name: f.Name, Size: l.T("inbound.size", "Size", l.Number(int64(max(1, len(f.Content)>>10))))})
	}
}

func firstRunes(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// inboundRaw is the mail as it came, for a mail program.
func (w *Web) inboundRaw(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	raw, err := w.Inbound.Raw(c.UserContext(), account.ActorFrom(c.UserContext()), id)
	if err != nil {
		return err
	}
	return download(c, "mail-"+strconv.FormatInt(id, 10)+".eml", raw)
}

func (w *Web) inboundFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil {
		number = -1
	}
	f, err := w.Inbound.File(c.UserContext(), account.ActorFrom(c.UserContext()), id, number)
	if err != nil {
		return err
	}
	return download(c, f.Name, f.Content)
}

// download hands out what a stranger sent: to be kept, never to be opened in the browser, whatever it says that it is.
func download(c *fiber.Ctx, name string, content []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.Send(content)
}

// mailsOf are the newest mails that came from a contact, for whoever may see them.
func (w *Web) mailsOf(c *fiber.Ctx, contactID int64) ([]inboundRow, error) {
	if w.Inbound == nil {
		return nil, nil
	}
	rows, err := w.Inbound.OfContact(c.UserContext(), account.ActorFrom(c.UserContext()), contactID)
	return inboundRows(rows), err
}
