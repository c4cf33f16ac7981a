package document

import (
	"cmp"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
)

// TalkPart is which threads of a document are wanted; the zero TalkPart is all of them.
type TalkPart struct {
	Show        string  // "editors", "mine", "decided" or a state; "" for all
	Passage     *string // only those about this passage; "" is the text as a whole
	Skip, Limit int     // a page of them; Limit 0 for all
	Beside      int     // instead: at most so many about each passage, open ones first, and maxBeside in all
}

// maxBeside is how many threads stand beside the passages of one page.
const maxBeside = 20

// Shows lists what a part may show, beside states.
func Shows() []string { return []string{"", "editors", "mine", "decided"} }

// Outline is how the threads of a document stand, whichever of them are read.
type Outline struct {
	Found   int                    // threads of the part that was asked for
	Counts  map[string]int         // by what a part may show
	At      map[string]ThreadCount // by the key of the passage
	Authors []AskedAuthor          // who was asked something and may answer, each once
}

// AskedAuthor is somebody who began a thread in which an editor asks something.
type AskedAuthor struct {
	Name   string
	Public bool // without an account
}

// ThreadCount counts the threads about one passage.
type ThreadCount struct{ Open, Decided int }

// All is how many there are.
func (c ThreadCount) All() int { return c.Open + c.Decided }

func outlineOf(all []Thread, by account.Actor) Outline {
	o := Outline{Counts: map[string]int{}, At: map[string]ThreadCount{}}
	for _, t := range all {
		at := o.At[t.SegmentKey]
		if t.State == ThreadOpen {
			at.Open++
		} else {
			at.Decided++
		}
		o.At[t.SegmentKey] = at
		for _, show := range Shows() {
			if t.shownAs(show, by) {
				o.Counts[show]++
			}
		}
	}
	return o
}

func (t *Thread) shownAs(show string, by account.Actor) bool {
	switch show {
	case "":
		return true
	case "editors":
		return t.State == ThreadOpen && t.WaitsFor == WaitsForEditors
	case "mine":
		return t.isBy(by)
	case "decided":
		return t.State != ThreadOpen
	}
	return string(t.State) == show
}

// of are the threads of the part, by id.
func (p TalkPart) of(all []Thread, by account.Actor) []int64 {
	var ids []int64
	beside := map[string]int{}
	take := func(fits func(Thread) bool) {
		for _, t := range all {
			if p.Beside > 0 && (beside[t.SegmentKey] >= p.Beside || len(ids) >= maxBeside) {
				continue
			}
			if fits(t) && t.shownAs(p.Show, by) && (p.Passage == nil || *p.Passage == t.SegmentKey) {
				beside[t.SegmentKey]++
				ids = append(ids, t.ID)
			}
		}
	}
	if p.Beside == 0 {
		take(func(Thread) bool { return true })
		return ids
	}
	take(func(t Thread) bool { return t.State == ThreadOpen })
	take(func(t Thread) bool { return t.State != ThreadOpen })
	return ids
}

// page cuts what was asked for out of the whole.
func (p TalkPart) page(ids []int64) []int64 {
	ids = ids[min(max(p.Skip, 0), len(ids)):]
	if p.Limit > 0 {
		ids = ids[:min(p.Limit, len(ids))]
	}
	return ids
}

// inOrder sorts threads as their passages are read: those about the whole text first, those whose passage is gone last.
func inOrder(segments []Segment, threads []Thread) {
	place := make(map[string]int, len(segments)+1)
	place[""] = -1
	for i, s := range segments {
		place[s.Key] = i - len(segments)
	}
	place[""] -= len(segments)
	slices.SortStableFunc(threads, func(a, b Thread) int {
		return cmp.Or(cmp.Compare(place[a.SegmentKey], place[b.SegmentKey]), cmp.Compare(a.ID, b.ID))
	})
}

// authorsAsked are those who were asked something.
func authorsAsked(tx *db.Tx, all []Thread) ([]AskedAuthor, error) {
	var ids []int64
	for _, t := range all {
		if t.WaitsFor == WaitsForAuthor && t.AuthorID != nil && !slices.Contains(ids, *t.AuthorID) {
			ids = append(ids, *t.AuthorID)
		}
	}
	known, err := namesOf(tx, ids)
	var authors []AskedAuthor
	for _, t := range all {
		if a := (AskedAuthor{t.author(known), t.AuthorID == nil}); t.WaitsFor == WaitsForAuthor && !slices.Contains(authors, a) {
			authors = append(authors, a)
		}
	}
	return authors, err
}
