package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/bench"
	"github.com/convoke/convoke/internal/bench/faults"
	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/errs"
)

type benchFaultsCmd struct {
	Recipients  int           `default:"20000" help:"How many people each campaign goes to."`
	Kills       int           `default:"10" help:"How often something is killed, flushed or restarted in one program."`
	Connections int           `default:"10" help:"How many connections to the mail server each process has."`
	Away        time.Duration `default:"1m" help:"How long a server is gone."`
	Only        []string      `placeholder:"NAME" help:"Programs to try; all where not said."`
	OwnServers  bool          `name:"own-servers" help:"Start a PostgreSQL and a Redis of our own from their programs on this machine, which are restarted and killed too."`
	Seed        uint64        `default:"0" help:"Decides the random moments; drawn and printed where 0."`
	Logs        string        `placeholder:"FOLDER" help:"Keep there what the processes log."`
	Patience    time.Duration `default:"3m" help:"How long a program may take, beside what servers are gone."`
	JSON        bool          `name:"json" help:"Print the counts as JSON."`
}

// Run kills and disturbs processes of this program, and the servers that it may, while campaigns are sent in a database of
// their own, and counts what became of each message.
func (b benchFaultsCmd) Run(ctx context.Context, c *cli) (err error) {
	cfg, err := c.load("")
	if err != nil {
		return err
	}
	o := b.options()
	if b.OwnServers {
		if o.Own, err = faults.OwnServers(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.Own.Close()) }()
		cfg.DatabaseURL, cfg.RedisURL = o.Own.DatabaseURL, o.Own.RedisURL
	}
	if err := faults.CheckRedis(ctx, cfg.RedisURL); err != nil {
		return err
	}
	target, drop, err := bench.Temporary(ctx, cfg.DatabaseURL)
	if err != nil {
		return err
	}
	report, err := b.run(ctx, cfg, target, o)
	if err := errors.Join(err, drop()); err != nil {
		return err
	}
	if b.JSON {
		err = json.NewEncoder(os.Stdout).Encode(report)
	} else {
		err = report.Print(os.Stdout)
	}
	if err == nil && !report.Kept() {
		return errs.E(errs.Internal, "cli.bench.promise_broken")
	}
	return err
}

func (b benchFaultsCmd) options() faults.Options {
	o := faults.Options{
		Recipients: max(100, b.Recipients), Kills: max(1, b.Kills), Connections: max(1, b.Connections), Away: b.Away, Only: b.Only, Seed: b.Seed,
		Logs: b.Logs, Patience: b.Patience, Progress: func(what string) { fmt.Fprintln(os.Stderr, what) },
	}
	if o.Seed == 0 {
		o.Seed = 1 + rand.Uint64N(1<<32) //nolint:gosec // chance is all that is wanted
	}
	return o
}

// faultsSecret signs the links of messages that nobody reads.
const faultsSecret = "the messages of this trial are read by nobody"

func (b benchFaultsCmd) run(ctx context.Context, cfg config.Config, target string, o faults.Options) (r faults.Report, err error) {
	folder, err := os.MkdirTemp("", "convoke-faults-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ours, theirs := filepath.Join(folder, "bench"), filepath.Join(folder, "data")
	if err := errors.Join(os.Mkdir(ours, 0o700), os.Mkdir(theirs, 0o700)); err != nil {
		return r, err
	}
	if o.Logs == "" {
		o.Logs = folder
	}
	o.Folder, o.TrustFile, o.RedisURL = theirs, filepath.Join(folder, "certificate.pem"), cfg.RedisURL
	if o.Program, err = os.Executable(); err != nil {
		return r, err
	}
	secure, err := faults.Certificate(o.TrustFile)
	if err != nil {
		return r, err
	}
	if o.Post, err = faults.Listen(secure); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, o.Post.Close()) }()
	o.Env = faultsEnv(target)
	cfg.RedisURL = "" // what is launched is asked of the web process
	h, err := build(ctx, benchHouse(cfg, target, ours, o.Post.Addr(), 1), slog.New(slog.DiscardHandler))
	if err != nil {
		return r, err
	}
	r, err = faults.Run(ctx, h.installation(), o)
	return r, errors.Join(err, h.Close())
}

// faultsEnv is the environment of all processes, but for what is each one's own. Of ours they get nothing of convoke.
func faultsEnv(target string) []string {
	env := []string{
		config.DatabaseURL + "=" + target, config.PublicURL + "=https://convoke.example.org", config.MailFrom + "=secretariat@example.org",
		config.Secret + "=" + faultsSecret, config.LogFormat + "=text",
	}
	for _, s := range os.Environ() {
		if !strings.HasPrefix(s, "CONVOKE_") {
			env = append(env, s)
		}
	}
	return env
}
