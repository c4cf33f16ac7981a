package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestTheOverviewIsEdited(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := newTextsApp(t, d)
		officer, lead, at := x.As(account.Officer), x.As(account.Lead), x.questionnaire+"/overview"
		p := officer.Get(at)
		if p.Status != http.StatusOK || !p.Shows("Overview, paragraph 5", "Overview, paragraph 2, item 2", "Add a paragraph") || len(p.Body) > 30<<10 {
			t.Fatalf("%d, %d bytes: %s", p.Status, len(p.Body), p.Text())
		}
		saved(t, pressDo(t, officer, at, "1", "add", url.Values{"paragraph": {"Whoever answers is heard."}}))
		saved(t, pressDo(t, officer, at, "2", "add", url.Values{"paragraph": {"First\n\n Second \r\n"}, "list": {"yes"}}))
		saved(t, pressDo(t, officer, at, "3", "up:7", url.Values{"items.7": {"Third"}, "overview.6": {"Whoever answers is read."}}))
		saved(t, pressDo(t, officer, at, "4", "item_remove:7.1", nil))
		saved(t, pressDo(t, officer, at, "5", "remove:3", nil))
		p = officer.Get(at)
		if !p.Shows("Whoever answers is read.", "Second", "Third") || strings.Contains(p.Text(), "First") || strings.Contains(p.Body, `name="overview.3"`) ||
			strings.Index(p.Body, `name="overview.7.2"`) > strings.Index(p.Body, `name="overview.6"`) {
			t.Errorf("%s", p.Text())
		}
		if file := officer.Get(x.questionnaire + "/questionnaire.yaml"); !strings.Contains(file.Body, "- Second\n") || !strings.Contains(file.Body, "- Whoever answers is read.") {
			t.Errorf("the file lacks what was added: %d", file.Status)
		}
		for name, wrong := range map[string]struct {
			do     string
			fields url.Values
			status int
			field  string
		}{
			"nothing to add":            {"add", url.Values{"paragraph": {" \n"}, "list": {"yes"}}, 422, "paragraph"},
			"too long":                  {"add", url.Values{"paragraph": {strings.Repeat("x", 10_001)}}, 422, "paragraph"},
			"a paragraph without words": {"save", url.Values{"overview.6": {""}}, 422, "overview.6"},
			"what there is not":         {"remove:3", nil, 404, ""},
			"an item of a text":         {"item_remove:6.1", nil, 404, ""},
			"no such button":            {"explode", nil, 422, ""},
		} {
			p := pressDo(t, officer, at, "6", wrong.do, wrong.fields)
			if p.Status != wrong.status || wrong.field != "" && !strings.Contains(p.Body, `href="#f-`+wrong.field+`"`) {
				t.Errorf("%s: %d %s", name, p.Status, p.Text())
			}
		}
		saved(t, pressDo(t, officer, at, "6", "save", url.Values{"overview.6": {"The officer's words"}}))
		mine := url.Values{"overview.6": {"The lead's words"}}
		if p := pressDo(t, lead, at, "6", "save", mine); p.Status != http.StatusConflict || !p.Shows("The officer's words", "The lead's words", "Overview, paragraph 6") {
			t.Errorf("two at once: %d %s", p.Status, p.Text())
		}
		mine["take-overview.6"], mine["seen"] = []string{"mine"}, []string{"7"}
		saved(t, pressDo(t, lead, at, "6", "save", mine))
		saved(t, pressDo(t, officer, at, "8", "item_remove:7.2", nil))
		saved(t, pressDo(t, officer, at, "9", "item_remove:7.3", nil))
		if p := officer.Get(at); !p.Shows("The lead's words") || strings.Contains(p.Body, "overview.7") {
			t.Errorf("%s", p.Text())
		}
	})
}
