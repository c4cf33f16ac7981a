package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/synthesis"
	"github.com/convoke/convoke/internal/web/form"
)

// excerptsData is a list of excerpts.
type excerptsData struct {
	Cycle     cycle.Cycle
	Questions []form.Option
	Groups    []form.Option
	Tags      []form.Option
	Items     []excerptItem
	Next      string
}

type excerptItem struct {
	synthesis.Found
	Place placeView
	Group string
	Named []string // its tags
}

// excerptData is one excerpt.
type excerptData struct {
	excerptItem
	Tagged []form.Option
	Read   string // where it stands among the other answers

	Numbers map[int64]int // the places in the draft of the paragraphs that cite it
}

func (w *Web) excerpts(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	by := account.ActorFrom(ctx)
	current, err := w.cycleOf(c)
	if err != nil {
		return err
	}
	places, err := w.places(c, current.ID)
	if err != nil {
		return err
	}
	after, err := queryNumber(c, "after")
	if err != nil {
		return err
	}
	f := form.With("question", c.Query("question"), "group", c.Query("group"), "tag", c.Query("tag"))
	every := form.Option{Label: l.T("common.all")}
	d := excerptsData{Cycle: current, Questions: append([]form.Option{every}, placeOptions(places)...), Groups: w.groups(c)}
	d.Groups[0] = every
	tags, err := w.tagOptions(c, current.ID)
	if err != nil {
		return err
	}
	d.Tags = append([]form.Option{every}, tags...)
	filter := synthesis.ExcerptFilter{CycleID: current.ID, Group: f.Value("group"), Tag: f.Value("tag"), After: int64(after)}
	if q := f.Value("question"); q != "" {
		filter.Questions = []string{q}
	}
	all, next, err := w.Synthesis.Excerpts(ctx, by, filter)
	if err != nil {
		return err
	}
	for _, x := range all {
		d.Items = append(d.Items, w.excerptItem(l, places, x))
	}
	if next != 0 {
		d.Next = "/synthesis/excerpts?" + url.Values{
			"question": {f.Value("question")}, "group": {filter.Group}, "tag": {filter.Tag}, "after": {strconv.FormatInt(next, 10)},
		}.Encode()
	}
	return excerptsPage.showForm(w, c, d, f)
}

func (w *Web) excerptItem(l *i18n.Localizer, places []placeView, x synthesis.Found) excerptItem {
	item := excerptItem{Found: x, Place: placeNamed(places, x.Question)}
	if x.Source.StakeholderGroup != "" {
		item.Group = w.Geo.GroupName(x.Source.StakeholderGroup, l.Tag())
	}
	for _, tag := range x.Tags {
		item.Named = append(item.Named, w.tagName(l, tag))
	}
	return item
}

func (w *Web) excerpt(c *fiber.Ctx) error {
	d, err := w.excerptData(c)
	if err != nil {
		return err
	}
	f := form.Form{Values: url.Values{"tags": d.Tags, "note": {d.Note}}}
	return excerptPage.showForm(w, c, d, f)
}

func (w *Web) excerptData(c *fiber.Ctx) (excerptData, error) {
	ctx, l := c.UserContext(), w.Server.Localizer(c)
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return excerptData{}, err
	}
	x, err := w.Synthesis.Excerpt(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return excerptData{}, err
	}
	places, err := w.places(c, x.CycleID)
	if err != nil {
		return excerptData{}, err
	}
	d := excerptData{excerptItem: w.excerptItem(l, places, x)}
	d.Read = "/synthesis/answers?" + url.Values{"question": {x.Question}, "group": {x.Source.StakeholderGroup}}.Encode()
	if len(x.Cited) > 0 {
		draft, err := w.Synthesis.Draft(ctx, account.ActorFrom(ctx), x.CycleID)
		if err != nil {
			return d, err
		}
		d.Numbers = draft.Numbers()
	}
	d.Tagged, err = w.tagOptions(c, x.CycleID)
	return d, err
}

func (w *Web) retag(c *fiber.Ctx) error {
	d, err := w.excerptData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Synthesis.Retag(ctx, account.ActorFrom(ctx), d.ID, tagsOf(posted), posted.Value("note")); err != nil {
		return excerptPage.again(w, c, d, err)
	}
	return w.redirect(c, "/synthesis/excerpts/"+strconv.FormatInt(d.ID, 10), "synthesis.said.tagged")
}

func (w *Web) unmark(c *fiber.Ctx) error {
	d, err := w.excerptData(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Synthesis.Unmark(ctx, account.ActorFrom(ctx), d.ID); err != nil {
		return excerptPage.again(w, c, d, err)
	}
	return w.redirect(c, "/synthesis/excerpts", "synthesis.said.unmarked")
}

// Whose says who said it, for the line below a quote.
func (i excerptItem) Whose() string {
	var parts []string
	for _, p := range []string{i.Source.Name, i.Source.Organization} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
