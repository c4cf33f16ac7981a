package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestASegmentByItsPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k, officer, _ := campaignSite(t, d)
		k.Contact("Amina", "amina@example.org", "en")
		if p := officer.Get("/segments"); !p.Shows("No segment is saved yet") {
			t.Errorf("%d %s", p.Status, p.Text())
		}
		typed := url.Values{"do": {"save_segment"}, "name": {"My call"}, "groups": {"academia"}, "never": {"yes"}, "follow_up_1": {"7"}}
		p := officer.PostForm("/campaigns/new", typed)
		if p.Status != 422 || !strings.Contains(p.Body, `href="#f-segment_name"`) || !strings.Contains(p.Body, `value="My call"`) {
			t.Errorf("without a name: %d %s", p.Status, p.Text())
		}
		typed.Set("segment_name", "Scholars")
		p = officer.PostForm("/campaigns/new", typed)
		if p.Status != 200 || !p.Shows("saved as a segment", "not made yet") || !strings.Contains(p.Body, `value="My call"`) || !strings.Contains(p.Body, `value="1" selected`) {
			t.Errorf("saved: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm("/segments/new", url.Values{"do": {"count"}, "name": {"Other"}, "everybody": {"all"}}); p.Status != 200 || !p.Shows("The filter finds 1 contact") || !strings.Contains(p.Body, `value="Other"`) {
			t.Errorf("counted: %d %s", p.Status, p.Text())
		}
		typed = url.Values{"do": {"count"}, "name": {"Other"}, "languages": {"English, Spansh"}, "countries": {"Mexico, Brazul"}}
		if p := officer.PostForm("/segments/new", typed); p.Status != 422 || !p.Shows("“Spansh” is not a language", "“Brazul” is not a country") {
			t.Errorf("slips in a filter: %d %s", p.Status, p.Text())
		}
		if p := officer.PostForm("/segments/new", url.Values{"name": {"Scholars"}, "everybody": {"all"}}); p.Status != 422 || !p.Shows("already in use") {
			t.Errorf("the same name: %d %s", p.Status, p.Text())
		}
		chosen := officer.Get("/campaigns/new?segment=1")
		if !strings.Contains(chosen.Body, `value="academia" checked`) || !strings.Contains(chosen.Body, `name="segment_used" value="1"`) {
			t.Error("the filter of the segment is not in the form")
		}
		used := officer.PostForm("/campaigns/new", url.Values{"do": {"use"}, "name": {"My call"}, "groups": {"media"}, "segment": {"1"}})
		if strings.Contains(used.Body, `value="media" checked`) || !strings.Contains(used.Body, `value="academia" checked`) || !strings.Contains(used.Body, `value="My call"`) {
			t.Error("the filter was not taken over, or something was lost")
		}
		if p := officer.PostForm("/campaigns/new", url.Values{"name": {"My call"}, "groups": {"media"}, "segment": {"1"}}); p.Status != 422 || !p.Shows("Take over the filter") {
			t.Errorf("chosen and not used: %d %s", p.Status, p.Text())
		}
		made := officer.PostForm("/campaigns/new", url.Values{"name": {"My call"}, "segment": {"1"}})
		if p := officer.Get(made.Location()); made.Status != 303 || !p.Shows("Its filter is that of the segment", "1 recipient") {
			t.Errorf("made: %d %s", made.Status, p.Text())
		}
		if p := officer.PostForm("/segments/1", url.Values{"name": {"Scholars"}, "everybody": {"all"}}); p.Status != 303 {
			t.Errorf("changed: %d %s", p.Status, p.Text())
		}
		if p := officer.Get(made.Location()); !p.Shows("has changed since") {
			t.Errorf("%s", p.Text())
		}
		if p := officer.PostForm("/segments/1/delete", nil); p.Status != 303 {
			t.Errorf("deleted: %d", p.Status)
		}
		if p := officer.Get(made.Location()); !p.Shows("was deleted since") {
			t.Errorf("%s", p.Text())
		}
	})
}
