package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const variantsPage page[variantsData] = "document_variants"

type variantsData struct {
	document.Detail
	Nav      documentNav
	Editable bool
	Rows     []variantRow
	Editing  variantRow // Key "" where none is
	Base     int        // the number of the revision that the words in the form were made from
	Policies []policyOption
	MaySet   bool // the reader may set the language policy
}

// variantRow is what a message says otherwise to some of its readers.
type variantRow struct {
	Key, Name string
	Parts     []variantPart
	Differs   []string // labels of the parts that it has
}

// variantPart is one part beside the general text's.
type variantPart struct{ Field, Label, General, Own string }

// policyOption is a language policy as it is offered.
type policyOption struct {
	Value  document.LanguagePolicy
	Chosen bool
}

func (w *Web) variantSection() section {
	return section{
		pages: []definition{variantsPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/documents/:id/variants", account.DocumentRead, w.variants)
			r.Handle(fiber.MethodPost, "/documents/:id/variants", account.DocumentWrite, w.saveVariant, httpserver.BodyLimit(documentBody))
			r.Handle(fiber.MethodPost, "/documents/:id/policy", account.DocumentFreeze, w.setPolicy)
		},
	}
}

func (w *Web) variants(c *fiber.Ctx) error {
	data, err := w.variantsData(c, c.Query("of"))
	if err != nil {
		return err
	}
	return variantsPage.showForm(w, c, data, variantForm(data.Editing))
}

func variantForm(row variantRow) form.Form {
	f := form.With("variant", row.Key)
	for _, p := range row.Parts {
		f.Values[p.Field] = []string{p.Own}
	}
	return f
}

func (w *Web) variantsData(c *fiber.Ctx, key string) (variantsData, error) {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return variantsData{}, err
	}
	actor := account.ActorFrom(ctx)
	detail, err := w.Documents.Get(ctx, actor, id)
	if err != nil {
		return variantsData{}, err
	}
	if detail.Kind == document.Survey {
		return variantsData{}, errs.E(errs.NotFound, "error.not_found")
	}
	data := variantsData{
		Detail: detail, Base: detail.Revision.Number, Nav: documentNav{ID: id, Kind: detail.Kind, At: "variants", actor: actor},
		Editable: detail.Revision.State == document.OpenForComment && actor.May(account.DocumentWrite),
		MaySet:   actor.May(account.DocumentFreeze) && detail.Kind.Mailed(),
	}
	for _, p := range document.LanguagePolicies() {
		data.Policies = append(data.Policies, policyOption{Value: p, Chosen: p == detail.LanguagePolicy})
	}
	l := w.Server.Localizer(c)
	for _, k := range document.VariantKeys() {
		row := w.variantRow(l, detail.Message, k)
		data.Rows = append(data.Rows, row)
		if k == key && actor.May(account.DocumentWrite) {
			data.Editing = row
		}
	}
	return data, nil
}

func (w *Web) variantRow(l *i18n.Localizer, m document.Message, key string) variantRow {
	row := variantRow{Key: key, Name: l.Error(document.VariantName(key))}
	general, own := m.For(""), m.Variants[key]
	for _, part := range document.VariantParts() {
		p := variantPart{Field: part, Label: l.Error(document.Place(part)), General: general.Part(part), Own: own.Part(part)}
		row.Parts = append(row.Parts, p)
		if p.Own != "" {
			row.Differs = append(row.Differs, p.Label)
		}
	}
	return row
}

func (w *Web) saveVariant(c *fiber.Ctx) error {
	ctx := c.UserContext()
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	key := posted.Value("variant")
	if !slices.Contains(document.VariantKeys(), key) {
		return errs.E(errs.NotFound, "error.not_found")
	}
	data, err := w.variantsData(c, key)
	if err != nil {
		return err
	}
	e, said := document.VariantEdit{Key: key}, "document.variants.removed"
	if posted.Value("do") != "remove" {
		e.Variant, said = document.Variant{
			Subject: posted.Value("subject"), Opening: posted.Value("opening"), Why: posted.Value("why"), Ask: posted.Value("ask"),
		}, "document.variants.saved"
	}
	base, changes := fromPage(posted, document.Changes{Content: e})
	saved, err := w.Documents.Edit(ctx, account.ActorFrom(ctx), data.ID, base, changes)
	if done, failed := w.editedByTwo(c, data.Detail, posted, changes, err); done || failed != nil {
		return failed
	}
	if err != nil {
		if errs.Is(err, errs.Invalid) {
			data.Base = base
		}
		return variantsPage.refuse(w, c, data, posted, atVariantFields(key, err))
	}
	return w.redirect(c, documentPath(data.ID)+"/variants", editedMessage(base, saved, said))
}

// atVariantFields leads what is wrong with a variant's part to its field.
func atVariantFields(key string, err error) error {
	e := errs.Find(err)
	if e == nil {
		return err
	}
	mapped := *e
	mapped.Fields = slices.Clone(e.Fields)
	for i, f := range mapped.Fields {
		if len(f.Name) > len(key)+1 && f.Name[:len(key)+1] == key+"." {
			mapped.Fields[i].Name = f.Name[len(key)+1:]
		}
	}
	return &mapped
}

func (w *Web) setPolicy(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	if _, err := w.Documents.SetLanguagePolicy(ctx, account.ActorFrom(ctx), id, document.LanguagePolicy(c.FormValue("policy"))); err != nil {
		data, failed := w.variantsData(c, "")
		if failed != nil {
			return failed
		}
		return variantsPage.again(w, c, data, err)
	}
	return w.redirect(c, documentPath(id)+"/variants", "document.policy.saved")
}
