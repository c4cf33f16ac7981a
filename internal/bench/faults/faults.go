// Package faults sends campaigns while processes are killed and servers fail, and then counts what became of each message: from
// the database, and from the record of a mail server that outlives them all.
package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/errs"
)

// Options say what is tried, and with what.
type Options struct {
	Recipients  int
	Kills       int           // how often something is killed, flushed or restarted in one program
	Connections int           // to the mail server, of each process
	Away        time.Duration // how long something is gone
	Only        []string      // names of programs; all where empty
	Seed        uint64        // decides the moments and whom they meet

	Program   string        // the path of convoke
	Env       []string      // what all its processes get
	Folder    string        // an existing folder for their data
	Logs      string        // an existing folder for what they log
	RedisURL  string        // "" where web and worker are one process
	Own       *Servers      // what may be restarted and killed; nil where the servers are others'
	Post      *Server       // takes the mail
	TrustFile string        // with the certificate of the mail server
	Patience  time.Duration // that a program may take beside being away
	Progress  func(string)
}

// trial is a run under way.
type trial struct {
	Options
	in     bench.Installation
	ground *bench.Ground
	random *rand.Rand
	redis  *Proxy // nil without Redis
	web    *process
	worker *process // nil where it is the web process
	second *process // another that sends, started where a program wants it
	tokens []string // of two officers
}

// course is one campaign that is sent under a program.
type course struct {
	*Row
	id, stepID int64
	restore    []func() error // what makes everything as it was
}

// Run tries one program after the other. Each sends a campaign to everybody.
func Run(ctx context.Context, in bench.Installation, o Options) (r Report, err error) {
	programs, err := chosen(o.Only)
	if err != nil {
		return r, err
	}
	t := &trial{Options: o, in: in, random: rand.New(rand.NewPCG(o.Seed, 0))} //nolint:gosec // the same moments for the same seed
	r = Report{
		Database: string(in.DB.Dialect()), Queue: "in-process queue", Recipients: o.Recipients, Kills: o.Kills, Connections: o.Connections,
		AwaySeconds: o.Away.Seconds(), Seed: o.Seed,
	}
	if o.RedisURL != "" {
		r.Queue = "Redis"
	}
	o.Progress(fmt.Sprintf("making up %d recipients; the seed is %d", o.Recipients, o.Seed))
	if err := t.prepare(ctx); err != nil {
		return r, err
	}
	defer t.close()
	if err := t.open(ctx); err != nil {
		return r, err
	}
	for _, p := range programs {
		row := t.try(ctx, p)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		r.Rows = append(r.Rows, row)
		o.Progress(row.line())
	}
	return r, nil
}

func chosen(only []string) ([]program, error) {
	all := programs()
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.ContainsFunc(all, func(p program) bool { return p.name == name }) {
			return nil, errs.E(errs.Invalid, "cli.bench.no_program", "Name", name)
		}
	}
	return slices.DeleteFunc(all, func(p program) bool { return !slices.Contains(only, p.name) }), nil
}

func (t *trial) prepare(ctx context.Context) error {
	var err error
	if t.ground, err = bench.Prepare(ctx, t.in, t.Recipients, time.Now); err != nil {
		return err
	}
	for _, officer := range []audit.Who{t.ground.Author.Who, t.ground.Approver.Who} {
		token, err := t.in.Accounts.CreateToken(ctx, audit.System("bench"), officer.ID)
		if err != nil {
			return err
		}
		t.tokens = append(t.tokens, token)
	}
	return nil
}

// open starts the processes.
func (t *trial) open(ctx context.Context) (err error) {
	if err := t.openRedis(); err != nil {
		return err
	}
	if t.web, err = t.newProcess("web", "serve"); err != nil {
		return err
	}
	if t.RedisURL != "" {
		if t.worker, err = t.newProcess("worker", "worker"); err != nil {
			return err
		}
	}
	for _, p := range t.processes() {
		if err := p.start(); err != nil {
			return err
		}
	}
	return t.awaitReady(ctx)
}

func (t *trial) newProcess(name string, command ...string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p := &process{
		name: name, command: slices.Concat([]string{t.Program}, command, []string{"--listen", address}), env: slices.Clone(t.Env), folder: t.Logs, address: address,
	}
	p.setEnv("CONVOKE_DATA", t.Folder)
	p.setEnv("CONVOKE_SMTP_URL", t.smtpURL("off"))
	if t.redis != nil {
		p.setEnv("CONVOKE_REDIS_URL", t.redisThroughProxy())
	}
	return p, nil
}

func (t *trial) smtpURL(starttls string) string {
	return fmt.Sprintf("smtp://%s?connections=%d&starttls=%s", t.Post.Addr(), t.Connections, starttls)
}

func (t *trial) processes() []*process {
	return slices.DeleteFunc([]*process{t.web, t.worker, t.second}, func(p *process) bool { return p == nil })
}

// sender is the process that sends.
func (t *trial) sender() *process {
	if t.worker != nil {
		return t.worker
	}
	return t.web
}

func (t *trial) awaitReady(ctx context.Context) error {
	return until(ctx, startPatience, "the processes to answer", func() bool {
		return !slices.ContainsFunc(t.processes(), func(p *process) bool { return !p.ready(ctx) })
	})
}

func (t *trial) close() {
	for _, p := range t.processes() {
		p.end(syscall.SIGTERM)
	}
	t.closeRedis()
}

// try runs one program to its end.
func (t *trial) try(ctx context.Context, p program) *Row {
	row := &Row{Name: p.name}
	if p.needs != nil {
		if row.NotTried = p.needs(t); row.NotTried != "" {
			return row
		}
	}
	t.Progress(p.name + ": " + p.about)
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, t.Patience+3*t.Away)
	defer cancel()
	c := &course{Row: row}
	if err := t.run(ctx, p, c); err != nil {
		row.breaks("it did not come to its end: %v", err)
	}
	for _, undo := range slices.Backward(c.restore) {
		if err := undo(); err != nil {
			row.breaks("it could not be tidied up: %v", err)
		}
	}
	row.Seconds = time.Since(began).Seconds()
	return row
}

func (t *trial) run(ctx context.Context, p program, c *course) error {
	if err := t.awaitReady(ctx); err != nil {
		return err
	}
	t.died()
	var err error
	if c.id, err = t.ground.Approved(ctx); err != nil {
		return err
	}
	if c.stepID, err = stepOf(ctx, t.in.DB, c.id); err != nil {
		return err
	}
	if err := p.do(ctx, t, c); err != nil {
		return err
	}
	if err := t.settle(ctx, c); err != nil {
		return err
	}
	c.Died = t.died()
	return t.count(ctx, c)
}

func (t *trial) died() int {
	n := 0
	for _, p := range t.processes() {
		n += p.died()
	}
	return n
}

// lookEvery is how often it is looked whether something has come to be.
const lookEvery = 25 * time.Millisecond

// until waits for something to hold.
func until(ctx context.Context, patience time.Duration, what string, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// pass waits while something is gone: that is the fault.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
