package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/web/form"
)

const (
	segmentsPage page[segmentsData] = "segments"
	segmentPage  page[segmentData]  = "segment"
)

type segmentsData struct {
	Cycle cycle.Cycle
	Items []campaign.Segment
}

// segmentData is a saved filter; its ID is 0 while it is not saved.
type segmentData struct {
	Segment  campaign.Segment
	Audience audienceFields
}

func (w *Web) segmentSection() section {
	return section{
		pages: []definition{segmentsPage, segmentPage},
		routes: func(r *httpserver.Router) {
			r.Handle(fiber.MethodGet, "/segments", account.CampaignRead, w.segments)
			r.Handle(fiber.MethodGet, "/segments/new", account.CampaignWrite, w.newSegment)
			r.Handle(fiber.MethodPost, "/segments/new", account.CampaignWrite, w.saveSegment)
			r.Handle(fiber.MethodGet, "/segments/:id", account.CampaignWrite, w.segment)
			r.Handle(fiber.MethodPost, "/segments/:id", account.CampaignWrite, w.saveSegment)
			r.Handle(fiber.MethodPost, "/segments/:id/delete", account.CampaignWrite, w.deleteSegment)
		},
	}
}

func (w *Web) segments(c *fiber.Ctx) error {
	ctx := c.UserContext()
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return err
	}
	all, err := w.Campaigns.Segments(ctx, account.ActorFrom(ctx), current.ID)
	if err != nil {
		return err
	}
	return segmentsPage.show(w, c, segmentsData{Cycle: current, Items: all})
}

func (w *Web) newSegment(c *fiber.Ctx) error {
	fields, err := w.audienceFields(c)
	if err != nil {
		return err
	}
	return segmentPage.show(w, c, segmentData{Audience: fields})
}

func (w *Web) segment(c *fiber.Ctx) error {
	data, err := w.segmentData(c)
	if err != nil {
		return err
	}
	shown := form.With("name", data.Segment.Name)
	audienceValues(shown.Values, data.Segment.Audience)
	return segmentPage.showForm(w, c, data, shown)
}

// segmentData is that of the segment in the path, or of a new one.
func (w *Web) segmentData(c *fiber.Ctx) (segmentData, error) {
	ctx := c.UserContext()
	data := segmentData{}
	current, err := w.Cycles.Current(ctx)
	if err != nil {
		return data, err
	}
	data.Segment.CycleID = current.ID
	if c.Params("id") != "" {
		id, err := httpserver.ID(c, "id")
		if err != nil {
			return data, err
		}
		if data.Segment, err = w.Campaigns.Segment(ctx, account.ActorFrom(ctx), id); err != nil {
			return data, err
		}
	}
	data.Audience, err = w.audienceFields(c)
	return data, err
}

func (w *Web) saveSegment(c *fiber.Ctx) error {
	data, err := w.segmentData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	draft := campaign.SegmentDraft{Name: posted.Value("name"), Audience: w.audienceOf(posted)}
	if posted.Value("do") == "count" {
		if data.Audience.Found, err = w.foundBy(c, data.Segment.CycleID, draft.Audience); err == nil {
			return segmentPage.showForm(w, c, data, posted)
		}
		return segmentPage.again(w, c, data, fieldsOfAudience(err))
	}
	ctx := c.UserContext()
	by := account.ActorFrom(ctx)
	saved := data.Segment
	if saved.ID == 0 {
		saved, err = w.Campaigns.SaveSegment(ctx, by, saved.CycleID, draft)
	} else {
		saved, err = w.Campaigns.ChangeSegment(ctx, by, saved.ID, draft)
	}
	if err != nil {
		return segmentPage.again(w, c, data, fieldsOfAudience(err))
	}
	return w.redirect(c, "/segments", "segment.said.saved", "Name", saved.Name)
}

func (w *Web) deleteSegment(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := w.Campaigns.DeleteSegment(ctx, account.ActorFrom(ctx), id); err != nil {
		return err
	}
	return w.redirect(c, "/segments", "segment.said.deleted")
}

// segmentOptions are the segments of a cycle, after none.
func (w *Web) segmentOptions(c *fiber.Ctx, cycleID int64) ([]form.Option, error) {
	ctx := c.UserContext()
	all, err := w.Campaigns.Segments(ctx, account.ActorFrom(ctx), cycleID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	options := []form.Option{{Label: w.Server.Localizer(c).T("segment.none")}}
	for _, g := range all {
		options = append(options, form.Option{Value: strconv.FormatInt(g.ID, 10), Label: g.Name})
	}
	return options, nil
}

// useSegment puts the filter of the segment that was chosen into the form. All else in it stays.
func (w *Web) useSegment(c *fiber.Ctx, f form.Form) error {
	id, _ := strconv.ParseInt(f.Value("segment"), 10, 64)
	ctx := c.UserContext()
	g, err := w.Campaigns.Segment(ctx, account.ActorFrom(ctx), id)
	if errs.Is(err, errs.NotFound) {
		return errs.InvalidFields(errs.FieldError("segment", "field.choice"))
	}
	if err != nil {
		return err
	}
	audienceValues(f.Values, g.Audience)
	f.Values["segment_used"] = []string{f.Value("segment")}
	return nil
}

// segmentOf is the segment that the form's filter came from. A segment that was chosen and not used is refused where
// there is another filter: nobody could say which is meant.
func segmentOf(f form.Form, a campaign.Audience) (int64, error) {
	chosen := f.Value("segment")
	if chosen != "" && chosen != f.Value("segment_used") && !a.Empty() {
		return 0, errs.InvalidFields(errs.FieldError("segment", "segment.use_first"))
	}
	id, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil && chosen != "" {
		return 0, errs.InvalidFields(errs.FieldError("segment", "field.choice"))
	}
	return id, nil
}

// saveAsSegment keeps the filter of the campaign's form under a name.
func (w *Web) saveAsSegment(c *fiber.Ctx, cycleID int64, f form.Form, a campaign.Audience) error {
	ctx := c.UserContext()
	g, err := w.Campaigns.SaveSegment(ctx, account.ActorFrom(ctx), cycleID, campaign.SegmentDraft{Name: f.Value("segment_name"), Audience: a})
	if err != nil {
		err = fieldsOfAudience(err)
		fields := errs.FieldsOf(err)
		for i := range fields {
			if fields[i].Name == "name" {
				fields[i].Name = "segment_name"
			}
		}
		return err
	}
	id := strconv.FormatInt(g.ID, 10)
	f.Values["segment"], f.Values["segment_used"] = []string{id}, []string{id}
	delete(f.Values, "segment_name")
	return nil
}
