//go:build unix

package house

import (
	"bufio"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	const said = `Convoke demo, 2017 cycle
listening on http://127.0.0.1:40123

volunteer    Carla Benítez  http://127.0.0.1:40123/sign-in/abc
coordinator  كريم بنعلي     http://127.0.0.1:40123/sign-in/d-_e

more
`
	r := bufio.NewReader(strings.NewReader(said))
	got := readAnnouncement(r)
	want := announcement{url: "http://127.0.0.1:40123", links: []Link{
		{"volunteer", "Carla Benítez", "http://127.0.0.1:40123/sign-in/abc"},
		{"coordinator", "كريم بنعلي", "http://127.0.0.1:40123/sign-in/d-_e"},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(announcement{})); diff != "" {
		t.Error(diff)
	}
	if rest, _ := r.ReadString('\n'); rest != "more\n" {
		t.Errorf("it read on to %q", rest)
	}
	const serves = "time=2026-11-22T01:00:00.000Z level=INFO msg=listening address=127.0.0.1:40123 public=http://127.0.0.1:40123\n"
	if got := readAnnouncement(bufio.NewReader(strings.NewReader(serves))); got.url != "http://127.0.0.1:40123" {
		t.Errorf("an installation is at %q", got.url)
	}
	if got := readAnnouncement(bufio.NewReader(strings.NewReader("convoke: the port is taken\n"))); got.url != "" {
		t.Errorf("found %q in a failure", got.url)
	}
}

func TestFindRoute(t *testing.T) {
	t.Parallel()
	routes := []Route{
		{Method: "GET", Path: "/"},
		{Method: "GET", Path: "/contacts/new"},
		{Method: "GET", Path: "/contacts/:id"},
		{Method: "POST", Path: "/contacts/:id/claims/:claim"},
		{Method: "GET", Path: "/calls/:slug/contributions.json"},
	}
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/", "/"},
		{"GET", "/contacts/new?q=a", "/contacts/new"},
		{"GET", "/contacts/12", "/contacts/:id"},
		{"GET", "/contacts/12/", "/contacts/:id"},
		{"GET", "/contacts/", ""},
		{"GET", "/contacts/1/2", ""},
		{"POST", "/contacts/1/claims/2", "/contacts/:id/claims/:claim"},
		{"GET", "/calls/bpf-2017/contributions.json", "/calls/:slug/contributions.json"},
	} {
		if got, _ := Find(routes, tt.method, tt.path); got.Path != tt.want {
			t.Errorf("%s %s is %q, want %q", tt.method, tt.path, got.Path, tt.want)
		}
	}
	if diff := cmp.Diff([]string{"id", "claim"}, routes[3].Params()); diff != "" {
		t.Error(diff)
	}
}
