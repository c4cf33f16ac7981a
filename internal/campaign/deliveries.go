package campaign

import (
	"cmp"
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
	Edited   bool   // who looks edited single messages that wait for the approval
	Base     string // stands for what an approval would be for, "" where there is nothing to approve
}

// NeedsAnother says whether this person made, submitted or edited something of the campaign, so that another has to
// approve it, unless the cycle lets authors do so.
func (p Progress) NeedsAnother(by int64, authorMay bool) bool {
	return !p.Campaign.Approvable(by, authorMay) || p.Edited && !authorMay
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
	if p.Edited, err = editedBy(s.DB.Read(ctx), &c, by.ID); err != nil {
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
	State    DeliveryState // "" for all
	Reason   Reason
	Locale   string
	Group    string
	Reply    string  // how the server's reply begins, or words in it
	Contacts []int64 // nil for all, else only these
	Cursor   int64   // the id of the last one that was looked at
	Limit    int     // PageSize where zero
}

// DeliveryPage is a part of a list of deliveries. A page may have fewer rows than fit, or none, and others may follow it
// all the same: a search looks at so many batches at a time.
type DeliveryPage struct {
	Rows []DeliveryRow
	Next int64 // the cursor of the next page, 0 on the last
}

// addressPattern is generous: servers quote the recipient in many ways.
var addressPattern = regexp.MustCompile(`[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+`)

func withoutAddresses(reply string) string {
	return addressPattern.ReplaceAllString(reply, "•••")
}

// Deliveries lists a campaign's deliveries in the order in which they were made. Servers quote addresses in
// their replies: whoever may not see addresses reads the reply without them.
func (s *Service) Deliveries(ctx context.Context, by account.Actor, id int64, f DeliveryFilter) ([]DeliveryRow, error) {
	p, err := s.FindDeliveries(ctx, by, id, f)
	return p.Rows, err
}

// FindDeliveries is Deliveries with the cursor of the next page.
func (s *Service) FindDeliveries(ctx context.Context, by account.Actor, id int64, f DeliveryFilter) (DeliveryPage, error) {
	if f.State != "" && !slices.Contains(DeliveryStates(), f.State) {
		return DeliveryPage{}, errs.InvalidFields(errs.FieldError("state", "field.choice"))
	}
	if f.Reason != "" && !slices.Contains(Reasons(), f.Reason) {
		return DeliveryPage{}, errs.InvalidFields(errs.FieldError("reason", "field.choice"))
	}
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return DeliveryPage{}, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = PageSize
	}
	sees := by.Scope(account.AddressRead) == account.All
	if !sees {
		f.Reply = withoutAddresses(f.Reply) // an address would be found by its reply
	}
	page, err := findDeliveries(s.DB.Read(ctx), &c, f)
	if !sees {
		for i := range page.Rows {
			page.Rows[i].Reply = withoutAddresses(page.Rows[i].Reply)
		}
	}
	return page, errs.Wrap("campaign.deliveries", err)
}

// StateCounts counts a campaign's deliveries, those in volunteers' names included, from the counters of its batches.
// What bounced or was complained about had been sent, and counts so.
func (s *Service) StateCounts(ctx context.Context, by account.Actor, id int64) (Campaign, map[DeliveryState]int, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil {
		return c, nil, err
	}
	counts, err := batchCounts(s.DB.Read(ctx), c.ID)
	return c, counts, errs.Wrap("campaign.state_counts", err)
}

// ReplyCount is how many messages a server answered alike.
type ReplyCount struct {
	Code    string // with the enhanced status: "550 5.1.1"
	Example string // one of the replies
	Count   int
}

// replyCode is how replies of servers begin.
var replyCode = regexp.MustCompile(`^\d{3}( \d\.\d+\.\d+)?`)

// Replies groups what servers said to a campaign's messages that failed or wait, the most frequent first.
func (s *Service) Replies(ctx context.Context, by account.Actor, id int64, state DeliveryState) ([]ReplyCount, error) {
	c, err := s.Get(ctx, by, id)
	if err != nil || state != DeliveryFailed && state != DeliveryDeferred {
		return nil, err
	}
	said, err := replyCounts(s.DB.Read(ctx), &c, state)
	if err != nil {
		return nil, errs.Wrap("campaign.replies", err)
	}
	var all []ReplyCount
	for _, r := range said {
		code := replyCode.FindString(r.Reply)
		if code == "" {
			continue
		}
		i := slices.IndexFunc(all, func(x ReplyCount) bool { return x.Code == code })
		if i < 0 {
			i = len(all)
			all = append(all, ReplyCount{Code: code, Example: withoutAddresses(r.Reply)})
		}
		all[i].Count += r.Count
	}
	slices.SortFunc(all, func(a, b ReplyCount) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Code, b.Code)) })
	return all, nil
}
