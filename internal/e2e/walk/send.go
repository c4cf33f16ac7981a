//go:build unix

package walk

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/browser/house"
)

type campaign struct {
	ID     int64
	State  string
	Counts counts
	Steps  []struct {
		Position int
		State    string
		Counts   counts
	}
}

type counts struct {
	Recipients, Excluded int
	States, Reasons      map[string]int
	Locales              []struct {
		Locale   string
		Fallback bool
		Count    int
	}
	Variants []variantCount
}

type variantCount struct {
	Variant, Locale string
	Count           int
}

type outbox struct {
	Summary string
	Counts  counts
	Samples []struct{ Locale, To, Subject, Text string }
}

// Send has the campaign approved, launches it, and waits until the call is sent.
func (w *Walker) Send() {
	w.t.Helper()
	planned := w.Approve()
	w.variants()
	w.before = w.rates()
	w.Launch()
	w.Sent()
	c := w.campaign().Steps[0].Counts
	w.Delivered = c.States["sent"]
	if w.Delivered == 0 || w.Delivered != planned {
		w.t.Errorf("%d were sent of %d: %v", w.Delivered, planned, c.States)
	}
	spanish := 0
	for _, l := range c.Locales {
		if l.Locale == "es" && !l.Fallback {
			spanish += l.Count
		}
	}
	if spanish == 0 {
		w.t.Errorf("nobody got Spanish: %v", c.Locales)
	}
}

// Launch lets the call go.
func (w *Walker) Launch() {
	w.t.Helper()
	w.call(Olu, http.MethodPost, fmt.Sprintf("/campaigns/%d/launch", w.Campaign), nil, http.StatusAccepted)
}

// Sent waits until nothing of the call is left to send.
func (w *Walker) Sent() {
	w.t.Helper()
	w.Until("the call is sent", func() bool { return w.campaign().Steps[0].State == "sent" })
}

// Approve freezes the campaign's texts, looks at the outbox, and has it approved by a second
// person. It gives the number of recipients.
func (w *Walker) Approve() int {
	w.t.Helper()
	all := get[list[campaign]](w, Olu, "/cycles/"+w.Cycle+"/campaigns")
	if len(all.Items) == 0 {
		w.t.Fatal("the demo has no campaign")
	}
	w.Campaign = all.Items[0].ID
	path := fmt.Sprintf("/campaigns/%d", w.Campaign)
	w.call(Olu, http.MethodPost, path+"/launch", nil, http.StatusConflict)
	w.call(Olu, http.MethodPost, path+"/freeze", nil, http.StatusOK)
	plan := get[outbox](w, Olu, path+"/outbox")
	if !strings.Contains(plan.Summary, fmt.Sprint(plan.Counts.Recipients)) || plan.Counts.Reasons["no_address"] == 0 || plan.Counts.Reasons["suppressed"] == 0 {
		w.t.Errorf("the outbox says %q of %+v", plan.Summary, plan.Counts)
	}
	w.call(Olu, http.MethodPost, path+"/submit", nil, http.StatusOK)
	w.call(Olu, http.MethodPost, path+"/approve", nil, http.StatusForbidden)
	w.call(Helene, http.MethodPost, path+"/approve", nil, http.StatusOK)
	return plan.Counts.Recipients
}

// variants holds the outbox to what Translate approved: each variant goes out in Spanish to somebody.
func (w *Walker) variants() {
	w.t.Helper()
	plan := get[outbox](w, Olu, fmt.Sprintf("/campaigns/%d/outbox", w.Campaign))
	for _, want := range []string{"government es", "private_sector es", "nri es"} {
		if !slices.ContainsFunc(plan.Counts.Variants, func(v variantCount) bool { return v.Variant+" "+v.Locale == want && v.Count > 0 }) {
			w.t.Errorf("nobody gets the variant %s: %+v", want, plan.Counts.Variants)
		}
	}
}

// States counts the deliveries of the call by what became of them.
func (w *Walker) States() map[string]int {
	w.t.Helper()
	return w.campaign().Steps[0].Counts.States
}

func (w *Walker) campaign() campaign {
	w.t.Helper()
	return get[campaign](w, Olu, fmt.Sprintf("/campaigns/%d", w.Campaign))
}

type delivery struct {
	ID        int64
	Step      int
	ContactID int64 `json:"contact_id"`
	Name      string
	State     string
	Reason    string
	Locale    string
	Fallback  bool
}

// deliveries are all of a campaign in a state, by contact and step.
func (w *Walker) deliveries(state string) []delivery {
	w.t.Helper()
	path := fmt.Sprintf("/campaigns/%d/deliveries?limit=200&state=%s", w.Campaign, state)
	page := get[list[delivery]](w, Olu, path)
	all := page.Items
	for page.Next != "" {
		page = get[list[delivery]](w, Olu, path+"&cursor="+page.Next)
		all = append(all, page.Items...)
	}
	return all
}

var (
	mailLink = regexp.MustCompile(`href="(/mailbox/[0-9]+)"`)
	nextPage = regexp.MustCompile(`href="(/mailbox\?q=[^"]*before=[0-9]+)"`)
	token    = regexp.MustCompile(`/r/([A-Za-z0-9._~-]{10,})`)
)

// Resolve decides that every uncertain delivery was sent.
func (w *Walker) Resolve() {
	w.t.Helper()
	for _, d := range w.deliveries("uncertain") {
		w.call(Olu, http.MethodPost, fmt.Sprintf("/deliveries/%d/resolve", d.ID), map[string]any{"state": "sent"}, http.StatusNoContent)
	}
}

// Mailbox lists the addresses of the pages of captured mail that match a search, the newest first.
func Mailbox(c *house.Client, query string) []string {
	var paths []string
	next := "/mailbox?q=" + url.QueryEscape(query)
	for next != "" {
		body := c.Get(next).Body
		for _, m := range mailLink.FindAllStringSubmatch(body, -1) {
			paths = append(paths, m[1])
		}
		next = ""
		if m := nextPage.FindStringSubmatch(body); m != nil {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	return paths
}

// attach adds a document to an answer.
func (w *Walker) attach(path string) {
	w.t.Helper()
	const body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"anexo.md\"\r\n\r\n" +
		"# Anexo\n\nUn ejemplo: https://example.org/ejemplo\r\n--b--\r\n"
	r := w.as("").Do(http.MethodPost, "/api/v1"+path+"/files", "multipart/form-data; boundary=b", []byte(body))
	if r.Status != http.StatusCreated {
		w.t.Fatalf("attaching a document: status %d: %s", r.Status, r.Body)
	}
}

// Answer opens the personal link in a Spanish mail, answers, leaves, comes back, submits.
func (w *Walker) Answer() {
	w.t.Helper()
	w.Token = w.spanishToken()
	path := "/respond/" + w.Token
	form := get[struct {
		Language  string
		Questions []struct {
			Key      string
			Text     string
			Items    []struct{ Key string }
			OtherKey string `json:"other_key"`
		}
	}](w, "", path)
	if form.Language != "es" {
		w.t.Errorf("the form is in %q, want es", form.Language)
	}
	answers := map[string]string{"other": "Un comentario libre.", "q5.follow_up": "El Ministerio de Salud\n- La red de CERT de la región"}
	other := ""
	for _, q := range form.Questions {
		if other == "" && q.OtherKey != "" {
			other = q.OtherKey
			answers[other] = "Otra amenaza que falta en la lista."
		}
	}
	if other == "" {
		w.t.Error("no question has an other item")
	}
	if first := form.Questions[0]; len(first.Items) == 0 {
		answers[first.Key] = Answer
	} else {
		answers[first.Items[0].Key] = Answer
	}
	w.call("", http.MethodPut, path, map[string]any{"answers": answers, "language": "es"}, http.StatusOK)
	back := get[struct{ Answers map[string]string }](w, "", path)
	for key, text := range answers {
		if back.Answers[key] != text {
			w.t.Errorf("%s came back as %q, want %q", key, back.Answers[key], text)
		}
	}
	w.call("", http.MethodPut, path, map[string]any{"consent_publication": true}, http.StatusOK)
	w.attach(path)
	done := post[struct{ Contribution struct{ State string } }](w, "", path+"/submit", nil, http.StatusOK)
	if done.Contribution.State != "published" { // the call promises to publish as contributions come in
		w.t.Errorf("the contribution is %q, want published", done.Contribution.State)
	}
	officer := w.house.As(w.t, Olu)
	w.Until("the acknowledgement arrives in Spanish", func() bool { return len(Mailbox(officer, Received)) == 1 })
}

// How the subjects of the demo's Spanish mail begin.
const (
	Called   = "Llamado a contribuciones"
	Received = "Hemos recibido su contribución"
)

// Answer is what the contributor says.
const Answer = "Un CERT nacional que comparte información con los operadores."

// spanishToken finds the mail of somebody who got Spanish.
func (w *Walker) spanishToken() string {
	w.t.Helper()
	officer := w.house.As(w.t, Olu)
	for _, p := range Mailbox(officer, Called) {
		if m := token.FindStringSubmatch(officer.Get(p).Body); m != nil {
			return m[1]
		}
	}
	w.t.Fatal("no Spanish mail is in the mailbox")
	return ""
}

type contribution struct {
	ID        int64
	ContactID int64 `json:"contact_id"`
	State     string
	Name      string
	Number    int `json:"public_number"`
}

// Publish looks for the contribution on the public page, and at what it moved.
func (w *Walker) Publish() {
	w.t.Helper()
	all := get[list[contribution]](w, Olu, "/cycles/"+w.Cycle+"/contributions?state=published").Items
	if len(all) != 1 {
		w.t.Fatalf("%d contributions are published, want 1", len(all))
	}
	published := all[0]
	w.Answerer = published.ContactID
	public := w.house.Visitor(w.t).Get(fmt.Sprintf("/calls/%s/contributions/%d", w.Cycle, published.Number))
	if public.Status != http.StatusOK || !public.Shows(Answer, published.Name) {
		w.t.Errorf("the public page answers %d without the contribution: %s", public.Status, public.Text())
	}
	after := w.rates()
	if after.Total.Approached <= w.before.Total.Approached || after.Total.Responded != w.before.Total.Responded+1 {
		w.t.Errorf("the rates were %+v and are %+v: want more approached, and one more responded", w.before.Total, after.Total)
	}
}

type rates struct {
	Total struct{ Approached, Responded int }
}

func (w *Walker) rates() rates {
	w.t.Helper()
	return get[rates](w, Olu, "/cycles/"+w.Cycle+"/reports/response-rates?by=stakeholder_group")
}

// FollowUp sends the second step: to those who have not answered, and to nobody else.
func (w *Walker) FollowUp() {
	w.t.Helper()
	w.call(Olu, http.MethodPost, fmt.Sprintf("/campaigns/%d/steps/2/launch", w.Campaign), nil, http.StatusAccepted)
	w.Until("the follow-up is sent", func() bool { return w.campaign().Steps[1].State == "sent" })
	first, second := map[int64]bool{}, map[int64]bool{}
	for _, d := range w.deliveries("sent") {
		if d.Step == 1 {
			first[d.ContactID] = true
		} else {
			second[d.ContactID] = true
		}
	}
	if second[w.Answerer] {
		w.t.Error("the follow-up went to the contact who has answered")
	}
	for contact := range second {
		if !first[contact] {
			w.t.Errorf("the follow-up went to contact %d, who did not get the call", contact)
		}
	}
	if reason := w.reasonFor(w.Answerer); reason != "responded" {
		w.t.Errorf("the contact who has answered was left out for %q, want responded", reason)
	}
	excluded := w.campaign().Steps[1].Counts.Reasons["responded"]
	if len(second) != len(first)-excluded {
		w.t.Errorf("the follow-up went to %d of %d, %d of whom have answered", len(second), len(first), excluded)
	}
}

func (w *Walker) reasonFor(contact int64) string {
	w.t.Helper()
	for _, d := range w.deliveries("skipped") {
		if d.Step == 2 && d.ContactID == contact {
			return d.Reason
		}
	}
	return ""
}
