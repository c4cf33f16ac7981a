package campaign

import (
	"context"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

func TestACampaignCopiesItsSegment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		filter := Audience{Groups: []string{"media", "academia"}, Response: []Response{NotStarted}}
		g, err := h.SaveSegment(ctx, h.officer, h.cycleID, SegmentDraft{Name: " Press ", Audience: filter})
		h.must(err)
		if g.Name != "Press" || g.Version != 1 {
			t.Errorf("saved %+v", g)
		}
		create := func(a Audience) Campaign {
			c, err := h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "c", Audience: a, SegmentID: g.ID})
			h.must(err)
			return h.load(c.ID)
		}
		origin := func(c Campaign, want SegmentOrigin) {
			t.Helper()
			p, err := h.Progress(ctx, h.officer, c.ID)
			h.must(err)
			if p.Segment != want {
				t.Errorf("its segment is %q, want %q", p.Segment, want)
			}
		}
		copied, turned := create(Audience{}), create(Audience{Groups: []string{"academia", "media"}, Response: []Response{NotStarted}})
		adjusted := create(Audience{Groups: []string{"media"}})
		if !copied.Audience.same(filter) || copied.SegmentName != "Press" {
			t.Errorf("copied %+v", copied)
		}
		origin(copied, SegmentSame)
		origin(turned, SegmentSame)
		origin(adjusted, SegmentAdjusted)
		_, err = h.ChangeSegment(ctx, h.officer, g.ID, SegmentDraft{Name: "Journalists", Audience: filter})
		h.must(err)
		origin(copied, SegmentSame) // another name is no other filter
		_, err = h.ChangeSegment(ctx, h.officer, g.ID, SegmentDraft{Name: "Journalists", Audience: Audience{Groups: []string{"media"}}})
		h.must(err)
		origin(copied, SegmentChanged)
		origin(adjusted, SegmentChanged)
		if !h.load(copied.ID).Audience.same(filter) {
			t.Error("a change of the segment changed the campaign")
		}
		h.must(h.DeleteSegment(ctx, h.officer, g.ID))
		origin(copied, SegmentDeleted)
		if n := h.number("select count(*) from audit_event where object_kind = 'segment' and object_id = ?", g.ID); n != 4 {
			t.Errorf("%d events", n)
		}
	})
}

func TestASegmentIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		ctx := context.Background()
		good := SegmentDraft{Name: "Press", Audience: Audience{All: true}}
		g, err := h.SaveSegment(ctx, h.officer, h.cycleID, good)
		h.must(err)
		other, err := h.SaveSegment(ctx, h.officer, h.cycleID, SegmentDraft{Name: "Other", Audience: Audience{All: true}})
		h.must(err)
		for name, tt := range map[string]struct {
			draft SegmentDraft
			field string
		}{
			"a name that is taken": {good, "name"},
			"no name":              {SegmentDraft{Name: " ", Audience: good.Audience}, "name"},
			"a long name":          {SegmentDraft{Name: strings.Repeat("é", 101), Audience: good.Audience}, "name"},
			"two lines":            {SegmentDraft{Name: "a\nb", Audience: good.Audience}, "name"},
			"nobody":               {SegmentDraft{Name: "Nobody"}, "audience"},
		} {
			_, err := h.SaveSegment(ctx, h.officer, h.cycleID, tt.draft)
			_, changed := h.ChangeSegment(ctx, h.officer, other.ID, tt.draft)
			for _, err := range []error{err, changed} {
				if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != tt.field {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		reader := account.Actor{Who: h.officer.Who, Roles: []account.Role{account.Lead}}
		if _, err := h.SaveSegment(ctx, reader, h.cycleID, SegmentDraft{Name: "x", Audience: good.Audience}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("saved by a lead: %v", err)
		}
		if err := h.DeleteSegment(ctx, reader, g.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("deleted by a lead: %v", err)
		}
		if _, err := h.Segment(ctx, h.officer, 4711); !errs.Is(err, errs.NotFound) {
			t.Errorf("no segment: %v", err)
		}
		_, err = h.Create(ctx, h.officer, Proposal{CycleID: h.cycleID, Name: "c", SegmentID: 4711})
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "segment" {
			t.Errorf("a campaign from no segment: %v", err)
		}
	})
}
