package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// words are some words of an alphabet, so that a test can have texts that share none.
func words(letters string, from, to int) *rapid.Generator[string] {
	word := rapid.StringOfN(rapid.RuneFrom([]rune(letters)), 1, 4, -1)
	return rapid.Map(rapid.SliceOfN(word, from, to), func(w []string) string { return strings.Join(w, " ") })
}

const (
	around1 = "abc été"
	inside  = "xyzЖ"
	around2 = "mno中文"
)

func anchored(before, quote string) Anchor {
	return Anchor{SegmentKey: "p1", Quote: quote, Start: utf8.RuneCountInString(before), Length: utf8.RuneCountInString(quote)}
}

// edited brings an anchor in the passage p1 through an edit of it.
func edited(a Anchor, was, is, meant string) Anchor {
	a.SegmentKey = "p1"
	return a.carried(newFlow(passages("p1", was), passages("p1", is)), begun{meant, a.Start})
}

func TestAnEditBesideAQuoteKeepsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, q := words(around1, 0, 6).Draw(t, "before"), words(around2, 0, 6).Draw(t, "after"), words(inside, 1, 4).Draw(t, "quote")
		a2, b2 := words(around1+around2, 0, 8).Draw(t, "new before"), words(around1+around2, 0, 8).Draw(t, "new after")
		moved := edited(anchored(a, q), a+q+b, a2+q+b2, a+q+b)
		if moved.Touched || moved.present(a2+q+b2) != q {
			t.Fatalf("%q is %+v over %q", a2+q+b2, moved, moved.present(a2+q+b2))
		}
		if moved.Start != utf8.RuneCountInString(a2) {
			t.Fatalf("%q: at %d", a2+q+b2, moved.Start)
		}
	})
}

// However often the same words stand in the text: an edit on one side of a quote leaves the quote what it is.
func TestAnEditOnOneSideKeepsAQuoteAmongItsLikes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := words("ab", 0, 5)
		a, b, q, other := some.Draw(t, "before"), some.Draw(t, "after"), words("ab", 1, 2).Draw(t, "quote"), some.Draw(t, "other")
		was, is := a+q+b, other+q+b
		if rapid.Bool().Draw(t, "behind") {
			is = a + q + other
		}
		if moved := edited(anchored(a, q), was, is, was); moved.Touched || moved.present(is) != q {
			t.Fatalf("%q → %q: %+v over %q", was, is, moved, moved.present(is))
		}
	})
}

func TestAnEditInsideOfAQuoteTouchesIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := words(around1, 0, 5).Draw(t, "before"), words(around2, 0, 5).Draw(t, "after")
		begin, end := words(inside, 1, 2).Draw(t, "begin"), words(inside, 1, 2).Draw(t, "end")
		mid, other := words("kl", 0, 2).Draw(t, "mid"), words("rs", 1, 2).Draw(t, "other")
		quote, changed := begin+" "+mid+" "+end, begin+" "+other+" "+end
		moved := edited(anchored(a, quote), a+quote+b, a+changed+b, a+quote+b)
		if !moved.Touched || moved.present(a+changed+b) != changed || moved.Quote != quote {
			t.Fatalf("%q: %+v over %q", a+changed+b, moved, moved.present(a+changed+b))
		}
	})
}

func TestAnEditAndItsInverseBringAQuoteBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, q := words(around1, 0, 5).Draw(t, "before"), words(around2, 0, 5).Draw(t, "after"), words(inside, 1, 3).Draw(t, "quote")
		was := a + q + b
		is := words(around1+inside+around2, 0, 9).Draw(t, "edited")
		if strings.Count(was, q) != 1 || strings.Count(is, q) > 1 {
			t.Skip("the quote is not unique")
		}
		there := edited(anchored(a, q), was, is, was)
		if letters := utf8.RuneCountInString(is); there.Start < 0 || there.Start+there.Length > letters || there.Length < 0 {
			t.Fatalf("%q: %+v lies outside", is, there)
		}
		if back := edited(there, is, was, was); back != anchored(a, q) {
			t.Fatalf("%q → %q: %+v, then %+v", was, is, there, back)
		}
	})
}

// Whatever is done to a text in turn: an anchor lies in it, and is touched exactly where its words are not there.
func TestAnAnchorNeverLies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := words("ab", 1, 6)
		text := some.Draw(t, "text")
		letters := []rune(text)
		start := rapid.IntRange(0, len(letters)-1).Draw(t, "start")
		end := rapid.IntRange(start+1, len(letters)).Draw(t, "end")
		anchor := Anchor{SegmentKey: "p1", Quote: string(letters[start:end]), Start: start, Length: end - start}
		for range rapid.IntRange(1, 6).Draw(t, "edits") {
			next := some.Draw(t, "next")
			anchor = edited(anchor, text, next, "")
			text = next
			if anchor.Start < 0 || anchor.Length < 0 || anchor.Start+anchor.Length > utf8.RuneCountInString(text) {
				t.Fatalf("%q: %+v lies outside", text, anchor)
			}
			if there := anchor.present(text) == anchor.Quote; there == anchor.Touched {
				t.Fatalf("%q: touched is %t, over %q", text, anchor.Touched, anchor.present(text))
			}
		}
	})
}

func passages(texts ...string) []Segment {
	var all []Segment
	for i := 0; i+1 < len(texts); i += 2 {
		all = append(all, Segment{Key: texts[i], Text: texts[i+1]})
	}
	return all
}

func TestAnchorsAcrossPassages(t *testing.T) {
	t.Parallel()
	const text, quote = "Dear friends, the draft is open until August.", "open until August"
	friends := anchored("Dear ", "friends")
	last := anchored("Dear friends, the draft is open until ", "August")
	whole := Anchor{SegmentKey: "p1", Length: utf8.RuneCountInString(text)}
	words := anchored("Dear friends, the draft is ", quote)
	before := passages("subject", "S", "p1", text, "p2", "Thank you.")
	for name, c := range map[string]struct {
		anchor  Anchor
		after   []Segment
		key     string
		over    string
		touched bool
	}{
		"another passage is edited":      {words, passages("subject", "S", "p1", text, "p2", "Thanks."), "p1", quote, false},
		"a passage is put before":        {words, passages("subject", "S", "p9", "New.", "p1", text, "p2", "Thank you."), "p1", quote, false},
		"the passage is taken out":       {words, passages("subject", "S", "p2", "Thank you."), "p1", "", true},
		"the passage is split":           {words, passages("p1", "Dear friends,", "p3", "the draft is open until August.", "p2", "Thank you."), "p3", quote, false},
		"the passage joins the next":     {words, passages("subject", "S", "p2", text+" Thank you."), "p2", quote, false},
		"passages change their keys":     {words, passages("subject", "S", "p1", "Thank you.", "p2", text), "p2", quote, false},
		"all of a passage is meant":      {whole, passages("subject", "S", "p1", text+" More.", "p2", "Thank you."), "p1", text + " More.", true},
		"all of it, under another key":   {whole, passages("subject", "S", "p4", text, "p2", "Thank you."), "p4", text, false},
		"all of it, and nothing of it":   {whole, passages("subject", "S", "p1", text, "p2", "Thanks."), "p1", text, false},
		"the whole text":                 {Anchor{}, passages("subject", "S"), "", "", false},
		"a word that stands everywhere":  {anchored("Dear friends, ", "the"), passages("p1", "Dear friends.", "p3", "And the rest.", "p2", "Thank you."), "p1", "", true},
		"the words stand twice now":      {words, passages("p1", "Dear friends.", "p2", "Thank you.", "p5", "In brief, open until August: the draft is open until August."), "p5", quote, false},
		"a short quote, split off":       {last, passages("p1", "Dear friends,", "p3", "the draft is open until August.", "p2", "Thank you."), "p3", "August", false},
		"a short quote, joined":          {friends, passages("subject", "S", "p2", text+" Thank you."), "p2", "friends", false},
		"a short quote, moved":           {friends, passages("subject", "S", "p2", "Thank you.", "p8", "New: "+text), "p8", "friends", false},
		"all of it joins the next":       {whole, passages("subject", "S", "p2", text+" Thank you."), "p2", text, false},
		"all of it, the next joins it":   {whole, passages("subject", "S", "p1", text+" Thank you."), "p1", text, false},
		"all of it is split":             {whole, passages("subject", "S", "p1", "Dear friends,", "p3", "the draft is open until August.", "p2", "Thank you."), "p1", "Dear friends,", true},
		"all of it is gone, most stands": {whole, passages("subject", "S", "p3", "And the draft is open until August.", "p2", "Thank you."), "p3", "the draft is open until August.", true},
	} {
		got := c.anchor.carried(newFlow(before, c.after), begun{text, c.anchor.Start})
		text, _ := textOf(c.after, got.SegmentKey)
		if got.SegmentKey != c.key || got.Touched != c.touched || (c.over != "" && got.present(text) != c.over) || got.Quote != c.anchor.Quote {
			t.Errorf("%s: %+v over %q", name, got, got.present(text))
		}
	}
}

func TestATakenOutPassageComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, q, b := words(around1, 1, 4).Draw(t, "before"), words(inside, 2, 4).Draw(t, "quote"), words(around2, 1, 4).Draw(t, "after")
		text := a + " " + q + " " + b
		anchor := anchored(a+" ", q)
		if rapid.Bool().Draw(t, "all of it") {
			anchor = Anchor{SegmentKey: "p1", Length: utf8.RuneCountInString(text)}
		}
		full, less := passages("subject", "S", "p1", text, "p2", "Thank you."), passages("subject", "S", "p2", "Thank you.")
		gone := anchor.carried(newFlow(full, less), begun{text, anchor.Start})
		if !gone.Touched || gone.SegmentKey != "p1" || gone.Quote != anchor.Quote {
			t.Fatalf("gone: %+v", gone)
		}
		back := passages("subject", "S", "p7", text, "p2", "Thank you.")
		if got := gone.carried(newFlow(less, back), begun{text, anchor.Start}); got.Touched || got.SegmentKey != "p7" || got.Start != anchor.Start || got.Length != anchor.Length {
			t.Fatalf("back: %+v, was %+v", got, anchor)
		}
	})
}

// A passage that is shorter than what else has to be the same is known again by all of it.
func TestAShortPassageComesBack(t *testing.T) {
	t.Parallel()
	full, less := passages("subject", "S", "p1", "a x x m"), passages("subject", "S")
	gone := anchored("a ", "x x").carried(newFlow(full, less), begun{"a x x m", 2})
	got := gone.carried(newFlow(less, passages("subject", "S", "p7", "a x x m")), begun{"a x x m", 2})
	if want := (Anchor{SegmentKey: "p7", Quote: "x x", Start: 2, Length: 3}); !gone.Touched || got != want {
		t.Errorf("gone: %+v, back: %+v, want %+v", gone, got, want)
	}
}

// Whatever editors make of a message, paragraph by paragraph: a thread that is not touched is about the words that it
// quotes, one whose passage is gone says so, and the text that it was begun about brings it back.
func TestThreadsSurviveEveryEdit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		paragraph := words("abc", 1, 5)
		body := func(label string) string {
			return strings.Join(rapid.SliceOfN(paragraph, 1, 5).Draw(t, label), "\n\n")
		}
		build := func(text string, before wording) wording {
			w, err := Message{Subject: "S", Body: text}.build(before)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		first := body("first")
		now := build(first, wording{})
		passage := now.segments[rapid.IntRange(1, len(now.segments)-1).Draw(t, "passage")]
		anchor := Anchor{SegmentKey: passage.Key, Length: utf8.RuneCountInString(passage.Text)}
		if letters := []rune(passage.Text); rapid.Bool().Draw(t, "some words") {
			anchor.Start = rapid.IntRange(0, len(letters)-1).Draw(t, "start")
			anchor.Length = rapid.IntRange(1, len(letters)-anchor.Start).Draw(t, "length")
			anchor.Quote = string(letters[anchor.Start : anchor.Start+anchor.Length])
		}
		was := begun{passage.Text, anchor.Start}
		for range rapid.IntRange(1, 5).Draw(t, "edits") {
			next := build(body("next"), now)
			anchor = anchor.carried(newFlow(now.segments, next.segments), was)
			now = next
			text, there := textOf(now.segments, anchor.SegmentKey)
			meant := anchor.Quote
			if meant == "" {
				meant = passage.Text
			}
			if anchor.Start < 0 || anchor.Length < 0 || anchor.Start+anchor.Length > utf8.RuneCountInString(text) {
				t.Fatalf("%+v lies outside of %q", anchor, text)
			}
			if (there && anchor.present(text) == meant) == anchor.Touched {
				t.Fatalf("%+v over %q, meant was %q", anchor, text, meant)
			}
		}
	})
}
