package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

// Whoever counts sees by group whom the filter finds, loses nothing that was typed, and has made nothing.
func TestAFilterIsCountedBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, _ := campaignSite(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		k.Contact("Benito", "", "es-MX")
		typed := url.Values{
			"do": {"count"}, "name": {"My call"}, "groups": {"academia", "media"}, "languages": {"Spanish, en"}, "never": {"yes"},
			"response": {"not_started"}, "nri": {"none"}, "follow_up_1": {"7"},
		}
		p := officer.PostForm("/campaigns/new", typed)
		if p.Status != 200 || !p.Shows("The filter finds 2 contacts", "1 of them has an address", "Academia") {
			t.Fatalf("%d %s", p.Status, p.Text())
		}
		for _, kept := range []string{
			`value="My call"`, `value="Spanish, en"`, `value="7"`, `value="academia" checked`, `value="media" checked`, `value="yes" checked`,
			`value="not_started" checked`, `value="none" checked`, "<details open>",
		} {
			if !strings.Contains(p.Body, kept) {
				t.Errorf("lost: %s", kept)
			}
		}
		if p := officer.Get("/campaigns"); !p.Shows("No campaign yet") {
			t.Error("counting made a campaign")
		}
		for field, value := range map[string]string{"countries": "Atlantis", "nris": "4711", "sent": "4711:1", "tags": "knitting"} {
			p := officer.PostForm("/campaigns/new", url.Values{"do": {"count"}, "name": {"My call"}, field: {value}})
			if p.Status != 422 || !strings.Contains(p.Body, `href="#f-`+field+`"`) || !strings.Contains(p.Body, `value="My call"`) {
				t.Errorf("%s: %d %s", field, p.Status, p.Text())
			}
		}
		if p := officer.PostForm("/campaigns/new", url.Values{"do": {"count"}}); p.Status != 422 || !p.Shows("an empty filter means nobody") {
			t.Errorf("an empty filter: %d %s", p.Status, p.Text())
		}
		typed.Del("do")
		made := officer.PostForm("/campaigns/new", typed)
		if p := officer.Get(made.Location()); made.Status != 303 || !p.Shows("1 recipient: 1 in English; 1 excluded: 1 no address") {
			t.Errorf("%d %s", made.Status, p.Text())
		}
	})
}
