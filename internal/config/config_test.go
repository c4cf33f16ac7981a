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
		"database scheme":     {map[string]string{config.DatabaseURL: "mysql://x/y"}, config.DatabaseURL},
		"redis scheme":        {map[string]string{config.RedisURL: "localhost:6379"}, config.RedisURL},
		"smtp scheme":         {map[string]string{config.SMTPURL: "http://mail"}, config.SMTPURL},
		"listen without port": {map[string]string{config.Listen: "localhost"}, config.Listen},
		"public url":          {map[string]string{config.PublicURL: "convoke.example.org"}, config.PublicURL},
		"short secret":        {map[string]string{config.Secret: "short"}, config.Secret},
		"mail from":           {map[string]string{config.MailFrom: "the secretariat"}, config.MailFrom},
		"mail from too long":  {map[string]string{config.MailFrom: "the.secretariat.of.the.forum@example.org"}, config.MailFrom},
		"log format":          {map[string]string{config.LogFormat: "xml"}, config.LogFormat},
		"value and file":      {map[string]string{config.RedisURL: "redis://a:1", config.RedisURL + "_FILE": readable}, config.RedisURL},
		"file is missing":     {map[string]string{config.Secret + "_FILE": "/nowhere/at/all"}, config.Secret + "_FILE"},
		"folder is a file":    {map[string]string{config.Data: filepath.Join(blocked, "sub")}, config.Data},
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
	_, err := config.Load(env(map[string]string{
		config.DatabaseURL: "mysql://user:hunter2@host/db", config.Data: t.TempDir(),
	}), config.Overrides{})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
