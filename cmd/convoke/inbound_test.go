package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/convoke/convoke/internal/config"
	"github.com/convoke/convoke/internal/mail"
)

func inboundEnv(t *testing.T) (env map[string]string, count func() int) {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "inbound.db")
	d, err := migrated(t.Context(), url, newLogger("text"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	env = map[string]string{
		config.Data: t.TempDir(), config.DatabaseURL: url, config.Secret: strings.Repeat("a key for this test ", 3), config.MailFrom: "bpf@convoke.test",
	}
	return env, func() (n int) {
		if err := d.Read(context.Background()).QueryRow("select count(*) from inbound_mail").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// pipe runs the program with a mail on its standard input, and gives its exit code.
func pipe(t *testing.T, env map[string]string, content []byte, args ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"inbound"}, args...)...)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin = bytes.NewReader(content)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err != nil && bytes.Contains(out, []byte("goroutine")) {
		t.Errorf("%v ends with a stack trace: %s", args, out)
	}
	return cmd.ProcessState.ExitCode()
}

// A mail server that pipes mail into a program reads its exit code: whatever fails for now asks it to try again.
func TestMailFromStandardInput(t *testing.T) {
	t.Parallel()
	env, count := inboundEnv(t)
	message := []byte("From: a@example.org\nSubject: Hello\n\nHello\n")
	away := map[string]string{}
	wrong := map[string]string{}
	for k, v := range env {
		away[k], wrong[k] = v, v
	}
	away[config.DatabaseURL] = "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=1"
	wrong[config.PublicURL] = "no address"
	for name, tt := range map[string]struct {
		env     map[string]string
		content []byte
		args    []string
		want    int
	}{
		"taken":             {env, message, nil, 0},
		"taken again":       {env, message, []string{"-"}, 0},
		"for us":            {env, []byte("From: b@example.org\n\nx"), []string{"--recipient", "BPF@convoke.test", "--sender", "b@example.org"}, 0},
		"for nobody here":   {env, message, []string{"--recipient", "other@convoke.test"}, 67},
		"too large":         {env, bytes.Repeat([]byte("x"), mail.MaxIncoming+1), nil, 65},
		"database away":     {away, message, nil, 75},
		"settings are off":  {wrong, message, nil, 75},
		"nothing at all":    {env, nil, nil, 0},
		"no mail of any":    {env, []byte("\x00\xff\xfe"), nil, 0},
		"for another place": {env, message, []string{"--recipient", "bpf@elsewhere.test"}, 67},
	} {
		if got := pipe(t, tt.env, tt.content, tt.args...); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", name, got, tt.want)
		}
	}
	if n := count(); n != 4 {
		t.Errorf("%d mails are kept, want 4", n)
	}
}

// Files are moved once they are stored, and one that was stored and not moved is no second mail.
func TestMailFromAFolder(t *testing.T) {
	t.Parallel()
	env, count := inboundEnv(t)
	old := time.Now().Add(-time.Hour)
	write := func(path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	maildir, plain := filepath.Join(t.TempDir(), "Maildir"), t.TempDir()
	write(filepath.Join(maildir, "new", "1.host"), "From: a@example.org\n\none")
	write(filepath.Join(maildir, "tmp", "2.host"), "From: a@example.org\n\nhalf")
	write(filepath.Join(plain, "one.eml"), "From: a@example.org\n\none")
	write(filepath.Join(plain, "two.EML"), "From: b@example.org\n\ntwo")
	write(filepath.Join(plain, "notes.txt"), "no mail")
	write(filepath.Join(plain, "large.eml"), strings.Repeat("x", mail.MaxIncoming+1))
	for _, folder := range []string{maildir, plain, plain} {
		if got := run(t, env, "inbound", "--folder", folder, "--once"); got.code != 0 {
			t.Errorf("%s: exit %d, %s", folder, got.code, got.stderr)
		}
	}
	if n := count(); n != 2 {
		t.Errorf("%d mails are kept, want 2", n)
	}
	var found []string
	for _, root := range []string{maildir, plain} {
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				rest, _ := filepath.Rel(root, path)
				found = append(found, rest)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(found)
	if want := []string{"cur/1.host:2,S", "notes.txt", "refused/large.eml", "taken/one.eml", "taken/two.EML", "tmp/2.host"}; !slices.Equal(found, want) {
		t.Errorf("the folders have %q, want %q", found, want)
	}
	if got := run(t, env, "inbound", "--folder", filepath.Join(plain, "none"), "--once"); got.code == 0 {
		t.Error("a folder that is not there is no trouble")
	}
}

// A socket takes mail for our addresses and for no others, announces what it takes, and takes the place of one that was left behind.
func TestMailOverASocket(t *testing.T) {
	t.Parallel()
	env, count := inboundEnv(t)
	dir, err := os.MkdirTemp("", "lmtp") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	for round := range 2 {
		process := start(t, env, "inbound", "--lmtp", socket, "--socket-mode", "0600")
		waitFor(t, "the socket", func() bool {
			c, err := net.Dial("unix", socket) //nolint:noctx // of this machine
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		})
		if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v, %v", info, err)
		}
		talk(t, socket, round)
		waitFor(t, "the mail", func() bool { return count() == round+1 })
		if round == 0 {
			_ = process.Process.Kill() // which leaves the socket behind
			_ = process.Wait()
			continue
		}
		if err := errors.Join(process.Process.Signal(syscall.SIGTERM), process.Wait()); err != nil {
			t.Errorf("it does not end in order: %v", err)
		}
	}
	if got := run(t, env, "inbound", "--lmtp", filepath.Join(dir, "none", "s")); got.code != 2 || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("no such folder: exit %d, %s", got.code, got.stderr)
	}
}

func talk(t *testing.T, socket string, round int) {
	t.Helper()
	conn, err := net.Dial("unix", socket) //nolint:noctx // of this machine
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer func() { _ = c.Close() }()
	if size, ok := c.MaxMessageSize(); !ok || size != mail.MaxIncoming {
		t.Errorf("it announces %d, %t", size, ok)
	}
	if err := c.Mail("a@example.org", nil); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"other@convoke.test", "bpf@example.org", "bpf+x@convoke.test", "bpf+re-@convoke.test"} {
		var refused *smtp.SMTPError
		if err := c.Rcpt(to, nil); !errors.As(err, &refused) || refused.Code != 550 {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{"bpf@convoke.test", "BPF+re-abc@CONVOKE.test"} {
		if err := c.Rcpt(to, nil); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("From: a@example.org\r\nSubject: " + strings.Repeat("x", round+1) + "\r\n\r\nHello\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
