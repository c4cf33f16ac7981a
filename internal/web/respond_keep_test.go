package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestPrintingAndGoingOnElsewhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, k := contributing(t, d)
		base := "/r/" + k.Respond(k.Contact("María", "es"))
		c := app.Visitor()
		c.PostForm(base+"/answer/q1", url.Values{"q1": {"Una <i>respuesta</i>"}, "action": {"later"}})
		p := c.Get(base + "/print")
		for _, want := range []string{"Una &lt;i&gt;respuesta", "Do you see policy options?", "Whom should we invite?", "data-print"} {
			if p.Status != http.StatusOK || !strings.Contains(p.Body, want) {
				t.Errorf("printed: %d, without %q", p.Status, want)
			}
		}
		if p := c.Get(base); !strings.Contains(p.Body, base+"/print") || !strings.Contains(p.Body, base+"/link") {
			t.Error("nothing leads there")
		}
		if p := c.PostForm(base+"/link", nil); p.Status != http.StatusSeeOther {
			t.Errorf("the link by mail: %d", p.Status)
		}
		if p := c.PostForm(base+"/link", nil); p.Status != http.StatusTooManyRequests || !strings.Contains(p.Body, `lang="es"`) || !strings.Contains(p.Body, "diez minutos") {
			t.Errorf("again: %d", p.Status)
		}
		if p := c.Get(base + "/answer/q1"); !strings.Contains(p.Body, "data-draft hidden") {
			t.Error("without the script there is an offer that does nothing")
		}
		for what, path := range map[string]string{"forged": "/r/s-nothing", "another purpose": "/r/" + k.UnsubscribeToken(1)} {
			for _, end := range []string{"/print", "/signatories", "/correct"} {
				if p := c.Get(path + end); p.Status != http.StatusNotFound {
					t.Errorf("%s%s: %d", what, end, p.Status)
				}
			}
		}
	})
}
