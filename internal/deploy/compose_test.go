// Package deploy holds the tests of the files that an installation is made from: Dockerfile,
// docker-compose.yml and .env.example. There is no container engine behind them, so that they
// run everywhere: they check what an engine would refuse, and what it would accept to our cost.
package deploy

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
	"go.yaml.in/yaml/v3"

	"github.com/convoke/convoke/internal/config"
)

// compose is what we look at in docker-compose.yml, merge keys applied.
type compose struct {
	Services map[string]service
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type service struct {
	ContainerName string `yaml:"container_name"`
	Image         string
	Restart       string
	User          string
	Privileged    bool
	Command       []string
	Environment   map[string]string
	Ports         []string
	Volumes       []string
	Secrets       []string
	Profiles      []string
	DependsOn     map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck   struct {
		Test    any
		Disable bool
	}
}

func TestComposeFollowsTheSchema(t *testing.T) {
	t.Parallel()
	var document map[string]any
	if err := yaml.Unmarshal(read(t, "docker-compose.yml"), &document); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
	document["services"].(map[string]any)["web"].(map[string]any)["port"] = "8080"
	if schema.Validate(document) == nil {
		t.Error("the schema accepts a misspelled key")
	}
}

func TestComposeHasEveryService(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for name, want := range map[string]string{
		"web": "serve", "worker": "worker", "inbound": "inbound --lmtp 0.0.0.0:2424", "migrate": "migrate up",
	} {
		if got := strings.Join(c.Services[name].Command, " "); got != want {
			t.Errorf("%s runs %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"postgres": "postgres:", "redis": "redis:", "mailpit": "axllent/mailpit:"} {
		image := c.Services[name].Image
		if !strings.HasPrefix(image, want) || strings.HasSuffix(image, ":latest") {
			t.Errorf("%s has image %q, want a fixed version of %s", name, image, want)
		}
	}
	if !slices.Equal(c.Services["mailpit"].Profiles, []string{"try"}) {
		t.Error("the mail catcher starts with a real installation")
	}
}

func TestEveryServiceIsWatchedAndRestarted(t *testing.T) {
	t.Parallel()
	for name, s := range readCompose(t).Services {
		if s.Restart == "" || s.Restart == "no" {
			t.Errorf("%s has no restart policy", name)
		}
		oneShot := name == "migrate"
		if watched := s.Healthcheck.Test != nil && !s.Healthcheck.Disable; watched == oneShot {
			t.Errorf("%s: health check %+v", name, s.Healthcheck)
		}
		if s.Privileged {
			t.Errorf("%s is privileged", name)
		}
	}
}

// Whoever takes mail asks nobody who they are: others must not reach it, and its health is asked where it listens.
func TestMailComesInFromThisMachineOnly(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	s := c.Services["inbound"]
	if !slices.Equal(s.Ports, []string{"${LMTP_ADDRESS:-127.0.0.1:2424}:2424"}) {
		t.Errorf("it is reached at %q", s.Ports)
	}
	if !regexp.MustCompile(`(?m)^LMTP_ADDRESS=127\.0\.0\.1:`).Match(read(t, ".env.example")) {
		t.Error(".env.example lets others bring mail")
	}
	if got := fmt.Sprint(s.Healthcheck.Test); got != "[CMD /convoke health --mail 127.0.0.1:2424]" {
		t.Errorf("its health check is %s", got)
	}
	for name, value := range c.Services["web"].Environment {
		if s.Environment[name] != value {
			t.Errorf("%s=%q; the pages have %q", name, s.Environment[name], value)
		}
	}
}

func TestWorkerScales(t *testing.T) {
	t.Parallel()
	worker := readCompose(t).Services["worker"]
	if worker.ContainerName != "" || len(worker.Ports) > 0 {
		t.Errorf("worker has name %q and ports %q: a second one could not start", worker.ContainerName, worker.Ports)
	}
}

func TestReferencesLeadSomewhere(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[volume]; !ok {
				t.Errorf("%s keeps data in %q, which is no volume", name, volume)
			}
		}
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File == "" {
				t.Errorf("%s wants the secret %q, which has no file", name, secret)
			}
		}
		for needed, how := range s.DependsOn {
			checkDependency(t, c, name, needed, how.Condition)
		}
	}
}

func checkDependency(t *testing.T, c compose, name, needed, condition string) {
	t.Helper()
	want := "service_healthy"
	if c.Services[needed].Healthcheck.Disable {
		want = "service_completed_successfully"
	}
	if _, ok := c.Services[needed]; !ok || condition != want {
		t.Errorf("%s waits for %s until %q, want %q", name, needed, condition, want)
	}
}

func TestDataOutlivesItsContainer(t *testing.T) {
	t.Parallel()
	c := readCompose(t)
	for name, path := range map[string]string{
		"web": "/data", "worker": "/data", "inbound": "/data", "postgres": "/var/lib/postgresql/data", "redis": "/data",
	} {
		if !slices.ContainsFunc(c.Services[name].Volumes, func(v string) bool { return strings.HasSuffix(v, ":"+path) }) {
			t.Errorf("%s keeps %s in no volume: %q", name, path, c.Services[name].Volumes)
		}
	}
	if command := strings.Join(c.Services["redis"].Command, " "); !strings.Contains(command, "--appendonly yes") {
		t.Errorf("redis forgets its queue at a restart: %q", command)
	}
}

// password finds user:password@ in an address whose password is not a variable.
var password = regexp.MustCompile(`://[^/@:]*:[^/@$]+@`)

func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"docker-compose.yml", ".env.example"} {
		if found := password.FindString(string(read(t, name))); found != "" {
			t.Errorf("%s has a password in it: %s", name, found)
		}
	}
	if password.FindString("postgres://convoke:secret@postgres") == "" {
		t.Error("a password is not recognized")
	}
	for name, s := range readCompose(t).Services {
		for variable, value := range s.Environment {
			if secretName(variable) && !strings.HasPrefix(value, "/run/secrets/") {
				t.Errorf("%s: %s=%q; want a file in /run/secrets", name, variable, value)
			}
			file, ok := strings.CutPrefix(value, "/run/secrets/")
			if ok && !slices.Contains(s.Secrets, file) {
				t.Errorf("%s: %s names the secret %q, which the service does not get", name, variable, file)
			}
		}
	}
	for _, name := range []string{".gitignore", ".dockerignore"} {
		if !regexp.MustCompile(`(?m)^/?secrets/?$`).Match(read(t, name)) {
			t.Errorf("%s lets secrets/ through", name)
		}
	}
}

// secretName says whether a variable's value must not be read by everybody.
func secretName(variable string) bool {
	return strings.Contains(variable, "PASSWORD") || strings.Contains(variable, "SECRET") || strings.Contains(variable, "DATABASE_URL")
}

func TestSettingsExist(t *testing.T) {
	t.Parallel()
	for name, s := range readCompose(t).Services {
		for variable := range s.Environment {
			checkSetting(t, name, variable)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)\b(CONVOKE_[A-Z_]+)=`).FindAllStringSubmatch(string(read(t, "Dockerfile")), -1) {
		checkSetting(t, "Dockerfile", m[1])
	}
	for variable := range exampleVariables(t) {
		checkSetting(t, ".env.example", variable)
	}
}

func checkSetting(t *testing.T, where, variable string) {
	t.Helper()
	known := slices.Contains(config.Names(), strings.TrimSuffix(variable, "_FILE"))
	if strings.HasPrefix(variable, "CONVOKE_") && !known {
		t.Errorf("%s sets %s, which is no setting", where, variable)
	}
}

func TestExampleNamesEveryVariableOfCompose(t *testing.T) {
	t.Parallel()
	example := exampleVariables(t)
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(string(read(t, "docker-compose.yml")), -1) {
		used[m[1]] = true
		if !example[m[1]] {
			t.Errorf("docker-compose.yml asks for %s; .env.example does not mention it", m[1])
		}
	}
	for name := range example {
		if !used[name] {
			t.Errorf(".env.example sets %s; docker-compose.yml does not ask for it", name)
		}
	}
}

func exampleVariables(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(string(read(t, ".env.example")), -1) {
		names[m[1]] = true
	}
	return names
}

func readCompose(t *testing.T) compose {
	t.Helper()
	var c compose
	if err := yaml.Unmarshal(read(t, "docker-compose.yml"), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
