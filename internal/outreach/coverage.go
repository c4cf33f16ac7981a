package outreach

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
)

// Numbers count the contacts of a cell of the matrix.
type Numbers struct {
	Listed      int
	Addressable int
	Approached  int // a message arrived, or somebody reached them
	Responded   int // by any channel, late ones included
	Target      int // 0 where none is set
	Short       int // how many are missing to the target; of a sum, over its cells: what one has too many helps no other
	NoAddress   int // nobody knows an address
	Bounced     int // mail to all addresses comes back
	NoLanguage  int // no language of their own is known
	Unclaimed   int // nobody reached them, and nobody has taken that on
}

func (n *Numbers) add(o Numbers) {
	n.Listed += o.Listed
	n.Addressable += o.Addressable
	n.Approached += o.Approached
	n.Responded += o.Responded
	n.Target += o.Target
	n.Short += o.Short
	n.NoAddress += o.NoAddress
	n.Bounced += o.Bounced
	n.NoLanguage += o.NoLanguage
	n.Unclaimed += o.Unclaimed
}

// Cell is one stakeholder group in one region.
type Cell struct {
	StakeholderGroup string
	Region           string
	Numbers
}

// Matrix is the coverage of a cycle: every group in every region, empty cells too. Cells stand in
// the order of Groups, within a group in the order of Regions.
type Matrix struct {
	Groups  []string
	Regions []string
	Cells   []Cell
}

// Cell gives one cell.
func (m Matrix) Cell(group, region string) Cell {
	for _, c := range m.Cells {
		if c.StakeholderGroup == group && c.Region == region {
			return c
		}
	}
	return Cell{StakeholderGroup: group, Region: region}
}

// UnderTarget are the cells that have fewer contacts than their target, those that lack most first.
func (m Matrix) UnderTarget() []Cell {
	var under []Cell
	for _, c := range m.Cells {
		if c.Short > 0 {
			under = append(under, c)
		}
	}
	slices.SortStableFunc(under, func(a, b Cell) int { return b.Short - a.Short })
	return under
}

// Has says whether the matrix has such a cell.
func (m Matrix) Has(group, region string) bool {
	return slices.Contains(m.Groups, group) && slices.Contains(m.Regions, region)
}

// Row is the sum over the regions of a group; Column over the groups of a region; Total over all.
func (m Matrix) Row(group string) Numbers {
	return m.sum(func(c Cell) bool { return c.StakeholderGroup == group })
}

// Column is the sum over the groups of a region.
func (m Matrix) Column(region string) Numbers {
	return m.sum(func(c Cell) bool { return c.Region == region })
}

// Total is the sum over all cells.
func (m Matrix) Total() Numbers { return m.sum(func(Cell) bool { return true }) }

func (m Matrix) sum(of func(Cell) bool) Numbers {
	var n Numbers
	for _, c := range m.Cells {
		if of(c) {
			n.add(c.Numbers)
		}
	}
	return n
}

// Coverage gives the matrix of a cycle. A coordinator gets the contacts of their own countries,
// without targets: those are for whole regions.
func (s *Service) Coverage(ctx context.Context, by account.Actor, cycleID int64) (Matrix, error) {
	if err := by.Require(account.ContactRead); err != nil {
		return Matrix{}, err
	}
	var countries []string
	if by.Scope(account.ContactRead) != account.All {
		countries = append([]string{}, by.Countries...)
	}
	counted, err := countCells(s.DB.Read(ctx), cycleID, countries, s.Now())
	if err != nil {
		return Matrix{}, errs.Wrap("outreach.coverage", err)
	}
	return s.matrix(counted, countries), nil
}

// matrix lays the cells out. A reader of a few countries gets their regions only.
func (s *Service) matrix(counted []Cell, countries []string) Matrix {
	var m Matrix
	for _, g := range s.Reference.Groups() {
		m.Groups = append(m.Groups, g.Code)
	}
	for _, r := range geo.Regions() {
		within := slices.ContainsFunc(countries, func(country string) bool { return s.Reference.RegionOf(country) == r })
		counts := slices.ContainsFunc(counted, func(c Cell) bool { return c.Region == string(r) })
		if countries == nil || within || counts {
			m.Regions = append(m.Regions, string(r))
		}
	}
	for _, c := range counted { // a cycle may have groups of its own
		if !slices.Contains(m.Groups, c.StakeholderGroup) {
			m.Groups = append(m.Groups, c.StakeholderGroup)
		}
	}
	found := Matrix{Cells: counted}
	for _, g := range m.Groups {
		for _, r := range m.Regions {
			m.Cells = append(m.Cells, found.Cell(g, r))
		}
	}
	return m
}

const maxTarget = 1_000_000

// SetTarget says how many contacts a cell should have; 0 takes the target away.
func (s *Service) SetTarget(ctx context.Context, by account.Actor, cycleID int64, group, region string, count int) error {
	if err := by.RequireOn(account.TargetWrite, false, ""); err != nil {
		return err
	}
	var wrong []errs.Field
	if _, known := s.Reference.Group(group); !known {
		wrong = append(wrong, errs.FieldError("stakeholder_group", "field.stakeholder_group"))
	}
	if !geo.Region(region).Valid() {
		wrong = append(wrong, errs.FieldError("region", "field.region"))
	}
	if count < 0 {
		wrong = append(wrong, errs.FieldError("count", "field.number_min", "Min", 0))
	}
	if count > maxTarget {
		wrong = append(wrong, errs.FieldError("count", "field.number_max", "Max", maxTarget))
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := targetOf(tx, cycleID, group, region)
		if err != nil {
			return err
		}
		if err := saveTarget(tx, target{CycleID: cycleID, StakeholderGroup: group, Region: region, Count: count}); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "target.set", ObjectKind: "cycle", ObjectID: cycleID, CycleID: cycleID,
			Before: map[string]any{"count": before},
			After:  map[string]any{"stakeholder_group": group, "region": region, "count": count},
		})
	})
	return errs.Wrap("outreach.set_target", err)
}
