//go:build unix

package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// supervisor runs a server and stops it when its standard input ends. The other end of that pipe
// is held by the test process alone, so the server goes and its folder with it when the test
// process ends, killed or not. Arguments: folder, signal that stops the server, the server's
// command line.
const supervisor = `
dir=$1; signal=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
( read -r _ <&3; kill -s "$signal" $server 2>/dev/null ) &
watcher=$!
exec 3<&-
wait $server
kill $watcher 2>/dev/null
cd / && rm -rf "$dir"
`

// process is a private server under its supervisor.
type process struct {
	log    *os.File      // what the server said; readable even after its folder is gone
	hold   *os.File      // the pipe whose end stops the server
	exited chan struct{} // closed when server and supervisor are gone
}

// startProcess starts a server that may use dir, which is removed with it.
func startProcess(dir, stopSignal string, as *syscall.Credential, command ...string) (*process, error) {
	log, err := os.CreateTemp(dir, "log")
	if err != nil {
		return nil, err
	}
	end, hold, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	args := append([]string{"-c", supervisor, "supervisor", dir, stopSignal}, command...)
	cmd := exec.CommandContext(context.Background(), "/bin/sh", args...)
	cmd.Dir = dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = end, log, log
	// A group of its own, so that Ctrl-C reaches the tests first and the server last.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	err = cmd.Start()
	_ = end.Close() // the child has its own copy
	if err != nil {
		return nil, errors.Join(err, hold.Close(), log.Close())
	}
	p := &process{log: log, hold: hold, exited: make(chan struct{})}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // how it ended is in the log
	}()
	return p, nil
}

// stop ends the server and waits until it and its folder are gone.
func (p *process) stop() {
	_ = p.hold.Close()
	select {
	case <-p.exited:
	case <-time.After(15 * time.Second):
	}
	_ = p.log.Close()
}

// ready calls greet until it succeeds, the server has ended or the context has.
func (p *process) ready(ctx context.Context, greet func(context.Context) error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := greet(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("it ended at once: %s", p.lastLines())
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w: %s", err, p.lastLines())
		case <-tick.C:
		}
	}
}

// lastLines is the end of what the server said, on one line.
func (p *process) lastLines() string {
	text, err := io.ReadAll(io.NewSectionReader(p.log, 0, 1<<20))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " | ")
}

// privateFolder makes a temporary folder for a server that runs as the given user.
func privateFolder(name string, as *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "convoke-test-"+name+"-")
	if err != nil || as == nil {
		return dir, err
	}
	if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// unprivileged is who a server runs as that refuses to run as root: nil (ourselves) unless we
// are root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// freePort is a TCP port on the loopback that was free a moment ago. Whoever uses it must be
// ready to try again with another.
func freePort() (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// startAttempts is how often a private server is tried: a free port may be taken meanwhile.
const startAttempts = 3

// startPrivate tries a private server a few times and returns the first that answers.
func startPrivate(ctx context.Context, try func(context.Context) (Service, error)) (Service, error) {
	var err error
	for range startAttempts {
		var s Service
		if s, err = try(ctx); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return Service{}, err
}
