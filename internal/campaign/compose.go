package campaign

import (
	"context"
	"html"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	AddressKind  string // personal or role
	Volunteer    string // who sends it personally; "" for the campaign itself
	VolunteerBox string // where the volunteer reads answers
}

// composer makes the messages of a step in one language. It is made for a batch, so that what all
// its messages share is as it is now.
type composer struct {
	s        *Service
	cycle    Cycle
	skeleton *mail.Skeleton
	slots    []string
	shared   map[string]string // values that are the same for everybody
	locale   *i18n.Localizer
}

// composer finds the skeleton of a frozen revision in a language and the values that everybody shares.
func (s *Service) composer(ctx context.Context, cycle Cycle, revisionID int64, locale string) (*composer, error) {
	skeleton, err := s.skeletons.get(skeletonKey{revisionID, locale, cycle.Name}, func() (*mail.Skeleton, error) {
		return s.newSkeleton(ctx, cycle, revisionID, locale, "")
	})
	if err != nil {
		return nil, errs.Wrap("campaign.skeleton", err)
	}
	return s.composerOf(ctx, cycle, skeleton, locale)
}

// openComposer is composer for a text that may still change.
func (s *Service) openComposer(ctx context.Context, cycle Cycle, revisionID int64, locale string) (*composer, error) {
	skeleton, err := s.newSkeleton(ctx, cycle, revisionID, locale, "")
	if err != nil {
		return nil, errs.Wrap("campaign.skeleton", err)
	}
	return s.composerOf(ctx, cycle, skeleton, locale)
}

func (s *Service) composerOf(ctx context.Context, cycle Cycle, skeleton *mail.Skeleton, locale string) (*composer, error) {
	l := s.Bundle.For(locale)
	c := &composer{s: s, cycle: cycle, skeleton: skeleton, slots: skeleton.Slots(), locale: l}
	c.shared = map[string]string{fieldCycle: cycle.Name, fieldCall: s.PublicURL + "/calls/" + cycle.Slug}
	deadline, ok, err := s.Cycles.Deadline(ctx, cycle.ID, s.Now())
	if err != nil {
		return nil, err
	}
	if ok {
		c.shared[fieldDeadline] = l.T("mail.deadline", "Date", l.FullDate(deadline.Day, nil), "Zone", l.Zone(deadline.At, deadline.Zone))
	}
	return c, nil
}

// newSkeleton puts the footer under the text, slots in the place of merge fields, and above the text what a
// volunteer writes of their own.
func (s *Service) newSkeleton(ctx context.Context, cycle Cycle, revisionID int64, locale, opening string) (*mail.Skeleton, error) {
	text, err := s.Texts.Mail(ctx, revisionID, locale)
	if err != nil {
		return nil, err
	}
	l := s.Bundle.For(text.Locale)
	unsubscribe := mail.Slot(fieldUnsubscribe)
	why := l.T("mail.footer.why", "Cycle", cycle.Name)
	footer := "\n\n-- \n" + why + "\n" + l.T("mail.footer.unsubscribe", "Link", unsubscribe) + "\n"
	anchor := template.HTML(`<a href="` + unsubscribe + `">` + html.EscapeString(l.T("mail.footer.unsubscribe_here")) + `</a>`) //nolint:gosec // escaped
	page := text.HTML + "\n<hr>\n<p>" + html.EscapeString(why) + "<br>\n" + string(l.HTML("mail.footer.unsubscribe_html", "Link", anchor)) + "</p>\n"
	return mail.NewSkeleton(mail.Parts{
		From:    s.From,
		Subject: toSlots(text.Subject),
		Text:    openingText(opening) + toSlots(strings.TrimRight(text.Text, "\n")) + footer,
		HTML:    openingHTML(opening) + toSlots(page),
		Locale:  text.Locale,
		Dir:     l.Dir(),
		ListID:  cycle.Name + " <" + cycle.Slug + "." + s.MailDomain + ">",
	})
}

func toSlots(s string) string {
	return mergeField.ReplaceAllStringFunc(s, func(m string) string {
		return mail.Slot(mergeField.FindStringSubmatch(m)[1])
	})
}

// withoutValue names the merge fields of the text for which nobody would have a value.
func (c *composer) withoutValue() []string {
	var missing []string
	values := c.values(person{Name: "x"})
	for i, slot := range c.slots {
		if strings.TrimSpace(values[i]) == "" {
			missing = append(missing, slot)
		}
	}
	slices.Sort(missing)
	return missing
}

// values are a person's, in the order of the skeleton's slots. An organization, a role's mailbox
// and a contact without a name are not greeted by name: for them {{contact}} is a word such as
// "colleague", so that the sentence around it holds in every language.
func (c *composer) values(p person) []string {
	values := make([]string, len(c.slots))
	for i, slot := range c.slots {
		values[i] = c.value(slot, p)
	}
	return values
}

func (c *composer) value(slot string, p person) string {
	switch slot {
	case fieldContact:
		if p.Kind == "organization" || p.AddressKind == "role" || p.Name == "" {
			return c.locale.T("mail.greeting.colleague")
		}
		return p.Name
	case fieldOrganization:
		if p.Organization == "" {
			return c.locale.T("mail.greeting.organization")
		}
		return p.Organization
	case fieldVolunteer:
		if p.Volunteer == "" {
			return c.locale.T("mail.signature.team", "Cycle", c.cycle.Name)
		}
		return p.Volunteer
	case fieldPersonal:
		return c.s.PublicURL + "/r/" + c.token(link.Respond, p)
	case fieldUnsubscribe:
		return c.s.PublicURL + "/u/" + c.token(link.Unsubscribe, p)
	}
	return c.shared[slot]
}

// token is the person's, or in a preview a word, so that whoever reviews cannot act for others.
func (c *composer) token(purpose link.Purpose, p person) string {
	if p.DeliveryID == 0 {
		return "preview"
	}
	return c.s.Links.Token(purpose, link.Target{CycleID: c.cycle.ID, ContactID: p.ContactID, DeliveryID: p.DeliveryID})
}

// subaddress is the sender's own address with a detail (RFC 5233) that says which delivery is meant:
// it reaches the sender's mailbox on every server that knows subaddressing, with nothing set up.
func (c *composer) subaddress(what string, p person) string {
	local, _, _ := strings.Cut(c.s.From.Email, "@")
	return local + "+" + what + "-" + c.token(link.Reply, p) + "@" + c.s.MailDomain
}

// envelope is the person's message on its way. dst is room for it.
func (c *composer) envelope(dst []byte, p person, ref BatchRef, attempt int) (mail.Envelope, error) {
	r := mail.Recipient{
		From:           c.sender(p),
		To:             mail.Address{Name: p.Name, Email: p.Email},
		ReplyTo:        mail.Address{Name: c.s.From.Name, Email: c.subaddress("re", p)},
		ReplyToo:       mail.Address{Name: p.Volunteer, Email: p.VolunteerBox},
		MessageID:      "d" + strconv.FormatInt(p.DeliveryID, 10) + "@" + c.s.MailDomain,
		Date:           c.s.Now().UTC().Truncate(time.Second),
		UnsubscribeURL: c.value(fieldUnsubscribe, p),
		Values:         c.values(p),
	}
	if missing := c.skeleton.Missing(r); len(missing) > 0 {
		return mail.Envelope{}, errs.InvalidFields(errs.FieldError(missing[0], "campaign.value_missing", "Field", missing[0]))
	}
	return mail.Envelope{
		ID: p.DeliveryID, Batch: ref.key(), Attempt: attempt,
		From: c.subaddress("bounce", p),
		To:   p.Email,
		Data: c.skeleton.Render(dst, r),
	}, nil
}

// skeletonKey names an encoded message: a frozen text, its language, and the one fact of the
// footer that may change.
type skeletonKey struct {
	revisionID int64
	locale     string
	cycle      string
}

// skeletons keeps the messages that were encoded lately.
type skeletons struct {
	mu   sync.Mutex
	made map[skeletonKey]*mail.Skeleton
}

const skeletonsKept = 200

func newSkeletons() *skeletons { return &skeletons{made: map[skeletonKey]*mail.Skeleton{}} }

func (c *skeletons) get(key skeletonKey, build func() (*mail.Skeleton, error)) (*mail.Skeleton, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.made[key]; ok {
		return s, nil
	}
	s, err := build()
	if err != nil {
		return nil, err
	}
	if len(c.made) >= skeletonsKept {
		clear(c.made)
	}
	c.made[key] = s
	return s, nil
}
