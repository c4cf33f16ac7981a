package document_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

func whole() document.Message {
	return document.Message{
		Subject: "Call for contributions", Opening: "Dear {{contact}},", Why: "Your answer counts.",
		Body: "We prepare a meeting.\n\nIt is in December.", Ask: "Please answer: {{personal_link}}",
		Variants: map[string]document.Variant{
			"government": {Subject: "To governments", Ask: "Please pass it to your ministry: {{personal_link}}"},
			"nri":        {Why: "You know who should answer."},
		},
	}
}

func keysOf(segments []document.Segment) []string {
	var keys []string
	for _, s := range segments {
		keys = append(keys, s.Key)
	}
	return keys
}

func TestPartsAndVariantsAreSegments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "message", "en", whole())
		h.must(err)
		detail, err := h.Get(h.ctx, h.officer, doc.ID)
		h.must(err)
		want := []string{"subject", "opening", "why", "p1", "p2", "ask", "government.subject", "government.ask", "nri.why"}
		if got := keysOf(detail.Segments); !slices.Equal(got, want) {
			t.Errorf("segments %q, want %q", got, want)
		}
		if got := detail.Message; got.Body != whole().Body || !maps.Equal(got.Variants, whole().Variants) {
			t.Errorf("put together again: %+v", got)
		}
		keys, err := h.Variants(h.ctx, detail.Revision.ID)
		h.must(err)
		if !slices.Equal(keys, []string{"government", "nri"}) {
			t.Errorf("variants %q", keys)
		}
		for variant, want := range map[string][2]string{
			"":              {"Call for contributions", "Your answer counts.\n\nWe prepare a meeting.\n\nIt is in December.\n\nPlease answer:\n{{personal_link}}\n"},
			"government":    {"To governments", "Your answer counts.\n\nWe prepare a meeting.\n\nIt is in December.\n\nPlease pass it to your ministry:\n{{personal_link}}\n"},
			"nri":           {"Call for contributions", "You know who should answer.\n\nWe prepare a meeting.\n\nIt is in December.\n\nPlease answer:\n{{personal_link}}\n"},
			"civil_society": {"Call for contributions", "Your answer counts.\n\nWe prepare a meeting.\n\nIt is in December.\n\nPlease answer:\n{{personal_link}}\n"},
		} {
			m, err := h.Mail(h.ctx, detail.Revision.ID, "en", variant)
			h.must(err)
			if m.Subject != want[0] || m.Text != "Dear {{contact}},\n\n"+want[1] {
				t.Errorf("%q reads %q\n%s", variant, m.Subject, m.Text)
			}
		}
		// The subject's and the body's edit leaves the variants; one variant's edit leaves the rest.
		edited := whole()
		edited.Variants, edited.Why = nil, ""
		r, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: edited})
		h.must(err)
		r, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: document.VariantEdit{Key: "media", Variant: document.Variant{Opening: "Dear editors,"}}})
		h.must(err)
		r, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Content: document.VariantEdit{Key: "nri"}})
		h.must(err)
		r, err = h.Edit(h.ctx, h.officer, doc.ID, r.Number, document.Changes{Segments: map[string]string{"p2": "It is in Geneva.", "academia.ask": "Please study it."}})
		h.must(err)
		detail, err = h.Get(h.ctx, h.officer, doc.ID)
		h.must(err)
		want = []string{"subject", "opening", "p1", "p2", "ask", "academia.ask", "government.subject", "government.ask", "media.opening"}
		if got := keysOf(detail.Segments); r.Number != 5 || !slices.Equal(got, want) {
			t.Errorf("revision %d has %q, want %q", r.Number, got, want)
		}
	})
}

func TestAVariantIsTranslatedWithTheText(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		r, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.VariantEdit{Key: "government", Variant: document.Variant{Ask: "Please pass it on."}}})
		h.must(err)
		if st := h.status(doc.ID, "es"); st.State != document.Stale || st.Done != 4 || st.Total != 5 || st.Stale != 0 {
			t.Errorf("after a new variant Spanish is %+v", st)
		}
		if _, err := h.Mail(h.ctx, r.ID, "es", ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("a translation without the variant may be sent: %v", err)
		}
		es := document.Message{
			Subject: "Llamado a contribuciones",
			Body:    "Hola {{contact}}:\n\nlea https://www.example.org/call y responda: {{personal_link}}\n\nGracias.",
		}
		es.Variants = map[string]document.Variant{"media": {Ask: "x"}}
		if err := h.Put(h.ctx, h.translator, doc.ID, "es", es); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Name != "media.ask" {
			t.Errorf("a variant that the source has not: %v", err)
		}
		es.Variants = map[string]document.Variant{"government": {Ask: "Por favor, transmítalo."}}
		h.must(h.Put(h.ctx, h.translator, doc.ID, "es", es))
		_, err = h.Approve(h.ctx, h.reviewer, h.status(doc.ID, "es").ID)
		h.must(err)
		m, err := h.Mail(h.ctx, r.ID, "es", "government")
		h.must(err)
		if !strings.HasSuffix(m.Text, "Gracias.\n\nPor favor, transmítalo.\n") {
			t.Errorf("the variant reads\n%s", m.Text)
		}
	})
}

func TestBadPartsAreToldWhereTheyStand(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc := h.message()
	paste := strings.Repeat("all of it ", 1<<19) // 5 MB
	edit := func(m document.Message) error {
		return second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: m}))
	}
	variant := func(key string, v document.Variant) error {
		return second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.VariantEdit{Key: key, Variant: v}}))
	}
	for name, c := range map[string]struct {
		err   error
		field string
	}{
		"5 MB into the opening":      {edit(document.Message{Subject: "s", Body: "b", Opening: paste}), "opening"},
		"5 MB into the subject":      {edit(document.Message{Subject: paste, Body: "b"}), "subject"},
		"5 MB into a variant":        {variant("government", document.Variant{Ask: paste}), "government.ask"},
		"5 MB into a variant's line": {variant("nri", document.Variant{Subject: paste}), "nri.subject"},
		"readers that there are not": {variant("martians", document.Variant{Ask: "x"}), "variant"},
		"the same by its key":        {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"martians.ask": "x"}})), "variant"},
		"a part that there is not":   {second(h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"government.body": "x"}})), "government.body"},
	} {
		if f := errs.FieldsOf(c.err); !errs.Is(c.err, errs.Invalid) || len(f) == 0 || f[0].Name != c.field {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	r, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Content: document.VariantEdit{Key: "government", Variant: document.Variant{
		Ask: "Answer {{personal_link\n\n<script>alert(1)</script><img src=x onerror=alert(1)>[go](javascript:alert(1))",
	}}})
	h.must(err)
	m, err := h.Mail(h.ctx, r.ID, "en", "government")
	h.must(err)
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "onerror") || strings.Contains(m.HTML, "href=\"javascript") {
		t.Errorf("what is active survives:\n%s", m.HTML)
	}
	_, err = h.Freeze(h.ctx, h.officer, doc.ID)
	var places []string
	for _, f := range errs.FieldsOf(err) {
		places = append(places, f.Name+" "+f.Key)
	}
	if !slices.Contains(places, "government.ask document.problem.unbalanced") || !slices.Contains(places, "government.ask document.problem.link") {
		t.Errorf("freezing is refused for %q", places)
	}
}

func TestALanguagePolicyIsSetByOfficers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		if doc.LanguagePolicy != document.FallbackPolicy {
			t.Errorf("a new message has the policy %q", doc.LanguagePolicy)
		}
		for range 2 { // the second time changes nothing and leaves no event
			_, err := h.SetLanguagePolicy(h.ctx, h.officer, doc.ID, document.HoldPolicy)
			h.must(err)
		}
		got, err := h.ByID(h.ctx, doc.ID)
		h.must(err)
		if got.LanguagePolicy != document.HoldPolicy || !slices.Equal(h.actions("document"), []string{"document.created", "document.policy_set"}) {
			t.Errorf("the policy is %q, the trail %q", got.LanguagePolicy, h.actions("document"))
		}
		if err := second(h.SetLanguagePolicy(h.ctx, h.translator, doc.ID, document.HoldPolicy)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by a translator: %v", err)
		}
		if err := second(h.SetLanguagePolicy(h.ctx, h.officer, doc.ID, "shout")); !errs.Is(err, errs.Invalid) {
			t.Errorf("a policy that there is not: %v", err)
		}
		call, err := h.Create(h.ctx, h.officer, h.cycleID, document.Call, "call", "en", document.Message{Subject: "s", Body: "b"})
		h.must(err)
		if err := second(h.SetLanguagePolicy(h.ctx, h.officer, call.ID, document.HoldPolicy)); !errs.Is(err, errs.Invalid) {
			t.Errorf("of a text that no campaign sends: %v", err)
		}
	})
}

// Whatever parts a message and its variants have, what a reader gets is the variant's where it has something, else the
// general text's, and taking the message apart into segments and putting it together again changes nothing.
func TestAVariantFallsBackPartByPart(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	text := rapid.SampledFrom([]string{"", "one", "two words", "a *b*\n\n- c", "{{contact}}"})
	line := rapid.SampledFrom([]string{"", "Subject", "Another subject"})
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		m := document.Message{
			Subject: rapid.SampledFrom([]string{"General", "Call"}).Draw(rt, "subject"), Body: "The body.",
			Opening: text.Draw(rt, "opening"), Why: text.Draw(rt, "why"), Ask: text.Draw(rt, "ask"), Variants: map[string]document.Variant{},
		}
		for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom(document.VariantKeys()), rapid.ID).Draw(rt, "variants") {
			m.Variants[key] = document.Variant{Subject: line.Draw(rt, "s"), Opening: text.Draw(rt, "o"), Why: text.Draw(rt, "w"), Ask: text.Draw(rt, "a")}
		}
		doc, err := h.Create(h.ctx, h.officer, h.cycleID, document.Mailing, "m"+strconv.Itoa(run), "en", m)
		if err != nil {
			rt.Fatal(err)
		}
		detail, err := h.Get(h.ctx, h.officer, doc.ID)
		if err != nil {
			rt.Fatal(err)
		}
		for _, key := range append([]string{""}, document.VariantKeys()...) {
			got := detail.Message.For(key)
			for _, part := range document.VariantParts() {
				want := m.Variants[key].Part(part)
				if want == "" {
					want = m.Part(part)
				}
				if got.Part(part) != want {
					rt.Errorf("%s of %q is %q, want %q", part, key, got.Part(part), want)
				}
			}
			if got.Body != m.Body {
				rt.Errorf("the body of %q is %q", key, got.Body)
			}
		}
	})
}

func TestASubjectHasOneLine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc, _ := h.approved()
		two := document.Variant{Subject: "One\r\ntwo"}
		for name, c := range map[string]document.Changes{
			"government.subject": {Content: document.VariantEdit{Key: "government", Variant: two}},
			"nri.subject":        {Content: document.Message{Subject: "One ", Body: "Text", Variants: map[string]document.Variant{"nri": two}}},
			"subject":            {Segments: map[string]string{"subject": "One\ntwo"}},
		} {
			_, err := h.Edit(h.ctx, h.officer, doc.ID, 1, c)
			if f := errs.FieldsOf(err); !errs.Is(err, errs.Invalid) || len(f) != 1 || f[0].Name != name || f[0].Key != "field.one_line" {
				t.Errorf("%s: %v", name, err)
			}
		}
		err := h.Put(h.ctx, h.translator, doc.ID, "ar", document.Message{Subject: "١\n٢", Body: "١\n\n٢\n\n٣"})
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "subject" {
			t.Errorf("a translation: %v", err)
		}
	})
}
