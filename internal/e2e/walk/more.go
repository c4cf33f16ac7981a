//go:build unix

package walk

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// More leaves behind what the chain does not: a suggestion that waits for a decision, a campaign that
// is written, one that waits for its launch and one that is under way, a claim with an address in doubt, a plan, an import with a rejected row, an excerpt that a paragraph cites, a mail that came in, a contribution that somebody is asked to sign and
// whose correction waits, and a questionnaire that is open again.
func (w *Walker) More() {
	w.t.Helper()
	w.call(Carla, http.MethodPost, "/cycles/"+w.Cycle+"/candidates", map[string]any{
		"kind": "person", "name": "Nadia Quispe", "stakeholder_group": "academia", "country": "PE", "language": "es",
	}, http.StatusCreated)
	w.underWay(w.approved("A word to governments", "government"))
	w.draft("A word to the press", "media")
	w.approved("A word to academia", "academia") // the newest, whose messages who reads on comes to first
	w.claim()
	w.importList()
	w.call(Olu, http.MethodPost, "/cycles/"+w.Cycle+"/plans", nil, http.StatusCreated)
	w.synthesize()
	w.receive()
	w.sign()
	w.call(Olu, http.MethodPost, fmt.Sprintf("/documents/%d/reopen", w.document("questionnaire").ID), map[string]any{"reason": "For next year."}, http.StatusOK)
}

// synthesize marks what was said by telephone, and cites it in the draft.
func (w *Walker) synthesize() {
	w.t.Helper()
	said := post[made](w, Olu, "/cycles/"+w.Cycle+"/contributions", map[string]any{
		"channel": "phone", "name": "Thandi Banda", "stakeholder_group": "government", "country": "GB",
		"answers": map[string]string{"q5.follow_up": "Port Authority"},
	}, http.StatusCreated)
	marked := post[made](w, Maren, "/excerpts", map[string]any{
		"contribution_id": said.ID, "question": "q5.follow_up", "words": "Port Authority", "tags": []string{"ports"},
	}, http.StatusCreated)
	post[made](w, Maren, "/cycles/"+w.Cycle+"/paragraphs", map[string]any{
		"section": "q5", "text": "Ports should be asked.", "excerpts": []int64{marked.ID},
	}, http.StatusCreated)
}

// strange is a mail that answers nothing, with a document.
const strange = "From: Nadia Quispe <nadia.quispe@example.org>\r\nTo: secretariat@example.org\r\nSubject: A question\r\n" +
	"Date: Mon, 14 Aug 2017 09:00:00 +0000\r\nMessage-ID: <question@example.org>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nMay we answer in Quechua?\r\n" +
	"--part\r\nContent-Type: text/plain; name=notes.txt\r\nContent-Disposition: attachment; filename=notes.txt\r\n\r\nNotes.\r\n--part--\r\n"

// receive lets a mail come in that an officer has to read.
func (w *Walker) receive() {
	w.t.Helper()
	folder := w.t.TempDir()
	file := filepath.Join(folder, "question.eml")
	if err := os.WriteFile(file, []byte(strange), 0o600); err != nil {
		w.t.Fatal(err)
	}
	before := time.Now().Add(-time.Hour) // one that was just written may be written still
	if err := os.Chtimes(file, before, before); err != nil {
		w.t.Fatal(err)
	}
	w.house.Run(w.t, "inbound", "--folder", folder, "--once")
}

// made is what has a number.
type made struct {
	ID int64 `json:"id"`
}

// draft makes a campaign to a stakeholder group, and writes its call.
func (w *Walker) draft(name, group string) string {
	w.t.Helper()
	c := post[campaign](w, Olu, "/cycles/"+w.Cycle+"/campaigns", map[string]any{
		"name": name, "audience": map[string]any{"stakeholder_groups": []string{group}},
	}, http.StatusCreated)
	path := fmt.Sprintf("/campaigns/%d", c.ID)
	w.call(Olu, http.MethodPut, path+"/texts/en", map[string]any{
		"subject": "A word to you: {{cycle}}", "body": "Dear {{contact}},\n\n[answer here]({{personal_link}}) by {{deadline}}.",
	}, http.StatusOK)
	return path
}

// approved is a draft that only has to be launched.
func (w *Walker) approved(name, group string) string {
	w.t.Helper()
	path := w.draft(name, group)
	w.call(Olu, http.MethodPost, path+"/freeze", nil, http.StatusOK)
	w.call(Helene, http.MethodPost, path+"/approve", nil, http.StatusOK)
	return path
}

// underWay launches a campaign so slowly that it goes on for as long as anybody looks.
func (w *Walker) underWay(path string) {
	w.t.Helper()
	w.call(Olu, http.MethodPut, path+"/rate", map[string]any{"count": 1, "per": "hour"}, http.StatusOK)
	w.call(Olu, http.MethodPost, path+"/launch", nil, http.StatusAccepted)
	w.Until("its first message has left, and the others wait for the limit", func() bool {
		p := get[struct {
			Sent, Queued int
			WaitsFor     string `json:"waits_for"`
		}](w, Olu, path+"/progress")
		return p.Sent == 1 && p.Queued > 0 && p.WaitsFor == "rate"
	})
}

// claim gives Carla a contact whose address she calls wrong.
func (w *Walker) claim() {
	w.t.Helper()
	for _, g := range get[list[gap]](w, Carla, "/cycles/"+w.Cycle+"/gaps").Items {
		if g.Purpose == "reach_out" {
			w.Held = g.ContactID
			break
		}
	}
	c := post[struct{ ID int64 }](w, Carla, fmt.Sprintf("/contacts/%d/claims", w.Held), map[string]any{"purpose": "reach_out"}, http.StatusCreated)
	w.call(Carla, http.MethodPost, fmt.Sprintf("/claims/%d/attempts", c.ID), map[string]any{
		"channel": "mail", "outcome": "wrong_address", "note": "It came back.",
	}, http.StatusCreated)
}

// importList imports a list with a row that is rejected.
func (w *Walker) importList() {
	w.t.Helper()
	const body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n" +
		"Name,Group,Country,E-mail\nAmaru Condori,Gov,Bolivia,amaru@import.example.org\nNobody,Gov,Atlantis,nobody@import.example.org\n\r\n--b--\r\n"
	r := w.as(Olu).Do(http.MethodPost, "/api/v1/imports/contacts?mode=commit", "multipart/form-data; boundary=b", []byte(body))
	if r.Status/100 != 2 {
		w.t.Fatalf("importing a list: status %d: %s", r.Status, r.Body)
	}
}
