package campaign

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/link"
	"github.com/convoke/convoke/internal/mail"
)

// The merge fields of messages.
const (
	fieldContact      = "contact"
	fieldOrganization = "organization"
	fieldCycle        = "cycle"
	fieldDeadline     = "deadline"
	fieldPersonal     = "personal_link"
	fieldVolunteer    = "volunteer"
	fieldUnsubscribe  = "unsubscribe_link"
	fieldCall         = "call_link"
)

// mergeField is {{name}}, also as a link's address where Markdown has escaped the braces.
var mergeField = regexp.MustCompile(`(?:\{\{|%7[Bb]%7[Bb])\s*([a-z_]+)\s*(?:\}\}|%7[Dd]%7[Dd])`)

// person is whom a message is for.
type person struct {
	DeliveryID   int64 // 0 in a preview: its links lead nowhere
	ContactID    int64
	Kind         string // person or organization
	Name         string
	Organization string // "" for none
	Email        string
	AddressKind  string    // personal or role
	Volunteer    string    // who sends it personally; "" for the campaign itself
	VolunteerBox string    // where the volunteer reads answers
	Initiative   bool      // answers for one, and so has its deadline
	Own          *Deadline // instead of that of the others; nil for most
	Shown        bool      // before somebody who must not act for the contact: its links lead nowhere
	Resends      int       // how often it was sent again though it had arrived

	leave string // the token for unsubscribing, once it was made
}

// messageID is another where a message is sent again that had arrived: servers take one that they know for a double.
func (p *person) messageID(domain string) string {
	id := "d" + strconv.FormatInt(p.DeliveryID, 10)
	if p.Resends > 0 {
		id += "." + strconv.Itoa(p.Resends)
	}
	return id + "@" + domain
}

// answers is the volunteer's own mailbox beside the secretariat's. One that only servers with SMTPUTF8 reach is left out
// of a message that any server takes: it would take the message from readers whose servers know nothing of it.
func (p person) answers() mail.Address {
	if mail.Everywhere(p.Email) && !mail.Everywhere(p.VolunteerBox) {
		return mail.Address{}
	}
	return mail.Address{Name: p.Volunteer, Email: p.VolunteerBox}
}

// composer makes the messages of a step in one language. It is made for a batch, so that what all
// its messages share is as it is now.
type composer struct {
	s        *Service
	cycle    Cycle
	skeleton *mail.Skeleton
	slots    []string
	shared   map[string]string // values that are the same for everybody
	grace    string            // {{deadline}} for whoever answers for an initiative
	locale   *i18n.Localizer
	words    words
	below    *composer // gives the values of the source text below; nil where there is none
	inOwn    string    // ends links where the message has two languages: each block leads to pages in its own
	filler   string    // stands where there is no value, in a preview
}

// words stand where a contact has no name, no organization, no volunteer. Each is said once for a batch.
type words struct{ colleague, organization, team string }

// composer finds the skeleton of an edition of a frozen text and the values that everybody shares.
func (s *Service) composer(ctx context.Context, cycle Cycle, e edition) (*composer, error) {
	made, err := s.skeletons.get(skeletonKey{e, cycle.Name}, func() (encoded, error) { return s.encode(ctx, cycle, e, "") })
	if err != nil {
		return nil, errs.Wrap("campaign.skeleton", err)
	}
	return s.composerOf(ctx, cycle, made, e.locale)
}

// freshComposer is composer for a text that may still change, and with what a volunteer writes above it.
func (s *Service) freshComposer(ctx context.Context, cycle Cycle, e edition, opening string) (*composer, error) {
	made, err := s.encode(ctx, cycle, e, opening)
	if err != nil {
		return nil, errs.Wrap("campaign.skeleton", err)
	}
	return s.composerOf(ctx, cycle, made, e.locale)
}

func (s *Service) composerOf(ctx context.Context, cycle Cycle, made encoded, locale string) (*composer, error) {
	deadlines, err := s.deadlines(ctx, cycle)
	if err != nil {
		return nil, err
	}
	in := func(locale string) *composer {
		c := &composer{s: s, cycle: cycle, locale: s.Bundle.For(locale)}
		c.words = words{c.locale.T("mail.greeting.colleague"), c.locale.T("mail.greeting.organization"), c.locale.T("mail.signature.team", "Cycle", cycle.Name)}
		if made.below != "" {
			c.inOwn = "?lang=" + locale
		}
		c.shared = map[string]string{fieldCycle: cycle.Name, fieldCall: s.PublicURL + "/calls/" + cycle.Slug + "?lang=" + locale}
		c.shared[fieldDeadline], c.grace = deadlineText(c.locale, deadlines[0]), deadlineText(c.locale, deadlines[1])
		return c
	}
	c := in(locale)
	c.skeleton, c.slots = made.Skeleton, made.Slots()
	if made.below != "" {
		c.below = in(made.below)
	}
	return c, nil
}

// deadlines are that of everybody and that of the initiatives; nil where the cycle has none.
func (s *Service) deadlines(ctx context.Context, cycle Cycle) ([2]*Deadline, error) {
	if cycle.deadlines != nil {
		return *cycle.deadlines, nil
	}
	var both [2]*Deadline
	for i, initiative := range []bool{false, true} {
		d, ok, err := s.Cycles.Deadline(ctx, cycle.ID, initiative, s.Now())
		if err != nil {
			return both, err
		}
		if ok {
			both[i] = &d
		}
	}
	return both, nil
}

// deadlineText says a deadline in a reader's language, with its zone; "" where there is none.
func deadlineText(l *i18n.Localizer, d *Deadline) string {
	if d == nil {
		return ""
	}
	return l.T("mail.deadline", "Date", l.FullDate(d.Day, nil), "Zone", l.Zone(d.At, d.Zone))
}

// plainPrefix begins the names of the slots of names in plain text: where a name is of the other direction than the text,
// signs keep it from disturbing the sentence. In HTML an element does that.
const plainPrefix = "plain_"

// isName says whether the value of a merge field is in whatever language people and cycles are named in.
func isName(field string) bool {
	switch field {
	case fieldContact, fieldOrganization, fieldCycle, fieldVolunteer:
		return true
	}
	return false
}

// toSlots puts slots in the place of the merge fields of a plain text; prefix begins their names.
func toSlots(s, prefix string) string {
	return mergeField.ReplaceAllStringFunc(s, func(m string) string {
		field := mergeField.FindStringSubmatch(m)[1]
		if isName(field) {
			field = plainPrefix + field
		}
		return mail.Slot(prefix + field)
	})
}

// toSlotsHTML is toSlots for HTML, where a name has its own direction.
func toSlotsHTML(page, prefix string) string {
	var b strings.Builder
	at := 0
	for _, m := range mergeField.FindAllStringSubmatchIndex(page, -1) {
		field := page[m[2]:m[3]]
		slot := mail.Slot(prefix + field)
		if isName(field) && !mail.InTag(page, m[0]) {
			slot = "<bdi>" + slot + "</bdi>"
		}
		b.WriteString(page[at:m[0]] + slot)
		at = m[1]
	}
	return b.String() + page[at:]
}

// names says whether the text has a merge field.
func (c *composer) names(field string) bool {
	return slices.ContainsFunc(c.slots, func(slot string) bool { return fieldOf(slot) == field })
}

// hasGrace says whether initiatives have another deadline than the others.
func (c *composer) hasGrace() bool { return c.grace != c.shared[fieldDeadline] }

// withoutValue names the merge fields of the text for which nobody would have a value.
func (c *composer) withoutValue() []string {
	var missing []string
	values := c.values(person{Name: "x"})
	for i, slot := range c.slots {
		if strings.TrimSpace(values[i]) == "" {
			missing = append(missing, fieldOf(slot))
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// fieldOf is the merge field in whose place a slot is.
func fieldOf(slot string) string {
	return strings.TrimPrefix(strings.TrimPrefix(slot, belowPrefix), plainPrefix)
}

// values are a person's, in the order of the skeleton's slots. An organization, a role's mailbox
// and a contact without a name are not greeted by name: for them {{contact}} is a word such as
// "colleague", so that the sentence around it holds in every language.
func (c *composer) values(p person) []string {
	values := make([]string, len(c.slots))
	for i, slot := range c.slots {
		if values[i] = c.value(slot, p); values[i] == "" {
			values[i] = c.filler
		}
	}
	return values
}

func (c *composer) value(slot string, p person) string {
	if name, ok := strings.CutPrefix(slot, belowPrefix); ok && c.below != nil {
		return c.below.value(name, p)
	}
	if name, ok := strings.CutPrefix(slot, plainPrefix); ok {
		return c.locale.Isolate(c.value(name, p))
	}
	switch slot {
	case fieldContact:
		if p.Kind == "organization" || p.AddressKind == "role" || p.Name == "" {
			return c.words.colleague
		}
		return p.Name
	case fieldOrganization:
		if p.Organization == "" {
			return c.words.organization
		}
		return p.Organization
	case fieldVolunteer:
		if p.Volunteer == "" {
			return c.words.team
		}
		return p.Volunteer
	case fieldDeadline:
		if p.Own != nil {
			return deadlineText(c.locale, p.Own)
		}
		if p.Initiative {
			return c.grace
		}
	case fieldPersonal:
		return c.s.PublicURL + "/r/" + c.token(link.Respond, p) + c.inOwn
	case fieldUnsubscribe:
		return c.unsubscribe(p) + c.inOwn
	}
	return c.shared[slot]
}

func (c *composer) unsubscribe(p person) string {
	if p.leave == "" {
		p.leave = c.token(link.Unsubscribe, p)
	}
	return c.s.PublicURL + "/u/" + p.leave
}

// token is the person's, or in a preview a word, so that whoever reviews cannot act for others.
func (c *composer) token(purpose link.Purpose, p person) string {
	if p.DeliveryID == 0 || p.Shown {
		return "preview"
	}
	return c.s.Links.Token(purpose, link.Target{CycleID: c.cycle.ID, ContactID: p.ContactID, DeliveryID: p.DeliveryID})
}

// subaddress is the sender's own address with a detail (RFC 5233) that says which delivery is meant:
// it reaches the sender's mailbox on every server that knows subaddressing, with nothing set up.
func (c *composer) subaddress(what, token string) string {
	local, _, _ := strings.Cut(c.s.From.Email, "@")
	return local + "+" + what + "-" + token + "@" + cmp.Or(c.s.InboundDomain, c.s.MailDomain)
}

// envelope is the person's message, for whoever looks at it.
func (c *composer) envelope(p person) (mail.Envelope, error) {
	return c.envelopeIn(new([]byte), p, BatchRef{}, 0)
}

// envelopeIn is the person's message on its way. It is appended to the arena, which grows by it: a batch has one, so that its messages need no memory of
// their own.
func (c *composer) envelopeIn(arena *[]byte, p person, ref BatchRef, attempt int) (mail.Envelope, error) {
	reply := c.token(link.Reply, p)
	p.leave = c.token(link.Unsubscribe, p)
	r := mail.Recipient{
		From:           c.sender(p),
		To:             mail.Address{Name: p.Name, Email: p.Email},
		ReplyTo:        mail.Address{Name: c.s.From.Name, Email: c.subaddress("re", reply)},
		ReplyToo:       p.answers(),
		MessageID:      p.messageID(c.s.MailDomain),
		Date:           c.s.Now().UTC().Truncate(time.Second),
		UnsubscribeURL: c.unsubscribe(p),
		Values:         c.values(p),
	}
	if c.s.InboundDomain != "" {
		r.UnsubscribeMail = c.subaddress("stop", reply)
	}
	if missing := c.skeleton.Missing(r); len(missing) > 0 {
		return mail.Envelope{}, errs.InvalidFields(errs.FieldError(fieldOf(missing[0]), "campaign.value_missing", "Field", fieldOf(missing[0])))
	}
	from := len(*arena)
	*arena = c.skeleton.Render(*arena, r)
	return mail.Envelope{
		ID: p.DeliveryID, Batch: ref.key(), Attempt: attempt,
		From: c.subaddress("bounce", reply),
		To:   p.Email,
		Data: (*arena)[from:len(*arena):len(*arena)], Rendered: true,
	}, nil
}
