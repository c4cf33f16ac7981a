package synthesis_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/link"
)

// publicly is the output document as everybody reads it, as one text.
func (d desk) publicly() (document.Talk, string) {
	d.t.Helper()
	talk, err := d.docs.PublicTalk(ctx, account.Nobody("r"), d.k.CycleID, "output", document.TalkPart{Limit: 50})
	ok(d.t, err)
	raw, err := json.Marshal(talk)
	ok(d.t, err)
	return talk, string(raw)
}

func TestNobodyReadsInACirculatedTextWhatWasWithdrawn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		d.docs.Links = link.NewSigner([]byte("a key of the test, long enough to be one"))
		marta, token := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows. Trade follows."})
		jana, _ := d.contribute("Jana", true, contribution.Answers{"q1": "Trade follows."})
		e, f := d.mark(marta, "q1", "Trust grows."), d.mark(jana, "q1", "Trade follows.")
		d.write("q1", "Marta is clear.\n\nIn her words:\n\n> Trust grows.", e)
		d.write("q1", "Others say that trade follows.", f)
		d.write("q3", "Both agree.", e, f)
		out, err := d.Compile(ctx, lead, d.k.CycleID)
		ok(t, err)
		ok(t, d.docs.SetCommenting(ctx, olu, out.DocumentID, document.CommentingPublic))
		talk, text := d.publicly()
		if strings.Contains(d.body(out.DocumentID), "[Marta") || !strings.Contains(text, "Trust grows.") {
			t.Fatalf("compiled: %s", text)
		}
		var said []document.Thread
		for _, s := range talk.Segments {
			if s.Kind != document.Markdown || strings.HasPrefix(s.Text, "#") {
				continue
			}
			thread, err := d.docs.CommentPublicly(ctx, account.Nobody("r"), out.DocumentID, document.PublicAuthor{Name: "Reader"},
				document.CommentInput{SegmentKey: s.Key, Quote: strings.TrimPrefix(strings.Split(s.Text, " (")[0], "> "), Body: "I agree."})
			ok(t, err)
			_, err = d.docs.ShowThread(ctx, olu, thread.ID)
			ok(t, err)
			said = append(said, thread)
		}
		before := len(talk.Segments)

		_, err = d.k.Withdraw(ctx, account.Nobody("r"), token)
		ok(t, err)
		talk, text = d.publicly()
		for _, gone := range []string{"Marta", "Trust grows", "In her words", "Both agree"} {
			if strings.Contains(text, gone) {
				t.Errorf("everybody still reads %q: %s", gone, text)
			}
		}
		for _, stays := range []string{"Others say", "How does good cybersecurity", "contributions/2"} {
			if !strings.Contains(text, stays) {
				t.Errorf("nobody reads %q any more: %s", stays, text)
			}
		}
		if len(talk.Segments) != before {
			t.Errorf("%d of %d passages: nothing says that one is missing", len(talk.Segments), before)
		}
		open, hidden := 0, 0
		for _, thread := range said {
			_, err := d.docs.PublicThread(ctx, account.Nobody("r"), out.DocumentID, thread.ID)
			switch {
			case err == nil:
				open++
			case errs.Is(err, errs.NotFound):
				hidden++
			default:
				t.Error(err)
			}
			_, own, err := d.docs.Followed(ctx, account.Nobody("r"), d.docs.FollowToken(thread, d.k.CycleID))
			ok(t, err)
			if got := fmt.Sprintf("%+v", own); strings.Contains(got, "Marta") || strings.Contains(got, "Trust grows") || !strings.Contains(got, "I agree.") {
				t.Errorf("who commented reads %s", got)
			}
		}
		if open != 1 || hidden != 5 { // of the list of contributions there is another wording now
			t.Errorf("%d threads are shown, %d are not; want only that about the other one's paragraph", open, hidden)
		}
		if _, err := d.docs.Get(ctx, olu, out.DocumentID); err != nil || !strings.Contains(d.body(out.DocumentID), "Trust grows.") {
			t.Errorf("the editors cannot read what they have to write anew: %v", err)
		}
	})
}

func TestWithheldAndPassedOnInACirculatedText(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		marta, _ := d.contribute("Marta", true, contribution.Answers{"q1": "Trust grows."})
		d.write("q1", "Some say that trust grows.", d.mark(marta, "q1", "Trust grows."))
		out, err := d.Compile(ctx, lead, d.k.CycleID)
		ok(t, err)
		ok(t, d.docs.SetCommenting(ctx, olu, out.DocumentID, document.CommentingPublic))
		_, err = d.k.Withhold(ctx, olu, marta.ID, "to be looked at")
		ok(t, err)
		if _, text := d.publicly(); strings.Contains(text, "trust grows") {
			t.Errorf("withheld, and read by everybody: %s", text)
		}
		_, err = d.k.Publish(ctx, olu, marta.ID)
		ok(t, err)
		if _, text := d.publicly(); !strings.Contains(text, "trust grows") {
			t.Errorf("published again, and read by nobody: %s", text)
		}
		raw, err := d.Draft(ctx, lead, d.k.CycleID)
		if err != nil || len(raw.Sources) != 1 || raw.Sources[0].Label != "Marta" {
			t.Errorf("the files name who is cited now: %+v, %v", raw.Sources, err)
		}
	})
}
