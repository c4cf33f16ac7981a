package web

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contact/sheet"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// The list for the meeting after the deadline: who looks at which contribution, and what is done.
const reviewPage page[reviewData] = "contributions_review"

const reviewPerPage = 50

type reviewData struct {
	Round     contribution.Round
	Done, All int
	Items     []reviewRow
	Reviewers []form.Option  // to whom to give, after nobody
	Choices   []reviewChoice // to narrow the list by
	Query     string         // of the filter, with a leading "?" or empty
	Next      string         // the query of the next page, "" at the end
}

// reviewChoice is one field of the filter.
type reviewChoice struct {
	Name    string // in the query
	Key     string // of its label
	Now     string // what it is narrowed to, "" for all
	Options []form.Option
}

type reviewRow struct {
	contribution.Contribution
	Group    string
	Reviewer string // a name, "" for nobody
}

func (w *Web) reviewSection() section {
	return section{
		pages: []definition{reviewPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/contributions/review", account.ContributionReview, w.review)
			r.Handle(fiber.MethodPost, "/contributions/review", account.ContributionReview, w.assignReview)
			r.Handle(fiber.MethodGet, "/contributions/review/export", account.ContributionReview, w.exportReview)
		},
	}
}

// reviewFilterOf reads the query. What is none of the choices does not narrow.
func reviewFilterOf(c *fiber.Ctx, cycleID int64) contribution.ReviewFilter {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(c.Query(name), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	return contribution.ReviewFilter{
		CycleID: cycleID, State: contribution.State(c.Query("state")), Group: c.Query("group"), Reviewer: number("reviewer"),
		Done: c.Query("done"), Late: c.Query("late"), Before: max(number("before"), 0), Limit: reviewPerPage,
	}
}

func (w *Web) review(c *fiber.Ctx) error {
	d, err := w.reviewData(c)
	if err != nil {
		return err
	}
	return reviewPage.show(w, c, d)
}

func (w *Web) reviewData(c *fiber.Ctx) (reviewData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	actor := account.ActorFrom(ctx)
	round, err := w.Contributions.CurrentRound(ctx)
	if err != nil {
		return reviewData{}, err
	}
	d := reviewData{Round: round}
	if d.Done, d.All, err = w.Contributions.ReviewProgress(ctx, actor, round.ID); err != nil {
		return d, err
	}
	names, err := w.reviewers(ctx, actor, &d, l)
	if err != nil {
		return d, err
	}
	f := reviewFilterOf(c, round.ID)
	rows, next, err := w.Contributions.ReviewList(ctx, actor, f)
	if err != nil {
		return d, err
	}
	for _, r := range rows {
		d.Items = append(d.Items, w.reviewRow(l, r, names))
	}
	q := url.Values{}
	for i, choice := range d.Choices {
		if v := c.Query(choice.Name); v != "" {
			q.Set(choice.Name, v)
			d.Choices[i].Now = v
		}
	}
	if len(q) > 0 {
		d.Query = "?" + q.Encode()
	}
	if next != 0 {
		q.Set("before", strconv.FormatInt(next, 10))
		d.Next = "?" + q.Encode()
	}
	return d, nil
}

func (w *Web) reviewRow(l *i18n.Localizer, c contribution.Contribution, names map[int64]string) reviewRow {
	row := reviewRow{Contribution: c, Group: w.Geo.GroupName(c.StakeholderGroup, l.Tag())}
	if c.ReviewerID != nil {
		if row.Reviewer = names[*c.ReviewerID]; row.Reviewer == "" {
			row.Reviewer = l.T("contributions.review.former") // the account is no lead or officer any more
		}
	}
	return row
}

// reviewers fills the choices, and gives the names by account.
func (w *Web) reviewers(ctx context.Context, actor account.Actor, d *reviewData, l *i18n.Localizer) (map[int64]string, error) {
	all, err := w.Contributions.WhoReviews(ctx, actor)
	names := map[int64]string{}
	nobody := l.T("contributions.review.nobody")
	every := form.Option{Label: l.T("common.all")}
	d.Reviewers = []form.Option{{Value: "0", Label: nobody}}
	among := []form.Option{every, {Value: strconv.Itoa(contribution.NoReviewer), Label: nobody}}
	for _, r := range all {
		names[r.ID] = r.Name
		o := form.Option{Value: strconv.FormatInt(r.ID, 10), Label: r.Name}
		d.Reviewers, among = append(d.Reviewers, o), append(among, o)
	}
	yesNo := []form.Option{every, {Value: "yes", Label: l.T("common.yes")}, {Value: "no", Label: l.T("common.no")}}
	states, groups := []form.Option{every}, []form.Option{every}
	for _, s := range contribution.States()[1:] {
		states = append(states, form.Option{Value: string(s), Label: l.T("contribution.state." + string(s))})
	}
	for _, g := range w.Geo.Groups() {
		groups = append(groups, form.Option{Value: g.Code, Label: w.Geo.GroupName(g.Code, l.Tag())})
	}
	d.Choices = []reviewChoice{
		{Name: "reviewer", Key: "contributions.review.reviewer", Options: among},
		{Name: "done", Key: "contributions.review.reviewed", Options: yesNo},
		{Name: "late", Key: "contribution.late", Options: yesNo},
		{Name: "state", Key: "contributions.state", Options: states},
		{Name: "group", Key: "respond.group.label", Options: groups},
	}
	return names, err
}

// assignReview does to what was chosen what the button says.
func (w *Web) assignReview(c *fiber.Ctx) error {
	d, err := w.reviewData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	var ids []int64
	for _, v := range posted.Values["contribution"] {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	ctx := c.UserContext()
	actor, said := account.ActorFrom(ctx), "contributions.review.done_said"
	switch posted.Value("action") {
	case "done":
		err = w.Contributions.Reviewed(ctx, actor, ids, true)
	case "again":
		err = w.Contributions.Reviewed(ctx, actor, ids, false)
	case "mine":
		said = "contributions.review.assigned"
		err = w.Contributions.Assign(ctx, actor, ids, actor.ID)
	default:
		said = "contributions.review.assigned"
		to, _ := strconv.ParseInt(posted.Value("reviewer"), 10, 64) // no number: nobody
		err = w.Contributions.Assign(ctx, actor, ids, to)
	}
	if err != nil {
		return reviewPage.again(w, c, d, err)
	}
	return w.redirect(c, "/contributions/review"+d.Query, said)
}

// exportReview gives the whole list that the filter shows, as a file.
func (w *Web) exportReview(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	actor := account.ActorFrom(ctx)
	round, err := w.Contributions.CurrentRound(ctx)
	if err != nil {
		return err
	}
	var d reviewData
	names, err := w.reviewers(ctx, actor, &d, l)
	if err != nil {
		return err
	}
	f := reviewFilterOf(c, round.ID)
	f.Before, f.Limit = 0, contribution.MaxLimit
	return w.sendSheet(c, "review-"+w.Now().Format(time.DateOnly), c.Query("format"), func(ctx context.Context, to sheet.Writer) error {
		if err := to.Write(reviewHead(l)); err != nil {
			return err
		}
		for {
			rows, next, err := w.Contributions.ReviewList(ctx, actor, f)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if err := to.Write(w.reviewCells(l, w.reviewRow(l, r, names))); err != nil {
					return err
				}
			}
			if f.Before = next; next == 0 {
				return to.Close()
			}
		}
	})
}

func reviewHead(l *i18n.Localizer) []string {
	var head []string
	for _, key := range []string{
		"contributions.review.number", "respond.name.label", "respond.organization.label", "respond.group.label", "contributions.region", "respond.country.label",
		"language.label", "contributions.channel", "contributions.received", "contribution.late", "contributions.state", "contributions.review.reviewer", "contributions.review.reviewed",
	} {
		head = append(head, l.T(key))
	}
	return head
}

// reviewCells are one row: times in UTC as RFC 3339 has them, so that any program reads them.
func (w *Web) reviewCells(l *i18n.Localizer, r reviewRow) []string {
	number, place, late := "", "", l.T("common.no")
	if r.PublicNumber != nil {
		number = strconv.Itoa(*r.PublicNumber)
	}
	if r.Region != "" {
		place = l.T("region." + r.Region + ".short")
	}
	if r.Late {
		late = l.T("common.yes")
	}
	return []string{
		number, r.Name, r.Organization, r.Group, place, r.Country, r.Language, l.T("contribution.channel." + string(r.Channel)), stampOrNone(r.ReceivedAt), late,
		l.T("contribution.state." + string(r.State)), r.Reviewer, stampOrNone(r.ReviewedAt),
	}
}

func stampOrNone(t *time.Time) string {
	if t == nil {
		return ""
	}
	return stampOf(*t)
}
