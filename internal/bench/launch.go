package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/convoke/convoke/internal/errs"
)

// LaunchOptions say what is measured of launching.
type LaunchOptions struct {
	Recipients int
	Rounds     int // launches, each beside a bare INSERT … SELECT
	Now        func() time.Time
	Progress   func(string)
}

// LaunchRound is one launch beside the bare statement.
type LaunchRound struct {
	BareSeconds float64 `json:"bare_seconds"`
	Seconds     float64 `json:"seconds"` // from the launch request until every delivery is made and every batch is asked for
	Ratio       float64 `json:"ratio"`   // of the speeds
}

// LaunchReport is what was measured of launching; the ratio is the median of the rounds.
type LaunchReport struct {
	Database   string        `json:"database"`
	Queue      string        `json:"queue"`
	Recipients int           `json:"recipients"`
	Ratio      float64       `json:"ratio"`
	Rounds     []LaunchRound `json:"rounds"`
}

// Launch measures launches of a campaign in five languages, each beside one INSERT … SELECT of as many rows into an empty table
// with the columns and the indexes of deliveries, which decides and checks nothing. Nothing is sent.
func Launch(ctx context.Context, in Installation, o LaunchOptions) (LaunchReport, error) {
	b := &sending{Installation: in, SendOptions: SendOptions{Recipients: o.Recipients, Now: o.Now, Progress: o.Progress}}
	r := LaunchReport{Database: string(in.DB.Dialect()), Queue: in.Queue, Recipients: o.Recipients}
	o.Progress(fmt.Sprintf("making up %d recipients", o.Recipients))
	if err := b.prepare(ctx); err != nil {
		return r, err
	}
	var ratios []float64
	for n := range o.Rounds {
		o.Progress(fmt.Sprintf("round %d of %d", n+1, o.Rounds))
		round, err := b.launchRound(ctx)
		if err != nil {
			return r, err
		}
		r.Rounds, ratios = append(r.Rounds, round), append(ratios, round.Ratio)
	}
	r.Ratio = median(ratios)
	return r, nil
}

func (b *sending) launchRound(ctx context.Context) (r LaunchRound, err error) {
	bare, err := bareInsert(ctx, b.DB, b.cycleID, b.Now)
	if err != nil {
		return r, err
	}
	id, err := b.approved(ctx)
	if err != nil {
		return r, err
	}
	settleMemory()
	began := b.Now()
	launched, err := b.Campaigns.Launch(ctx, b.author, id)
	if err != nil {
		return r, err
	}
	step := launched.Campaign.Steps[0].ID
	if err := b.Campaigns.RunLaunch(ctx, step); err != nil {
		return r, err
	}
	took := b.Now().Sub(began)
	var made int
	if err := b.DB.Read(ctx).QueryRow("select count(*) from delivery where step_id = ? and state = 'queued'", step).Scan(&made); err != nil {
		return r, err
	}
	if made != b.Recipients {
		return r, errs.E(errs.Internal, "error.internal", "Made", made, "Recipients", b.Recipients)
	}
	_, err = b.Campaigns.Cancel(ctx, b.author, id)
	return LaunchRound{BareSeconds: bare.Seconds(), Seconds: took.Seconds(), Ratio: bare.Seconds() / took.Seconds()}, err
}

// Print writes the figures for people.
func (r LaunchReport) Print(to io.Writer) error {
	lines := []string{
		fmt.Sprintf("%s, %s: launching to %d recipients in five languages", r.Database, r.Queue, r.Recipients),
		fmt.Sprintf("%10s %12s %7s", "bare s", "convoke s", "ratio"),
	}
	for _, s := range r.Rounds {
		lines = append(lines, fmt.Sprintf("%10.2f %12.2f %7.2f", s.BareSeconds, s.Seconds, s.Ratio))
	}
	for _, line := range append(lines, fmt.Sprintf("median of the ratios: %.2f", r.Ratio)) {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}
