package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

// Words that were typed come back in a field to be copied, whatever happened meanwhile.
func TestWordsThatCameTooLateStayToBeCopied(t *testing.T) {
	t.Parallel()
	const words = "Typed with <b>much</b> care, \"twice\" & more."
	x := newTextsApp(t, dbtest.SQLite(t))
	member, lead, officer := x.As(account.Volunteer), x.As(account.Lead), x.As(account.Officer)
	message := fmt.Sprintf("/documents/%d", x.message.ID)
	begin := func(at string) string {
		t.Helper()
		said := member.PostForm(at+"/comments", url.Values{"kind": {"comment"}, "body": {"To be discussed."}})
		if said.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", said.Status, said.Text())
		}
		return said.Location()
	}
	do := func(by *servertest.Client, path string, pairs ...string) {
		t.Helper()
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		if got := by.PostForm(path, v); got.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, got.Status, got.Text())
		}
	}
	comment := url.Values{"kind": {"comment"}, "passage": {"p1"}, "body": {words}}
	refuse := func(name string, by *servertest.Client, path string, v url.Values, status int, shows ...string) {
		t.Helper()
		got := by.PostForm(path, v)
		if got.Status != status || !got.Shows(append(shows, words)...) || strings.Contains(got.Body, "<b>much") {
			t.Errorf("%s: %d %s", name, got.Status, got.Text())
		}
		if n := strings.Count(got.Text(), words); n != 1 {
			t.Errorf("%s: the words stand there %d times", name, n)
		}
	}
	decided, withdrawn := begin(message), begin(message)
	do(lead, decided+"/decide", "do", "decline", "text", "No.")
	refuse("a reply to what is decided", member, decided+"/reply", url.Values{"text": {words}}, http.StatusConflict, "What you typed")
	refuse("a second decision", officer, decided+"/decide", url.Values{"do": {"decline"}, "text": {words}}, http.StatusConflict, "lead has declined this")
	do(member, withdrawn+"/withdraw")
	refuse("a decision on what was withdrawn", officer, withdrawn+"/decide", url.Values{"do": {"answer"}, "text": {words}}, http.StatusNotFound, "took it back")
	refuse("a field with a mistake", member, message+"/comments", url.Values{"kind": {"comment"}, "passage": {"p1"}, "quote": {"nowhere"}, "body": {words}}, http.StatusUnprocessableEntity)
	do(officer, message+"/commenting", "commenting", "closed")
	refuse("a comment after closing", member, message+"/comments", comment, http.StatusConflict, "Comments on this text are closed.")
	do(officer, message+"/commenting", "commenting", "members")
	do(officer, message+"/freeze")
	refuse("a comment after freezing", member, message+"/comments", comment, http.StatusConflict, "frozen")

	edit := url.Values{"subject": {"Call of the IGF"}, "body": {words}, "password": {"correct horse battery"}, "csrf": {"a b c d"}}
	away := x.Visitor()
	refuse("after the session ended", away, x.questionnaire+"/edit", edit, http.StatusUnauthorized, "Copy it from here")
	if got := away.PostForm(x.questionnaire+"/edit", edit); got.Shows("battery") || strings.Contains(got.Body, "a b c d") || got.Shows("Call of the IGF Call") {
		t.Errorf("secrets come back: %s", got.Text())
	}
	stale := url.Values{"body": {words}, "csrf": {"from another session"}}
	refuse("under a new session", officer, x.questionnaire+"/edit", stale, http.StatusForbidden, "too old")
	if got := x.As(account.Officer).With("Sec-Fetch-Site", "cross-site").PostForm(x.questionnaire+"/edit", edit); got.Status != http.StatusForbidden || got.Shows(words) {
		t.Errorf("what another site wrote is shown: %d %s", got.Status, got.Text())
	}
	if got := officer.PostForm("/nowhere", url.Values{"body": {strings.Repeat("много слов ", 12_000)}}); got.Status != http.StatusNotFound || !got.Shows("Only the beginning") || len(got.Body) > 250_000 {
		t.Errorf("much text: %d, %d bytes", got.Status, len(got.Body))
	}
	if got := x.Bearer(x.Account("program", account.Volunteer)).JSON(http.MethodPost, "/api/v1/documents/999/comments", map[string]string{"body": words}); strings.Contains(got.Body, "much") {
		t.Errorf("a program gets it back: %s", got.Body)
	}
}
