package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

// The command makes each key once and prints what doctor then looks for.
func TestKeysAreMadePublishedAndLookedFor(t *testing.T) {
	t.Parallel()
	env := map[string]string{config.Data: t.TempDir(), config.MailFrom: "Sécretariat <bpf@bücher.example>"}
	first, again := run(t, env, "dkim"), run(t, env, "dkim")
	if first.code != 0 || first.stdout != again.stdout || !strings.Contains(first.stdout, "convoke-rsa._domainkey.xn--bcher-kva.example. IN TXT \"v=DKIM1; k=rsa; p=") {
		t.Fatalf("%+v\n%+v", first, again)
	}
	records := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^(\S+)\. IN TXT (.*)$`).FindAllStringSubmatch(first.stdout, -1) {
		records[m[1]] = []string{"v=spf1 -all", strings.NewReplacer(`" "`, "", `"`, "").Replace(m[2])}
	}
	if len(records) != 2 {
		t.Fatalf("%v", records)
	}
	lookup := func(_ context.Context, name string) ([]string, error) {
		if r, ok := records[name]; ok {
			return r, nil
		}
		return nil, errors.New("no such host")
	}
	cfg := config.Config{MailFrom: env[config.MailFrom], DKIMKeys: filepath.Join(env[config.Data], "dkim")}
	said := func() string {
		var all []string
		for _, f := range lookAtKeys(context.Background(), cfg, lookup) {
			if f.err != nil {
				f.state = "WRONG " + f.err.Error() + " do: " + f.remedy
			}
			all = append(all, f.state)
		}
		return strings.Join(all, "\n")
	}
	if got := said(); strings.Contains(got, "WRONG") || strings.Count(got, "has our key") != 2 {
		t.Errorf("published: %s", got)
	}
	delete(records, "convoke-ed25519._domainkey.xn--bcher-kva.example")
	records["convoke-rsa._domainkey.xn--bcher-kva.example"] = []string{"v=DKIM1; k=rsa; p="}
	if got := said(); !strings.Contains(got, "is not in the DNS") || !strings.Contains(got, "has another key") || !strings.Contains(got, "do: make it this TXT record: \"v=DKIM1; k=ed25519; p=") {
		t.Errorf("not published: %s", got)
	}
	cfg.DKIMKeys = t.TempDir()
	if got := said(); !strings.Contains(got, "holds no keys") || !strings.Contains(got, "convoke dkim") {
		t.Errorf("no keys: %s", got)
	}
	if err := os.WriteFile(filepath.Join(cfg.DKIMKeys, "a.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := said(); !strings.Contains(got, "not a private key") {
		t.Errorf("no key: %s", got)
	}
	cfg.DKIMKeys = ""
	if got := said(); !strings.Contains(got, "mail is not signed here") {
		t.Errorf("unset: %s", got)
	}
	env[config.DKIMKeys] = t.TempDir()
	if got := run(t, env, "user", "list"); got.code == 0 || !strings.HasPrefix(got.stderr, "convoke: "+config.DKIMKeys+": ") || strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("a folder without keys: %+v", got)
	}
}
