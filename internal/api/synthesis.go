package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/synthesis"
)

// Excerpt is a passage of a contribution that was marked.
type Excerpt struct {
	ID             int64    `json:"id"`
	ContributionID int64    `json:"contribution_id"`
	Question       string   `json:"question" doc:"the key of the answer"`
	Quote          string   `json:"quote" doc:"empty where the contribution was withdrawn"`
	Tags           []string `json:"tags"`
	Note           string   `json:"note,omitempty"`
	Published      bool     `json:"published" doc:"whether the public may read its contribution"`
	Changed        bool     `json:"changed" doc:"its author has changed these words since"`
	CitedBy        []int64  `json:"cited_by" doc:"the paragraphs that cite it"`
}

// ExcerptInput marks a passage.
type ExcerptInput struct {
	ContributionID int64    `json:"contribution_id"`
	Question       string   `json:"question" doc:"the key of the answer"`
	Words          string   `json:"words" doc:"as they stand in the answer; spaces may differ"`
	Tags           []string `json:"tags,omitempty"`
	Note           string   `json:"note,omitempty" doc:"for those who work on the synthesis"`
}

// MatrixCell counts what a stakeholder group answered at one place.
type MatrixCell struct {
	Question         string `json:"question"`
	StakeholderGroup string `json:"stakeholder_group"`
	Answers          int    `json:"answers"`
	Excerpts         int    `json:"excerpts"`
}

// SynthesisMatrix is questions by stakeholder groups, without the empty cells.
type SynthesisMatrix struct {
	Total         int            `json:"total" doc:"contributions that count"`
	Contributions map[string]int `json:"contributions" doc:"by stakeholder group; a group that is absent is silent"`
	Cells         []MatrixCell   `json:"cells"`
}

// Paragraph is a paragraph of the draft.
type Paragraph struct {
	ID       int64   `json:"id"`
	Section  string  `json:"section"`
	Text     string  `json:"text" doc:"Markdown"`
	Version  int     `json:"version"`
	Excerpts []int64 `json:"excerpts" doc:"what it cites"`
}

// ParagraphInput is a new paragraph at the end of its section.
type ParagraphInput struct {
	Section  string  `json:"section" doc:"the id of a question, or findings"`
	Text     string  `json:"text" doc:"Markdown, without headings"`
	Excerpts []int64 `json:"excerpts,omitempty" doc:"what it cites"`
}

func (a *API) synthesisEndpoints() []endpoint {
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/cycles/:slug/synthesis", action: account.SynthesisRead, handler: a.synthesisDraft,
			summary: "The draft output document, with what each paragraph cites", response: synthesis.Draft{},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/synthesis/matrix", action: account.SynthesisRead, handler: a.synthesisMatrix,
			summary: "Who answered what: questions by stakeholder groups", response: SynthesisMatrix{},
		},
		{
			method: fiber.MethodGet, path: "/cycles/:slug/excerpts", action: account.SynthesisRead, handler: a.excerpts,
			summary: "Passages that were marked", response: List[Excerpt]{},
			params: pagingParams(
				param{name: "question", doc: "only of this place"}, param{name: "stakeholder_group", doc: "only of this group"}, param{name: "tag", doc: "only with this tag"},
			),
		},
		{
			method: fiber.MethodPost, path: "/excerpts", action: account.SynthesisWrite, handler: a.markExcerpt,
			summary: "Mark a passage of a contribution", request: ExcerptInput{}, response: Excerpt{}, status: fiber.StatusCreated,
		},
		{
			method: fiber.MethodDelete, path: "/excerpts/:id", action: account.SynthesisWrite, handler: a.unmarkExcerpt,
			summary: "Remove an excerpt that no paragraph cites",
		},
		{
			method: fiber.MethodPost, path: "/cycles/:slug/paragraphs", action: account.SynthesisWrite, handler: a.writeParagraph,
			summary: "Add a paragraph to the draft output document", request: ParagraphInput{}, response: Paragraph{}, status: fiber.StatusCreated,
		},
	}
}

func (a *API) synthesisDraft(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	d, err := a.Synthesis.Draft(ctx, account.ActorFrom(ctx), one.ID)
	if err != nil {
		return err
	}
	return c.JSON(d)
}

func (a *API) synthesisMatrix(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	m, err := a.Synthesis.Matrix(ctx, account.ActorFrom(ctx), one.ID)
	if err != nil {
		return err
	}
	out := SynthesisMatrix{Total: m.Total, Contributions: m.Contributions, Cells: []MatrixCell{}}
	for _, key := range m.Keys() {
		for _, group := range m.Groups(key) {
			cell := m.Cells[key][group]
			out.Cells = append(out.Cells, MatrixCell{Question: key, StakeholderGroup: group, Answers: cell.Answers, Excerpts: cell.Excerpts})
		}
	}
	return c.JSON(out)
}

func (a *API) excerpts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	p, err := pagingOf(c)
	if err != nil {
		return err
	}
	f := synthesis.ExcerptFilter{CycleID: one.ID, Group: c.Query("stakeholder_group"), Tag: c.Query("tag"), Limit: p.limit}
	if err := p.after(&f.After); err != nil {
		return err
	}
	if q := c.Query("question"); q != "" {
		f.Questions = []string{q}
	}
	all, next, err := a.Synthesis.Excerpts(ctx, account.ActorFrom(ctx), f)
	if err != nil {
		return err
	}
	items := make([]Excerpt, len(all))
	for i, x := range all {
		items[i] = excerptOf(x)
	}
	var after any
	if next != 0 {
		after = next
	}
	list, err := listOf(items, after)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func excerptOf(x synthesis.Found) Excerpt {
	return Excerpt{
		ID: x.ID, ContributionID: x.ContributionID, Question: x.Question, Quote: x.Quote, Tags: append([]string{}, x.Tags...), Note: x.Note,
		Published: x.Source.Published, Changed: x.Changed, CitedBy: append([]int64{}, x.Cited...),
	}
}

func (a *API) markExcerpt(c *fiber.Ctx) error {
	in, err := decode[ExcerptInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	made, err := a.Synthesis.Mark(ctx, by, synthesis.Marking{
		ContributionID: in.ContributionID, Question: in.Question, Words: in.Words, Tags: in.Tags, Note: in.Note,
	})
	if err != nil {
		return err
	}
	x, err := a.Synthesis.Excerpt(ctx, by, made.ID)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(excerptOf(x))
}

func (a *API) unmarkExcerpt(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Synthesis.Unmark(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) writeParagraph(c *fiber.Ctx) error {
	in, err := decode[ParagraphInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	one, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	p, err := a.Synthesis.Write(ctx, account.ActorFrom(ctx), synthesis.Wording{CycleID: one.ID, Section: in.Section, Text: in.Text, Excerpts: in.Excerpts})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(Paragraph{ID: p.ID, Section: p.Section, Text: p.Text, Version: p.Version, Excerpts: append([]int64{}, p.Excerpts...)})
}
