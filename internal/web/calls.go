package web

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// The public pages of a call.
const (
	callPage              page[callData]         = "call"
	callContributePage    page[contributeData]   = "call_contribute"
	callContributionsPage page[publishedData]    = "call_contributions"
	callContributionPage  page[publishedOneData] = "call_contribution"
	publishedPerPage                             = 20
	excerptLength                                = 280 // characters
)

type callData struct {
	contribution.Call
	Base      string
	Ask       texts
	Questions []respondSection
	Deadline  string // "" for none
	Grace     string
	Drafts    []document.PublicDraft
}

type contributeData struct {
	callData
	Capacities, Groups, Countries []form.Option
}

type publishedData struct {
	Round contribution.Round
	Base  string
	Total int
	Items []publicItem
	Next  int // the cursor of the next page, 0 at the end
}

type publishedOneData struct {
	Round contribution.Round
	Base  string
	Item  publicItem
	Ask   texts
	Given []respondSection // the questions that were answered
	// Documents are those that came with it.
	Documents []fileView
}

// publicItem is a published contribution as it is shown.
type publicItem struct {
	contribution.Public
	Path    string
	Group   string
	Place   string // the region's name
	Land    string // the country's name, "" for none
	Dir     string // of the answers
	Excerpt string
}

func (w *Web) callsSection() section {
	return section{
		pages: []definition{callPage, callContributePage, callContributionsPage, callContributionPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/calls/:slug", account.PublicRead, w.call)
			r.Handle(fiber.MethodGet, "/calls/:slug/contribute", account.PublicAnswer, w.contribute)
			r.Handle(fiber.MethodPost, "/calls/:slug/contribute", account.PublicAnswer, w.startContribution, httpserver.Limit(300, time.Hour))
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions.atom", account.PublicRead, w.publishedAtom)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions.json", account.PublicRead, w.publishedJSON)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions", account.PublicRead, w.published)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions/:number", account.PublicRead, w.publishedOne)
			r.Handle(fiber.MethodGet, "/calls/:slug/contributions/:number/files/:file", account.PublicRead, w.publishedFile)
		},
	}
}

func (w *Web) call(c *fiber.Ctx) error {
	d, err := w.callData(c)
	if err != nil {
		return err
	}
	if w.Documents != nil {
		if d.Drafts, err = w.Documents.PublicDrafts(c.UserContext(), d.Round.ID); err != nil {
			return err
		}
	}
	return callPage.show(w, c, d)
}

func (w *Web) callData(c *fiber.Ctx) (callData, error) {
	l := w.Server.Localizer(c)
	call, err := w.Contributions.Call(c.UserContext(), c.Params("slug"), l.Tag())
	if err != nil {
		return callData{}, err
	}
	return callData{
		Call: call, Questions: sectionsOf("", call.Questionnaire, nil), Base: callPath(call.Round), Ask: w.writtenIn(l, call.Questionnaire.Locale),
		Deadline: deadlineText(l, call.Deadline), Grace: deadlineText(l, call.Grace),
	}, nil
}

// publicAddress is where a published contribution stays.
func publicAddress(base string, number int) string {
	return base + "/contributions/" + strconv.Itoa(number)
}

func callPath(r contribution.Round) string { return "/calls/" + r.Slug }

func (w *Web) contributeData(c *fiber.Ctx) (contributeData, error) {
	d, err := w.callData(c)
	return contributeData{callData: d, Capacities: w.capacities(c), Groups: w.groups(c), Countries: w.countries(c)}, err
}

func (w *Web) contribute(c *fiber.Ctx) error {
	d, err := w.contributeData(c)
	if err != nil {
		return err
	}
	return callContributePage.show(w, c, d)
}

// startContribution begins the form of somebody who was not invited, and leads to its secret address.
func (w *Web) startContribution(c *fiber.Ctx) error {
	d, err := w.contributeData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	token, _, err := w.Contributions.Start(ctx, account.ActorFrom(ctx), d.Round.ID, profileOf(posted), w.Server.Localizer(c).Tag())
	if err != nil {
		return callContributePage.again(w, c, d, err)
	}
	return w.redirect(c, "/r/"+token, "")
}

func (w *Web) published(c *fiber.Ctx) error {
	before, err := queryNumber(c, "before")
	if err != nil {
		return err
	}
	round, page, err := w.publishedPage(c, before, publishedPerPage)
	if err != nil {
		return err
	}
	d := publishedData{Round: round, Base: callPath(round), Total: page.Total, Next: page.Next}
	l := w.Server.Localizer(c)
	for _, p := range page.Contributions {
		d.Items = append(d.Items, w.publicItem(l, d.Base, p))
	}
	return callContributionsPage.show(w, c, d)
}

func (w *Web) publishedPage(c *fiber.Ctx, before, limit int) (contribution.Round, contribution.PublicPage, error) {
	ctx := c.UserContext()
	round, err := w.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return round, contribution.PublicPage{}, err
	}
	page, err := w.Contributions.Published(ctx, round.ID, before, limit)
	return round, page, err
}

// queryNumber reads a number above zero from the query; 0 where it is absent.
func queryNumber(c *fiber.Ctx, name string) (int, error) {
	given := c.Query(name)
	if given == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 1 {
		return 0, errs.E(errs.NotFound, "error.not_found")
	}
	return n, nil
}

func (w *Web) publishedOne(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil {
		return errs.E(errs.NotFound, "contribution.not_found")
	}
	call, err := w.callData(c)
	if err != nil {
		return err
	}
	p, err := w.Contributions.PublishedOne(ctx, call.Round.ID, number)
	if err != nil {
		return err
	}
	d := publishedOneData{Round: call.Round, Base: call.Base, Item: w.publicItem(l, call.Base, p), Ask: call.Ask}
	d.Given = answered(call.Questionnaire, p.Answers)
	d.Documents = w.fileViews(d.Item.Path, call.Questionnaire, p.Files, p.Language)
	return callContributionPage.show(w, c, d)
}

// answered are the questions that have an answer, with their places that have one.
func answered(q contribution.Questionnaire, a contribution.Answers) []respondSection {
	var kept []respondSection
	for _, s := range sectionsOf("", q, a) {
		if s.Given == 0 {
			continue
		}
		var places []answerPlace
		for _, p := range s.Places {
			if p.Text != "" {
				places = append(places, p)
			}
		}
		s.Places = places
		kept = append(kept, s)
	}
	return kept
}

func (w *Web) publicItem(l *i18n.Localizer, base string, p contribution.Public) publicItem {
	item := publicItem{Public: p, Path: publicAddress(base, p.Number)}
	if p.Withdrawn() {
		return item
	}
	item.Group = w.Geo.GroupName(p.StakeholderGroup, l.Tag())
	if p.Region != "" {
		item.Place = l.T("region." + p.Region + ".short")
	}
	if p.Country != "" {
		item.Land = w.Geo.CountryName(p.Country, l.Tag())
	}
	item.Dir = w.Bundle.For(p.Language).Dir()
	item.Excerpt = excerpt(p.Answers)
	return item
}

// chosenOptions is how the answer to a choice is kept. Few people answer a question with one small word.
var chosenOptions = regexp.MustCompile(`^[a-z][a-z0-9_]*(\n[a-z][a-z0-9_]*)*$`)

// excerpt is the beginning of the first answer: to a question rather than to what no question asked, and in words
// rather than a choice.
func excerpt(a contribution.Answers) string {
	first := ""
	for key := range a {
		if first == "" || beforeKey(a, key, first) {
			first = key
		}
	}
	text := []rune(a[first])
	if len(text) <= excerptLength {
		return string(text)
	}
	return string(text[:excerptLength]) + "…"
}

func beforeKey(answers contribution.Answers, a, b string) bool {
	if chosen := chosenOptions.MatchString(answers[a]); chosen != chosenOptions.MatchString(answers[b]) {
		return !chosen
	}
	if free := isFree(a); free != isFree(b) {
		return !free
	}
	return a < b
}

func isFree(key string) bool { return key == contribution.FreeForm || strings.Contains(key, ".") }
