package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/api"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
)

func TestCommentsByAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		app, path := textsApp(t, d)
		member, lead := app.Bearer(app.Account("richard", account.Volunteer)), app.Bearer(app.Account("maarten", account.Lead))
		start := func(in body) api.CommentThread {
			t.Helper()
			res := member.JSON(http.MethodPost, path+"/comments", in)
			var made api.CommentThread
			if err := res.Into(&made); err != nil || res.Status != http.StatusCreated {
				t.Fatalf("%d %s: %v", res.Status, res.Body, err)
			}
			return made
		}
		said := start(body{"segment": "q3.text", "quote": "clear threats", "text": "Please add an “other” option."})
		if said.State != "open" || said.WaitsFor != "editors" || said.Author != "richard" || said.Said[0].Text != "Please add an “other” option." || said.Length != 13 {
			t.Errorf("%+v", said)
		}
		edit := start(body{"segment": "title", "suggestion": "Call for Contributions and Questionnaire"})
		if edit.Kind != "suggestion" || edit.Quote != "Draft " || edit.Replacement != "" {
			t.Errorf("%+v", edit)
		}
		for name, c := range map[string]struct {
			in    body
			field string
		}{
			"words not there": {body{"segment": "q1.text", "quote": "лишнее", "text": "x"}, "quote"}, "no passage": {body{"segment": "q77", "text": "x"}, "segment"},
			"no words": {body{"segment": "q1.text"}, "text"}, "the same": {body{"segment": "title", "suggestion": "Draft Call for Contributions and Questionnaire"}, "suggestion"},
		} {
			if got := problemFields(t, member.JSON(http.MethodPost, path+"/comments", c.in), http.StatusUnprocessableEntity); !slices.Equal(got, []string{c.field}) {
				t.Errorf("%s: at %q", name, got)
			}
		}
		thread := func(id int64) string { return fmt.Sprintf("/api/v1/comments/%d", id) }
		decide := func(id int64, in body, want int) {
			t.Helper()
			if res := lead.JSON(http.MethodPost, thread(id)+"/decision", in); res.Status != want {
				t.Errorf("%v: %d %s", in, res.Status, res.Body)
			}
		}
		if res := member.JSON(http.MethodPost, thread(edit.ID)+"/decision", body{"decision": "accepted"}); res.Status != http.StatusForbidden {
			t.Errorf("a volunteer decides: %d", res.Status)
		}
		decide(edit.ID, body{"decision": "accepted"}, http.StatusOK)
		decide(edit.ID, body{"decision": "accepted"}, http.StatusConflict)
		decide(said.ID, body{"decision": "asked", "text": "For each list?"}, http.StatusOK)
		decide(said.ID, body{"decision": "thrown away"}, http.StatusUnprocessableEntity)
		decide(said.ID, body{"decision": "declined"}, http.StatusUnprocessableEntity)
		if res := member.JSON(http.MethodPost, thread(said.ID)+"/replies", body{"text": "Yes."}); res.Status != http.StatusCreated {
			t.Errorf("%d %s", res.Status, res.Body)
		}
		if res := member.JSON(http.MethodDelete, thread(said.ID), nil); res.Status != http.StatusConflict {
			t.Errorf("withdrawn after a reply: %d", res.Status)
		}
		open := into[api.List[api.CommentThread]](t, member.Get(path+"/comments?state=open"))
		if len(open.Items) != 1 || open.Items[0].ID != said.ID || len(open.Items[0].Said) != 3 || !open.Items[0].Said[1].Asks {
			t.Errorf("%+v", open.Items)
		}
		first := into[api.List[api.CommentThread]](t, member.Get(path+"/comments?limit=1"))
		second := into[api.List[api.CommentThread]](t, member.Get(path+"/comments?limit=1&cursor="+first.Next))
		if len(first.Items) != 1 || len(second.Items) != 1 || first.Items[0].ID == second.Items[0].ID || second.Next != "" {
			t.Errorf("pages %+v, then %+v", first, second)
		}
		about := into[api.List[api.CommentThread]](t, member.Get(path+"/comments?segment=title"))
		if len(about.Items) != 1 || about.Items[0].Segment != "title" {
			t.Errorf("about the title: %+v", about.Items)
		}
		if member.Get(path+"/comments?state=lost").Status != http.StatusUnprocessableEntity {
			t.Error("a state that there is not")
		}
		shown := into[api.DocumentDetail](t, member.Get(path))
		if shown.Revision != 2 || shown.OpenComments != 1 || shown.Commenting != "members" || shown.Title != "Call for Contributions and Questionnaire" {
			t.Errorf("%+v", shown.Document)
		}
	})
}
