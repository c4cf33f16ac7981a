//go:build unix

package testenv

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

const (
	chromiumName = "Chromium"
	compilerName = "C compiler"
)

// FindChromium finds a Chromium or Chrome. The one without a window starts and loads pages faster.
func FindChromium(ctx context.Context) (Service, error) {
	if path, ok := given(ChromiumVariable); ok {
		return givenService(ctx, chromiumName, ChromiumVariable, path, programVersion)
	}
	return findProgram(ctx, chromiumName, need{
		what: "Chromium or Chrome",
		look: lookPath("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
		// The fonts are for the pictures: Arabic and Chinese are boxes without them.
		packages: []string{"chromium-headless-shell", "fonts-dejavu-core", "fonts-droid-fallback"},
		instead:  []string{"chromium", "fonts-dejavu-core", "fonts-droid-fallback"},
		or:       "set " + ChromiumVariable,
	})
}

// FindCompiler finds the C compiler that the race detector, and nothing else, needs.
func FindCompiler(ctx context.Context) (Service, error) {
	return findProgram(ctx, compilerName, need{
		what:     "a C compiler for the race detector",
		look:     lookPath("gcc"),
		packages: []string{"gcc", "libc6-dev"},
	})
}

func findProgram(ctx context.Context, name string, n need) (Service, error) {
	path, err := obtain(ctx, n)
	if err != nil {
		return Service{}, err
	}
	version, err := programVersion(ctx, path)
	if err != nil {
		return Service{}, fmt.Errorf("tests need %s, and %s does not run: %w", n.what, path, err)
	}
	return Service{Name: name, Address: path, Version: version, How: path}, nil
}

// remark is what a packager adds to a version: "(Debian 12.2.0-14)".
var remark = regexp.MustCompile(`\([^)]*\)`)

// programVersion asks a program for its version: the first word of its first line that begins
// with a digit, the packager's remarks apart.
func programVersion(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	for word := range strings.FieldsSeq(remark.ReplaceAllString(line, "")) {
		if word[0] >= '0' && word[0] <= '9' {
			return word, nil
		}
	}
	return line, nil
}
