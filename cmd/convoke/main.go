// Command convoke is the whole product in one binary: "convoke demo" runs everything in one process;
// "convoke serve" and "convoke worker" are the two processes of an installation.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the final image has no zone database

	"github.com/alecthomas/kong"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/queue"
)

// version is set by the linker.
var version = "development"

const about = `Outreach for open policy processes: who is missing, who was asked, who answered.

Settings come from the environment (CONVOKE_…): see README.md. Every command takes --data and
works beside a running demo on the same folder.`

// cli is the command line, one file a command.
type cli struct {
	Data string `placeholder:"FOLDER" help:"The data folder; CONVOKE_DATA, else ./convoke-data."`

	Demo     demoCmd     `cmd:"" help:"Run everything in one process, with the 2017 cycle and invented people. Needs nothing installed."`
	Serve    serveCmd    `cmd:"" help:"Run the web process. Without CONVOKE_REDIS_URL it runs the worker too."`
	Worker   workerCmd   `cmd:"" help:"Run the worker process: it sends mail, follows up, lets claims expire."`
	Inbound  inboundCmd  `cmd:"" help:"Take mail that comes in: replies, bounces, complaints; from a mail server beside it, a folder, or standard input."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database to this program's schema, or back."`
	Import   importCmd   `cmd:"" help:"Import contacts and reference data."`
	Export   exportCmd   `cmd:"" help:"Export contacts."`
	User     userCmd     `cmd:"" help:"Add and list people who may sign in."`
	Campaign campaignCmd `cmd:"" help:"List campaigns, and watch one being sent."`
	Token    tokenCmd    `cmd:"" help:"Make tokens for programs."`
	Doctor   doctorCmd   `cmd:"" help:"Check configuration, database, queue, mail and names, and say what to do."`
	DKIM     dkimCmd     `cmd:"" name:"dkim" help:"Make the keys that sign mail, once, and print the DNS records that receivers look for."`
	Bench    benchCmd    `cmd:"" help:"Measure what this machine does, as ratios to a bare statement in the same run."`
	Recount  recountCmd  `cmd:"" help:"Index all contacts and count the lists anew, after somebody changed the database by hand."`
	Health   healthCmd   `cmd:"" help:"Ask the process on this machine whether it is alive; for container health checks."`
	Routes   routesCmd   `cmd:"" hidden:"" help:"Print the table of routes as JSON."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

func main() {
	var c cli
	parser, err := kong.New(&c, kong.Name("convoke"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fatal(err)
	}
	parsed, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "convoke: %v; see convoke --help\n", err)
		os.Exit(2)
	}
	queue.Hush()
	collectOften()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c); err != nil {
		stop()
		fatal(err)
	}
}

// collectOften keeps what the process holds near what it needs: a small server is enough for a campaign to everybody. GOGC says
// otherwise where it is set.
func collectOften() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(60)
	}
}

// fatal ends with one line: what is wrong, never a stack trace.
func fatal(err error) {
	var wrong config.Error
	if errors.As(err, &wrong) {
		fmt.Fprintln(os.Stderr, "convoke:", wrong)
		os.Exit(exitCode(err, 2))
	}
	fmt.Fprintln(os.Stderr, "convoke:", sentence(err))
	os.Exit(exitCode(err, errs.ExitCode(err)))
}

// exit is an error of a command whose caller reads its exit code.
type exit struct {
	error
	code int
}

// Unwrap gives what went wrong.
func (e exit) Unwrap() error { return e.error }

func exitCode(err error, other int) int {
	var e exit
	if errors.As(err, &e) {
		return e.code
	}
	return other
}

func newLogger(format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println(version)
	return nil
}
