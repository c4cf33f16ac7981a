package api

import (
	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// documentBody is the limit of a body with texts: a careless paste is then told to be too long
// where it stands.
const documentBody = 8 << 20

// Document is a text of a cycle with its current revision.
type Document struct {
	ID             int64                 `json:"id"`
	Kind           string                `json:"kind" enum:"call,questionnaire,message,follow_up,introduction,talking_points,acknowledgement"`
	Slug           string                `json:"slug"`
	Title          string                `json:"title" doc:"the subject or title, in the source language"`
	SourceLanguage string                `json:"source_language" doc:"BCP 47"`
	LanguagePolicy string                `json:"language_policy" enum:"fallback,hold,bilingual" doc:"of a message: what those get in none of whose languages it is approved"`
	State          string                `json:"state" enum:"open_for_comment,frozen,sent"`
	Revision       int                   `json:"revision" doc:"the number of the current revision"`
	RevisionID     int64                 `json:"revision_id"`
	Problems       int                   `json:"problems" doc:"how many places forbid freezing"`
	OpenComments   int                   `json:"open_comments" doc:"threads that nobody has decided; freezing then needs a reason"`
	Commenting     string                `json:"commenting" enum:"closed,members,public" doc:"who may comment"`
	FreezeDate     *DocumentFreezeDate   `json:"freeze_date,omitempty" doc:"when it is frozen by itself; absent where no day is set"`
	Translations   []DocumentTranslation `json:"translations"`
}

// DocumentTranslation is how far a document is in one language.
type DocumentTranslation struct {
	ID         int64  `json:"id,omitempty" doc:"absent where nobody has claimed it"`
	Locale     string `json:"locale" doc:"BCP 47"`
	State      string `json:"state" enum:"missing,claimed,draft,in_review,approved,stale" doc:"for readers: approved while a correction is being made"`
	Translator string `json:"translator,omitempty"`
	Done       int    `json:"done" doc:"segments with a text made from the present source"`
	Stale      int    `json:"stale" doc:"segments whose source was edited since"`
	Total      int    `json:"total" doc:"segments that need a translation"`

	Edition    int                    `json:"edition,omitempty" doc:"counts from 1 and grows with every correction; that of the correction while one is being made"`
	Correction *TranslationCorrection `json:"correction,omitempty" doc:"of an approved translation; absent where none is being made"`
}

// TranslationCorrection is how far the correction of an approved translation is.
type TranslationCorrection struct {
	State  string `json:"state" enum:"missing,claimed,draft,in_review,stale"`
	Reason string `json:"reason,omitempty"`
}

// DocumentDetail is a document with its segments.
type DocumentDetail struct {
	Document
	Segments []DocumentSegment `json:"segments"`
	Places   []DocumentPlace   `json:"places" doc:"every place that forbids freezing"`
}

// DocumentSegment is a passage; its key is the same in every revision and language.
type DocumentSegment struct {
	Key  string `json:"key"`
	Kind string `json:"kind" enum:"text,markdown,url"`
	Text string `json:"text"`
}

// DocumentPlace is a segment that must be completed, and why.
type DocumentPlace struct {
	Segment string `json:"segment"`
	Key     string `json:"message_key"`
	Message string `json:"message"`
}

// SegmentsInput are new texts for segments of the source.
type SegmentsInput struct {
	BaseRevision int               `json:"base_revision" doc:"the number of the revision that was read; what others changed since is kept, and 409 names the segments that both changed"`
	Segments     map[string]string `json:"segments" doc:"the new text by key; a message may gain subject, opening, why and ask of its own or of a variant, such as government.ask"`
	Note         string            `json:"note,omitempty" doc:"what was changed"`
}

// LanguagePolicyInput says what those get in none of whose languages a message is approved.
type LanguagePolicyInput struct {
	Policy string `json:"policy" enum:"fallback,hold,bilingual"`
}

// TranslationInput are translated texts.
type TranslationInput struct {
	Segments map[string]string `json:"segments" doc:"the text by key; keys that are absent stay as they are"`
	Bases    map[string]string `json:"bases,omitempty" doc:"the marks of the texts that were read, by key; 409 names every segment where another text is stored, and nothing is saved. Only one's own words and empty segments need none"`
	MadeFrom map[string]string `json:"made_from,omitempty" doc:"the marks of the sources that the texts were made from, by key. A text of an earlier source, or of an unknown mark, is kept as stale. Without a mark it counts as made from what stood there when the translation was claimed; a text that is stored already is confirmed only by the mark of the present source"`
}

// ApproveInput is what was read of a translation. The body may be left out.
type ApproveInput struct {
	Base string `json:"base,omitempty" doc:"the mark of the translation that was read; with it, nothing else is approved"`
}

// SendBackInput is what is to be changed in a translation.
type SendBackInput struct {
	Note string `json:"note"`
}

func (a *API) documentEndpoints() []endpoint {
	large := []httpserver.Option{httpserver.BodyLimit(documentBody)}
	return []endpoint{
		{
			method: fiber.MethodGet, path: "/cycles/:slug/documents", action: account.DocumentRead, handler: a.listDocuments,
			summary: "The texts of a cycle", response: List[Document]{},
		},
		{
			method: fiber.MethodGet, path: "/documents/:id", action: account.DocumentRead, handler: a.getDocument,
			summary: "A text with its segments", response: DocumentDetail{},
		},
		{
			method: fiber.MethodPatch, path: "/documents/:id/segments", action: account.DocumentWrite, handler: a.patchSegments, options: large,
			summary: "Edit segments of the source", request: SegmentsInput{}, response: DocumentDetail{},
		},
		{
			method: fiber.MethodPut, path: "/documents/:id/language-policy", action: account.DocumentFreeze, handler: a.putLanguagePolicy,
			summary: "Say what those get in none of whose languages a message is approved", request: LanguagePolicyInput{}, response: DocumentDetail{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/translations/:locale/claim", action: account.TranslationWrite, handler: a.claimTranslation,
			summary: "Take on a translation; 409 says who has it", response: DocumentTranslation{},
		},
		{
			method: fiber.MethodGet, path: "/documents/:id/translations/:locale", action: account.TranslationRead, handler: a.getTranslation,
			summary: "A translation beside its source, with the marks that saving asks for; an earlier edition as it was approved", response: TranslationDetail{},
			params: []param{
				{name: "edition", doc: "an edition that was approved; the newest of the revision for 0", kind: "integer"},
				{name: "revision", doc: "the number of the revision whose edition it is; the present one where there is no number", kind: "integer"},
			},
		},
		{
			method: fiber.MethodPut, path: "/documents/:id/translations/:locale", action: account.TranslationWrite, handler: a.putTranslation, options: large,
			summary: "Save translated segments as a draft", request: TranslationInput{}, response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/translations/:locale/submit", action: account.TranslationWrite, handler: a.submitTranslation,
			summary: "Hand a draft to review; 422 names every segment that is not ready", response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/translations/:locale/approve", action: account.TranslationReview, handler: a.approveTranslation,
			summary: "Approve somebody else's translation; 409 where it is not what was read, 403 where one wrote words of it that were never approved",
			request: ApproveInput{}, response: DocumentTranslation{},
		},
		{
			method: fiber.MethodPost, path: "/documents/:id/translations/:locale/send-back", action: account.TranslationReview, handler: a.sendBackTranslation,
			summary: "Return a translation with a note", request: SendBackInput{}, response: DocumentTranslation{},
		},
	}
}

func documentOf(s document.Summary) Document {
	d := Document{
		ID: s.ID, Kind: string(s.Kind), Slug: s.Slug, Title: s.Title, SourceLanguage: s.SourceLanguage, LanguagePolicy: string(s.LanguagePolicy),
		State: string(s.Revision.State), Revision: s.Revision.Number, RevisionID: s.Revision.ID, Problems: s.Problems,
		OpenComments: s.OpenComments, Commenting: string(s.Commenting),
		Translations: []DocumentTranslation{},
	}
	if s.FreezeAt != nil {
		d.FreezeDate = &DocumentFreezeDate{OnDate: s.FreezeOn, Zone: s.FreezeZone, At: *s.FreezeAt}
	}
	for _, t := range s.Translations {
		d.Translations = append(d.Translations, documentTranslation(t))
	}
	return d
}

func documentTranslation(t document.TranslationStatus) DocumentTranslation {
	shown := DocumentTranslation{
		ID: t.ID, Locale: t.Locale, State: string(t.State), Translator: t.Translator, Done: t.Done, Stale: t.Stale, Total: t.Total, Edition: t.Edition,
	}
	if t.Corrects {
		shown.State, shown.Correction = string(document.Approved), &TranslationCorrection{State: string(t.State), Reason: t.Reason}
	}
	return shown
}

func (a *API) listDocuments(c *fiber.Ctx) error {
	ctx := c.UserContext()
	of, err := a.Cycles.BySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	all, err := a.Documents.List(ctx, account.ActorFrom(ctx), of.ID)
	if err != nil {
		return err
	}
	items := make([]Document, len(all))
	for i, s := range all {
		items[i] = documentOf(s)
	}
	list, err := listOf(items, nil)
	if err != nil {
		return err
	}
	return c.JSON(list)
}

func (a *API) getDocument(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	return a.showDocument(c, id)
}

func (a *API) showDocument(c *fiber.Ctx, id int64) error {
	ctx := c.UserContext()
	detail, err := a.Documents.Get(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	shown := DocumentDetail{Document: documentOf(detail.Summary), Segments: []DocumentSegment{}, Places: []DocumentPlace{}}
	for _, s := range detail.Segments {
		shown.Segments = append(shown.Segments, DocumentSegment{Key: s.Key, Kind: string(s.Kind), Text: s.Text})
	}
	l := a.Server.Localizer(c)
	for _, p := range detail.Places {
		shown.Places = append(shown.Places, DocumentPlace{Segment: p.Name, Key: p.Key, Message: l.FieldMessage(p)})
	}
	return c.JSON(shown)
}

func (a *API) patchSegments(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[SegmentsInput](c)
	if err != nil {
		return err
	}
	if in.BaseRevision < 1 {
		return errs.InvalidFields(errs.FieldError("base_revision", "field.required"))
	}
	ctx := c.UserContext()
	changes := document.Changes{Segments: in.Segments, Note: in.Note}
	if _, err := a.Documents.Edit(ctx, account.ActorFrom(ctx), id, in.BaseRevision, changes); err != nil {
		return err
	}
	return a.showDocument(c, id)
}

func (a *API) putLanguagePolicy(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	in, err := decode[LanguagePolicyInput](c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if _, err := a.Documents.SetLanguagePolicy(ctx, account.ActorFrom(ctx), id, document.LanguagePolicy(in.Policy)); err != nil {
		return err
	}
	return a.showDocument(c, id)
}
