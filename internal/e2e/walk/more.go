//go:build unix

package walk

import (
	"fmt"
	"net/http"
)

// More leaves behind what the chain does not: a suggestion that waits for a decision, a campaign that
// waits for its launch, a claim with an address in doubt, a plan, an import with a rejected row, and a questionnaire
// that is open again.
func (w *Walker) More() {
	w.t.Helper()
	w.call(Carla, http.MethodPost, "/cycles/"+w.Cycle+"/candidates", map[string]any{
		"kind": "person", "name": "Nadia Quispe", "stakeholder_group": "academia", "country": "PE", "language": "es",
	}, http.StatusCreated)
	next := post[campaign](w, Olu, "/cycles/"+w.Cycle+"/campaigns", map[string]any{
		"name": "A word to academia", "audience": map[string]any{"stakeholder_groups": []string{"academia"}},
	}, http.StatusCreated)
	w.call(Olu, http.MethodPut, fmt.Sprintf("/campaigns/%d/texts/en", next.ID), map[string]any{
		"subject": "A word to you: {{cycle}}", "body": "Dear {{contact}},\n\n[answer here]({{personal_link}}) by {{deadline}}.",
	}, http.StatusOK)
	w.claim()
	w.importList()
	w.call(Olu, http.MethodPost, "/cycles/"+w.Cycle+"/plans", nil, http.StatusCreated)
	w.call(Olu, http.MethodPost, "/cycles/"+w.Cycle+"/contributions", map[string]any{
		"channel": "phone", "name": "Thandi Banda", "stakeholder_group": "government", "country": "GB",
		"answers": map[string]string{"q5.follow_up": "Port Authority"},
	}, http.StatusCreated)
	w.call(Olu, http.MethodPost, fmt.Sprintf("/documents/%d/reopen", w.document("questionnaire").ID), map[string]any{"reason": "For next year."}, http.StatusOK)
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
