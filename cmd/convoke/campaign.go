package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/i18n"
)

type campaignCmd struct {
	List  campaignListCmd  `cmd:"" help:"List the campaigns of all cycles, and how far each is."`
	Watch campaignWatchCmd `cmd:"" help:"Show how far a campaign is, until it rests."`
}

type campaignListCmd struct{}

// Run lists the campaigns, the newest of each cycle first.
func (campaignListCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		cycles, err := h.cycles.List(ctx)
		if err != nil {
			return err
		}
		l := h.bundle.For("en")
		w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
		for _, cycle := range cycles {
			all, err := h.campaigns.List(ctx, operatorActor(), cycle.ID)
			if err != nil {
				return err
			}
			for _, one := range all {
				live, err := h.campaigns.Live(ctx, operatorActor(), one.ID)
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", one.ID, cycle.Slug, one.Name, standing(l, &live.Campaign), sentOf(l, &live))
			}
		}
		return w.Flush()
	})
}

type campaignWatchCmd struct {
	ID int64 `arg:"" help:"The number of the campaign, as list prints it."`
}

// watchPause is how long it is between two looks: each costs the counters of the batches.
const watchPause = time.Second

// Run looks again and again, on a terminal in one line with a bar, else in a line of its own for whatever is new.
func (w campaignWatchCmd) Run(ctx context.Context, c *cli) error {
	return c.withHouse(ctx, func(h *house) error {
		screen := newScreen(os.Stdout)
		tick := time.NewTicker(watchPause)
		defer tick.Stop()
		for {
			live, err := h.campaigns.Live(ctx, operatorActor(), w.ID)
			if err != nil {
				return err
			}
			screen.show(progressLine(h.bundle.For("en"), &live), float64(live.Sent)/float64(max(live.Total(), 1)))
			if live.Rests() {
				return screen.end()
			}
			select {
			case <-ctx.Done():
				return screen.end()
			case <-tick.C:
			}
		}
	})
}

// standing is where a campaign stands, in the words of its page.
func standing(l *i18n.Localizer, c *campaign.Campaign) string {
	if c.Awaiting() {
		return l.T("campaign.state.awaiting")
	}
	return l.T("campaign.state." + string(c.State))
}

func sentOf(l *i18n.Localizer, live *campaign.Live) string {
	return l.T("campaign.progress.sent", "Sent", live.Sent, "Total", live.Total(), "Percent", l.Percent(live.Sent, max(live.Total(), 1)))
}

// progressLine says in one line what the page of the campaign says.
func progressLine(l *i18n.Localizer, live *campaign.Live) string {
	parts := []string{standing(l, &live.Campaign), sentOf(l, live)}
	for _, s := range []struct {
		state campaign.DeliveryState
		n     int
	}{
		{campaign.DeliveryQueued, live.Queued},
		{campaign.DeliveryDeferred, live.Deferred},
		{campaign.DeliveryUncertain, live.Unsure},
		{campaign.DeliveryFailed, live.Failed},
		{campaign.DeliverySkipped, live.Skipped},
	} {
		if s.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", l.T("campaign.delivery_state."+string(s.state)), s.n))
		}
	}
	if live.Rests() {
		return strings.Join(parts, "; ")
	}
	if live.Second > 0 {
		parts = append(parts, l.T("campaign.progress.speed", "Number", l.Decimal(live.Second, 0)))
	}
	if live.End != nil {
		parts = append(parts, l.T("campaign.progress.end", "When", l.DateTime(*live.End, time.Local)))
	}
	switch why := live.WaitsFor(); why {
	case campaign.WaitsNot:
	case campaign.WaitsQueue:
		parts = append(parts, l.T("campaign.said.waiting"))
	case campaign.WaitsHour, campaign.WaitsLater:
		parts = append(parts, l.T("campaign.progress.wait."+string(why), "When", l.DateTime(*live.Next, time.Local)))
	default:
		parts = append(parts, l.T("campaign.progress.wait."+string(why)))
	}
	return strings.Join(parts, "; ")
}

// screen is where progress is shown.
type screen struct {
	to       io.Writer
	terminal bool
	last     string
}

func newScreen(to *os.File) *screen {
	info, err := to.Stat()
	return &screen{to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const barWidth = 24

// show writes over the line before on a terminal, and nothing that was said already elsewhere.
func (s *screen) show(line string, share float64) {
	switch {
	case s.terminal:
		full := int(min(max(share, 0), 1) * barWidth)
		bar := strings.Repeat("#", full) + strings.Repeat(".", barWidth-full)
		_, _ = fmt.Fprintf(s.to, "\r\x1b[K[%s] %s", bar, line)
	case line != s.last:
		_, _ = fmt.Fprintln(s.to, line)
	}
	s.last = line
}

func (s *screen) end() error {
	if !s.terminal {
		return nil
	}
	_, err := fmt.Fprintln(s.to)
	return err
}
