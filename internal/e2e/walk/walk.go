//go:build unix

package walk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/browser/house"
)

// patience is how long workers may take for what they have been given.
const patience = time.Minute

// Walker goes through a house by its API, as several people in turn.
type Walker struct {
	t        *testing.T
	house    *house.House
	programs map[string]*house.Client
	Cycle    string // slug

	Contact   int64 // whose address was found
	Message   int64 // the document of the call
	Campaign  int64
	Delivered int    // messages of the call
	Token     string // of the contributor's personal link
	Answerer  int64  // the contact who answered
	Held      int64  // the contact that Carla holds, after More
	Union     string // the page of an organization's contribution, after More
	Signing   string // that of the colleague who is asked to sign it
	before    rates
}

// Chain goes through all of it, in the order of the guided list.
func Chain(t *testing.T, h *house.House) *Walker {
	t.Helper()
	w := New(t, h)
	w.FindAddress()
	w.Translate()
	w.EditSource()
	w.FillLinks()
	w.Send()
	w.Answer()
	w.Publish()
	w.FollowUp()
	return w
}

// New begins a walk.
func New(t *testing.T, h *house.House) *Walker {
	t.Helper()
	w := &Walker{t: t, house: h, programs: map[string]*house.Client{}}
	cycles := get[list[struct{ Slug, State string }]](w, Carla, "/cycles")
	if len(cycles.Items) == 0 {
		t.Fatal("there is no cycle")
	}
	w.Cycle = cycles.Items[0].Slug
	return w
}

type list[T any] struct {
	Items []T
	Next  string `json:"next_cursor"`
}

// as is a person's program; "" is a program without a token.
func (w *Walker) as(email string) *house.Client {
	w.t.Helper()
	if w.programs[email] == nil {
		if email == "" {
			w.programs[email] = w.house.Visitor(w.t)
		} else {
			w.programs[email] = w.house.Program(w.t, email)
		}
	}
	return w.programs[email]
}

// call asks and wants a status.
func (w *Walker) call(email, method, path string, body any, want int) house.Response {
	w.t.Helper()
	r := w.as(email).JSON(method, "/api/v1"+path, body)
	if r.Status != want {
		w.t.Fatalf("%s %s as %s: status %d, want %d: %s", method, path, email, r.Status, want, r.Body)
	}
	if want >= http.StatusBadRequest && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/problem+json") {
		w.t.Errorf("%s %s: a refusal as %q, want application/problem+json", method, path, r.Header.Get("Content-Type"))
	}
	return r
}

func get[T any](w *Walker, email, path string) T {
	w.t.Helper()
	return read[T](w, w.call(email, http.MethodGet, path, nil, http.StatusOK))
}

func post[T any](w *Walker, email, path string, body any, want int) T {
	w.t.Helper()
	return read[T](w, w.call(email, http.MethodPost, path, body, want))
}

func read[T any](w *Walker, r house.Response) T {
	w.t.Helper()
	var v T
	if err := r.Into(&v); err != nil {
		w.t.Fatalf("%v: %s", err, r.Body)
	}
	return v
}

// wants fails unless a refusal says all of these.
func (w *Walker) wants(r house.Response, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Body, text) {
			w.t.Errorf("the refusal does not say %q: %s", text, r.Body)
		}
	}
}

// Until asks again until it is so: workers do it.
func (w *Walker) Until(what string, is func() bool) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !is() {
		select {
		case <-deadline:
			w.t.Fatalf("not within %s: %s", patience, what)
		case <-tick.C:
		}
	}
}

type texts struct {
	ID           int64
	Kind, State  string
	Revision     int
	Translations []struct{ Locale, State string }
	Segments     []segment
	Places       []struct{ Segment, Message string }
}

type segment struct{ Key, Kind, Text string }

func (d texts) in(locale string) string {
	for _, t := range d.Translations {
		if t.Locale == locale {
			return t.State
		}
	}
	return ""
}

func (w *Walker) document(kind string) texts {
	w.t.Helper()
	for _, d := range get[list[texts]](w, Maren, "/cycles/"+w.Cycle+"/documents").Items {
		if d.Kind == kind {
			return get[texts](w, Maren, fmt.Sprintf("/documents/%d", d.ID))
		}
	}
	w.t.Fatalf("there is no %s", kind)
	return texts{}
}

// Translate completes the Spanish message and has it approved by somebody else.
func (w *Walker) Translate() {
	w.t.Helper()
	d := w.document("message")
	w.Message = d.ID
	if got := d.in("es"); got != "draft" {
		w.t.Fatalf("the Spanish message is %q, want a draft", got)
	}
	path := fmt.Sprintf("/documents/%d/translations/es", d.ID)
	missing := map[string]string{}
	for _, s := range d.Segments {
		if text := Spanish(s.Text); text != s.Text {
			missing[s.Key] = text
		}
	}
	w.call(Teresa, http.MethodPut, path, map[string]any{"segments": missing, "made_from": w.sources(path)}, http.StatusOK)
	w.call(Teresa, http.MethodPost, path+"/submit", nil, http.StatusOK)
	if r := w.as(Teresa).JSON(http.MethodPost, "/api/v1"+path+"/approve", nil); r.Status < http.StatusBadRequest {
		w.t.Errorf("the translator approved her own translation: %s", r.Body)
	}
	w.call(Rodrigo, http.MethodPost, path+"/approve", nil, http.StatusOK)
	w.isIn("approved")
}

// sources are the marks of what Teresa translates, as she reads it.
func (w *Walker) sources(sheet string) map[string]string {
	w.t.Helper()
	type segment struct {
		Key        string
		SourceMark string `json:"source_mark"`
	}
	marks := map[string]string{}
	for _, s := range get[struct{ Segments []segment }](w, Teresa, sheet).Segments {
		marks[s.Key] = s.SourceMark
	}
	return marks
}

func (w *Walker) isIn(state string) {
	w.t.Helper()
	if got := w.document("message").in("es"); got != state {
		w.t.Fatalf("the Spanish message is %q, want %q", got, state)
	}
}

// EditSource edits the English message; the Spanish one is stale until it is looked at again.
func (w *Walker) EditSource() {
	w.t.Helper()
	d := w.document("message")
	edited := map[string]string{}
	for _, s := range d.Segments {
		if strings.Contains(s.Text, Before) {
			edited[s.Key] = strings.Replace(s.Text, Before, After, 1)
		}
	}
	path := fmt.Sprintf("/documents/%d", d.ID)
	w.call(Maren, http.MethodPatch, path+"/segments", map[string]any{"base_revision": d.Revision, "segments": edited}, http.StatusOK)
	w.isIn("stale")
	sheet := path + "/translations/es"
	same := map[string]string{}
	for key := range edited {
		same[key] = "Bastan dos o tres páginas, y los enlaces a ejemplos son bienvenidos. Le invitamos a responder, en su propio idioma, " +
			"a más tardar el **{{deadline}}**."
	}
	update := map[string]any{"segments": same, "made_from": w.sources(sheet)}
	if w.as(Teresa).JSON(http.MethodPut, "/api/v1"+sheet, update).Status != http.StatusOK {
		w.call(Teresa, http.MethodPost, sheet+"/claim", nil, http.StatusOK)
		w.call(Teresa, http.MethodPut, sheet, update, http.StatusOK)
	}
	w.call(Teresa, http.MethodPost, sheet+"/submit", nil, http.StatusOK)
	w.call(Rodrigo, http.MethodPost, sheet+"/approve", nil, http.StatusOK)
	w.isIn("approved")
}

// AnswerComments gives every comment on a text its answer.
func (w *Walker) AnswerComments(kind string) {
	w.t.Helper()
	open := get[list[struct{ ID int64 }]](w, Maren, fmt.Sprintf("/documents/%d/comments?state=open", w.document(kind).ID))
	for _, t := range open.Items {
		answer := map[string]any{"decision": "answered", "text": "We talked about it in the meeting, and keep the wording."}
		w.call(Maren, http.MethodPost, fmt.Sprintf("/comments/%d/decision", t.ID), answer, http.StatusOK)
	}
}

// AddOther gives the questionnaire the places for what its questions do not name, which a member has asked for.
func (w *Walker) AddOther() {
	w.t.Helper()
	d := w.document("questionnaire")
	path := fmt.Sprintf("/documents/%d/questionnaire", d.ID)
	content := get[map[string]any](w, Maren, path)
	definition, _ := content["definition"].(map[string]any)
	definition["other"] = true
	questions, _ := definition["questions"].([]any)
	for _, q := range questions {
		if question, ok := q.(map[string]any); ok && question["items"] != nil {
			question["other"] = true
		}
	}
	w.call(Maren, http.MethodPut, path, map[string]any{"base_revision": d.Revision, "definition": definition}, http.StatusOK)
}

// FillLinks gives two readings of the questionnaire their address: it is not frozen without, and not while a
// comment waits.
func (w *Walker) FillLinks() {
	w.t.Helper()
	w.AddOther()
	w.AnswerComments("questionnaire")
	d := w.document("questionnaire")
	path := fmt.Sprintf("/documents/%d", d.ID)
	refusal := w.call(Olu, http.MethodPost, path+"/freeze", nil, http.StatusUnprocessableEntity)
	links := map[string]string{}
	for _, p := range d.Places {
		w.wants(refusal, p.Segment)
		links[p.Segment] = "https://www.example.org/" + p.Segment
	}
	if len(links) != 2 {
		w.t.Fatalf("%d places forbid freezing, want the two empty links of August 2017: %v", len(links), d.Places)
	}
	w.call(Olu, http.MethodPatch, path+"/segments", map[string]any{"base_revision": d.Revision, "segments": links}, http.StatusOK)
	frozen := post[texts](w, Olu, path+"/freeze", nil, http.StatusOK)
	if frozen.State != "frozen" {
		w.t.Errorf("the questionnaire is %q, want frozen", frozen.State)
	}
}
