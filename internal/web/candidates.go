package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	candidatesPage page[candidatesData] = "candidates"
	candidatePage  page[candidateData]  = "candidate"
)

type candidatesData struct {
	Cycle     cycle.Cycle
	Waiting   []candidateRow
	Decided   []candidateRow
	Decides   bool
	Choices   choices
	Reachable bool // the reader may open contacts
}

type candidateRow struct {
	contact.Candidate
	Group, CountryName string
}

type candidateData struct {
	Candidate candidateRow
	Language  []string
	Alike     []contactRow // contacts of a similar name
	Decisions []form.Option
	Into      []form.Option
}

func (w *Web) candidatesSection() section {
	return section{
		pages: []definition{candidatesPage, candidatePage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/candidates", account.CandidateSuggest, w.candidates)
			r.Handle(fiber.MethodPost, "/candidates", account.CandidateSuggest, w.suggest)
			r.Handle(fiber.MethodGet, "/candidates/:id", account.CandidateDecide, w.candidate)
			r.Handle(fiber.MethodPost, "/candidates/:id", account.CandidateDecide, w.decideCandidate)
		},
	}
}

func (w *Web) candidates(c *fiber.Ctx) error {
	data, err := w.candidatesData(c)
	if err != nil {
		return err
	}
	return candidatesPage.showForm(w, c, data, form.With("kind", string(contact.Person)))
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
		Cycle: current, Decides: by.May(account.CandidateDecide), Reachable: by.May(account.ContactRead), Choices: w.choices(l),
	}
	all, _, err := w.Contacts.Candidates(ctx, by, current.ID, "", 0)
	if err != nil {
		return data, err
	}
	for _, k := range all {
		row := candidateRow{Candidate: k, Group: w.groupName(l, k.StakeholderGroup), CountryName: w.countryName(l, k.Country)}
		if k.State == contact.Proposed {
			data.Waiting = append(data.Waiting, row)
		} else {
			data.Decided = append(data.Decided, row)
		}
	}
	return data, nil
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
	_, err = w.Contacts.Suggest(ctx, account.ActorFrom(ctx), current.ID, contact.Candidate{
		Kind: contact.Kind(typed.Value("kind")), Name: typed.Value("name"), Organization: typed.Value("organization"),
		Email: typed.Value("email"), StakeholderGroup: typed.Value("stakeholder_group"), Country: typed.Value("country"),
		Language: typed.Value("language"), Note: typed.Value("note"),
	})
	if err != nil {
		data, failed := w.candidatesData(c)
		if failed != nil {
			return failed
		}
		return candidatesPage.again(w, c, data, err)
	}
	return w.redirect(c, "/candidates", "contact.candidate.suggested")
}

func (w *Web) candidate(c *fiber.Ctx) error {
	data, err := w.candidateData(c)
	if err != nil {
		return err
	}
	return candidatePage.showForm(w, c, data, form.With("decision", "accept"))
}

func (w *Web) candidateData(c *fiber.Ctx) (candidateData, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return candidateData{}, err
	}
	k, err := w.Contacts.Candidate(ctx, by, id)
	if err != nil {
		return candidateData{}, err
	}
	l := w.Server.Localizer(c)
	data := candidateData{
		Candidate: candidateRow{Candidate: k, Group: w.groupName(l, k.StakeholderGroup), CountryName: w.countryName(l, k.Country)},
		Language:  languageNames(l, k.Language),
	}
	alike, err := w.Contacts.List(ctx, by, contact.Filter{Query: k.Name, CycleID: k.CycleID, Limit: 10})
	if err != nil {
		return data, err
	}
	for _, r := range alike.Rows {
		row := w.contactRow(l, r)
		data.Alike = append(data.Alike, row)
		data.Into = append(data.Into, form.Option{Value: strconv.FormatInt(r.ID, 10), Label: l.T("contact.candidate.alike", "Name", r.Name, "Group", row.Group)})
	}
	for _, d := range []string{"accept", "merge", "reject"} {
		data.Decisions = append(data.Decisions, form.Option{Value: d, Label: l.T("contact.candidate.decision." + d)})
	}
	return data, nil
}

func (w *Web) decideCandidate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	said, err := w.decision(c, id)
	if err != nil {
		data, failed := w.candidateData(c)
		if failed != nil {
			return failed
		}
		return candidatePage.again(w, c, data, err)
	}
	return w.redirect(c, "/candidates", said)
}

func (w *Web) decision(c *fiber.Ctx, id int64) (said string, err error) {
	ctx := c.UserContext()
	by, note := account.ActorFrom(ctx), c.FormValue("note")
	switch c.FormValue("decision") {
	case "accept":
		_, err = w.Contacts.Accept(ctx, by, id, note)
		return "contact.candidate.accepted", err
	case "merge":
		into, failed := strconv.ParseInt(c.FormValue("contact_id"), 10, 64)
		if failed != nil {
			return "", errs.InvalidFields(errs.FieldError("contact_id", "contact.candidate.no_such_contact"))
		}
		_, err = w.Contacts.Merge(ctx, by, id, into, note)
		return "contact.candidate.merged", err
	case "reject":
		_, err = w.Contacts.Reject(ctx, by, id, note)
		return "contact.candidate.rejected", err
	}
	return "", errs.InvalidFields(errs.FieldError("decision", "field.choice"))
}
