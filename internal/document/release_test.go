package document_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
)

// notices keeps what translators are told.
type notices struct{ stored, woken []string }

func (n *notices) PrepareCommentNews(_ context.Context, c document.CommentNotice) (document.Notice, error) {
	return notice{n, c.Email + " " + c.Language + " " + c.News}, nil
}

func (n *notices) PrepareRelieved(_ context.Context, r document.RelievedNotice) (document.Notice, error) {
	return notice{n, fmt.Sprintf("%s took %q (%s): %s", r.Officer, r.Title, r.Locale, r.Reason)}, nil
}

type notice struct {
	to   *notices
	text string
}

func (n notice) Store(*db.Tx) error   { n.to.stored = append(n.to.stored, n.text); return nil }
func (n notice) Wake(context.Context) { n.to.woken = append(n.to.woken, n.text) }

func TestWhatIsHandedBackWaitsForTheNext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := &notices{}
		h.Notices = told
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"subject": "Llamado"})
		h.must(err)
		if _, err := h.Release(h.ctx, h.reviewer, tr.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("released by another: %v", err)
		}
		_, err = h.Release(h.ctx, h.translator, tr.ID)
		h.must(err)
		if st := h.status(doc.ID, "es"); st.State != document.Missing || st.Translator != "" || st.Done != 1 || !st.HandedBack() {
			t.Fatalf("handed back: %+v", st)
		}
		if _, err := h.Save(h.ctx, h.translator, tr.ID, nil); !errs.Is(err, errs.Conflict) {
			t.Errorf("saved after handing back: %v", err)
		}
		next, err := h.Claim(h.ctx, h.reviewer, doc.ID, "es")
		h.must(err)
		sheet, err := h.Sheet(h.ctx, h.reviewer, next.ID)
		h.must(err)
		if sheet.Lines[0].Translation != "Llamado" || sheet.Translator != "carina" {
			t.Errorf("the next has %q, held by %s", sheet.Lines[0].Translation, sheet.Translator)
		}
		// An officer takes it from her; translators may not.
		if _, err := h.Relieve(h.ctx, h.translator, next.ID, "I want it"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("relieved by a translator: %v", err)
		}
		if _, err := h.Relieve(h.ctx, h.officer, next.ID, " "); !errs.Is(err, errs.Invalid) {
			t.Errorf("relieved without a reason: %v", err)
		}
		_, err = h.Relieve(h.ctx, h.officer, next.ID, "She is away.")
		h.must(err)
		want := []string{`eleonora took "Call for contributions" (es): She is away.`}
		if !slices.Equal(told.stored, want) || !slices.Equal(told.woken, want) {
			t.Errorf("told %q, %q", told.stored, told.woken)
		}
		if got := h.actions("translation"); !slices.Equal(got, []string{
			"translation.claimed", "translation.saved", "translation.released", "translation.claimed", "translation.relieved",
		}) {
			t.Errorf("trail %q", got)
		}
	})
}

func TestTextsOfTwoWindowsAreBothKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		empty := document.Mark("")
		save := func(typed map[string]document.Typed) []document.Clash {
			t.Helper()
			_, clashes, err := h.SaveTyped(h.ctx, h.translator, tr.ID, typed, nil)
			h.must(err)
			return clashes
		}
		if c := save(map[string]document.Typed{"p1": {Text: "Hola {{contact}}:", Base: empty}}); c != nil {
			t.Errorf("the first: %v", c)
		}
		clashes := save(map[string]document.Typed{"p1": {Text: "Estimado {{contact}}:", Base: empty}, "p3": {Text: "Gracias.", Base: empty}})
		if !slices.Equal(clashes, []document.Clash{{Key: "p1", Stored: "Hola {{contact}}:", Typed: "Estimado {{contact}}:"}}) {
			t.Errorf("the second: %v", clashes)
		}
		if c := save(map[string]document.Typed{"p1": {Text: "Hola {{contact}}:", Base: empty}}); c != nil {
			t.Errorf("the same words: %v", c)
		}
		if c := save(map[string]document.Typed{"p1": {Text: "Estimada {{contact}}:", Base: document.Mark("Hola {{contact}}:")}}); c != nil {
			t.Errorf("having seen the other: %v", c)
		}
		sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
		h.must(err)
		got := map[string]string{}
		for _, l := range sheet.Lines {
			got[l.Key] = l.Translation
		}
		if got["p1"] != "Estimada {{contact}}:" || got["p3"] != "Gracias." {
			t.Errorf("stored: %v", got)
		}
	})
}

func TestNotesAtSegments(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		tr, err := h.Claim(h.ctx, h.translator, doc.ID, "es")
		h.must(err)
		_, err = h.Save(h.ctx, h.translator, tr.ID, spanish())
		h.must(err)
		_, err = h.Submit(h.ctx, h.translator, tr.ID)
		h.must(err)
		if err := h.Note(h.ctx, h.reviewer, tr.ID, map[string]string{"p9": "where?"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("at no segment: %v", err)
		}
		if _, err := h.SendBack(h.ctx, h.reviewer, tr.ID, ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("sent back without a word: %v", err)
		}
		h.must(h.Note(h.ctx, h.reviewer, tr.ID, map[string]string{"p3": " Too short. ", "p1": ""}))
		_, err = h.SendBack(h.ctx, h.reviewer, tr.ID, "")
		h.must(err)
		// A note stays where it is when the source moves on.
		_, err = h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p1": "Dear {{contact}}!"}})
		h.must(err)
		notes := func() []document.SegmentNote {
			t.Helper()
			sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
			h.must(err)
			for _, l := range sheet.Lines {
				if l.Key == "p3" {
					return l.Notes
				}
			}
			return nil
		}
		n := notes()
		if len(n) != 1 || n[0].Text != "Too short." || n[0].Author != "carina" || n[0].Settled {
			t.Fatalf("notes %+v", n)
		}
		other, err := h.Claim(h.ctx, h.translator, doc.ID, "ar")
		h.must(err)
		if _, _, err := h.SaveTyped(h.ctx, h.translator, other.ID, nil, []int64{n[0].ID}); !errs.Is(err, errs.NotFound) {
			t.Errorf("settled in another language: %v", err)
		}
		_, _, err = h.SaveTyped(h.ctx, h.translator, tr.ID, map[string]document.Typed{"p3": {Text: "Muchas gracias."}}, []int64{n[0].ID})
		h.must(err)
		if n := notes(); len(n) != 1 || !n[0].Settled {
			t.Errorf("notes %+v", n)
		}
	})
}

func TestApprovedWordsAreOfferedAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		_, _ = h.approved()
		again, err := h.Create(h.ctx, h.officer, h.cycleID, document.FollowUp, "follow-up", "en", document.Message{Subject: "Reminder", Body: "Dear {{contact}},\n\nThank you."})
		h.must(err)
		tr, err := h.Claim(h.ctx, h.translator, again.ID, "es")
		h.must(err)
		offered := func() map[string][]document.ApprovedText {
			t.Helper()
			sheet, err := h.Sheet(h.ctx, h.translator, tr.ID)
			h.must(err)
			all := map[string][]document.ApprovedText{}
			for _, l := range sheet.Lines {
				if l.Suggestions != nil {
					all[l.Key] = l.Suggestions
				}
			}
			return all
		}
		got := offered()
		if len(got) != 2 || got["p2"][0] != (document.ApprovedText{Text: "Gracias.", Kind: document.Mailing}) {
			t.Errorf("offered %v", got)
		}
		_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p2": "Mil gracias."})
		h.must(err)
		if got := offered(); len(got) != 1 {
			t.Errorf("offered where there is a text: %v", got)
		}
	})
}

func TestReviewersSeeWhatChangedSinceTheApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.SQLite(t))
	doc, tr := h.approved()
	_, err := h.Edit(h.ctx, h.officer, doc.ID, 1, document.Changes{Segments: map[string]string{"p3": "Thank you.\n\nGoodbye."}})
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, tr.ID, map[string]string{"p1": "Estimado {{contact}}:"})
	h.must(err)
	saved, err := h.TranslationOf(h.ctx, doc.ID, "es")
	h.must(err)
	_, err = h.Save(h.ctx, h.translator, saved.ID, map[string]string{"p4": "Adiós."})
	h.must(err)
	sheet, err := h.Sheet(h.ctx, h.reviewer, saved.ID)
	h.must(err)
	for _, l := range sheet.Lines {
		if (l.Since != nil) != (l.Key == "p1") || l.New != (l.Key == "p4") {
			t.Errorf("%s: since %v, new %v", l.Key, l.Since, l.New)
		}
	}
}

// Translators take what is wanted; another language is for those to open who answer for the texts.
func TestOnlyWantedLanguagesAreClaimed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		doc := h.message()
		for _, locale := range []string{"x-foo", "und", "mul", "zxx", "tlh", "sr-Latn"} {
			_, err := h.Claim(h.ctx, h.translator, doc.ID, locale)
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%s was claimed: %v", locale, err)
			}
		}
		for _, locale := range []string{"x-foo", "und", "mul", "es-u-co-trad"} {
			_, err := h.Claim(h.ctx, h.officer, doc.ID, locale)
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%s was claimed: %v", locale, err)
			}
		}
		opened, err := h.Claim(h.ctx, h.officer, doc.ID, "sr-Latn")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Release(h.ctx, h.officer, opened.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Claim(h.ctx, h.translator, doc.ID, "sr-Latn"); err != nil {
			t.Errorf("an officer opened it: %v", err)
		}
	})
}
