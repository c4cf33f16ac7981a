package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

const candidatesPage page[candidatesData] = "candidates"

type candidatesData struct {
	Cycle     cycle.Cycle
	Waiting   []candidateRow
	Decided   []candidateRow
	Decides   bool
	Fields    suggestionFields
	Reachable bool // the reader may open contacts
}

type candidateRow struct {
	contact.Candidate
	Group, CountryName string
	Alike              []contact.Alike // for officers, while it waits
}

// suggestionFields are what the forms about a suggested contact choose from.
type suggestionFields struct {
	Kinds, Groups, Countries, Functions []form.Option
}

// suggestionForm is the dot of the partial "suggestion".
type suggestionForm struct {
	Form   form.Form
	Fields suggestionFields
}

func aboutSuggestion(f form.Form, fields suggestionFields) suggestionForm {
	return suggestionForm{f, fields}
}

func (w *Web) suggestionFields(c *fiber.Ctx) suggestionFields {
	l := w.Server.Localizer(c)
	f := suggestionFields{Groups: w.groups(c), Countries: w.countries(c), Functions: functionOptions(l)}
	for _, k := range []contact.Kind{contact.Person, contact.Organization} {
		f.Kinds = append(f.Kinds, form.Option{Value: string(k), Label: l.T("contact.kind." + string(k))})
	}
	if by := account.ActorFrom(c.UserContext()); by.SignedIn() && by.Scope(account.ContactRead) == account.Country {
		f.Countries = f.Countries[:1]
		for _, code := range by.Countries {
			f.Countries = append(f.Countries, form.Option{Value: code, Label: w.countryName(l, code)})
		}
	}
	return f
}

func (w *Web) candidatesSection() section {
	return section{
		pages: []definition{candidatesPage, candidatePage, answerCandidatesPage},
		routes: func(r *httpserver.Router) {
			decide := account.CandidateDecide
			r.Handle(fiber.MethodGet, "/candidates", account.CandidateSuggest, w.candidates)
			r.Handle(fiber.MethodPost, "/candidates", account.CandidateSuggest, w.suggest)
			r.Handle(fiber.MethodPost, "/candidates/several", decide, w.decideSeveral)
			r.Handle(fiber.MethodGet, "/candidates/:id", decide, w.candidate)
			r.Handle(fiber.MethodPost, "/candidates/:id", decide, w.decideCandidate)
			r.Handle(fiber.MethodGet, "/contributions/:id/candidates", decide, w.answerCandidates)
			r.Handle(fiber.MethodPost, "/contributions/:id/candidates", decide, w.suggestFromAnswer)
		},
	}
}

func (w *Web) candidates(c *fiber.Ctx) error {
	data, err := w.candidatesData(c)
	if err != nil {
		return err
	}
	return candidatesPage.showForm(w, c, data, form.With("kind", string(contact.Person), "stakeholder_group", c.Query("stakeholder_group")))
}

func (w *Web) candidatesData(c *fiber.Ctx) (candidatesData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return candidatesData{}, err
	}
	l := w.Server.Localizer(c)
	data := candidatesData{
		Cycle: current, Decides: by.May(account.CandidateDecide), Reachable: by.May(account.ContactRead), Fields: w.suggestionFields(c),
	}
	waiting, _, err := w.Contacts.Candidates(ctx, by, current.ID, contact.Proposed, 0)
	if err != nil {
		return data, err
	}
	for _, k := range waiting {
		data.Waiting = append(data.Waiting, w.candidateRow(l, k))
	}
	all, _, err := w.Contacts.Candidates(ctx, by, current.ID, "", 0)
	if err != nil {
		return data, err
	}
	for _, k := range all {
		if k.State != contact.Proposed {
			data.Decided = append(data.Decided, w.candidateRow(l, k))
		}
	}
	if !data.Decides {
		return data, nil
	}
	alike, err := w.Contacts.LikelyMatches(ctx, by, waiting...)
	for i := range data.Waiting {
		data.Waiting[i].Alike = alike[data.Waiting[i].ID]
	}
	return data, err
}

func (w *Web) candidateRow(l *i18n.Localizer, k contact.Candidate) candidateRow {
	return candidateRow{Candidate: k, Group: w.groupName(l, k.StakeholderGroup), CountryName: w.countryName(l, k.Country)}
}

// suggestionOf reads the fields of the partial "suggestion".
func (w *Web) suggestionOf(typed form.Form) contact.Candidate {
	return contact.Candidate{
		Kind: contact.Kind(typed.Value("kind")), Name: typed.Value("name"), Transliteration: typed.Value("transliteration"),
		Organization: typed.Value("organization"), Function: contact.Function(typed.Value("function")), Email: typed.Value("email"),
		StakeholderGroup: typed.Value("stakeholder_group"), Country: typed.Value("country"),
		Language: w.Bundle.LanguageTags(typed.Value("language")), Note: typed.Value("note"),
	}
}

func (w *Web) suggest(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	if _, err = w.Contacts.Suggest(ctx, account.ActorFrom(ctx), current.ID, w.suggestionOf(typed)); err != nil {
		return w.candidatesAgain(c, err)
	}
	return w.redirect(c, "/candidates", "contact.candidate.suggested")
}

func (w *Web) candidatesAgain(c *fiber.Ctx, why error) error {
	data, err := w.candidatesData(c)
	if err != nil {
		return err
	}
	return candidatesPage.again(w, c, data, why)
}

// decideSeveral decides on what is marked. What cannot be decided so waits on.
func (w *Web) decideSeveral(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	ids := typed.Values["ids"]
	if len(ids) == 0 {
		return w.candidatesAgain(c, errs.InvalidFields(errs.FieldError("ids", "contact.candidate.several.none")))
	}
	if typed.Value("decision") == "reject" && typed.Value("reason") == "" {
		return w.candidatesAgain(c, errs.InvalidFields(errs.FieldError("reason", "contact.candidate.note_required")))
	}
	done := 0
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		_, err = w.decision(c, id, typed)
		switch {
		case err == nil:
			done++
		case !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound):
			return err
		}
	}
	return w.redirect(c, "/candidates", "contact.candidate.several.done", "Count", done, "Left", len(ids)-done)
}
