package web_test

import (
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/web/webtest"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestLanguageOfAPage(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	c := app.Visitor().With("Accept-Language", "es-MX, en;q=0.5")
	if p := c.Get("/"); !contains(p.Body, `<html lang="es" dir="ltr">`) || p.Header.Get("Content-Language") != "es" {
		t.Errorf("by the browser: %.120s", p.Body)
	}
	if p := c.Get("/?lang=ar"); !contains(p.Body, `<html lang="ar" dir="rtl">`) {
		t.Errorf("by the address: %.120s", p.Body)
	}
	if p := c.Get("/"); !contains(p.Body, `<html lang="ar" dir="rtl">`) {
		t.Errorf("remembered: %.120s", p.Body)
	}
	if p := c.Get("/sign-in?next=%2Fa%3Fb&lang=xx"); !contains(p.Body, `href="/sign-in?lang=fr&amp;next=%2Fa%3Fb"`) {
		t.Error("the links to other languages lose the query")
	}
	if p := c.Get("/nowhere"); p.Status != 404 || !contains(p.Body, `<html lang="ar" dir="rtl">`) {
		t.Errorf("error page: %d %.120s", p.Status, p.Body)
	}
}

func TestPseudoLocaleSpeaksOnEveryPage(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	if p := app.Visitor().Get("/sign-in?lang=en-x-pseudo"); !contains(p.Heading(), "⟦") {
		t.Errorf("heading %q", p.Heading())
	}
}

func TestNamesAreIsolatedAndEscaped(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	who := app.Account("<b>Amina</b>", account.Volunteer)
	p := app.SignIn(who).Get("/")
	if !contains(p.Body, "Welcome, <bdi>&lt;b&gt;Amina&lt;/b&gt;</bdi>") {
		t.Error("the name is not isolated or not escaped")
	}
}

func TestStaticFilesAreKeptForEver(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	_, rest, _ := strings.Cut(app.Visitor().Get("/").Body, `rel="stylesheet" href="`)
	address, _, _ := strings.Cut(rest, `"`)
	css := app.Visitor().Get(address)
	if css.Status != 200 || !contains(css.Header.Get("Cache-Control"), "immutable") || !contains(css.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%s: %d %v", address, css.Status, css.Header)
	}
	if len(css.Body) > 13<<10 {
		t.Errorf("app.css has %d bytes, more than 13 KB", len(css.Body))
	}
	for _, physical := range []string{"margin-left", "margin-right", "padding-left", "padding-right", "text-align:left", "text-align:right", "float:"} {
		if contains(css.Body, physical) {
			t.Errorf("app.css says %s", physical)
		}
	}
	if gone := app.Visitor().Get("/static/app.000000.css"); gone.Status != 404 {
		t.Errorf("a file that is not there: %d", gone.Status)
	}
}
