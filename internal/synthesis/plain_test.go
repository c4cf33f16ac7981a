package synthesis_test

import (
	"testing"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/synthesis"
)

// PostgreSQL takes neither NUL nor what is not UTF-8: what is pasted is cleaned or refused at its field, and an address that asks
// for such text finds nothing.
func TestTextThatNoDatabaseTakes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		c, _ := d.contribute("Marta", false, contribution.Answers{"q1": "Trust grows."})
		e, err := d.Mark(ctx, lead, synthesis.Marking{ContributionID: c.ID, Question: "q1", Words: "Trust", Note: "a\x00 note", Tags: []string{"a\x00"}})
		ok(t, err)
		if e.Note != "a note" {
			t.Errorf("note %q", e.Note)
		}
		p, err := d.Write(ctx, lead, synthesis.Wording{CycleID: d.k.CycleID, Section: "q1", Text: "A\x00 text\x1b.\nMore.", Excerpts: []int64{e.ID}})
		ok(t, err)
		if p.Text != "A text.\nMore." {
			t.Errorf("text %q", p.Text)
		}
		_, err = d.Mark(ctx, lead, synthesis.Marking{ContributionID: c.ID, Question: "q1", Words: "Trust", Note: "\xff"})
		wants(t, "a note that is not UTF-8", err, errs.Invalid)
		_, err = d.Write(ctx, lead, synthesis.Wording{CycleID: d.k.CycleID, Section: "q1", Text: "\xff"})
		wants(t, "a text that is not UTF-8", err, errs.Invalid)
		for _, bad := range []string{"\x00", "\xff", "q1\x00"} {
			_, err = d.Answer(ctx, lead, c.ID, bad)
			wants(t, "an answer", err, errs.NotFound)
			_, err = d.Mark(ctx, lead, synthesis.Marking{ContributionID: c.ID, Question: bad, Words: "Trust"})
			wants(t, "marking", err, errs.NotFound)
			for _, f := range []synthesis.AnswerFilter{{Question: bad}, {Question: "q1", Group: bad}} {
				f.CycleID = d.k.CycleID
				if all, _, err := d.Answers(ctx, lead, f); err != nil || len(all) > 0 {
					t.Errorf("%+v: %v, %v", f, all, err)
				}
			}
			for _, f := range []synthesis.ExcerptFilter{{Questions: []string{bad}}, {Group: bad}, {Tag: bad}} {
				f.CycleID = d.k.CycleID
				if all, _, err := d.Excerpts(ctx, lead, f); err != nil || len(all) > 0 {
					t.Errorf("%+v: %v, %v", f, all, err)
				}
			}
		}
	})
}
