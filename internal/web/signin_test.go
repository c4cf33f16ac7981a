package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
	"github.com/convoke/convoke/internal/web/webtest"
)

func TestSignInFlow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app := webtest.NewApp(t, d)
		who := app.Account("amina", account.Volunteer)
		c := app.Visitor()

		sent := c.PostForm("/sign-in", url.Values{"email": {" Amina@Example.org "}})
		if sent.Status != http.StatusOK || sent.Heading() != "Please look at your mail" {
			t.Fatalf("asking for a link: %d %q", sent.Status, sent.Heading())
		}
		link := "/sign-in/" + app.Links.Last(who.Email)
		for range 3 { // programs that look at links must not use them up
			if look := c.Get(link); look.Status != http.StatusOK || !look.Shows("Sign in as amina") {
				t.Fatalf("looking at the link: %d %s", look.Status, look.Text())
			}
		}
		in := c.PostForm(link, url.Values{"next": {"/?x=1"}})
		if in.Status != http.StatusSeeOther || in.Location() != "/?x=1" {
			t.Fatalf("using the link: %d to %q", in.Status, in.Location())
		}
		if home := c.Get("/"); !home.Shows("Welcome, amina") {
			t.Fatalf("first page: %s", home.Text())
		}
		if again := app.Visitor().PostForm(link, nil); again.Status != http.StatusGone {
			t.Errorf("using the link twice: %d", again.Status)
		}
		out := c.PostForm("/sign-out", nil)
		if out.Status != http.StatusSeeOther || c.Cookie("convoke_session") != "" {
			t.Errorf("signing out: %d", out.Status)
		}
		if home := c.Get("/"); !home.Shows("You are signed out.") || home.Shows("Welcome") {
			t.Errorf("after signing out: %s", home.Text())
		}
		if home := c.Get("/"); home.Shows("You are signed out.") {
			t.Error("the message is shown twice")
		}
	})
}

func TestSignInTellsNothingOfAccounts(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	app.Account("amina", account.Volunteer)
	known := app.Visitor().PostForm("/sign-in", url.Values{"email": {"amina@example.org"}})
	visitor := app.Visitor()
	visitor.Get("/sign-in")
	asked := time.Now()
	unknown := visitor.PostForm("/sign-in", url.Values{"email": {"nobody@example.org"}})
	if took := time.Since(asked); took < 150*time.Millisecond {
		t.Errorf("nobody's address is answered after %s, sooner than a mail is queued", took)
	}
	if known.Status != unknown.Status || known.Text() != unknown.Text() {
		t.Errorf("known: %d %s\nunknown: %d %s", known.Status, known.Text(), unknown.Status, unknown.Text())
	}
}

func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	page := app.Visitor().PostForm("/sign-in", url.Values{"email": {`"typo>`}, "next": {"/elsewhere"}})
	if page.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", page.Status)
	}
	for _, want := range []string{
		`value="&#34;typo&gt;"`, `value="/elsewhere"`, `aria-invalid="true"`, `href="#f-email"`, `id="f-email-error"`,
		`aria-describedby="f-email-hint f-email-error"`, "<title>Problem: Sign in",
	} {
		if !contains(page.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestLinksExpireAndSessionsEndEverywhere(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	who := app.Account("amina", account.Volunteer)
	c := app.Visitor()
	c.PostForm("/sign-in", url.Values{"email": {who.Email}})
	link := "/sign-in/" + app.Links.Last(who.Email)
	app.Clock.Advance(16 * time.Minute)
	if late := c.Get(link); late.Status != http.StatusGone {
		t.Errorf("an old link: %d", late.Status)
	}
	phone, laptop := app.SignIn(who), app.SignIn(who)
	if out := phone.PostForm("/sign-out/everywhere", nil); out.Status != http.StatusSeeOther {
		t.Fatalf("signing out everywhere: %d", out.Status)
	}
	if home := laptop.Get("/"); home.Shows("Welcome") {
		t.Error("the laptop is still signed in")
	}
}

func TestNextLeadsToNoOtherSite(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	who := app.Account("amina", account.Volunteer)
	for _, evil := range []string{"https://evil.test/", "//evil.test", `/\evil.test`, "javascript:alert(1)", "/\tevil"} {
		c := app.Visitor()
		c.PostForm("/sign-in", url.Values{"email": {who.Email}})
		in := c.PostForm("/sign-in/"+app.Links.Last(who.Email), url.Values{"next": {evil}})
		if in.Location() != "/outreach" {
			t.Errorf("%q leads to %q (%d)", evil, in.Location(), in.Status)
		}
		app.Clock.Advance(16 * time.Minute)
	}
}

func TestSignInIsLimited(t *testing.T) {
	t.Parallel()
	app := webtest.NewApp(t, dbtest.SQLite(t))
	c := app.Visitor()
	last := servertest.Response{}
	for range 21 {
		last = c.PostForm("/sign-in", url.Values{"email": {"somebody@example.org"}})
	}
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Errorf("the 21st time: %d", last.Status)
	}
	app.Clock.Advance(16 * time.Minute)
	if later := c.PostForm("/sign-in", url.Values{"email": {"somebody@example.org"}}); later.Status != http.StatusOK {
		t.Errorf("later: %d", later.Status)
	}
}
