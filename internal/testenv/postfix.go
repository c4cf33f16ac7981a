//go:build unix

package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const postfixName = "Postfix"

// FindPostfix finds the program; what runs is up to the test that asks for it.
func FindPostfix(ctx context.Context) (Service, error) {
	path, err := obtain(ctx, need{what: postfixName, look: lookPostfix, packages: []string{"postfix"}})
	if err != nil {
		return Service{}, err
	}
	version, err := postconf(ctx, path, "-d", "-h", "mail_version")
	if err != nil {
		return Service{}, fmt.Errorf("tests need Postfix, and %s does not run: %w", path, err)
	}
	return Service{Name: postfixName, Address: path, Version: version, How: path}, nil
}

// lookPostfix looks where Debian has it too, which is not on everybody's PATH.
func lookPostfix() (string, bool) {
	if path, ok := lookPath("postfix")(); ok {
		return path, true
	}
	const path = "/usr/sbin/postfix"
	_, err := os.Stat(path)
	return path, err == nil
}

func postconf(ctx context.Context, postfix string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(filepath.Dir(postfix), "postconf"), args...).Output()
	return strings.TrimSpace(string(out)), err
}

// Postfix runs a relay of the test's own on loopback, until the test ends, and gives its address: it passes all mail on to
// the server at next, and takes messages of at most so many bytes. More are lines of its main.cf. The test fails where there can be
// none.
func Postfix(t testing.TB, next string, most int, more ...string) (address string) {
	t.Helper()
	s, err := FindPostfix(t.Context())
	if err == nil && os.Geteuid() != 0 {
		err = errors.New("tests need root to run Postfix: its master process runs as nobody else")
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	relay, err := startPrivate(ctx, func(ctx context.Context) (Service, error) { return runPostfix(ctx, s.Address, next, most, more) })
	if err != nil {
		t.Fatalf("tests need Postfix, and %s could not be started: %v", s.Address, err)
	}
	t.Cleanup(relay.Stop)
	return relay.Address
}

// runPostfix keeps configuration, queue and log in a folder of its own; nothing of the machine's Postfix is touched.
func runPostfix(ctx context.Context, program, next string, most int, more []string) (s Service, err error) {
	dir, err := privateFolder("postfix", nil)
	if err != nil {
		return Service{}, err
	}
	started := false
	defer func() {
		if !started {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	port, err := freePort()
	if err != nil {
		return Service{}, err
	}
	daemons, err := postconf(ctx, program, "-d", "-h", "daemon_directory")
	if err != nil {
		return Service{}, err
	}
	if err := configurePostfix(dir, daemons, port, next, most, more); err != nil {
		return Service{}, err
	}
	etc := filepath.Join(dir, "etc")
	if out, err := exec.CommandContext(ctx, program, "-c", etc, "check").CombinedOutput(); err != nil { // makes the queue's folders
		return Service{}, fmt.Errorf("postfix check: %w: %s", err, strings.TrimSpace(string(out)))
	}
	p, err := startProcess(dir, "TERM", nil, filepath.Join(daemons, "master"), "-c", etc, "-s")
	if err != nil {
		return Service{}, err
	}
	started = true // from here on the supervisor removes the folder
	address := net.JoinHostPort("127.0.0.1", port)
	if err := p.ready(ctx, func(ctx context.Context) error { return greetSMTP(ctx, address) }); err != nil {
		p.stop()
		return Service{}, err
	}
	return Service{Name: postfixName, Address: address, How: "private instance of " + program, stop: p.stop}, nil
}

// greetSMTP waits for the greeting of a mail server.
func greetSMTP(ctx context.Context, address string) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	b := make([]byte, 4)
	if _, err := c.Read(b); err != nil || string(b[:3]) != "220" {
		return fmt.Errorf("it says %q: %w", b, err)
	}
	return nil
}

func chownTo(path, name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	return os.Chown(path, uid, -1)
}

func configurePostfix(dir, daemons, port, next string, most int, more []string) error {
	host, nextPort, err := net.SplitHostPort(next)
	if err != nil {
		return err
	}
	// Its processes run as the user postfix and must pass.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	for _, name := range []string{"etc", "spool", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return err
		}
	}
	if err := chownTo(filepath.Join(dir, "data"), "postfix"); err != nil {
		return err
	}
	main := fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
daemon_directory = %[2]s
maillog_file = /dev/stdout
myhostname = relay.test
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [%[3]s]:%[4]s
disable_dns_lookups = yes
smtp_host_lookup = native
smtputf8_enable = yes
message_size_limit = %[5]d
mailbox_size_limit = 0
biff = no
%[6]s
`, dir, daemons, host, nextPort, most, strings.Join(more, "\n"))
	var master strings.Builder
	fmt.Fprintf(&master, "127.0.0.1:%s inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n", port)
	for _, line := range []string{
		"pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr",
		"rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce",
		"verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush", "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp",
		"relay unix - - n - - smtp", "showq unix n - n - - showq", "error unix - - n - - error", "retry unix - - n - - error",
		"lmtp unix - - n - - lmtp", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
	} {
		master.WriteString(line + "\n")
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "etc", "main.cf"), []byte(main), 0o644),
		os.WriteFile(filepath.Join(dir, "etc", "master.cf"), []byte(master.String()), 0o644),
	)
}
