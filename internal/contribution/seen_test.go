package contribution_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/convoke/convoke/internal/clocktest"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/contributiontest"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/errs"
)

// opened is a page as a browser has it: what was shown, and what is typed.
type opened struct {
	k     *contributiontest.Kit
	token string
	page  string
	seen  map[string]string
	typed contribution.Answers
	known map[string]map[string]bool // texts that whoever has the page open was shown, or wrote on it, by question
}

func open(t failer, k *contributiontest.Kit, token, page string) *opened {
	o := &opened{k: k, token: token, page: page, known: map[string]map[string]bool{}}
	o.read(t)
	return o
}

// failer is what a test and a property have in common.
type failer interface {
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// read opens the page anew.
func (o *opened) read(t failer) {
	f, err := o.k.Open(ctx, o.token, "")
	if err != nil {
		t.Fatal(err)
	}
	o.seen, o.typed = map[string]string{}, contribution.Answers{}
	for _, key := range places {
		o.show(key, f.Answers[key])
		o.typed[key] = f.Answers[key]
	}
}

func (o *opened) show(key, text string) {
	o.seen[key] = contribution.Digest(text)
	o.knows(key, text)
}

func (o *opened) knows(key, text string) {
	if o.known[key] == nil {
		o.known[key] = map[string]bool{}
	}
	o.known[key][text] = true
}

// save posts the page. With heard the answer arrives; with a clash the page comes again, with the other's text beside.
func (o *opened) save(t failer, heard bool) []string {
	f, err := o.k.Open(ctx, o.token, "")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range o.typed {
		o.knows(key, text)
	}
	saved, err := o.k.SaveIn(ctx, nobody, f, contribution.Entry{Answers: o.typed, Seen: o.seen, Page: o.page})
	clashing := contribution.Clashing(err)
	if err != nil && clashing == nil {
		t.Fatal(err)
	}
	if !heard {
		return clashing
	}
	for key, digest := range saved.Seen {
		o.seen[key] = digest
	}
	if f, err = o.k.Open(ctx, o.token, ""); err != nil {
		t.Fatal(err)
	}
	for _, key := range clashing {
		o.show(key, f.Answers[key])
	}
	return clashing
}

var places = []string{"q1", "q3a", "q3.other"}

func TestAnAnswerOfAnotherIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		_, hers := invite(t, k, token, "Ana", "ana@example.net")
		mine, her := open(t, k, token, "m1"), open(t, k, hers, "h1")
		her.typed["q1"], her.typed["q3a"] = "Ana's", "Ana's too"
		if c := her.save(t, true); len(c) != 0 {
			t.Fatalf("clash without another: %v", c)
		}
		mine.typed["q3.other"] = "María's"
		if c := mine.save(t, true); len(c) != 0 {
			t.Errorf("what was not touched clashes: %v", c)
		}
		f, err := k.Open(ctx, token, "")
		ok(t, err)
		if f.Answers["q1"] != "Ana's" || f.Answers["q3a"] != "Ana's too" || f.Answers["q3.other"] != "María's" {
			t.Errorf("both wrote: %v", f.Answers)
		}
		mine.typed["q1"], mine.typed["q3.other"] = "María's own", "María's better"
		if c := mine.save(t, true); !slices.Equal(c, []string{"q1"}) {
			t.Errorf("one clashes: %v", c)
		}
		if f, err = k.Open(ctx, token, ""); err != nil || f.Answers["q1"] != "Ana's" || f.Answers["q3.other"] != "María's better" {
			t.Errorf("the clash was written, or the rest was not: %v, %v", f.Answers, err)
		}
		if c := mine.save(t, true); len(c) != 0 || k.Text("select text from answer where question = 'q1'") != "María's own" {
			t.Errorf("knowingly: %v", c)
		}
		her.typed["q1"] = "María's own"
		if c := her.save(t, true); len(c) != 0 {
			t.Errorf("the same words: %v", c)
		}
		mine.typed["q1"] = ""
		if c := mine.save(t, true); len(c) != 0 {
			t.Errorf("taken out: %v", c)
		}
		her.typed["q1"] = "Ana's again"
		if c := her.save(t, true); !slices.Equal(c, []string{"q1"}) {
			t.Errorf("over an answer that was taken out: %v", c)
		}
		_, err = k.Save(ctx, nobody, token, contribution.Entry{Answers: contribution.Answers{"q1": "The last word"}})
		ok(t, err) // a program says nothing of what it has seen
	})
}

func TestOnePageNeverClashesWithItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		phone, desk := open(t, k, token, "phone"), open(t, k, token, "desk")
		for _, text := range []string{"One", "Two", "Three"} { // the answers of the server are lost on the way
			phone.typed["q1"] = text
			if c := phone.save(t, false); len(c) != 0 {
				t.Errorf("%s: %v", text, c)
			}
		}
		desk.typed["q1"] = "At the desk"
		if c := desk.save(t, true); !slices.Equal(c, []string{"q1"}) {
			t.Errorf("one person on two devices: %v", c)
		}
		for _, page := range []string{"", "not a name", "ÿ", "phonephonephonephonephonephonephonephone"} {
			odd := *phone
			odd.page, odd.typed = page, contribution.Answers{"q1": "From " + page}
			if c := odd.save(t, false); !slices.Equal(c, []string{"q1"}) {
				t.Errorf("a page named %q: %v", page, c)
			}
		}
	})
}

func TestSavingAtOnceLosesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k *contributiontest.Kit, _ *clocktest.Clock) {
		token, _ := coalition(t, k)
		_, hers := invite(t, k, token, "Ana", "ana@example.net")
		var pages []*opened // all before anything is saved
		for i := range 6 {
			o := open(t, k, []string{token, hers}[i%2], fmt.Sprint("page", i))
			o.typed["q1"] = fmt.Sprint("Text ", i)
			pages = append(pages, o)
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		written := 0
		for _, o := range pages {
			all.Go(func() {
				if len(o.save(t, false)) == 0 {
					mu.Lock()
					written++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if written != 1 {
			t.Errorf("%d of six wrote over the same text", written)
		}
	})
}

// TestNoTextIsLostUnseen lets two people and a second device of one of them read and write in any order: what is written over was shown
// to who does it, or written on the same page.
func TestNoTextIsLostUnseen(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	c := clocktest.At(time.Date(2017, 8, 20, 10, 0, 0, 0, time.UTC))
	k := contributiontest.New(t, d, c.Now)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		token := k.Respond(k.Contact(fmt.Sprint("María", round), "es"))
		e, err := k.InviteEditor(ctx, nobody, token, contribution.Colleague{Name: "Ana", Email: fmt.Sprintf("ana%d@example.net", round)})
		if err != nil {
			t.Fatal(err)
		}
		pages := []*opened{open(t, k, token, "a"), open(t, k, editToken(k, e), "b"), open(t, k, token, "c")}
		stored := contribution.Answers{}
		for step := range rapid.IntRange(1, 25).Draw(t, "steps") {
			o := rapid.SampledFrom(pages).Draw(t, "who")
			key := rapid.SampledFrom(places).Draw(t, "place")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				o.read(t)
			case 1:
				o.typed[key] = rapid.SampledFrom([]string{"", "Text", fmt.Sprint("Text ", step)}).Draw(t, "text")
			default:
				clashing := o.save(t, rapid.Bool().Draw(t, "heard"))
				f, err := k.Open(ctx, token, "")
				if err != nil {
					t.Fatal(err)
				}
				for _, key := range places {
					is := f.Answers[key]
					if is != stored[key] && (slices.Contains(clashing, key) || !o.known[key][stored[key]]) {
						t.Errorf("%s: %q went over %q, which %s has not seen", key, is, stored[key], o.page)
					}
					if is != stored[key] && is != o.typed[key] {
						t.Errorf("%s: %q was posted, %q is stored", key, o.typed[key], is)
					}
					stored[key] = is
				}
			}
		}
	})
}

func TestDigestsTellTextsApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, text := range []string{"", " ", "a", "b", "ا", "a\n"} {
		d := contribution.Digest(text)
		if other, twice := seen[d]; twice || len(d) != 16 {
			t.Errorf("%q and %q are %s", text, other, d)
		}
		seen[d] = text
	}
	if contribution.Clashing(nil) != nil || contribution.Clashing(errs.E(errs.Conflict, "contribution.closed")) != nil {
		t.Error("another error is taken for a clash")
	}
}
