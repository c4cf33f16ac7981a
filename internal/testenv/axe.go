//go:build unix

package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// AxeVariable names the file axe.min.js, the rules of accessibility that the browser tests run in
// every page.
const AxeVariable = "CONVOKE_TEST_AXE"

const (
	axeName    = "axe-core"
	axeVersion = "4.14.1"
)

// sharedAxe is for the test process what FindAxe gave.
var sharedAxe = sync.OnceValues(func() (Service, error) { return FindAxe(context.Background()) })

// Axe is the path of axe.min.js.
func Axe(t testing.TB) string {
	t.Helper()
	return found(t, sharedAxe).Address
}

// FindAxe finds axe-core, or fetches it with npm into the user's cache, where the next run finds
// it without a network. It is never part of the product, and of the repository neither.
func FindAxe(ctx context.Context) (Service, error) {
	if path, ok := given(AxeVariable); ok {
		return givenService(ctx, axeName, AxeVariable, path, axeVersionOf)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // no home: the cache lasts as long as the machine's temporary files
	}
	return axeFrom(ctx, filepath.Join(cache, "convoke-test"), fetchAxe)
}

// axeFrom looks into the folder, and lets fetch fill it where nothing is there.
func axeFrom(ctx context.Context, folder string, fetch func(ctx context.Context, into string) error) (Service, error) {
	home := filepath.Join(folder, axeName+"-"+axeVersion)
	s := Service{Name: axeName, Address: filepath.Join(home, "node_modules", axeName, "axe.min.js"), How: home}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return Service{}, err
	}
	unlock, err := machine{lock: filepath.Join(folder, "lock")}.exclusive()
	if err != nil {
		return Service{}, err
	}
	defer unlock()
	if s.Version, err = axeVersionOf(ctx, s.Address); err == nil {
		return s, nil
	}
	if err := fetch(ctx, home); err != nil {
		return Service{}, fmt.Errorf("tests need %s %s: set %s to its axe.min.js, or see to it that npm can fetch it: %w",
			axeName, axeVersion, AxeVariable, err)
	}
	s.Version, err = axeVersionOf(ctx, s.Address)
	return s, err
}

func fetchAxe(ctx context.Context, into string) error {
	npm, err := obtain(ctx, need{
		what:     "npm, which fetches axe-core",
		look:     lookPath("npm"),
		packages: []string{"npm"},
		or:       "set " + AxeVariable,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "install", "--prefix", into, "--ignore-scripts", "--no-audit", "--no-fund",
		"--no-save", axeName+"@"+axeVersion)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npm starts others
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("npm install: %w: %s", err, lines[len(lines)-1])
	}
	return nil
}

var errNotAxe = errors.New("the file does not say that it is axe")

// axeVersionOf reads the version in the first line of the script: "/*! axe v4.14.1".
func axeVersionOf(_ context.Context, path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	_, version, ok := strings.Cut(strings.TrimSpace(line), "axe v")
	if !ok {
		return "", errNotAxe
	}
	return version, nil
}
