//go:build unix

package crawl

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUntranslated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"text", `<p>Save</p>`, []string{`p: "Save"`}},
		{"pseudo", `<p>⟦Šåvé⟧ – 12</p>`, nil},
		{"beside", `<p class="a b">⟦Šåvé⟧ all</p>`, []string{`p.a.b: "all"`}},
		{"name", `<p>⟦Ĥéļļö <bdi>Carla</bdi>⟧ <bdi>Carla</bdi></p>`, nil},
		{"torn sentence", `<p>⟦Ĥéļļö <bdi>Carla</bdi>, ýöû⟧</p>`, nil},
		{"data", `<b translate="no">AR</b><code>x</code><time>7 August</time><textarea>mine</textarea>`, nil},
		{"other language", `<p lang="es">Hola</p><p lang="en-x-pseudo">Hi</p>`, []string{`p: "Hi"`}},
		{"ours in theirs", `<div lang="es"><p>Hola</p><p lang="en-x-pseudo">State</p></div>`, []string{`p: "State"`}},
		{"data again", `<h2><bdi>Carla</bdi></h2><i>: Carla</i>`, nil},
		{"known", `<p>⟦Ĝŕöûþ⟧ · Argentina (Argentina)</p>`, []string{`p: "· Argentina (Argentina)"`}},
		{"known, in turn", `<p>Argentina · ⟦Ĝŕöûþ⟧</p>`, nil},
		{
			"attributes", `<input type="submit" value="Go"><img alt="Logo"><input value="typed">`,
			[]string{`input[value]: "Go"`, `img[alt]: "Logo"`},
		},
		{"product", `<a>Convoke</a>`, nil},
	} {
		d, err := Parse(`<!doctype html><html lang="en-x-pseudo"><title>⟦Ţ⟧ · Convoke</title><body>` + tt.body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, d.Untranslated(func(name string) bool { return name == "Argentina" })); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
