package i18n

import (
	"html/template"
	"testing"
	"testing/fstest"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	b, err := New(fstest.MapFS{"a.en.toml": {Data: []byte(`
"by" = "Held by <{{.Name}}> & {{.Other}}"
["days"]
one = "{{.Count}} day for {{.Name}}"
other = "{{.Count}} days for {{.Name}}"
`)}})
	if err != nil {
		t.Fatal(err)
	}
	en := b.For(English)
	for _, test := range []struct{ got, want template.HTML }{
		{en.HTML("by", "Name", "<b>أحمد", "Other", template.HTML("<a href=\"/x\">it</a>")), `Held by &lt;<bdi>&lt;b&gt;أحمد</bdi>&gt; &amp; <a href="/x">it</a>`},
		{en.HTML("by", "Name", "\ue0002\ue001{{.Other}}", "Other", 1234), "Held by &lt;<bdi>\ue0002\ue001{{.Other}}</bdi>&gt; &amp; 1,234"},
		{en.HTML("days", "Count", 1, "Name", "Ana"), `1 day for <bdi>Ana</bdi>`},
		{en.HTML("days", "Count", 1200, "Name", "Ana"), `1,200 days for <bdi>Ana</bdi>`},
		{en.HTML("<no key>"), "&lt;no key&gt;"},
	} {
		if test.got != test.want {
			t.Errorf("got  %s\nwant %s", test.got, test.want)
		}
	}
}
