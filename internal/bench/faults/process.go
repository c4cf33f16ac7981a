package faults

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// process is a program that is started again when it ends, as an installation does it, until it is stopped.
type process struct {
	name    string // of its log
	command []string
	env     []string
	folder  string              // for the log
	address string              // where it answers health
	as      *syscall.Credential // nil: as whom we run

	mu       sync.Mutex
	cmd      *exec.Cmd
	ended    chan struct{} // closed when cmd has ended
	expected bool          // that it ends
	deaths   int           // ends that nobody had caused
}

const (
	restartPause = 300 * time.Millisecond
	stopPatience = 30 * time.Second
)

// start runs it.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.startLocked()
}

func (p *process) startLocked() error {
	log, err := os.OpenFile(filepath.Join(p.folder, p.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                               // the child has its own copy
	cmd := exec.CommandContext(context.Background(), p.command[0], p.command[1:]...) //nolint:gosec // this program itself, or a server that the caller asked for
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.as} // Ctrl-C is for us; we end the others
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	ended := make(chan struct{})
	p.cmd, p.ended, p.expected = cmd, ended, false
	go p.watch(cmd, ended)
	return nil
}

// watch starts it again where nobody wanted its end.
func (p *process) watch(cmd *exec.Cmd, ended chan struct{}) {
	_ = cmd.Wait() // how it ended is in its log
	close(ended)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.expected || p.cmd != cmd {
		return
	}
	p.deaths++
	time.AfterFunc(restartPause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.cmd == cmd && !p.expected {
			_ = p.startLocked() // it is missed by whoever waits for it
		}
	})
}

// end sends a signal and waits for the end; one that does not go is killed.
func (p *process) end(signal os.Signal) {
	p.mu.Lock()
	p.expected = true
	cmd, ended := p.cmd, p.ended
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(signal) // it may have ended by itself
	select {
	case <-ended:
	case <-time.After(stopPatience):
		_ = cmd.Process.Kill()
		<-ended
	}
}

// again ends it by a signal and starts it anew.
func (p *process) again(signal os.Signal) error {
	p.end(signal)
	return p.start()
}

// setEnv changes its environment from the next start on.
func (p *process) setEnv(name, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.env = append(slices.DeleteFunc(slices.Clone(p.env), func(s string) bool {
		return len(s) > len(name) && s[:len(name)+1] == name+"="
	}), name+"="+value)
}

func (p *process) died() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.deaths
	p.deaths = 0
	return n
}

// ready says whether it answers.
func (p *process) ready(ctx context.Context) bool {
	return get(ctx, "http://"+p.address+"/healthz") == http.StatusOK
}

func get(ctx context.Context, url string) int {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	return do(req)
}

func do(req *http.Request) int {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

// freeAddress is a port of loopback that was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
