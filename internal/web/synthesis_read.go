package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/synthesis"
	"github.com/convoke/convoke/internal/web/form"
)

// readingData is what was answered at one place, side by side.
type readingData struct {
	Cycle     cycle.Cycle
	Place     placeView
	Questions []form.Option
	Groups    []form.Option
	Answers   []answerItem
	Next      string // the next page, "" at the end
}

type answerItem struct {
	synthesis.Answer
	Group  string
	Mark   string // where it is marked, "" where the reader may not
	Pieces []answerPiece
	Cut    bool // there is more of it than the page shows
}

// answerPiece is a part of an answer: words that nobody marked, or an excerpt.
type answerPiece struct {
	Text    string
	Excerpt int64 // 0 for none
}

// markData is an answer on the page where it is marked.
type markData struct {
	Cycle     cycle.Cycle
	Place     placeView
	Answer    answerItem
	Sentences []form.Option
	Tags      []form.Option
	Previous  string // the sentences before, "" for none
	Next      string
}

// Of a long answer a page shows a part.
const (
	readAtOnce      = 2500 // characters, beside others
	sentencesAtOnce = 80
)

func (w *Web) reading(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	places, err := w.places(c, current.ID)
	if err != nil {
		return err
	}
	f := form.With("question", c.Query("question"), "group", c.Query("group"))
	if f.Value("question") == "" && len(places) > 0 {
		f = form.With("question", places[0].Key, "group", c.Query("group"))
	}
	d := readingData{Cycle: current, Place: placeNamed(places, f.Value("question")), Questions: placeOptions(places), Groups: w.groups(c)}
	d.Groups[0].Label = l.T("common.all")
	after, err := queryNumber(c, "after")
	if err != nil {
		return err
	}
	by := account.ActorFrom(ctx)
	all, next, err := w.Synthesis.Answers(ctx, by, synthesis.AnswerFilter{CycleID: current.ID, Question: d.Place.Key, Group: f.Value("group"), After: int64(after)})
	if err != nil {
		return err
	}
	for _, a := range all {
		d.Answers = append(d.Answers, w.answerItem(l, by, a))
	}
	if next != 0 {
		d.Next = "/synthesis/answers?" + url.Values{"question": {d.Place.Key}, "group": {f.Value("group")}, "after": {strconv.FormatInt(next, 10)}}.Encode()
	}
	return readingPage.showForm(w, c, d, f)
}

// placeOptions are the places to choose from, each with the number of its question.
func placeOptions(places []placeView) []form.Option {
	options := make([]form.Option, len(places))
	for i, p := range places {
		options[i] = form.Option{Value: p.Key, Label: strconv.Itoa(p.Number) + ". " + beginningOf(p.Label, 90)}
	}
	return options
}

func beginningOf(text string, length int) string {
	letters := []rune(text)
	if len(letters) <= length {
		return text
	}
	return string(letters[:length]) + "…"
}

func (w *Web) answerItem(l *i18n.Localizer, by account.Actor, a synthesis.Answer) answerItem {
	item := answerItem{Answer: a, Group: w.Geo.GroupName(a.StakeholderGroup, l.Tag())}
	item.Pieces = piecesOf(a, 0, readAtOnce)
	item.Cut = len([]rune(a.Text)) > readAtOnce
	if by.May(account.SynthesisWrite) {
		item.Mark = markPath(a.ContributionID, a.Question)
	}
	return item
}

func markPath(contributionID int64, question string) string {
	return "/synthesis/mark?" + url.Values{"contribution": {strconv.FormatInt(contributionID, 10)}, "question": {question}}.Encode()
}

// piecesOf cuts the part of an answer between two characters where excerpts begin and end. Of excerpts that overlap the
// first is shown; one whose words are not there any more is not.
func piecesOf(a synthesis.Answer, from, to int) []answerPiece {
	var pieces []answerPiece
	runes := []rune(a.Text)
	at, to := from, min(to, len(runes))
	for _, e := range a.Excerpts {
		end := e.Start + len([]rune(e.Quote))
		if e.Quote == "" || e.Start < at || end > to || string(runes[e.Start:end]) != e.Quote {
			continue
		}
		if e.Start > at {
			pieces = append(pieces, answerPiece{Text: string(runes[at:e.Start])})
		}
		pieces = append(pieces, answerPiece{Text: e.Quote, Excerpt: e.ID})
		at = end
	}
	if at < to {
		pieces = append(pieces, answerPiece{Text: string(runes[at:to])})
	}
	return pieces
}

func (w *Web) markForm(c *fiber.Ctx) error {
	d, err := w.markData(c)
	if err != nil {
		return err
	}
	return markPage.show(w, c, d)
}

// markData reads the answer that the address names.
func (w *Web) markData(c *fiber.Ctx) (markData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	by := account.ActorFrom(ctx)
	id, err := strconv.ParseInt(c.Query("contribution"), 10, 64)
	if err != nil {
		return markData{}, errs.E(errs.NotFound, "error.not_found")
	}
	a, err := w.Synthesis.Answer(ctx, by, id, c.Query("question"))
	if err != nil {
		return markData{}, err
	}
	d := markData{Answer: w.answerItem(l, by, a)}
	if d.Cycle, err = w.Cycles.ByID(ctx, a.CycleID); err != nil {
		return d, err
	}
	places, err := w.places(c, a.CycleID)
	if err != nil {
		return d, err
	}
	d.Place = placeNamed(places, a.Question)
	d.showFrom(c.QueryInt("from"))
	d.Tags, err = w.tagOptions(c, a.CycleID)
	return d, err
}

// showFrom shows the answer from one of its sentences on.
func (d *markData) showFrom(from int) {
	all := synthesis.Passages(d.Answer.Text)
	if from < 0 || from >= len(all) {
		from = 0
	}
	to := min(from+sentencesAtOnce, len(all))
	for i, p := range all[from:to] {
		d.Sentences = append(d.Sentences, form.Option{Value: strconv.Itoa(from + i), Label: p.Text, Name: true})
	}
	if from < to {
		d.Answer.Pieces = piecesOf(d.Answer.Answer, all[from].Start, all[to-1].End)
	}
	address := markPath(d.Answer.ContributionID, d.Answer.Question) + "&from="
	if from > 0 {
		d.Previous = address + strconv.Itoa(max(from-sentencesAtOnce, 0))
	}
	if to < len(all) {
		d.Next = address + strconv.Itoa(to)
	}
}

func (w *Web) mark(c *fiber.Ctx) error {
	d, err := w.markData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	m := synthesis.Marking{
		ContributionID: d.Answer.ContributionID, Question: d.Answer.Question, Words: posted.Value("words"), Tags: tagsOf(posted), Note: posted.Value("note"),
	}
	m.Start, m.End = sentencesFrom(synthesis.Passages(d.Answer.Text), posted.Values["sentences"])
	ctx := c.UserContext()
	if _, err = w.Synthesis.Mark(ctx, account.ActorFrom(ctx), m); err != nil {
		return markPage.again(w, c, d, err)
	}
	return w.redirect(c, markPath(m.ContributionID, m.Question), "synthesis.said.marked")
}

// sentencesFrom are the characters from the first of the chosen sentences to the end of the last.
func sentencesFrom(all []synthesis.Passage, chosen []string) (start, end int) {
	var at []int
	for _, value := range chosen {
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < len(all) {
			at = append(at, n)
		}
	}
	if len(at) == 0 {
		return 0, 0
	}
	return all[slices.Min(at)].Start, all[slices.Max(at)].End
}

// coding is what an excerpt is about, as a form asks for it.
type coding struct {
	Form form.Form
	Tags []form.Option
}

func coded(f form.Form, tags []form.Option) coding { return coding{f, tags} }
