package web

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const answerCandidatesPage page[answerCandidatesData] = "candidate_answers"

type answerCandidatesData struct {
	ID     int64 // of the contribution
	Name   string
	Lines  []int // the numbers of the suggestions, whose fields end with them
	Fields suggestionFields
	Made   []candidateRow
}

// mostLines are looked at of one answer.
const mostLines = 20

// invited are the lines of the answers to the follow-up questions, which ask who should be invited.
func invited(a contribution.Answers) []string {
	var lines []string
	for key, text := range a {
		if !strings.HasSuffix(key, contribution.ItemFollowUp) {
			continue
		}
		for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' || r == '；' || r == '؛' }) {
			line = strings.TrimLeft(strings.TrimSpace(line), "-*•–—·0123456789.) \t")
			if line != "" && len(lines) < mostLines {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func (w *Web) answerCandidatesData(c *fiber.Ctx, lines int) (answerCandidatesData, contribution.Full, error) {
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return answerCandidatesData{}, contribution.Full{}, err
	}
	full, err := w.Contributions.Get(ctx, by, id)
	if err != nil {
		return answerCandidatesData{}, full, err
	}
	data := answerCandidatesData{ID: id, Name: full.Name, Fields: w.suggestionFields(c)}
	for i := range lines {
		data.Lines = append(data.Lines, i+1)
	}
	made, err := w.Contacts.CandidatesOf(ctx, by, id)
	for _, k := range made {
		data.Made = append(data.Made, w.candidateRow(w.Server.Localizer(c), k))
	}
	return data, full, err
}

// answerCandidates shows the answer line by line, to be checked: people write sentences, not lists.
func (w *Web) answerCandidates(c *fiber.Ctx) error {
	_, full, err := w.answerCandidatesData(c, 0)
	if err != nil {
		return err
	}
	lines := invited(full.Answers)
	data, _, err := w.answerCandidatesData(c, len(lines))
	if err != nil {
		return err
	}
	typed := form.With("lines", strconv.Itoa(len(lines)))
	for i, line := range lines {
		n := "-" + strconv.Itoa(i+1)
		name, why := line, ""
		if r := []rune(line); len(r) > 120 { // a sentence, of which an officer takes the name
			name, why = string(r[:120]), line
		}
		typed.Values["use"+n] = []string{"yes"}
		typed.Values["kind"+n] = []string{string(contact.Organization)}
		typed.Values["name"+n], typed.Values["note"+n] = []string{name}, []string{why}
		typed.Values["country"+n] = []string{full.Country}
		typed.Values["language"+n] = []string{w.Server.Localizer(c).LanguageName(full.Language)}
		typed.Values["stakeholder_group"+n] = []string{full.StakeholderGroup}
	}
	return answerCandidatesPage.showForm(w, c, data, typed)
}

// suggestFromAnswer saves what is marked; what is wrong at one line keeps none of the others back.
func (w *Web) suggestFromAnswer(c *fiber.Ctx) error {
	typed, err := w.posted(c)
	if err != nil {
		return err
	}
	lines, err := strconv.Atoi(typed.Value("lines"))
	if err != nil || lines < 0 || lines > mostLines {
		lines = 0
	}
	data, full, err := w.answerCandidatesData(c, lines)
	if err != nil {
		return err
	}
	var wrong []errs.Field
	saved := 0
	for _, n := range data.Lines {
		suffix := "-" + strconv.Itoa(n)
		if typed.Value("use"+suffix) != "yes" {
			continue
		}
		err := w.suggestLine(c, full, typed, suffix)
		var fields *errs.Error
		switch {
		case err == nil:
			saved++
			delete(typed.Values, "use"+suffix)
		case errs.Is(err, errs.Invalid) && errors.As(err, &fields):
			for _, f := range errs.FieldsOf(err) {
				f.Name += suffix
				wrong = append(wrong, f)
			}
		default:
			return err
		}
	}
	if len(wrong) > 0 || saved == 0 {
		if saved == 0 && len(wrong) == 0 {
			wrong = append(wrong, errs.FieldError("use-1", "contact.candidate.several.none"))
		}
		return answerCandidatesPage.render(w, c, fiber.StatusUnprocessableEntity, data,
			typed.Fail(w.Server.Localizer(c), errs.InvalidFields(wrong...)))
	}
	return w.redirect(c, "/candidates", "contact.candidate.from_answer.done")
}

func (w *Web) suggestLine(c *fiber.Ctx, full contribution.Full, typed form.Form, suffix string) error {
	line := form.Form{Values: map[string][]string{}}
	for _, name := range []string{"kind", "name", "organization", "email", "stakeholder_group", "country", "language", "note"} {
		line.Values[name] = typed.Values[name+suffix]
	}
	k := w.suggestionOf(line)
	k.Origin, k.ContributionID = contact.FromAnswer, &full.ID
	_, err := w.Contacts.Suggest(c.UserContext(), account.ActorFrom(c.UserContext()), full.CycleID, k)
	return err
}
