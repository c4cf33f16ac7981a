package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/errs"
)

// race is two edits of one wording. Every word that somebody writes in these tests is written once.
type race struct {
	kind               Kind
	base, theirs, mine wording
}

// settle merges, choosing at random, until nothing is left to choose; the clashes are all that were met.
func (r race) settle(t *rapid.T) (wording, []EditClash, map[string]Choice) {
	t.Helper()
	chosen := map[string]Choice{}
	var met []EditClash
	for range 9 {
		w, clashes, err := mergeWordings(r.kind, r.base, r.theirs, r.mine, chosen)
		if err != nil {
			t.Fatalf("a choice ends nowhere: %v, %v\n%s", err, chosen, r)
		}
		if len(clashes) == 0 {
			return w, met, chosen
		}
		for _, c := range clashes {
			if _, again := chosen[c.Key]; again {
				t.Fatalf("%s: chosen, but still a clash\n%s", c.Key, r)
			}
			if errs.Find(Place(c.Key)).Key == "document.place.other" {
				t.Fatalf("%s has no place", c.Key)
			}
			chosen[c.Key] = Choice{Take: rapid.SampledFrom([]Side{TakeTheirs, TakeMine}).Draw(t, c.Key)}
			met = append(met, c)
		}
	}
	t.Fatalf("there is always more to choose\n%s", r)
	return wording{}, nil, nil
}

func (r race) String() string {
	show := func(w wording) string {
		var b strings.Builder
		for _, s := range w.segments {
			fmt.Fprintf(&b, "  %s: %s\n", s.Key, s.Text)
		}
		return b.String()
	}
	return "base\n" + show(r.base) + "theirs\n" + show(r.theirs) + "mine\n" + show(r.mine)
}

func wordsOf(w wording) []string {
	return strings.Fields(strings.Join(textList(w.segments), " "))
}

func countOf(words []string) map[string]int {
	n := map[string]int{}
	for _, w := range words {
		n[w]++
	}
	return n
}

// holds checks what is promised of every merge.
func (r race) holds(t *rapid.T) {
	t.Helper()
	w, met, chosen := r.settle(t)
	result := countOf(wordsOf(w))
	sides := []wording{r.theirs, r.mine}
	base := countOf(wordsOf(r.base))
	counts := []map[string]int{countOf(wordsOf(r.theirs)), countOf(wordsOf(r.mine))}
	for i, side := range sides {
		asked := ""
		for _, c := range met {
			asked += "\n" + []string{c.Theirs, c.Mine}[i]
		}
		inClash := countOf(strings.Fields(asked))
		for _, word := range wordsOf(side) {
			stood := base[word] == 0 || counts[1-i][word] > 0
			if stood && result[word] == 0 && inClash[word] == 0 {
				t.Fatalf("%q is lost, of side %d; chosen %v\n%sresult\n%v", word, i, chosen, r, textList(w.segments))
			}
		}
	}
	keys := map[string]bool{}
	for _, s := range w.segments {
		if keys[s.Key] {
			t.Fatalf("%s twice\n%s", s.Key, r)
		}
		keys[s.Key] = true
	}
	for _, c := range met {
		text := []string{c.Theirs, c.Mine}[slices.Index([]Side{TakeTheirs, TakeMine}, chosen[c.Key].Take)]
		if strings.HasSuffix(c.Key, "order") || isSetting(c.Key) && c.TheirsKind == "" {
			continue
		}
		for _, word := range strings.Fields(text) {
			if result[word] == 0 && !strings.Contains(chosenAway(met, chosen), word) {
				t.Fatalf("%q of %s was chosen and is not there\n%sresult\n%v", word, c.Key, r, textList(w.segments))
			}
		}
	}
	for word, n := range result {
		if n > max(base[word], counts[0][word], counts[1][word]) && !r.loose(word) {
			t.Fatalf("%q stands %d times; chosen %v\n%sresult\n%v", word, n, chosen, r, textList(w.segments))
		}
	}
}

// chosenAway is what was not taken.
func chosenAway(met []EditClash, chosen map[string]Choice) string {
	var b strings.Builder
	for _, c := range met {
		if chosen[c.Key].Take == TakeTheirs {
			b.WriteString(c.Mine + "\n")
		} else {
			b.WriteString(c.Theirs + "\n")
		}
	}
	return b.String()
}

// loose says whether a word stands in a passage of some side that has hardly anything of the base's passages left: such
// a passage is a new one, and its words are its own.
func (r race) loose(word string) bool {
	old := wordSets(textList(r.base.segments))
	for _, side := range []wording{r.theirs, r.mine} {
		for _, s := range side.segments {
			words := wordSets([]string{s.Text})[0]
			if words[word] && !slices.ContainsFunc(old, func(whole map[string]bool) bool { return containsWords(whole, words) }) {
				return true
			}
		}
	}
	return false
}

type writer struct {
	t     *rapid.T
	who   string
	words int
}

func (w *writer) word() string {
	w.words++
	return w.who + strconv.Itoa(w.words)
}

func (w *writer) draw(n int, what string) int {
	return rapid.IntRange(0, n-1).Draw(w.t, w.who+" "+what)
}

// body edits the paragraphs of a message.
func (w *writer) body(paragraphs []string) []string {
	out := slices.Clone(paragraphs)
	for range w.draw(5, "edits") {
		at := w.draw(len(out), "at")
		words := strings.Fields(out[at])
		switch rapid.SampledFrom([]string{"change", "drop", "add", "move", "join", "split", "swap"}).Draw(w.t, w.who+" does") {
		case "add":
			out = slices.Insert(out, at, w.word()+" "+w.word()+" "+w.word())
		case "change":
			words[w.draw(len(words), "word")] = w.word()
			out[at] = strings.Join(words, " ")
		case "drop":
			if len(out) > 1 {
				out = slices.Delete(out, at, at+1)
			}
		case "move":
			moved := out[at]
			out = slices.Delete(out, at, at+1)
			out = slices.Insert(out, w.draw(len(out)+1, "to"), moved)
		case "swap":
			other := w.draw(len(out), "with")
			out[at], out[other] = out[other], out[at]
		case "join":
			if at > 0 {
				out[at-1] += " " + out[at]
				out = slices.Delete(out, at, at+1)
			}
		case "split":
			if len(words) > 1 {
				cut := 1 + w.draw(len(words)-1, "cut")
				out[at] = strings.Join(words[:cut], " ")
				out = slices.Insert(out, at+1, strings.Join(words[cut:], " "))
			}
		}
	}
	return out
}

func TestAnyTwoEditsOfAMessageMerge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var base []string
		for i := range rapid.IntRange(1, 6).Draw(t, "paragraphs") {
			var words []string
			for j := range 8 {
				words = append(words, fmt.Sprintf("w%d%c", i, 'a'+j))
			}
			base = append(base, strings.Join(words, " "))
		}
		made := func(paragraphs []string, before wording) wording {
			return built(t, Message{Subject: "Subject", Body: strings.Join(paragraphs, "\n\n")}, before)
		}
		b := made(base, wording{})
		theirs, mine := &writer{t: t, who: "theirs"}, &writer{t: t, who: "mine"}
		r := race{Mailing, b, made(theirs.body(base), b), made(mine.body(base), b)}
		r.holds(t)
		r.withOneSideOnly(t)
	})
}

// withOneSideOnly: merging with who changed nothing is what the other wrote.
func (r race) withOneSideOnly(t *rapid.T) {
	t.Helper()
	for _, w := range []wording{r.theirs, r.mine} {
		for _, pair := range [][2]wording{{r.base, w}, {w, r.base}, {w, w}} {
			got, clashes, err := mergeWordings(r.kind, r.base, pair[0], pair[1], nil)
			if err != nil || len(clashes) > 0 || !slices.Equal(textList(got.segments), textList(w.segments)) {
				t.Fatalf("%v %v\n%s", clashes, err, r)
			}
		}
	}
}

// steps edits a questionnaire as its pages do.
func (w *writer) steps(st *surveyStructure) {
	must := func(err error) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for range 1 + w.draw(5, "edits") {
		q := &st.Questions[w.draw(len(st.Questions), "question")]
		by := 1 - 2*w.draw(2, "by")
		switch rapid.SampledFrom(surveyEdits).Draw(w.t, w.who+" does") {
		case "change question":
			q.Text += " " + w.word()
		case "change item":
			if len(q.Items) > 0 {
				q.Items[w.draw(len(q.Items), "item")].Text += " " + w.word()
			}
		case "add question":
			kind, items := LongText, []string(nil)
			if w.draw(2, "kind") > 0 {
				kind, items = SingleChoice, []string{w.word(), w.word()}
			}
			must(AddQuestion(QuestionDefinition{Text: w.word(), Type: kind, Section: q.Section}, items)(st))
		case "drop question":
			if len(st.Questions) > 1 {
				must(RemoveQuestion(q.ID)(st))
			}
		case "move question":
			must(MoveQuestion(q.ID, by)(st))
		case "add items":
			if HasItems(q.Type) {
				must(AddItems(q.ID, []string{w.word()})(st))
			}
		case "drop item":
			if len(q.Items) > 1 {
				must(RemoveItem(q.Items[w.draw(len(q.Items), "item")].ID)(st))
			}
		case "move item":
			if len(q.Items) > 1 {
				must(MoveItem(q.Items[w.draw(len(q.Items), "item")].ID, by)(st))
			}
		case "kind":
			kind := rapid.SampledFrom(QuestionKinds()).Draw(w.t, w.who+" kind")
			if len(q.Items) > 0 || !HasItems(kind) {
				must(SetQuestion(q.ID, kind, q.Section, w.draw(2, "other") > 0)(st))
			}
		case "words":
			must(SetWords(q.ID, w.word(), q.FollowUp)(st))
		case "closing":
			must(SetClosing(w.draw(2, "closes") > 0, w.word())(st))
		default:
			w.around(st, by)
			return
		}
	}
}

var surveyEdits = []string{
	"change question", "change item", "add question", "drop question", "move question", "add items", "drop item", "move item", "kind", "words", "closing", "around", "around",
}

// around edits sections, overview and reading list, once each.
func (w *writer) around(st *surveyStructure, by int) {
	for range 1 + w.draw(4, "more edits") {
		p, r, s := w.draw(len(st.Overview)+1, "paragraph"), w.draw(len(st.Reading)+1, "reading"), w.draw(len(st.Sections)+1, "section")
		var step Step
		switch w.draw(12, "around") {
		case 0:
			step = AddParagraph(w.word()+"\n"+w.word(), w.draw(2, "list") > 0)
		case 1:
			step = AddSection(w.word(), w.word())
		case 2:
			st.Reading = append(st.Reading, ReadingDefinition{Title: w.word(), Number: st.NextReading + 1})
			st.NextReading++
		}
		if p < len(st.Overview) {
			p := &st.Overview[p]
			switch w.draw(6, "of paragraph") {
			case 0:
				step = MoveParagraph(p.Number, by)
			case 1:
				step = RemoveParagraph(p.Number)
			case 2:
				if p.Items != nil {
					step = AddParagraphItems(p.Number, []string{w.word()})
				} else {
					p.Text += " " + w.word()
				}
			case 3:
				if p.Items != nil {
					p.Items[0] += " " + w.word()
				}
			case 4:
				if len(p.Numbers) == len(p.Items) && p.Items != nil {
					step = RemoveParagraphItem(p.Number, p.Numbers[0])
				}
			}
		}
		if step != nil {
			if err := step(st); err != nil {
				w.t.Fatal(err)
			}
			st.renumber()
		}
		w.lists(st, r, s, by)
	}
}

// renumber gives what was added its number, as a save between two edits does.
func (st *surveyStructure) renumber() {
	before := slices.Clone(st.Overview)
	before = slices.DeleteFunc(before, func(p ParagraphDefinition) bool { return p.Number == 0 })
	st.numberOverview(before)
}

func (w *writer) lists(st *surveyStructure, r, s, by int) {
	var step Step
	if r < len(st.Reading) {
		r := &st.Reading[r]
		switch w.draw(5, "of reading") {
		case 0:
			step = MoveReading(r.Number, by)
		case 1:
			step = RemoveReading(r.Number)
		case 2:
			r.Title += " " + w.word()
		case 3:
			r.URL = "https://" + w.word() + ".org"
		}
	}
	if step == nil && s < len(st.Sections) {
		s := st.Sections[s]
		switch w.draw(4, "of section") {
		case 0:
			step = MoveSection(s.ID, by)
		case 1:
			step = RemoveSection(s.ID)
		case 2:
			step = SetSection(s.ID, s.Title+" "+w.word(), s.Text)
		}
	}
	if step != nil {
		if err := step(st); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestAnyTwoEditsOfAQuestionnaireMerge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := Definition{ID: "q", Language: "en", Title: "Title"}
		for i := range rapid.IntRange(1, 4).Draw(t, "questions") {
			q := QuestionDefinition{ID: "q" + strconv.Itoa(i+1), Type: LongText, Text: fmt.Sprintf("w%d x%d", i, i)}
			if i%2 > 0 {
				q.Type = MultipleChoice
				for _, letter := range "abc" {
					q.Items = append(q.Items, ItemDefinition{ID: q.ID + string(letter), Text: fmt.Sprintf("i%d%c", i, letter)})
				}
			}
			if i > 0 {
				q.Section = "s" + strconv.Itoa(1+i%2)
			}
			d.Questions = append(d.Questions, q)
		}
		d.Sections = []SectionDefinition{{ID: "s1", Title: "sone"}, {ID: "s2", Title: "stwo", Text: "stext"}}
		d.Overview = []ParagraphDefinition{{Text: "oone"}, {Items: []string{"otwo", "othree"}}, {Text: "ofour"}}
		d.Reading = []ReadingDefinition{{Title: "rone"}, {Title: "rtwo", URL: "https://rtwo.org"}, {Title: "rthree"}}
		b := built(t, d, wording{})
		edited := func(who string) wording {
			st, err := readSurvey(b.structure, textsOf(b.segments))
			if err != nil {
				t.Fatal(err)
			}
			w := &writer{t: t, who: who}
			w.steps(&st)
			return built(t, st.Definition, b)
		}
		r := race{Survey, b, edited("theirs"), edited("mine")}
		r.holds(t)
		r.withOneSideOnly(t)
	})
}
