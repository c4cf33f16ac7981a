package deploy

import (
	"regexp"
	"strings"
	"testing"
)

func TestImage(t *testing.T) {
	t.Parallel()
	_, final, ok := strings.Cut(string(read(t, "Dockerfile")), "\nFROM scratch\n")
	if !ok {
		t.Fatal("the last stage is not an empty image")
	}
	build := strings.TrimSuffix(string(read(t, "Dockerfile")), final)
	tests := []struct {
		what, text, pattern string
	}{
		{"a static binary", build, `CGO_ENABLED=0 go build -trimpath -ldflags "-s -w`},
		{"certificates for TLS", final, `/etc/ssl/certs/ca-certificates\.crt`},
		{"a user by number, not root", final, `(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`},
		{"a data folder of that user's", final, `--chown=65532:65532 /out/data /data`},
		{"a health check without a shell", final, `HEALTHCHECK .*CMD \["/convoke", "health"\]`},
		{"an entry point without a shell", final, `ENTRYPOINT \["/convoke"\]`},
	}
	for _, tt := range tests {
		if !regexp.MustCompile(tt.pattern).MatchString(tt.text) {
			t.Errorf("the image lacks %s: nothing matches %s", tt.what, tt.pattern)
		}
	}
}

// The language in go.mod may not be newer than the compiler in the image: the build would fetch
// another, or fail.
func TestImageHasTheRightGo(t *testing.T) {
	t.Parallel()
	module := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(read(t, "go.mod"))
	image := regexp.MustCompile(`(?m)^FROM golang:(\d+\.\d+)`).FindSubmatch(read(t, "Dockerfile"))
	if module == nil || image == nil || string(module[1]) != string(image[1]) {
		t.Errorf("go.mod wants Go %s, the image has %s", module, image)
	}
}
