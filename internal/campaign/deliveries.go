package campaign

import (
	"context"
	"regexp"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
)

// Progress is a campaign with what became of its deliveries, step by step and in all.
type Progress struct {
	Campaign Campaign
	Tally    Tally
	Steps    []Tally          // of each step, in their order
	Personal int              // messages that volunteers sent in person, beside the tallies
	Names    map[int64]string // of the accounts that the campaign names
	Segment  SegmentOrigin
	Base     string // stands for what an approval would be for, "" where there is nothing to approve
}

// Name is what an account of the campaign is called, "" for nobody.
func (p Progress) Name(id *int64) string {
	if id == nil {
		return ""
	}
	return p.Names[*id]
}

// Progress counts a campaign's deliveries.
func (s *Service) Progress(ctx context.Context, by account.Actor, id int64) (Progress, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Campaign: c}
	var all []Count
	for _, step := range c.Steps {
		counts, err := deliveryCounts(s.DB.Read(ctx), step.ID)
		if err != nil {
			return Progress{}, errs.Wrap("campaign.progress", err)
		}
		p.Steps = append(p.Steps, tally(counts))
		all = append(all, counts...)
	}
	p.Tally = tally(all)
	if p.Personal, err = countPersonal(s.DB.Read(ctx), c.ID); err != nil {
		return Progress{}, errs.Wrap("campaign.progress", err)
	}
	if p.Base, err = s.markNow(ctx, &c); err != nil {
		return Progress{}, errs.Wrap("campaign.progress", err)
	}
	if p.Segment, err = c.origin(s.DB.Read(ctx)); err != nil {
		return Progress{}, errs.Wrap("campaign.progress", err)
	}
	p.Names, err = accountNames(s.DB.Read(ctx), c.CreatedBy, c.SubmittedBy, c.ApprovedBy, c.LaunchedBy)
	return p, errs.Wrap("campaign.progress", err)
}

// DeliveryRow is one delivery as an officer sees it: never the address, which the message itself shows.
type DeliveryRow struct {
	Delivery
	Name      string
	Step      int
	Volunteer string // in whose name it went out, "" for the campaign itself
}

// DeliveryFilter narrows a list of deliveries.
type DeliveryFilter struct {
	State  DeliveryState // "" for all
	Cursor int64         // the id of the last one seen
	Limit  int           // PageSize where zero
}

// addressPattern is generous: servers quote the recipient in many ways.
var addressPattern = regexp.MustCompile(`[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+`)

func withoutAddresses(reply string) string {
	return addressPattern.ReplaceAllString(reply, "•••")
}

// Deliveries lists a campaign's deliveries in the order in which they were made. Servers quote addresses in
// their replies: whoever may not see addresses reads the reply without them.
func (s *Service) Deliveries(ctx context.Context, by account.Actor, id int64, f DeliveryFilter) ([]DeliveryRow, error) {
	if f.State != "" && !slices.Contains(DeliveryStates(), f.State) {
		return nil, errs.InvalidFields(errs.FieldError("state", "field.choice"))
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = PageSize
	}
	all, err := listDeliveries(s.DB.Read(ctx), c.ID, f)
	if by.Scope(account.AddressRead) != account.All {
		for i := range all {
			all[i].Reply = withoutAddresses(all[i].Reply)
		}
	}
	return all, errs.Wrap("campaign.deliveries", err)
}
