package report_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/report"
)

// Whatever happened in a cycle: who responded was approached and who was approached is on the
// list, every unit is in one row of each dimension, every contribution is either of an approached
// unit or unsolicited, and the lists are as long as the figures say.
func TestFiguresHoldForAnyHistory(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, cycles := newBook(t, d), int64(1)
		s := b.service()
		rapid.Check(t, func(r *rapid.T) {
			cycles++
			counted := 0
			b.together(func() { counted = history(r, b, cycles) })
			var total report.Counts
			var groups report.Rates
			for i, by := range report.Dimensions() {
				rates, err := s.ResponseRates(t.Context(), officer, cycles, by)
				if err != nil {
					r.Fatal(err)
				}
				if i == 0 {
					total, groups = rates.Total, rates
				}
				if rates.Total != total {
					r.Fatalf("by %s the total is %+v, by group %+v", by, rates.Total, total)
				}
				for _, row := range rates.Rows {
					ordered(r, row)
				}
			}
			ordered(r, report.Row{Key: "total", Counts: total})
			lists(r, t, s, cycles, total)
			if total.Unsolicited > counted || total.Responded+total.Unsolicited > counted {
				r.Fatalf("%d contributions make %+v", counted, total)
			}
			if total.Responded == 0 && total.Unsolicited != counted {
				r.Fatalf("nobody responded, and of %d contributions %d are unsolicited", counted, total.Unsolicited)
			}
			o, err := s.Overview(t.Context(), officer, cycles)
			if err != nil {
				r.Fatal(err)
			}
			if o.Groups.Total != groups.Total || !slices.Equal(o.Groups.Rows, groups.Rows) {
				r.Fatalf("by group %+v, on the monitor %+v", groups, o.Groups)
			}
			f := o.Funnel
			if f.Tried() < f.Approached || f.Tried() > f.Listed || f.Complete < f.Responded {
				r.Fatalf("funnel %+v", f)
			}
		})
	})
}

func ordered(r *rapid.T, row report.Row) {
	c := row.Counts
	if c.Responded > c.Approached || c.Approached > c.Listed || c.Addressable > c.Listed || c.Late > c.Responded {
		r.Fatalf("%s: %+v", row.Key, c)
	}
	if rate := row.Rate(); rate != nil && (*rate < 0 || *rate > 1) || (c.Approached < report.Floor) != (rate == nil) {
		r.Fatalf("%s: a rate of %v for %+v", row.Key, rate, c)
	}
}

func lists(r *rapid.T, t *testing.T, s *report.Service, cycle int64, total report.Counts) {
	for _, f := range report.Figures() {
		items, err := s.List(t.Context(), officer, cycle, report.Selection{Figure: f})
		if err != nil {
			r.Fatal(err)
		}
		if len(items) != f.Of(total) {
			r.Fatalf("%s lists %d, the figure says %d", f, len(items), f.Of(total))
		}
	}
}

// history makes up a cycle and says how many contributions in it count.
func history(r *rapid.T, b *book, cycle int64) int {
	b.begin(cycle)
	base := cycle * 1000
	orgs := rapid.IntRange(0, 3).Draw(r, "organizations")
	people := rapid.IntRange(0, 8).Draw(r, "people")
	pick := func(label string, values ...string) string { return rapid.SampledFrom(values).Draw(r, label) }
	var parties []int64
	for i := range orgs + people {
		p := party{
			id: base + int64(i), org: i < orgs,
			country: pick("country", "", "KE", "FR", "AR"), region: pick("region", "none", "weog", "grulac"),
			group: pick("group", "", "government", "media"), chain: pick("chain", "", "en", "fr en"),
			address: pick("address", "", "ok", "bounced", "suppressed"),
		}
		if i >= orgs && orgs > 0 && rapid.Bool().Draw(r, "represents") {
			p.represents = base + int64(rapid.IntRange(0, orgs-1).Draw(r, "organization"))
		}
		b.party(p)
		parties = append(parties, p.id)
	}
	if rapid.Bool().Draw(r, "initiative") && len(parties) > 0 {
		b.nri(cycle, fmt.Sprintf("Initiative %d", cycle), parties[0], "KE")
	}
	counted := 0
	for _, id := range parties {
		switch pick("touch", "none", "sent", "bounced", "failed", "reached", "no_answer", "both") {
		case "sent":
			b.deliver(id, "sent", today, nil)
		case "bounced":
			b.deliver(id, "bounced", today, nil)
		case "failed":
			b.deliver(id, "failed", nil, nil)
		case "reached":
			b.attempt(id, 2, "reached")
		case "no_answer":
			b.attempt(id, 3, "no_answer")
		case "both":
			b.deliver(id, "sent", today, 3)
			b.attempt(id, 2, "declined")
		}
		counted += contribution(r, b, id, pick)
	}
	for range rapid.IntRange(0, 2).Draw(r, "strangers") {
		counted += contribution(r, b, 0, pick)
	}
	return counted
}

func contribution(r *rapid.T, b *book, contact int64, pick func(string, ...string) string) int {
	state := pick("answer", "none", "none", "draft", "received", "checked", "published", "withheld", "withdrawn")
	if state == "none" {
		return 0
	}
	b.contribute(answer{
		contact: contact, state: state, capacity: pick("capacity", "individual", "organizational"),
		group: pick("own group", "", "media"), region: pick("own region", "", "weog"), country: pick("own country", "", "KE"),
		day: "2017-09-01", late: rapid.Bool().Draw(r, "late"),
	})
	if state == "draft" || state == "withdrawn" {
		return 0
	}
	return 1
}
