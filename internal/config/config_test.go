package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/config"
)

func env(pairs map[string]string) config.Source {
	return func(name string) (string, bool) { v, ok := pairs[name]; return v, ok }
}

func TestDefaultsNeedNothing(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "folder")
	c, err := config.Load(env(nil), config.Overrides{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if c.DatabaseURL != "sqlite:"+filepath.Join(data, "convoke.db") || c.Listen != "127.0.0.1:8080" || c.PublicURL != "http://127.0.0.1:8080" || c.Secure() {
		t.Errorf("got %+v", c)
	}
	info, err := os.Stat(filepath.Join(data, "secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info.Mode(), err)
	}
	again, err := config.Load(env(nil), config.Overrides{Data: data})
	if err != nil || string(again.Secret) != string(c.Secret) {
		t.Errorf("the key changed: %v", err)
	}
}

func TestWrongSettingIsNamedInOneLine(t *testing.T) {
	t.Parallel()
	readable := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(readable, []byte("redis://queue:6379/0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		env      map[string]string
		variable string
	}{
		"database scheme":             {map[string]string{config.DatabaseURL: "mysql://x/y"}, config.DatabaseURL},
		"redis scheme":                {map[string]string{config.RedisURL: "localhost:6379"}, config.RedisURL},
		"smtp scheme":                 {map[string]string{config.SMTPURL: "http://mail"}, config.SMTPURL},
		"listen without port":         {map[string]string{config.Listen: "localhost"}, config.Listen},
		"public url":                  {map[string]string{config.PublicURL: "convoke.example.org"}, config.PublicURL},
		"database without a file":     {map[string]string{config.DatabaseURL: "sqlite:"}, config.DatabaseURL},
		"database port":               {map[string]string{config.DatabaseURL: "postgres://u:p@h:99999/x"}, config.DatabaseURL},
		"redis database":              {map[string]string{config.RedisURL: "redis://127.0.0.1:6379/abc"}, config.RedisURL},
		"redis database below zero":   {map[string]string{config.RedisURL: "redis://127.0.0.1:6379/-1"}, config.RedisURL},
		"redis path without a number": {map[string]string{config.RedisURL: "redis://127.0.0.1:6379/"}, config.RedisURL},
		"redis port":                  {map[string]string{config.RedisURL: "redis://127.0.0.1:70000"}, config.RedisURL},
		"sentinel without master":     {map[string]string{config.RedisURL: "redis-sentinel://127.0.0.1:26379"}, config.RedisURL},
		"smtp port":                   {map[string]string{config.SMTPURL: "smtp://h:0"}, config.SMTPURL},
		"listen port":                 {map[string]string{config.Listen: ":99999"}, config.Listen},
		"public url with a path":      {map[string]string{config.PublicURL: "https://example.org/convoke"}, config.PublicURL},
		"public url, two slashes":     {map[string]string{config.PublicURL: "https://example.org//"}, config.PublicURL},
		"public url with a query":     {map[string]string{config.PublicURL: "https://example.org?a=b"}, config.PublicURL},
		"public url, empty query":     {map[string]string{config.PublicURL: "https://example.org/?"}, config.PublicURL},
		"public url with a fragment":  {map[string]string{config.PublicURL: "https://example.org/#top"}, config.PublicURL},
		"public url with a user":      {map[string]string{config.PublicURL: "https://u:hunter2@example.org"}, config.PublicURL},
		"public url without a host":   {map[string]string{config.PublicURL: "https://:8080"}, config.PublicURL},
		"public url port":             {map[string]string{config.PublicURL: "https://example.org:99999"}, config.PublicURL},
		"short secret":                {map[string]string{config.Secret: "short"}, config.Secret},
		"mail from":                   {map[string]string{config.MailFrom: "the secretariat"}, config.MailFrom},
		"mail from too long":          {map[string]string{config.MailFrom: "the.secretariat.of.the.forum@example.org"}, config.MailFrom},
		"mail from beyond ASCII":      {map[string]string{config.MailFrom: "أمانة@example.org"}, config.MailFrom},
		"mail from in quotes":         {map[string]string{config.MailFrom: `"the secretariat"@example.org`}, config.MailFrom},
		"mail from no domain":         {map[string]string{config.MailFrom: "a@exa_mple.org"}, config.MailFrom},
		"log format":                  {map[string]string{config.LogFormat: "xml"}, config.LogFormat},
		"value and file":              {map[string]string{config.RedisURL: "redis://a:1", config.RedisURL + "_FILE": readable}, config.RedisURL},
		"file is missing":             {map[string]string{config.Secret + "_FILE": "/nowhere/at/all"}, config.Secret + "_FILE"},
		"folder is a file":            {map[string]string{config.Data: filepath.Join(blocked, "sub")}, config.Data},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.env[config.Data] == "" {
				test.env[config.Data] = t.TempDir()
			}
			_, err := config.Load(env(test.env), config.Overrides{})
			var wrong config.Error
			if !errors.As(err, &wrong) || wrong.Variable != test.variable || wrong.Right == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line on %s", err, test.variable)
			}
		})
	}
}

func TestValueMayComeFromAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte("redis://queue.test:6379/2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(env(map[string]string{config.RedisURL + "_FILE": path, config.Data: t.TempDir()}), config.Overrides{})
	if err != nil || c.RedisURL != "redis://queue.test:6379/2" {
		t.Errorf("got %q, %v", c.RedisURL, err)
	}
}

func TestSecretsAreNotInErrors(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		config.DatabaseURL: {"mysql://user:hunter2@host/db", "postgres://user:hunter2@host:99999/db", "postgres://user:72727272/hunter2@host/db"},
		config.RedisURL:    {"redis://user:hunter2@host:99999", "redis://:hunter2@host/abc", "redis://user:72727272/hunter2@host"},
		config.SMTPURL:     {"smtp://user:hunter2@host:99999", "smtp://user:25?hunter2@host", "smtp://user:72727272/hunter2@host"},
		config.PublicURL:   {"https://user:hunter2@host", "https://user:hunter2@host/path?query"},
	} {
		for _, value := range values {
			_, err := config.Load(env(map[string]string{variable: value, config.Data: t.TempDir()}), config.Overrides{})
			if err == nil || !strings.HasPrefix(err.Error(), variable+": ") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "7272") {
				t.Errorf("%s=%s: got %v", variable, value, err)
			}
		}
	}
}

func TestRightAddressesAreTaken(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		config.DatabaseURL: {"sqlite:house.db", "postgres://u:p@h/x", "postgresql://u:p@h:5432/x?sslmode=disable", "postgres:///x?host=/run/postgresql"},
		config.RedisURL:    {"redis://h", "redis://:p@h:6379", "rediss://h:6379/3", "redis-sentinel://h:26379?master=m"},
		config.SMTPURL:     {"smtp://h", "smtps://u%40x:p@h:465", "smtp://h:25?connections=20&starttls=off"},
		config.PublicURL:   {"https://example.org", "https://example.org/", "http://127.0.0.1:8080", "http://[::1]:8080"},
		config.Listen:      {":8080", "127.0.0.1:0", "[::1]:8080"},
	} {
		for _, value := range values {
			c, err := config.Load(env(map[string]string{variable: value, config.Data: t.TempDir()}), config.Overrides{})
			if err != nil || strings.HasSuffix(c.PublicURL, "/") {
				t.Errorf("%s=%s: got %q, %v", variable, value, c.PublicURL, err)
			}
		}
	}
}

func TestUnknownVariableIsRefused(t *testing.T) {
	t.Parallel()
	for name, nearest := range map[string]string{
		"CONVOKE_DATABSE_URL":      config.DatabaseURL,
		"CONVOKE_DATABSE_URL_FILE": config.DatabaseURL + "_FILE",
		"CONVOKE_SMPT_URL":         config.SMTPURL,
		"CONVOKE_REDIS":            config.RedisURL,
		"CONVOKE_Listen":           config.Listen,
		"CONVOKE_":                 config.Data,
	} {
		err := config.CheckNames([]string{"PATH=/bin", config.Data + "=/data", name + "=hunter2"})
		var wrong config.Error
		if !errors.As(err, &wrong) || wrong.Variable != name || !strings.Contains(wrong.Right, " "+nearest+":") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", name, err, nearest)
		}
	}
}

func TestKnownVariablesAreTaken(t *testing.T) {
	t.Parallel()
	environ := []string{"", "=", "PATH=/bin", "MY_CONVOKE_FOO=1", "CONVOKE_TEST_REDIS_URL=x", "CONVOKE_TESTENV_ROLE=holder", "CONVOKE_SERVICE_HOST=10.0.0.1", "CONVOKE_PORT=tcp://10.0.0.1:80", "CONVOKE_PORT_80_TCP_ADDR=10.0.0.1"}
	for _, name := range config.Names() {
		environ = append(environ, name+"=", name+"_FILE=x")
	}
	if err := config.CheckNames(environ); err != nil {
		t.Error(err)
	}
}

func TestTheSenderIsAsServersKnowIt(t *testing.T) {
	t.Parallel()
	for given, want := range map[string][2]string{
		"bpf@example.org":                     {"", "bpf@example.org"},
		"Sécretariat <bpf@bücher.example>":    {"Sécretariat", "bpf@xn--bcher-kva.example"},
		`"BPF, Cyber" <Secretariat@例子.测试>`:    {"BPF, Cyber", "Secretariat@xn--fsqu00a.xn--0zwm56d"},
		"BPF Cybersecurity <bpf@EXAMPLE.ORG>": {"BPF Cybersecurity", "bpf@example.org"},
	} {
		c, err := config.Load(env(map[string]string{config.MailFrom: given, config.Data: t.TempDir()}), config.Overrides{})
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if name, email := c.Sender(); name != want[0] || email != want[1] {
			t.Errorf("%s: %q, %q", given, name, email)
		}
	}
}
