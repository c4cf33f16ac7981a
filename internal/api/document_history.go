package api

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/httpserver"
)

// DocumentRevision is one wording that a text had.
type DocumentRevision struct {
	ID           int64      `json:"id"`
	Number       int        `json:"number"`
	State        string     `json:"state" enum:"open_for_comment,frozen,sent"`
	Author       string     `json:"author,omitempty"`
	Credit       string     `json:"credit,omitempty" doc:"whose suggestion it took up"`
	CreditPublic bool       `json:"credit_public,omitempty" doc:"who has no account"`
	Note         string     `json:"note,omitempty" doc:"why it was made"`
	CreatedAt    time.Time  `json:"created_at"`
	FrozenAt     *time.Time `json:"frozen_at,omitempty"`
	FrozenBy     string     `json:"frozen_by,omitempty"`
	FreezeReason string     `json:"freeze_reason,omitempty" doc:"why it was frozen while comments were open"`
	SentAt       *time.Time `json:"sent_at,omitempty"`
	Changed      int        `json:"changed" doc:"segments with other words than in the revision before"`
	Added        int        `json:"added"`
	Removed      int        `json:"removed"`
}

// DocumentHistory is who wrote what of a text.
type DocumentHistory struct {
	Revisions []DocumentRevision `json:"revisions" doc:"newest first"`
	Origins   []DocumentOrigin   `json:"origins" doc:"of each segment of the current wording"`
}

// DocumentOrigin says since when, and by whom, a segment has the words that it has.
type DocumentOrigin struct {
	Segment      string    `json:"segment"`
	Revision     int       `json:"revision"`
	Author       string    `json:"author,omitempty"`
	Credit       string    `json:"credit,omitempty" doc:"whose suggestion it was"`
	CreditPublic bool      `json:"credit_public,omitempty" doc:"who has no account"`
	At           time.Time `json:"at"`
}

// DocumentComparison is what differs between two revisions.
type DocumentComparison struct {
	From     int                   `json:"from"`
	To       int                   `json:"to"`
	Same     int                   `json:"same" doc:"how many segments are the same in both"`
	Segments []DocumentChange      `json:"segments" doc:"those that differ, in the order of the later revision"`
	Settings []DocumentSettingDiff `json:"settings" doc:"of a questionnaire: kinds, other, and what else is neither a text nor an order"`
}

// DocumentChange is a segment that differs.
type DocumentChange struct {
	Segment string            `json:"segment"`
	State   string            `json:"state" enum:"same,changed,added,removed"`
	Moved   bool              `json:"moved" doc:"stands in another order"`
	Words   []DocumentWordRun `json:"words"`
}

// DocumentWordRun is a run of words that stayed, was taken out or was put in.
type DocumentWordRun struct {
	Kind string `json:"kind" enum:"kept,removed,added"`
	Text string `json:"text"`
}

// DocumentSettingDiff is a setting that differs.
type DocumentSettingDiff struct {
	Key  string `json:"key"`
	From string `json:"from"`
	To   string `json:"to"`
}

func (a *API) documentHistoryEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/documents/:id/revisions", action: account.DocumentRead, handler: a.documentRevisions,
			summary: "The revisions of a text, and who wrote what", response: DocumentHistory{},
		},
		{
			method: fiber.MethodGet, path: "/documents/:id/compare", action: account.DocumentRead, handler: a.compareDocument,
			summary: "What differs between two revisions", response: DocumentComparison{},
			params: []param{
				{name: "from", doc: "the number of the earlier revision", kind: "integer", must: true},
				{name: "to", doc: "the number of the later revision", kind: "integer", must: true},
				{name: "in", doc: "the language whose wordings are compared; the source's where it is left out"},
			},
		},
	}
}

func (a *API) documentRevisions(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	h, err := a.Documents.History(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	shown := DocumentHistory{Revisions: []DocumentRevision{}, Origins: []DocumentOrigin{}}
	for _, r := range h.Revisions {
		shown.Revisions = append(shown.Revisions, DocumentRevision{
			ID: r.ID, Number: r.Number, State: string(r.State), Author: r.Author, Credit: r.Credit, CreditPublic: r.CreditPublic, Note: r.Note, CreatedAt: r.CreatedAt,
			FrozenAt: r.FrozenAt, FrozenBy: r.Freezer, FreezeReason: r.FreezeReason, SentAt: r.SentAt,
			Changed: r.Changed, Added: r.Added, Removed: r.Removed,
		})
	}
	for _, o := range h.Passages {
		shown.Origins = append(shown.Origins, DocumentOrigin{Segment: o.Key, Revision: o.Number, Author: o.Author, Credit: o.Credit, CreditPublic: o.CreditPublic, At: o.At})
	}
	return c.JSON(shown)
}

func (a *API) compareDocument(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	compared, err := a.Documents.Compare(ctx, account.ActorFrom(ctx), id, numberIn(c, "from"), numberIn(c, "to"), c.Query("in"))
	if err != nil {
		return err
	}
	return c.JSON(comparisonOf(compared))
}

func comparisonOf(compared document.Comparison) DocumentComparison {
	shown := DocumentComparison{
		From: compared.From.Number, To: compared.To.Number, Same: compared.Same,
		Segments: []DocumentChange{}, Settings: []DocumentSettingDiff{},
	}
	for _, p := range compared.Passages {
		change := DocumentChange{Segment: p.Key, State: string(p.State), Moved: p.Moved, Words: []DocumentWordRun{}}
		for _, run := range p.Changes {
			change.Words = append(change.Words, DocumentWordRun{Kind: string(run.Kind), Text: run.Text})
		}
		shown.Segments = append(shown.Segments, change)
	}
	for _, s := range compared.Settings {
		shown.Settings = append(shown.Settings, DocumentSettingDiff(s))
	}
	return shown
}

// numberIn is a number of the query, 0, which no revision has, for what is none.
func numberIn(c *fiber.Ctx, name string) int {
	n, err := strconv.Atoi(c.Query(name))
	if err != nil {
		return 0
	}
	return n
}
