package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/bench/sink"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/worker"
)

type benchSendCmd struct {
	Recipients  int           `default:"100000" help:"How many people the campaign goes to."`
	Connections int           `default:"20" help:"How many connections to the mail server there are."`
	Latency     time.Duration `default:"0ms" help:"How long the mail server takes for each message."`
	Rounds      int           `default:"3" help:"How many campaigns are sent, each beside the bare sender."`
	Profile     string        `placeholder:"FILE" help:"Write there what the processor did, for go tool pprof."`
	JSON        bool          `name:"json" help:"Print the figures as JSON."`
}

// Run sends campaigns to a mail server of its own, in a database of its own that is dropped afterwards, through the queue that
// the settings name.
func (b benchSendCmd) Run(ctx context.Context, c *cli) error {
	var report bench.SendReport
	err := aside(ctx, c, b.Profile, func(cfg config.Config, target string) (err error) {
		report, err = b.run(ctx, cfg, target)
		return err
	})
	if err != nil {
		return err
	}
	return say(&report, b.JSON)
}

// say prints what was measured, for people or as JSON.
func say(report interface{ Print(to io.Writer) error }, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	return report.Print(os.Stdout)
}

// aside measures in a database of its own, beside that of the settings, which is dropped afterwards.
func aside(ctx context.Context, c *cli, profiled string, measure func(cfg config.Config, target string) error) error {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	target, drop, err := bench.Temporary(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	stop, err := profile(profiled)
	if err != nil {
		return errors.Join(err, drop())
	}
	err = measure(cfg, target)
	return errors.Join(err, stop(), drop())
}

// profile writes down what the processor does until stop; nothing where no file is named.
func profile(name string) (stop func() error, err error) {
	if name == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error { pprof.StopCPUProfile(); return file.Close() }, nil
}

func (b benchSendCmd) run(ctx context.Context, cfg config.Config, target string) (r bench.SendReport, err error) {
	address, end, err := startSink(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end()) }()
	err = inBenchHouse(ctx, cfg, target, address, b.Connections, func(h *house) error {
		if err := h.alone(); err != nil {
			return err
		}
		r, err = bench.Send(ctx, h.installation(), bench.SendOptions{
			Recipients: max(10, b.Recipients), Connections: b.Connections, Latency: b.Latency, Rounds: max(1, b.Rounds), Sink: address, Now: db.Now,
			Progress: progress,
		})
		return err
	})
	return r, err
}

// progress says what is being done.
func progress(what string) { fmt.Fprintln(os.Stderr, what) }

// inBenchHouse builds an installation in a folder of its own, and takes it down after something was measured in it.
func inBenchHouse(ctx context.Context, cfg config.Config, target, address string, connections int, fn func(*house) error) (err error) {
	folder, err := os.MkdirTemp("", "convoke-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	h, err := build(ctx, benchHouse(cfg, target, folder, address, connections), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(fn(h), h.Close())
}

// nowhere is where a mail server would be for what sends nothing.
const nowhere = "127.0.0.1:1"

// benchHouse is the configuration of an installation that sends to the sink.
func benchHouse(cfg config.Config, target, folder, address string, connections int) config.Config {
	cfg.DatabaseURL, cfg.Data = target, folder
	server := url.URL{Scheme: "smtp", Host: address, RawQuery: fmt.Sprintf("connections=%d&starttls=off", connections)}
	cfg.SMTPURL, cfg.PublicURL = server.String(), "https://convoke.example.org"
	return beside(cfg)
}

// alone refuses a queue from which somebody else's worker takes tasks: it would take ours, and ours would take its.
func (h *house) alone() error {
	busy, err := h.queue.Busy()
	if err != nil || !busy {
		return err
	}
	return config.Error{
		Variable: config.RedisURL, Wrong: "names a queue at which a worker is at work",
		Right: "name another database of the server for this command, such as redis://HOST:6379/15",
	}
}

// installation is the house as it sends. Its worker leaves the tidying of contacts out: they were made up for this.
func (h *house) installation() bench.Installation {
	on := "in-process queue"
	if h.cfg.RedisURL != "" {
		on = "Redis"
	}
	return bench.Installation{
		DB: h.db, Queue: on, Accounts: h.accounts, Cycles: h.cycles, Documents: h.documents, Campaigns: h.campaigns,
		Work: worker.New(worker.Deps{Queue: h.queue, Log: h.log, Campaigns: h.campaigns, Letters: h.letters}).Run,
	}
}

type benchSinkCmd struct{}

// Run is a mail server that takes everything, until its standard input ends. It prints where it listens.
func (benchSinkCmd) Run() error {
	s, err := sink.Listen(0)
	if err != nil {
		return err
	}
	if _, err := fmt.Println(s.Addr()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, s.Close())
}

// startSink starts a mail server as a process of its own, so that what it computes is not taken for ours.
func startSink(ctx context.Context) (address string, end func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, program, "bench", "sink") //nolint:gosec // this program itself
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	end = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(err, end())
	}
	return strings.TrimSpace(line), end, nil
}
