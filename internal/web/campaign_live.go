package web

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
	"github.com/convoke/convoke/internal/i18n"
)

// liveData is how far a campaign is, in words: it is said by the page, and again and again by its stream.
type liveData struct {
	Path      string // of the stream
	Page      string // of the campaign
	Sent      string
	Done, All int
	States    []campaignCount
	Speed     string
	End       string
	Limit     string
	Wait      string // why it waits, "" where it does not
	Running   bool   // messages are leaving, or about to
}

// liveOf says a look in words.
func liveOf(l *i18n.Localizer, at *time.Location, live *campaign.Live) liveData {
	c := &live.Campaign
	d := liveData{
		Page: campaignPath(c.ID), Path: campaignPath(c.ID) + "/progress", Done: live.Sent, All: live.Total(),
		Running: !live.Rests(), Limit: rateSaid(l, c.Rate),
		Sent: l.T("campaign.progress.sent", "Sent", live.Sent, "Total", live.Total(), "Percent", l.Percent(live.Sent, max(live.Total(), 1))),
	}
	for _, s := range []campaignCount{
		{campaign.DeliveryQueued, live.Queued},
		{campaign.DeliverySent, live.Sent},
		{campaign.DeliveryDeferred, live.Deferred},
		{campaign.DeliveryUncertain, live.Unsure},
		{campaign.DeliveryFailed, live.Failed},
		{campaign.DeliverySkipped, live.Skipped},
	} {
		if s.Count > 0 {
			d.States = append(d.States, s)
		}
	}
	if !d.Running {
		return d
	}
	if live.Second >= 0 {
		d.Speed = l.T("campaign.progress.speed", "Number", l.Decimal(live.Second, 1))
	}
	if live.End != nil {
		d.End = l.T("campaign.progress.end", "When", l.DateTime(*live.End, at))
	}
	d.Wait = waitSaid(l, at, live)
	return d
}

// waitSaid says why a campaign waits, "" where it does not.
func waitSaid(l *i18n.Localizer, at *time.Location, live *campaign.Live) string {
	switch why := live.WaitsFor(); why {
	case campaign.WaitsNot:
		return ""
	case campaign.WaitsQueue:
		return l.T("campaign.said.waiting")
	case campaign.WaitsHour, campaign.WaitsLater:
		return l.T("campaign.progress.wait."+string(why), "When", l.DateTime(*live.Next, at))
	default:
		return l.T("campaign.progress.wait." + string(why))
	}
}

// The bounds of streams: in all, for one person, how often they look, and how long one lasts before the browser asks again.
const (
	maxStreams    = 64
	streamsOfOne  = 4
	streamPause   = time.Second
	streamPing    = 15
	streamLasting = 4 * time.Minute
)

// streams counts those that are open.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[int64]int
}

func (s *streams) open(who int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[int64]int{}
	}
	if s.all >= maxStreams || s.of[who] >= streamsOfOne {
		return false
	}
	s.all++
	s.of[who]++
	return true
}

func (s *streams) shut(who int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[who]--; s.of[who] == 0 {
		delete(s.of, who)
	}
}

// campaignProgress streams how far a campaign is, until it rests or the server stops.
func (w *Web) campaignProgress(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	actor := account.ActorFrom(c.UserContext())
	if _, err := w.Campaigns.Live(c.UserContext(), actor, id); err != nil {
		return err
	}
	if !w.open.open(actor.ID) {
		return errs.E(errs.TooMany, "error.too_many")
	}
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no") // of a proxy, which would wait for more
	c.Context().SetConnectionClose() // a stream that ended must not keep its connection, for which a stopping server would wait
	f := &follower{web: w, actor: actor, id: id, l: w.Server.Localizer(c), zone: zone(actor.TimeZone)}
	c.Context().SetBodyStreamWriter(fasthttp.StreamWriter(f.follow))
	return nil
}

// follower is one open stream. It outlives its request, of which it must use nothing.
type follower struct {
	web   *Web
	actor account.Actor
	id    int64
	l     *i18n.Localizer
	zone  *time.Location
	last  string
}

func (f *follower) follow(out *bufio.Writer) {
	defer f.web.open.shut(f.actor.ID)
	ctx, cancel := context.WithTimeout(context.Background(), streamLasting)
	defer cancel()
	go func() {
		select {
		case <-f.web.Server.Closing():
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(streamPause)
	defer tick.Stop()
	for n := 0; ; n++ {
		more, err := f.look(ctx, out, n%streamPing == 0)
		if err != nil || !more || out.Flush() != nil {
			_ = out.Flush()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look writes what changed; more says whether anything else may come.
func (f *follower) look(ctx context.Context, out *bufio.Writer, ping bool) (more bool, err error) {
	live, err := f.web.Campaigns.Live(ctx, f.actor, f.id)
	if err != nil {
		return false, err
	}
	text, err := f.web.liveText(f.l, liveOf(f.l, f.zone, &live))
	if err != nil {
		return false, err
	}
	if text != f.last {
		f.last = text
		if _, err := out.WriteString("data: " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\ndata: ") + "\n\n"); err != nil {
			return false, err
		}
	} else if ping {
		if _, err := out.WriteString(": still here\n\n"); err != nil {
			return false, err
		}
	}
	if live.Rests() {
		_, err = out.WriteString("event: end\ndata: end\n\n")
		return false, err
	}
	return true, nil
}

func (w *Web) liveText(l *i18n.Localizer, d liveData) (string, error) {
	t, err := w.templates.in(l.Tag(), string(campaignPage))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.ExecuteTemplate(&b, "campaign-live", d)
	return b.String(), err
}
