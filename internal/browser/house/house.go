//go:build unix

// Package house starts the real program for tests, as somebody who tries it out does: the binary,
// "convoke demo", a folder of its own, and for the second of the two settings PostgreSQL and Redis.
package house

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/testenv"
)

// startTimeout is how long the demo may take for loading its data on a slow, busy machine.
const startTimeout = 2 * time.Minute

// Day is the day on which the demo of the tests begins.
const Day = "2017-08-07"

// Setting is what the program stands on.
type Setting struct {
	Name string
	env  func(t *testing.T) []string
}

// Settings are the two that everything must work on.
func Settings() []Setting { return []Setting{Small(), Large()} }

// Small is SQLite and the queue in the process.
func Small() Setting {
	return Setting{Name: "sqlite", env: func(*testing.T) []string { return nil }}
}

// Large is PostgreSQL and Redis.
func Large() Setting {
	return Setting{Name: "postgres", env: func(t *testing.T) []string {
		t.Helper()
		return []string{"CONVOKE_DATABASE_URL=" + dbtest.PostgresURL(t), "CONVOKE_REDIS_URL=" + testenv.Redis(t)}
	}}
}

// House is the program, running.
type House struct {
	URL    string
	Folder string        // of its data
	Links  []Link        // to sign in, in the order in which they were printed
	Took   time.Duration // from starting it until it said where it listens

	binary string
	env    []string
	begin  []string // the command that answers requests, with its flags
	cmd    *exec.Cmd
	done   chan error
	log    *buffer
}

// DatabaseURL is where the program keeps everything.
func (h *House) DatabaseURL() string {
	url := "sqlite:" + filepath.Join(h.Folder, "convoke.db")
	for _, pair := range h.env {
		if given, ok := strings.CutPrefix(pair, "CONVOKE_DATABASE_URL="); ok {
			url = given
		}
	}
	return url
}

// Link signs a person in.
type Link struct{ Role, Name, URL string }

// Start runs the demo on a fresh folder until the test ends.
func Start(t *testing.T, s Setting, flags ...string) *House {
	t.Helper()
	h := &House{
		Folder: t.TempDir(), binary: binary(t), log: &buffer{},
		env:   append(clean(os.Environ()), s.env(t)...),
		begin: append([]string{"demo", "--as-of", Day}, flags...),
	}
	h.Restart(t)
	t.Cleanup(func() {
		h.Stop(t)
		if t.Failed() {
			t.Logf("what the program said:\n%s", h.log.tail(60))
		}
	})
	return h
}

// Serve goes on with what the demo laid out as an installation does: with these variables
// (NAME=value) and without what only the demo has, so that mail can leave. It prints no links;
// House.Program works as before.
func (h *House) Serve(t *testing.T, variables ...string) {
	t.Helper()
	h.Stop(t)
	h.env = append(h.env, variables...)
	h.begin = []string{"serve"}
	h.Restart(t)
}

// clean takes away what a developer's own installation has set.
func clean(env []string) []string {
	var kept []string
	for _, e := range env {
		if !strings.HasPrefix(e, "CONVOKE_") {
			kept = append(kept, e)
		}
	}
	return kept
}

// Restart starts the program on the same folder, at another address.
func (h *House) Restart(t *testing.T) {
	t.Helper()
	args := append([]string{"--data", h.Folder}, append(h.begin, "--listen", "127.0.0.1:0")...)
	cmd := exec.Command(h.binary, args...) //nolint:gosec,noctx // our own binary; it outlives the call
	cmd.Env = h.env
	cmd.SysProcAttr = withParent()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout // where an installation says where it listens
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.cmd, h.done = cmd, make(chan error, 1)
	said := make(chan announcement, 1)
	go func() {
		reader := bufio.NewReader(io.TeeReader(out, h.log))
		a := readAnnouncement(reader)
		said <- a
		_, _ = io.Copy(io.Discard, reader)
		h.done <- cmd.Wait()
	}()
	select {
	case a := <-said:
		h.URL, h.Links, h.Took = a.url, a.links, time.Since(began)
	case <-time.After(startTimeout):
		_ = cmd.Process.Kill()
	}
	if h.URL == "" {
		t.Fatalf("the demo did not say where it listens:\n%s", h.log.tail(60))
	}
}

type announcement struct {
	url   string
	links []Link
}

var (
	listening = regexp.MustCompile(`listening on (http://[0-9a-z.:\[\]]+)`)
	serving   = regexp.MustCompile(`msg=listening .*public=(http://\S+)`)
	signIn    = regexp.MustCompile(`^\s*(\S+)\s{2,}(.+?)\s{2,}(http://\S+/sign-in/\S+)\s*$`)
)

// readAnnouncement reads to the empty line after the links to sign in, to the line of an
// installation, which prints none, or to the end.
func readAnnouncement(r *bufio.Reader) announcement {
	var a announcement
	for {
		line, err := r.ReadString('\n')
		if m := listening.FindStringSubmatch(line); m != nil {
			a.url = m[1]
		}
		if m := serving.FindStringSubmatch(line); m != nil {
			return announcement{url: m[1]}
		}
		if m := signIn.FindStringSubmatch(line); m != nil {
			a.links = append(a.links, Link{Role: m[1], Name: m[2], URL: m[3]})
		}
		if err != nil || (len(a.links) > 0 && strings.TrimSpace(line) == "") {
			return a
		}
	}
}

// Kill ends the program as a power cut does.
func (h *House) Kill(t *testing.T) {
	t.Helper()
	_ = h.cmd.Process.Kill()
	t.Logf("killed: %v", <-h.done)
	h.cmd = nil
}

// Stop asks the program to end and waits until it has.
func (h *House) Stop(t *testing.T) {
	t.Helper()
	if h.cmd == nil {
		return
	}
	_ = h.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-h.done:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Errorf("the program ended with %v:\n%s", err, h.log.tail(20))
		}
	case <-time.After(30 * time.Second):
		_ = h.cmd.Process.Kill()
		t.Errorf("the program did not end within 30 s of SIGTERM:\n%s", h.log.tail(20))
	}
	h.cmd = nil
}

// Run runs another command of the program on the same folder, and gives what it prints.
func (h *House) Run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.binary, append([]string{"--data", h.Folder}, args...)...) //nolint:gosec // our own binary
	cmd.Env = h.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("convoke %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(stdout.String())
}

// BinaryVariable names a program that was built already, to be tried as it is.
const BinaryVariable = "CONVOKE_TEST_BINARY"

// binary builds the program; the go command does nothing where it is up to date. It stands in the
// user's cache, so that the packages of one test run share it.
func binary(t *testing.T) string {
	t.Helper()
	if given := os.Getenv(BinaryVariable); given != "" {
		return given
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(build)

func build() (path string, err error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the module: %w", err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "convoke-test", "bin")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }() // which unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "convoke")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/convoke") //nolint:gosec,noctx // fixed words
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // whatever the tests themselves are built with
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
}

// buffer keeps what a process says.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) tail(lines int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := strings.Split(strings.TrimSpace(b.text.String()), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
