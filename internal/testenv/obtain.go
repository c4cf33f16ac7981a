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
	"syscall"
	"time"
)

// need is a program that tests need and how to come by it.
type need struct {
	what     string
	look     func() (path string, ok bool)
	packages []string // Debian's
	instead  []string // where the distribution does not have those
	or       string   // what else the person can do; may be empty
}

// missing is the one line that says what to install.
func (n need) missing() error {
	or := ""
	if n.or != "" {
		or = ", or " + n.or
	}
	return fmt.Errorf("tests need %s: install it (on Debian or Ubuntu: apt-get install %s)%s",
		n.what, strings.Join(n.packages, " "), or)
}

// obtain returns the program's path, after installing it where that is possible.
func obtain(ctx context.Context, n need) (string, error) {
	return thisMachine().obtain(ctx, n)
}

// machine is what decides whether packages may be installed.
type machine struct {
	root   bool
	policy string // Debian's hook that forbids packages to start services
	lock   string // held while installing, against other test processes
}

func thisMachine() machine {
	return machine{
		root:   os.Geteuid() == 0,
		policy: "/usr/sbin/policy-rc.d",
		lock:   filepath.Join(os.TempDir(), "convoke-test-install.lock"),
	}
}

func (m machine) obtain(ctx context.Context, n need) (path string, err error) {
	if path, ok := n.look(); ok {
		return path, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil || !m.root {
		return "", n.missing()
	}
	unlock, err := m.exclusive()
	if err != nil {
		return "", err
	}
	defer unlock()
	if path, ok := n.look(); ok { // another process has installed it meanwhile
		return path, nil
	}
	err = m.install(ctx, apt, n.packages)
	if err != nil && n.instead != nil {
		err = m.install(ctx, apt, n.instead)
	}
	if err != nil {
		return "", fmt.Errorf("%w (%w)", n.missing(), err)
	}
	if path, ok := n.look(); ok {
		return path, nil
	}
	return "", n.missing()
}

// install installs packages without letting them start a service on this machine.
func (m machine) install(ctx context.Context, apt string, packages []string) (err error) {
	fmt.Fprintf(os.Stderr, "testenv: installing %s\n", strings.Join(packages, " "))
	allow, err := m.forbidServices()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, allow()) }()
	// A fresh machine has no package lists; old lists name versions that are gone.
	if err := runApt(ctx, apt, "update", "-q"); err != nil {
		return err
	}
	args := append([]string{"install", "-y", "-q", "--no-install-recommends"}, packages...)
	return runApt(ctx, apt, args...)
}

// forbidServices puts Debian's policy hook in place unless the machine has one, and returns how
// to take it away.
func (m machine) forbidServices() (allow func() error, err error) {
	f, err := os.OpenFile(m.policy, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if errors.Is(err, os.ErrExist) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString("#!/bin/sh\nexit 101\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(m.policy))
	}
	return func() error { return os.Remove(m.policy) }, nil
}

func runApt(ctx context.Context, apt string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, apt, append([]string{"-o", "DPkg::Lock::Timeout=120"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("apt-get %s: %w: %s", args[0], err, lines[len(lines)-1])
	}
	return nil
}

// exclusive waits until no other test process installs anything.
func (m machine) exclusive() (unlock func(), err error) {
	f, err := os.OpenFile(m.lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil // closing unlocks
}

// givenService greets a service whose address a variable gives. It is asked for some seconds,
// since it may have been started a moment ago.
func givenService(ctx context.Context, name, variable, address string,
	greet func(context.Context, string) (string, error),
) (Service, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		version, err := greet(ctx, address)
		if err == nil {
			return Service{Name: name, Address: address, Version: version, How: "given by " + variable}, nil
		}
		select {
		case <-ctx.Done():
			reason := strings.Join(strings.Fields(err.Error()), " ") // drivers write several lines
			return Service{}, fmt.Errorf("%s is set, but nothing useful answers there: %s", variable, reason)
		case <-tick.C:
		}
	}
}
