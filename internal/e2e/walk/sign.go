//go:build unix

package walk

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/convoke/convoke/internal/browser/house"
)

var (
	signLink   = regexp.MustCompile(`/sign/[A-Za-z0-9._~-]{10,}`)
	askedField = regexp.MustCompile(`name="correction" value="(\d+)"`)
	waitingOne = regexp.MustCompile(`/contributions/(\d+)#correction`)
)

// sign lets an organization contribute whose colleague is asked to sign and signs. Of what it says one correction is published, and
// another waits. It notes the personal pages of both.
func (w *Walker) sign() {
	w.t.Helper()
	union := w.house.Visitor(w.t)
	union.Get("/calls/" + w.Cycle + "/contribute")
	started := union.PostForm("/calls/"+w.Cycle+"/contribute", url.Values{
		"name": {"Noor Haddad"}, "organization": {"Port Union"}, "capacity": {"organizational"}, "email": {"noor@union.example.org"},
		"stakeholder_group": {"civil_society"}, "country": {"EG"},
	})
	page := started.Location()
	if started.Status != http.StatusSeeOther || !strings.HasPrefix(page, "/r/") {
		w.t.Fatalf("beginning a form: status %d: %s", started.Status, started.Text())
	}
	form := "/respond/" + strings.TrimPrefix(page, "/r/")
	w.call("", http.MethodPut, form, map[string]any{"answers": map[string]string{"other": "Ports need exercises."}, "consent_publication": true}, http.StatusOK)
	w.call("", http.MethodPost, form+"/submit", nil, http.StatusOK)
	w.posted(union.PostForm(page+"/signatories", url.Values{"name": {"Bo Lind"}, "email": {"bo@union.example.org"}}))
	officer := w.house.As(w.t, Olu)
	w.Until("the letter to who is to sign arrives", func() bool { return len(Mailbox(officer, "Please read and sign")) == 1 })
	w.Signing = signLink.FindString(officer.Get(Mailbox(officer, "Please read and sign")[0]).Body)
	w.Union = page
	for _, text := range []string{"Ports need joint exercises.", "Ports need joint exercises, each year."} {
		w.posted(union.PostForm(page+"/correct", url.Values{"other": {text}, "name": {"Noor Haddad"}, "organization": {"Port Workers’ Union"}}))
		if strings.Contains(text, "year") {
			break
		}
		found := waitingOne.FindStringSubmatch(officer.Get("/contributions").Body)
		if found == nil {
			w.t.Fatal("no correction waits for the officer")
		}
		asked := askedField.FindStringSubmatch(officer.Get("/contributions/" + found[1]).Body)
		if asked == nil {
			w.t.Fatal("the officer is not asked about the correction")
		}
		w.posted(officer.PostForm("/contributions/"+found[1]+"/correction/approve", url.Values{"correction": {asked[1]}}))
	}
}

// posted holds that a form was taken.
func (w *Walker) posted(r house.Response) {
	w.t.Helper()
	if r.Status != http.StatusSeeOther {
		w.t.Fatalf("a form: status %d: %s", r.Status, r.Text())
	}
}
