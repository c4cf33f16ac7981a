package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/bench/sink"
	"github.com/convoke/convoke/internal/campaign"
	"github.com/convoke/convoke/internal/cycle"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// SendOptions say what is measured of sending.
type SendOptions struct {
	Recipients  int
	Connections int
	Latency     time.Duration // that the sink takes for each message
	Rounds      int           // campaigns that are sent, each beside a run of the bare sender
	Sink        string        // host:port of a sink
	Now         func() time.Time
	Progress    func(string)
}

// Installation is the product as it sends: its rooms, and its worker.
type Installation struct {
	DB        *db.DB
	Queue     string // what the queue stands on, for the report
	Accounts  *account.Service
	Cycles    *cycle.Service
	Documents *document.Service
	Campaigns *campaign.Service
	Work      func(context.Context) error // handles tasks until the context ends
}

// Send measures campaigns from the launch request to the last row committed, each beside a bare sender that hands the very same
// messages to the same sink over as many connections. At the end one more campaign is paused in mid-sending, and meanwhile a
// sign-in link is asked for.
func Send(ctx context.Context, in Installation, o SendOptions) (SendReport, error) {
	control, err := sink.Dial(o.Sink)
	if err != nil {
		return SendReport{}, err
	}
	defer func() { _ = control.Close() }()
	b := &sending{Installation: in, SendOptions: o, control: control}
	b.report = SendReport{
		Database: string(in.DB.Dialect()), Queue: in.Queue, Recipients: o.Recipients, Connections: o.Connections,
		LatencyMS: float64(o.Latency.Milliseconds()),
	}
	o.Progress(fmt.Sprintf("making up %d recipients", o.Recipients))
	if err := b.prepare(ctx); err != nil {
		return SendReport{}, err
	}
	working, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- in.Work(working) }()
	err = b.measure(ctx)
	stop()
	if err := errors.Join(err, <-ended); err != nil {
		return SendReport{}, err
	}
	b.report.sum()
	return b.report, nil
}

// sending is a measurement under way.
type sending struct {
	Installation
	SendOptions
	control             *sink.Control
	author, approver    account.Actor
	cycleID, documentID int64
	texts               [][]byte // messages as they go over the wire, one of each language
	report              SendReport
}

func (b *sending) measure(ctx context.Context) error {
	if err := b.bare(ctx, max(1000, b.Recipients/10)); err != nil { // warms up
		return err
	}
	b.report.Rounds = nil
	for n := range b.Rounds {
		b.Progress(fmt.Sprintf("round %d of %d", n+1, b.Rounds))
		if err := b.round(ctx); err != nil {
			return err
		}
	}
	b.Progress("pausing one, and signing in")
	return b.steer(ctx)
}

// round sends with the bare sender and with the product.
func (b *sending) round(ctx context.Context) error {
	if err := b.bare(ctx, b.Recipients); err != nil {
		return err
	}
	r := &b.report.Rounds[len(b.report.Rounds)-1]
	id, err := b.approved(ctx)
	if err != nil {
		return err
	}
	if err := b.control.Reset(b.Latency); err != nil {
		return err
	}
	settleMemory()
	before := cpuTime()
	began := b.Now()
	if _, err := b.Campaigns.Launch(ctx, b.author, id); err != nil {
		return err
	}
	if err := b.await(ctx, id); err != nil {
		return err
	}
	took := b.Now().Sub(began)
	used := cpuTime() - before
	seen, err := b.control.Stat()
	if err != nil {
		return err
	}
	if int(seen.Accepted) != b.Recipients {
		return errs.E(errs.Internal, "error.internal", "Accepted", seen.Accepted, "Recipients", b.Recipients)
	}
	r.PerSecond = float64(b.Recipients) / took.Seconds()
	r.FirstMS = float64(seen.First.Sub(began).Microseconds()) / 1000
	r.CPUPer1000 = used.Seconds() / float64(b.Recipients) * 1000
	r.MemoryMB = peakMemory()
	r.Ratio = r.PerSecond / r.BarePerSecond
	b.report.MessageBytes = int(seen.Bytes / seen.Accepted)
	return nil
}

// bare opens a round with the ruler.
func (b *sending) bare(ctx context.Context, count int) error {
	if err := b.control.Reset(b.Latency); err != nil {
		return err
	}
	took, err := BareSend(ctx, b.Sink, b.Connections, count, b.texts)
	b.report.Rounds = append(b.report.Rounds, SendRound{BarePerSecond: float64(count) / took.Seconds()})
	return err
}

// lookEvery is how often it is looked whether a campaign has ended: seldom enough to cost nothing.
const lookEvery = 20 * time.Millisecond

// await waits until every message of a campaign has its result in the database.
func (b *sending) await(ctx context.Context, id int64) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		var launching, open int
		err := b.DB.Read(ctx).QueryRow(`select
  (select count(*) from campaign_step where campaign_id = ? and state = 'launching'),
  (select count(*) from delivery_batch b join campaign_step s on s.id = b.step_id where s.campaign_id = ? and b.ended_at is null)`, id, id).Scan(&launching, &open)
		if err != nil || launching+open == 0 {
			return err
		}
	}
}

// patience is how long the sink must have heard nothing until it is quiet.
const patience = 1500 * time.Millisecond

// steer pauses a campaign in mid-sending and says how long messages went on to come; before that somebody signs in.
func (b *sending) steer(ctx context.Context) error {
	id, err := b.approved(ctx)
	if err != nil {
		return err
	}
	if err := b.control.Reset(b.Latency); err != nil {
		return err
	}
	if _, err := b.Campaigns.Launch(ctx, b.author, id); err != nil {
		return err
	}
	if err := b.awaitSeen(ctx, func(s sink.Stat) bool { return s.Accepted > 0 }); err != nil {
		return err
	}
	asked := b.Now()
	if err := b.Accounts.RequestSignIn(ctx, sink.Probe+"@example.org", "en"); err != nil {
		return err
	}
	var seen sink.Stat
	if err := b.awaitSeen(ctx, func(s sink.Stat) bool { seen = s; return !s.Probe.IsZero() }); err != nil {
		return err
	}
	b.report.SignInMS = float64(seen.Probe.Sub(asked).Microseconds()) / 1000
	if int(seen.Accepted) >= b.Recipients {
		b.report.Steered = "the campaign ended before it could be paused"
		return nil
	}
	paused := b.Now()
	if _, err := b.Campaigns.Pause(ctx, b.author, id); err != nil {
		return err
	}
	if seen, err = b.quiet(ctx); err != nil {
		return err
	}
	b.report.PauseMS = max(0, float64(seen.Last.Sub(paused).Microseconds())/1000)
	_, err = b.Campaigns.Cancel(ctx, b.author, id)
	return err
}

func (b *sending) awaitSeen(ctx context.Context, enough func(sink.Stat) bool) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		seen, err := b.control.Stat()
		if err != nil || enough(seen) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// quiet waits until no more messages come.
func (b *sending) quiet(ctx context.Context) (sink.Stat, error) {
	var before sink.Stat
	since := b.Now()
	err := b.awaitSeen(ctx, func(s sink.Stat) bool {
		if s.Accepted != before.Accepted {
			before, since = s, b.Now()
		}
		return b.Now().Sub(since) > patience
	})
	return before, err
}

// median is that of an odd number of figures, or the upper of the two in the middle.
func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2]
}
