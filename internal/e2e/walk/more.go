//go:build unix

package walk

import (
	"fmt"
	"net/http"
)

// More leaves behind what the chain does not: a suggestion that waits for a decision, and a
// campaign that waits for its launch.
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
}
