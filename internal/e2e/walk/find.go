//go:build unix

package walk

import (
	"fmt"
	"net/http"
	"strings"
)

// Found is the address that a volunteer finds out.
const Found = "mesa.de.entrada@found.example.org"

type gap struct {
	ContactID int64 `json:"contact_id"`
	Purpose   string
	Reasons   []struct{ Text string }
}

// FindAddress is the first link: a volunteer sees what suits her and why, claims a contact without an address, and
// fills the address in; a second volunteer is told who holds it and until when.
func (w *Walker) FindAddress() {
	w.t.Helper()
	for _, g := range get[list[gap]](w, Carla, "/cycles/"+w.Cycle+"/gaps").Items {
		if g.Purpose == "find_address" && len(g.Reasons) > 0 {
			w.Contact = g.ContactID
			break
		}
	}
	if w.Contact == 0 {
		w.t.Fatal("no contact without an address suits Carla")
	}
	path := fmt.Sprintf("/contacts/%d", w.Contact)
	claim := map[string]any{"purpose": "find_address"}
	w.call(Carla, http.MethodPost, path+"/claims", claim, http.StatusCreated)
	refusal := w.call(Richard, http.MethodPost, path+"/claims", claim, http.StatusConflict)
	w.wants(refusal, "Carla Benítez", "2017")
	w.call(Carla, http.MethodPost, path+"/addresses", map[string]any{"email": "no address at all"}, http.StatusUnprocessableEntity)
	w.call(Richard, http.MethodPost, path+"/addresses", map[string]any{"email": Found}, http.StatusForbidden)
	w.call(Carla, http.MethodPost, path+"/addresses", map[string]any{"email": Found}, http.StatusCreated)
	for _, volunteer := range []string{Richard, Carla} { // her claim is done
		if r := w.call(volunteer, http.MethodGet, path, nil, http.StatusOK); strings.Contains(r.Body, Found) {
			w.t.Errorf("%s sees the address without a claim", volunteer)
		}
	}
}
