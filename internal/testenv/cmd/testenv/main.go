//go:build unix

// Command testenv starts what the tests need, runs commands with the addresses in their
// environment, stops everything and says what ran on what.
//
//	go run ./internal/testenv/cmd/testenv [flags] -- go test ./... [-- command …]
//
// Every command is run, whatever became of the one before. A "go test" among them is shown as
// one line a package, failures in full, and counted; a skipped test fails the run unless
// -allow-skip names it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/convoke/convoke/internal/testenv"
)

// grace is how long the commands have for ending themselves after an interrupt.
const grace = 10 * time.Second

var errUsage = errors.New("usage: testenv [-need postgres,redis,chromium,axe,postfix,office,cc] [-allow-skip package.Test,…] -- command … [-- command …]")

type options struct {
	needs     []string
	allowSkip []string
	commands  [][]string
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	start := time.Now()
	services, err := find(ctx, opts.needs)
	defer stopAll(services)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	tally := newTally(stdout, opts.allowSkip)
	failed := runAll(ctx, opts.commands, testenv.Environment(services...), tally, stdout, stderr)
	fmt.Fprintln(stdout, ranOn(services))
	fmt.Fprintln(stdout, tally.line(time.Since(start)))
	if failed || !tally.passed() || ctx.Err() != nil {
		return 1
	}
	return 0
}

func parse(args []string) (options, error) {
	flags := flag.NewFlagSet("testenv", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	needs := flags.String("need", "postgres,redis,chromium", "")
	allow := flags.String("allow-skip", "", "")
	// The flag package ends at the first "--" and removes it; the others divide the commands.
	if err := flags.Parse(args); err != nil {
		return options{}, fmt.Errorf("%w\n%w", err, errUsage)
	}
	opts := options{needs: split(*needs), allowSkip: split(*allow)}
	rest := flags.Args()
	for len(rest) > 0 {
		end := slices.Index(rest, "--")
		if end < 0 {
			end = len(rest)
		}
		if end > 0 {
			opts.commands = append(opts.commands, rest[:end])
		}
		rest = rest[min(end+1, len(rest)):]
	}
	if len(opts.commands) == 0 {
		return options{}, errUsage
	}
	return opts, nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// find brings up the named services; those it returns are to be stopped, with an error too.
func find(ctx context.Context, needs []string) ([]testenv.Service, error) {
	finders := map[string]func(context.Context) (testenv.Service, error){
		"postgres": testenv.FindPostgres,
		"postfix":  testenv.FindPostfix,
		"redis":    testenv.FindRedis,
		"chromium": testenv.FindChromium,
		"axe":      testenv.FindAxe,
		"cc":       testenv.FindCompiler,
		"office":   testenv.FindOffice,
	}
	var services []testenv.Service
	for _, name := range needs {
		finder, ok := finders[name]
		if !ok {
			return services, fmt.Errorf("unknown need %q\n%w", name, errUsage)
		}
		s, err := finder(ctx)
		if err != nil {
			return services, err
		}
		services = append(services, s)
	}
	return services, nil
}

func stopAll(services []testenv.Service) {
	for _, s := range slices.Backward(services) {
		s.Stop()
	}
}

// ranOn says which versions the tests met and how those were found.
func ranOn(services []testenv.Service) string {
	parts := []string{fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)}
	for _, s := range services {
		parts = append(parts, fmt.Sprintf("%s %s (%s)", s.Name, s.Version, s.How))
	}
	return "ran on " + strings.Join(parts, ", ")
}
