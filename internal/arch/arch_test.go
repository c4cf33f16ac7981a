// Package arch holds the tests of the house's plan: which room may import which, and what the
// code of a room may not do. The linter says most of it too, sooner and beside the line; these
// tests need nothing but Go, and see the import graph as the compiler does.
package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/convoke/convoke"

// The layers, from the bottom. Arrows go down only, and a room imports another of its own layer
// only where the table below says so.
var (
	platform = []string{
		"internal/errs", "internal/config", "internal/db", "internal/geo", "internal/i18n",
		"internal/link", "internal/mail", "internal/markup", "internal/queue",
	}
	ground  = []string{"internal/account", "internal/audit", "internal/letter", "internal/undo"}
	domains = []string{
		"internal/campaign", "internal/contact", "internal/contribution", "internal/cycle",
		"internal/document", "internal/inbound", "internal/nri", "internal/outreach", "internal/report", "internal/synthesis",
	}
	frame = []string{"internal/httpserver"} // what pages and API have in common
	faces = []string{"internal/api", "internal/web", "worker"}
	top   = []string{"cmd", "internal/adapt", "internal/bench", "internal/demo"} // they put the others together
)

// arrows says for each room what it may import. A new room gets a row here and in .golangci.yml.
func arrows() map[string][]string {
	below := slices.Concat(platform, ground)
	rows := map[string][]string{
		"locales":          {},
		"migrations":       {},
		"internal/errs":    {},
		"internal/config":  {"internal/errs"},
		"internal/db":      {"internal/errs", "migrations"},
		"internal/geo":     {"internal/errs"},
		"internal/i18n":    {"internal/errs", "locales"},
		"internal/link":    {"internal/errs"},
		"internal/markup":  {},
		"internal/mail":    {"internal/errs", "internal/db"},
		"internal/queue":   {"internal/errs", "internal/db"},
		"internal/audit":   platform,
		"internal/account": slices.Concat(platform, []string{"internal/audit"}), // what happens to a user is audited
		"internal/undo":    slices.Concat(platform, []string{"internal/audit"}), // it says who did what can be taken back
		"internal/letter":  slices.Concat(platform, []string{"internal/account", "internal/audit"}),
	}
	for _, room := range domains {
		rows[room] = slices.Concat(below, []string{"internal/cycle"}) // all are judged by its dates
	}
	rows["internal/cycle"] = below
	for _, room := range frame {
		rows[room] = below
	}
	for _, room := range faces {
		rows[room] = slices.Concat(below, domains, frame)
	}
	for _, room := range top {
		rows[room] = slices.Concat(below, domains, frame, faces, []string{"locales", "migrations"})
	}
	return rows
}

// pkg is what "go list" says of a package. Imports of test files are not among them: a test may
// look into any room.
type pkg struct {
	ImportPath string
	Imports    []string
	Dir        string
	GoFiles    []string
}

func TestArrowsGoDownOnly(t *testing.T) {
	t.Parallel()
	rows := arrows()
	for _, p := range listPackages(t) {
		from := roomOf(p.ImportPath)
		if from == "" || supportsTests(p.ImportPath) {
			continue
		}
		if _, ok := rows[from]; !ok {
			t.Errorf("%s is a new room: give it a row in internal/arch and in .golangci.yml", from)
			continue
		}
		for _, imported := range p.Imports {
			if !allowed(rows, p.ImportPath, imported) {
				t.Errorf("%s imports %s; %s may import only %q", p.ImportPath, imported, from, rows[from])
			}
		}
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		want     bool
	}{
		{"cmd/convoke", "internal/web", true},
		{"internal/web", "internal/contact", true},
		{"internal/web/forms", "internal/web", true},
		{"internal/web", "internal/api", false},
		{"internal/api", "internal/web", false},
		{"worker", "internal/campaign", true},
		{"worker", "internal/web", false},
		{"internal/contact", "internal/db", true},
		{"internal/contribution", "internal/cycle", true},
		{"internal/cycle", "internal/contribution", false},
		{"internal/report", "internal/contact", false},
		{"internal/contact", "internal/web", false},
		{"internal/account", "internal/audit", true},
		{"internal/audit", "internal/account", false},
		{"internal/contact", "internal/undo", true},
		{"internal/undo", "internal/contact", false},
		{"internal/db", "internal/account", false},
		{"internal/geo", "internal/db", false},
		{"internal/errs", "internal/geo", false},
		{"internal/contact", "internal/db/dbtest", false},
		{"internal/webhooks", "internal/web", false},
	}
	for _, tt := range tests {
		if got := allowed(arrows(), module+"/"+tt.from, module+"/"+tt.to); got != tt.want {
			t.Errorf("%s → %s: allowed is %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

// allowed says whether an import is in the plan. Imports from outside of the module are.
func allowed(rows map[string][]string, from, to string) bool {
	toRoom := roomOf(to)
	if toRoom == "" || to == module {
		return true
	}
	fromRoom := roomOf(from)
	if fromRoom == "cmd" {
		return true
	}
	if supportsTests(to) {
		return false
	}
	return fromRoom == toRoom || slices.Contains(rows[fromRoom], toRoom)
}

// roomOf is the folder that a package belongs to: cmd, worker, internal/contact. It is empty for
// a package of somebody else's.
func roomOf(importPath string) string {
	path, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	first, rest, _ := strings.Cut(path, "/")
	if first != "internal" {
		return first
	}
	second, _, _ := strings.Cut(rest, "/")
	return "internal/" + second
}

// supportsTests says whether a package is there for tests: it may import anything, and nothing
// but tests and commands may import it.
func supportsTests(importPath string) bool {
	if strings.HasSuffix(importPath, "test") {
		return true
	}
	return slices.Contains([]string{
		"internal/arch", "internal/browser", "internal/deploy", "internal/e2e", "internal/testenv",
	}, roomOf(importPath))
}

// listPackages asks the go command for every package of the module.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Dir,GoFiles", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 5 {
		t.Fatalf("go list knows only %d packages", len(packages))
	}
	return packages
}
