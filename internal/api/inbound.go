package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/inbound"
)

// InboundMail is a mail that came in. Whatever it says of its sender can be forged, unless matched_by is token.
type InboundMail struct {
	ID             int64      `json:"id"`
	Kind           string     `json:"kind,omitempty" enum:"contribution,reply,unsubscribe,complaint,bounce,auto_reply,unknown" doc:"absent until it was sorted"`
	State          string     `json:"state" enum:"new,handled,filed" doc:"new waits for an officer, or to be sorted"`
	Outcome        string     `json:"outcome,omitempty" doc:"what was done about it, or why nothing could be: undecided, answered, declined, left, contribution, added, bounced, stopped, …"`
	ReceivedAt     time.Time  `json:"received_at" doc:"when it arrived at the first server of ours"`
	FromName       string     `json:"from_name,omitempty" doc:"as it says"`
	FromEmail      string     `json:"from_email,omitempty" doc:"as it says"`
	Subject        string     `json:"subject"`
	Size           int        `json:"size" doc:"bytes"`
	Files          int        `json:"files" doc:"how many it brings"`
	MatchedBy      string     `json:"matched_by,omitempty" enum:"token,message_id,sender" doc:"how its contact was found; all but token can be forged"`
	CycleID        int64      `json:"cycle_id,omitempty"`
	ContactID      int64      `json:"contact_id,omitempty"`
	Contact        string     `json:"contact,omitempty" doc:"the contact's name"`
	DeliveryID     int64      `json:"delivery_id,omitempty" doc:"the message of ours that it is about"`
	Status         string     `json:"status,omitempty" doc:"of a bounce as in RFC 3463; of a complaint its type"`
	Diagnostic     string     `json:"diagnostic,omitempty" doc:"the server's words"`
	Note           string     `json:"note,omitempty" doc:"of the officer"`
	ContributionID int64      `json:"contribution_id,omitempty" doc:"that it was made, or that its documents were added to"`
	HandledAt      *time.Time `json:"handled_at,omitempty"`
	HandledBy      string     `json:"handled_by,omitempty" doc:"the officer's name"`
	ErasedAt       *time.Time `json:"erased_at,omitempty" doc:"when it was erased with its contact, or because the contribution that it brought was withdrawn: what it said is gone"`
}

// InboundMessage is a mail with what it says.
type InboundMessage struct {
	InboundMail
	EnvelopeFrom string          `json:"envelope_from,omitempty"`
	EnvelopeTo   []string        `json:"envelope_to"`
	MessageID    string          `json:"message_id,omitempty"`
	Headers      []InboundHeader `json:"headers" doc:"in their order, decoded"`
	Text         string          `json:"text" doc:"of a mail in HTML only, its words; never markup"`
	Broken       bool            `json:"broken" doc:"it could not be taken apart wholly"`
	Cut          bool            `json:"cut" doc:"something was left out for its size; raw has it"`
	Attachments  []InboundFile   `json:"attachments"`
}

// InboundHeader is a header of a mail.
type InboundHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// InboundFile is a file that a mail brings. It comes from outside, and nobody has checked it.
type InboundFile struct {
	Number   int    `json:"number" doc:"of its address, counted from 0"`
	Name     string `json:"name"`
	Type     string `json:"type" doc:"as its sender says: do not believe it"`
	Size     int    `json:"size" doc:"bytes"`
	Inline   bool   `json:"inline" doc:"such as a picture in the text"`
	Document bool   `json:"document" doc:"whether it may become part of a contribution, by its name"`
}

func (a *API) inboundEndpoints() []endpoint {
	kinds, states := names(inbound.Kinds()), names(inbound.States())
	return append([]endpoint{
		{
			method: fiber.MethodGet, path: "/inbound", action: account.InboundRead, handler: a.listInbound,
			summary: "Mail that came in, the newest first", response: List[InboundMail]{}, params: pagingParams(
				param{name: "kind", doc: "only those of this kind", enum: kinds}, param{name: "state", doc: "only those in this state", enum: states},
				param{name: "contact_id", doc: "only those from this contact, or that may be", kind: "integer"},
			),
		},
		{
			method: fiber.MethodGet, path: "/inbound/:id", action: account.InboundRead, handler: a.getInbound,
			summary: "A mail that came in, with its headers, its text and what it brings", response: InboundMessage{},
		},
		{
			method: fiber.MethodGet, path: "/inbound/:id/raw", action: account.InboundRead, handler: a.rawInbound,
			summary: "The mail to the byte, to be saved; 410 where it was erased", files: []string{fiber.MIMEOctetStream},
		},
		{
			method: fiber.MethodGet, path: "/inbound/:id/files/:number", action: account.InboundRead, handler: a.inboundFile,
			summary: "A file that a mail brings, to be saved", files: []string{fiber.MIMEOctetStream},
		},
	}, a.inboundDecisions()...)
}

// names are values as they are written.
func names[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

func (a *API) listInbound(c *fiber.Ctx) error {
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	f := inbound.Filter{Kind: inbound.Kind(c.Query("kind")), State: inbound.State(c.Query("state")), Limit: p.limit}
	if given := c.Query("contact_id"); given != "" {
		if f.ContactID, err = strconv.ParseInt(given, 10, 64); err != nil || f.ContactID <= 0 {
			return errs.InvalidFields(errs.FieldError("contact_id", "field.number"))
		}
	}
	if err := p.after(&f.Before); err != nil {
		return err
	}
	ctx := c.UserContext()
	rows, next, err := a.Inbound.List(ctx, account.ActorFrom(ctx), f)
	if err != nil {
		return err
	}
	items := make([]InboundMail, len(rows))
	for i, r := range rows {
		items[i] = inboundMailOf(r)
	}
	var cursor any
	if next != 0 {
		cursor = next
	}
	l, err := listOf(items, cursor)
	if err != nil {
		return err
	}
	return c.JSON(l)
}

func (a *API) getInbound(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showInbound(c, id)
}

// showInbound answers with the mail as it is now.
func (a *API) showInbound(c *fiber.Ctx, id int64) error {
	ctx := c.UserContext()
	o, err := a.Inbound.Open(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	return c.JSON(inboundMessageOf(o))
}

func inboundMessageOf(o inbound.Opened) InboundMessage {
	m := InboundMessage{
		InboundMail: inboundMailOf(o.Row), EnvelopeFrom: o.EnvelopeFrom, EnvelopeTo: strings.Fields(o.EnvelopeTo), MessageID: o.MessageID,
		Headers: []InboundHeader{}, Text: o.Read.Text, Broken: o.Read.Broken, Cut: o.Read.Cut, Attachments: []InboundFile{},
	}
	m.EnvelopeTo = orEmpty(m.EnvelopeTo)
	for _, h := range o.Read.Headers {
		m.Headers = append(m.Headers, InboundHeader{Name: h.Name, Value: h.Value})
	}
	for i, f := range o.Read.Files {
		m.Attachments = append(m.Attachments, InboundFile{Number: i, Name: f.Name, Type: f.Type, Size: len(f.Content), Inline: f.Inline, Document: inbound.IsDocument(f)})
	}
	return m
}

// valueOf is 0 for nothing.
func valueOf(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

func inboundMailOf(r inbound.Row) InboundMail {
	return InboundMail{
		ID: r.ID, Kind: string(r.Kind), State: string(r.State), Outcome: string(r.Outcome), ReceivedAt: r.ReceivedAt, FromName: r.FromName,
		FromEmail: r.FromEmail, Subject: r.Subject, Size: r.Size, Files: r.Files, MatchedBy: string(r.MatchedBy), CycleID: valueOf(r.CycleID),
		ContactID: valueOf(r.ContactID), Contact: r.Contact, DeliveryID: valueOf(r.DeliveryID), Status: r.Status, Diagnostic: r.Diagnostic, Note: r.Note,
		ContributionID: valueOf(r.ContributionID), HandledAt: r.HandledAt, HandledBy: r.ByName, ErasedAt: r.ErasedAt,
	}
}
