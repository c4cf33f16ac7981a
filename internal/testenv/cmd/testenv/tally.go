//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// event is one line of "go test -json" (see "go doc test2json").
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64 // seconds
	Output  string
}

// tally counts tests and shows what is worth reading of their output. Subtests count as tests.
type tally struct {
	out     io.Writer
	allow   []string
	partial []byte // of a line that has not ended yet

	pass, fail int
	broken     int // packages that failed without a failing test: not built, panicked, timed out
	skipped    []string
	packages   map[string]*packageRun
}

// packageRun is one package under way. Output is kept by test, and forgotten when the test passes.
type packageRun struct {
	pass   int
	failed bool
	order  []string
	output map[string]*strings.Builder
}

func newTally(out io.Writer, allowSkip []string) *tally {
	return &tally{out: out, allow: allowSkip, packages: map[string]*packageRun{}}
}

// writer is where "go test -json" writes to.
func (t *tally) writer() io.Writer { return writerFunc(t.write) }

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (t *tally) write(p []byte) (int, error) {
	t.partial = append(t.partial, p...)
	for {
		line, rest, ok := bytes.Cut(t.partial, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		t.take(line)
		t.partial = rest
	}
}

// flush takes a last line that did not end, and shows what packages left that never reported
// their end (an interrupt).
func (t *tally) flush() {
	if len(t.partial) > 0 {
		t.take(t.partial)
		t.partial = nil
	}
	for name, p := range t.packages {
		t.broken++
		t.showOutput(p)
		fmt.Fprintf(t.out, "FAIL  %s  did not finish\n", name)
	}
	clear(t.packages)
}

func (t *tally) take(line []byte) {
	var e event
	if json.Unmarshal(line, &e) != nil {
		fmt.Fprintf(t.out, "%s\n", line)
		return
	}
	t.event(e)
}

func (t *tally) event(e event) {
	if e.Action == "build-output" {
		fmt.Fprint(t.out, e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := t.packages[e.Package]
	if p == nil {
		p = &packageRun{output: map[string]*strings.Builder{}}
		t.packages[e.Package] = p
	}
	switch {
	case e.Action == "output":
		p.keep(e.Test, e.Output)
	case e.Test != "":
		t.testEnded(p, e)
	default:
		t.packageEnded(p, e)
	}
}

func (p *packageRun) keep(test, output string) {
	b := p.output[test]
	if b == nil {
		b = &strings.Builder{}
		p.output[test] = b
		p.order = append(p.order, test)
	}
	b.WriteString(output)
}

func (t *tally) testEnded(p *packageRun, e event) {
	switch e.Action {
	case "pass":
		t.pass++
		p.pass++
		p.output[e.Test] = nil
	case "fail":
		t.fail++
		p.failed = true
	case "skip":
		t.skipped = append(t.skipped, e.Package+"."+e.Test)
	}
}

func (t *tally) packageEnded(p *packageRun, e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok    %s  %.1fs  %d passed\n", e.Package, e.Elapsed, p.pass)
	case "fail":
		if !p.failed {
			t.broken++
		}
		t.showOutput(p)
		fmt.Fprintf(t.out, "FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	case "skip": // a package without tests
	default:
		return // start
	}
	delete(t.packages, e.Package)
}

// showOutput prints what the failed and the unfinished tests of a package said.
func (t *tally) showOutput(p *packageRun) {
	for _, test := range p.order {
		if b := p.output[test]; b != nil {
			fmt.Fprint(t.out, b.String())
		}
	}
}

// refused are the skipped tests that nobody has allowed.
func (t *tally) refused() []string {
	return slices.DeleteFunc(slices.Clone(t.skipped), func(name string) bool { return slices.Contains(t.allow, name) })
}

func (t *tally) passed() bool { return t.fail == 0 && t.broken == 0 && len(t.refused()) == 0 }

// line is the closing line, with a line before it for each skipped test that fails the run.
func (t *tally) line(took time.Duration) string {
	var b strings.Builder
	for _, name := range t.refused() {
		fmt.Fprintf(&b, "skipped, which fails the run: %s\n", name)
	}
	if t.broken > 0 {
		fmt.Fprintf(&b, "%d package(s) failed outside of a test\n", t.broken)
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped in %s", t.pass, t.fail, len(t.skipped), took.Round(time.Second))
	return b.String()
}
