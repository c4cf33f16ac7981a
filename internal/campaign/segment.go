package campaign

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Segment is a saved filter of a cycle. A campaign copies the filter, so that a change of the segment does not change
// what was approved.
type Segment struct {
	ID        int64
	CycleID   int64
	Name      string
	Audience  Audience `gorm:"serializer:json"`
	Version   int      // counts the changes of the filter, from 1
	CreatedBy *int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// SegmentDraft is what a person says of a segment.
type SegmentDraft struct {
	Name     string
	Audience Audience
}

// SegmentOrigin says how the filter of a campaign stands to the segment that it was made from.
type SegmentOrigin string

// The origins. Each has a text segment.origin.<origin>.
const (
	NoSegment       SegmentOrigin = ""
	SegmentSame     SegmentOrigin = "same"
	SegmentAdjusted SegmentOrigin = "adjusted" // for this campaign, when it was made
	SegmentChanged  SegmentOrigin = "changed"  // since then
	SegmentDeleted  SegmentOrigin = "deleted"  // since then
)

// same says whether two filters find the same, however their words are ordered.
func (a Audience) same(b Audience) bool {
	one, _ := json.Marshal(a.normal())
	other, _ := json.Marshal(b.normal())
	return string(one) == string(other)
}

func (a Audience) normal() Audience {
	for _, words := range []*[]string{&a.Groups, &a.Regions, &a.Countries, &a.Languages, &a.Tags, &a.NRIs} {
		*words = slices.Compact(slices.Sorted(slices.Values(*words)))
	}
	a.Response = slices.Compact(slices.Sorted(slices.Values(a.Response)))
	for _, refs := range []*[]StepRef{&a.Sent, &a.NotSent} {
		*refs = slices.Compact(slices.SortedFunc(slices.Values(*refs), func(x, y StepRef) int {
			return cmp.Or(cmp.Compare(x.Campaign, y.Campaign), cmp.Compare(x.Step, y.Step))
		}))
	}
	return a
}

const maxSegmentName = 100

func (s *Service) checkSegment(tx *db.Tx, d *SegmentDraft) error {
	d.Name, d.Audience = strings.TrimSpace(d.Name), d.Audience.tidy()
	wrong := checkName(d.Name, maxSegmentName)
	audience, err := s.checkAudience(tx, d.Audience)
	if wrong = append(wrong, audience...); err != nil || len(wrong) == 0 {
		return err
	}
	return errs.InvalidFields(wrong...)
}

// Segments lists those of a cycle by name.
func (s *Service) Segments(ctx context.Context, by account.Actor, cycleID int64) ([]Segment, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return nil, err
	}
	all, err := listSegments(s.DB.Read(ctx), cycleID)
	return all, errs.Wrap("campaign.segments", err)
}

// Segment finds one; errs.NotFound where there is none.
func (s *Service) Segment(ctx context.Context, by account.Actor, id int64) (Segment, error) {
	if err := by.Require(account.CampaignRead); err != nil {
		return Segment{}, err
	}
	g, err := loadSegment(s.DB.Read(ctx), id)
	return g, errs.Wrap("campaign.segment", err)
}

// SaveSegment keeps a filter under a name. A name that another segment of the cycle has is errs.Invalid.
func (s *Service) SaveSegment(ctx context.Context, by account.Actor, cycleID int64, d SegmentDraft) (Segment, error) {
	if err := by.Require(account.CampaignWrite); err != nil {
		return Segment{}, err
	}
	if _, err := s.Cycles.Cycle(ctx, cycleID); err != nil {
		return Segment{}, errs.Wrap("campaign.save_segment", err)
	}
	var g Segment
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.checkSegment(tx, &d); err != nil {
			return err
		}
		g = Segment{CycleID: cycleID, Name: d.Name, Audience: d.Audience, Version: 1, CreatedBy: accountOf(by), CreatedAt: s.Now(), UpdatedAt: s.Now()}
		if err := insertSegment(tx, &g); err != nil {
			return err
		}
		return s.recordSegment(tx, by.Who, &g, "segment.created", nil)
	})
	return g, errs.Wrap("campaign.save_segment", err)
}

// ChangeSegment gives it another name, another filter, or both. Campaigns that were made from it keep their filter.
func (s *Service) ChangeSegment(ctx context.Context, by account.Actor, id int64, d SegmentDraft) (Segment, error) {
	if err := by.Require(account.CampaignWrite); err != nil {
		return Segment{}, err
	}
	var g Segment
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.checkSegment(tx, &d); err != nil {
			return err
		}
		var err error
		if g, err = lockSegment(tx, id); err != nil {
			return err
		}
		before := g
		if g.Name, g.Audience = d.Name, d.Audience; !before.Audience.same(g.Audience) {
			g.Version++
		}
		g.UpdatedAt = s.Now()
		if err := updateSegment(tx, &g); err != nil {
			return err
		}
		return s.recordSegment(tx, by.Who, &g, "segment.changed", segmentFacts(&before))
	})
	return g, errs.Wrap("campaign.change_segment", err)
}

// DeleteSegment removes it. Campaigns that were made from it keep their filter.
func (s *Service) DeleteSegment(ctx context.Context, by account.Actor, id int64) error {
	if err := by.Require(account.CampaignWrite); err != nil {
		return err
	}
	return errs.Wrap("campaign.delete_segment", s.DB.Write(ctx, func(tx *db.Tx) error {
		g, err := lockSegment(tx, id)
		if err != nil {
			return err
		}
		if err := deleteSegment(tx, id); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "segment.deleted", ObjectKind: "segment", ObjectID: id, CycleID: g.CycleID, Before: segmentFacts(&g),
		})
	}))
}

func segmentFacts(g *Segment) map[string]any {
	return map[string]any{"name": g.Name, "audience": g.Audience, "version": g.Version}
}

func (s *Service) recordSegment(tx *db.Tx, who audit.Who, g *Segment, action string, before map[string]any) error {
	change := audit.Change{Action: action, ObjectKind: "segment", ObjectID: g.ID, CycleID: g.CycleID, After: segmentFacts(g)}
	if before != nil {
		change.Before = before
	}
	return audit.Record(tx, who, s.Now(), change)
}

// fromSegment lets a proposal without a filter of its own have that of its segment, and the campaign remember where it
// came from.
func (s *Service) fromSegment(tx *db.Tx, d *Proposal, c *Campaign) error {
	if d.SegmentID == 0 {
		return nil
	}
	g, err := loadSegment(tx, d.SegmentID)
	if errs.Is(err, errs.NotFound) || err == nil && g.CycleID != d.CycleID {
		return errs.InvalidFields(errs.FieldError("segment", "field.choice"))
	}
	if err != nil {
		return err
	}
	if d.Audience.Empty() {
		d.Audience = g.Audience
	}
	c.SegmentID, c.SegmentName, c.SegmentVersion = &g.ID, g.Name, g.Version
	return nil
}

// origin says how the campaign's filter stands to its segment now.
func (c *Campaign) origin(tx *db.Tx) (SegmentOrigin, error) {
	if c.SegmentID == nil {
		return NoSegment, nil
	}
	g, err := loadSegment(tx, *c.SegmentID)
	switch {
	case errs.Is(err, errs.NotFound):
		return SegmentDeleted, nil
	case err != nil:
		return NoSegment, err
	case g.Version != c.SegmentVersion:
		return SegmentChanged, nil
	case !g.Audience.same(c.Audience):
		return SegmentAdjusted, nil
	}
	return SegmentSame, nil
}
