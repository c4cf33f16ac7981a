package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/mail"
	"github.com/convoke/convoke/internal/mail/mailtest"
	"github.com/convoke/convoke/internal/testenv"
)

// TestARealInstallation runs the processes of docker-compose.yml with its settings, on a real
// PostgreSQL, a real Redis and a real mail server, until somebody has signed in by mail.
func TestARealInstallation(t *testing.T) {
	t.Parallel()
	server := mailtest.NewServer(t, mailtest.ServerOptions{})
	env := map[string]string{
		config.Data:        t.TempDir(),
		config.DatabaseURL: dbtest.PostgresURL(t),
		config.RedisURL:    testenv.Redis(t),
		config.SMTPURL:     "smtp://" + server.Addr() + "?starttls=off",
		config.MailFrom:    "Secretariat <secretariat@example.org>",
		config.Secret:      strings.Repeat("a key for this test ", 3),
		config.LogFormat:   "json",
	}
	web, worker := freeAddress(t), freeAddress(t)
	env[config.PublicURL] = "http://" + web
	for _, args := range [][]string{{"migrate", "up"}, {"user", "add", "olu@example.org", "--role", "officer", "--name", "Olu"}, {"doctor"}} {
		if got := run(t, env, args...); got.code != 0 {
			t.Fatalf("%v: exit %d, %s%s", args, got.code, got.stdout, got.stderr)
		}
	}
	pages := start(t, env, "serve", "--listen", web)
	tasks := start(t, env, "worker", "--listen", worker)
	for _, address := range []string{web, worker} {
		waitFor(t, "readiness of "+address, func() bool { return status(address+"/readyz") == http.StatusOK })
	}
	health := env
	health[config.Listen] = worker
	if got := run(t, health, "health"); got.code != 0 {
		t.Errorf("the worker's health: exit %d, %s", got.code, got.stderr)
	}

	browser := visitor(t)
	browser.post(t, env[config.PublicURL]+"/sign-in", url.Values{"email": {"olu@example.org"}})
	waitFor(t, "the mail", func() bool { return len(server.Messages()) == 1 })
	link := linkIn(t, server.Messages()[0], env[config.PublicURL])
	if page := browser.post(t, link, url.Values{}); !strings.Contains(page, "Monitor") {
		t.Errorf("signing in by mail leads to %.300s", page)
	}
	for name, process := range map[string]*exec.Cmd{"serve": pages, "worker": tasks} {
		if err := stop(process); err != nil {
			t.Errorf("%s does not end in order: %v", name, err)
		}
	}
}

// linkIn is the sign-in link of a message.
func linkIn(t *testing.T, m mailtest.Message, base string) string {
	t.Helper()
	read, err := mail.Read(m.Data)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(regexp.QuoteMeta(base) + `/sign-in/[\w-]+`).FindString(read.Text)
	if link == "" || m.To != "olu@example.org" || !strings.Contains(read.Header("From"), "secretariat@example.org") {
		t.Fatalf("the message to %s from %q has no link: %s", m.To, read.Header("From"), read.Text)
	}
	return link
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start runs a process until the test ends; what it logs is shown if the test fails.
func start(t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan []string, 1)
	go func() {
		var all []string
		for scanner := bufio.NewScanner(log); scanner.Scan(); {
			all = append(all, scanner.Text())
		}
		lines <- all
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if all := <-lines; t.Failed() {
			t.Logf("%v:\n%s", args, strings.Join(all, "\n"))
		}
	})
	return cmd
}

func stop(cmd *exec.Cmd) error {
	return errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(time.Minute); !holds(); <-tick.C {
		if time.Now().After(until) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

func status(address string) int {
	res, err := http.Get("http://" + address) //nolint:noctx // bounded by the wait around it
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// client is a browser without JavaScript.
type client struct{ http.Client }

func visitor(t *testing.T) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{http.Client{Jar: jar, Timeout: time.Minute}}
}

var token = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post fills in the form at an address and follows where it leads.
func (c *client) post(t *testing.T, address string, values url.Values) string {
	t.Helper()
	page := c.read(t, func() (*http.Response, error) { return c.Get(address) })
	if m := token.FindStringSubmatch(page); m != nil {
		values.Set("csrf", m[1])
	}
	return c.read(t, func() (*http.Response, error) { return c.PostForm(address, values) })
}

func (c *client) read(t *testing.T, ask func() (*http.Response, error)) string {
	t.Helper()
	res, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s: %d, %v\n%s", res.Request.URL, res.StatusCode, err, b)
	}
	return string(b)
}
