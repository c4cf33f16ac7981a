package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const candidatePage page[candidateData] = "candidate"

type candidateData struct {
	Referee   contact.Referee // whose reader named them
	Cycle     cycle.Cycle
	Candidate candidateRow
	Language  []string
	By        string // who suggested it, of those with an account
	Fields    suggestionFields
	Query     string
	Found     []contactRow // by the query
}

func (w *Web) candidate(c *fiber.Ctx) error {
	data, err := w.candidateData(c)
	if err != nil {
		return err
	}
	return candidatePage.showForm(w, c, data, data.filled())
}

// filled is the form as it was suggested.
func (d candidateData) filled() form.Form {
	k := d.Candidate
	return form.With(
		"kind", string(k.Kind), "name", k.Name, "transliteration", k.Transliteration, "organization", k.Organization,
		"function", string(k.Function), "email", k.Email, "stakeholder_group", k.StakeholderGroup, "country", k.Country,
		"language", strings.Join(d.Language, ", "), "q", d.Query)
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
	data := candidateData{Candidate: w.candidateRow(l, k), Language: languageNames(l, k.Language), Fields: w.suggestionFields(c), Query: c.Query("q")}
	if k.SuggestedBy != nil {
		a, err := w.Accounts.ByID(ctx, *k.SuggestedBy)
		if err != nil {
			return data, err
		}
		data.By = a.Name
	}
	if data.Referee, err = w.Contacts.RefereeOf(ctx, by, k); err != nil {
		return data, err
	}
	if data.Cycle, err = w.Cycles.ByID(ctx, k.CycleID); err != nil || k.State != contact.Proposed {
		return data, err
	}
	alike, err := w.Contacts.LikelyMatches(ctx, by, k)
	if err != nil {
		return data, err
	}
	data.Candidate.Alike = alike[k.ID]
	if data.Query == "" {
		return data, nil
	}
	found, err := w.Contacts.List(ctx, by, contact.Filter{Query: data.Query, CycleID: k.CycleID, Locale: l.Tag(), Limit: 10})
	for _, r := range found.Rows {
		data.Found = append(data.Found, w.contactRow(l, r))
	}
	return data, err
}

func (w *Web) decideCandidate(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	said, err := w.decision(c, id, typed)
	if err != nil {
		data, failed := w.candidateData(c)
		if failed != nil {
			return failed
		}
		if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Conflict) {
			return err
		}
		for name, values := range data.filled().Values { // of the forms that were not sent
			if typed.Values[name] == nil {
				typed.Values[name] = values
			}
		}
		return candidatePage.render(w, c, errs.Status(err), data, typed.Fail(w.Server.Localizer(c), err))
	}
	return w.redirect(c, "/candidates", said)
}

func (w *Web) decision(c *fiber.Ctx, id int64, typed form.Form) (said string, err error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	switch decision := typed.Value("decision"); decision {
	case "accept", "accept_only":
		how := contact.Approval{Unlisted: decision == "accept_only", Note: typed.Value("decision_note")}
		if typed.Values["name"] != nil {
			edited := w.suggestionOf(typed)
			how.Edited = &edited
		}
		_, err = w.Contacts.Accept(ctx, by, id, how)
		return "contact.candidate.accepted", err
	case "merge":
		into, failed := strconv.ParseInt(typed.Value("contact_id"), 10, 64)
		if failed != nil {
			return "", errs.InvalidFields(errs.FieldError("q", "contact.candidate.no_such_contact"))
		}
		_, err = w.Contacts.Merge(ctx, by, id, into, typed.Value("decision_note"))
		return "contact.candidate.merged", err
	case "reject":
		_, err = w.Contacts.Reject(ctx, by, id, typed.Value("reason"))
		return "contact.candidate.rejected", renamed(err, "note", "reason")
	}
	return "", errs.InvalidFields(errs.FieldError("decision", "field.choice"))
}

// renamed gives what is wrong at one field to the field that the page has for it.
func renamed(err error, from, to string) error {
	fields := errs.FieldsOf(err)
	for i := range fields {
		if fields[i].Name == from {
			fields[i].Name = to
		}
	}
	return err
}
