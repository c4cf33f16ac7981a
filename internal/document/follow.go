package document

import (
	"slices"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/errs"
)

// follow is the structure of a definition that comes after this one: what was there before keeps its number,
// and the id of what was removed is not given to anything else.
func (st surveyStructure) follow(d Definition) (surveyStructure, []errs.Field) {
	next, wrong := st.spend(d)
	next.numberReading(st.Reading)
	next.numberOverview(st.Overview)
	return next, wrong
}

// spend notes the ids that this structure had and the definition has not, and says where it has one of another.
func (st surveyStructure) spend(d Definition) (surveyStructure, []errs.Field) {
	next := surveyStructure{Definition: d, NextReading: st.NextReading, NextOverview: st.NextOverview, Spent: map[string]string{}}
	for id, hash := range st.Spent {
		next.Spent[id] = hash
	}
	before, now := st.ids(), d.ids()
	var wrong []errs.Field
	for id, is := range before {
		if _, still := now[id]; !still {
			next.Spent[id] = is.hash
		}
	}
	for id, is := range now {
		hash, spent := next.Spent[id]
		if _, was := before[id]; was || !spent {
			continue
		}
		if hash != is.hash {
			wrong = append(wrong, errs.FieldError(is.path+".id", "document.question.id_spent", "ID", id))
		}
		delete(next.Spent, id)
	}
	slices.SortFunc(wrong, func(a, b errs.Field) int { return strings.Compare(a.Name, b.Name) })
	return next, wrong
}

// named is what stands under an id.
type named struct{ path, hash string }

// ids are those of questions, items and sections.
func (d Definition) ids() map[string]named {
	all := map[string]named{}
	for i, s := range d.Sections {
		all[s.ID] = named{"sections." + strconv.Itoa(i+1), sourceHash(s.Title)}
	}
	for i, q := range d.Questions {
		path := "questions." + strconv.Itoa(i+1)
		all[q.ID] = named{path, sourceHash(q.Text)}
		for j, item := range q.Items {
			all[item.ID] = named{path + ".items." + strconv.Itoa(j+1), sourceHash(item.Text)}
		}
	}
	return all
}

// numbered is a thing of a list without ids: its number, 0 for none yet, and what it says.
type numbered struct {
	number int
	text   string
}

// keepNumbers gives every fresh thing its number: the one it brings where the old list has it, that of the old
// thing which it continues, or a new one. It returns the highest number given so far.
func keepNumbers(old, fresh []numbered, next int) ([]int, int) {
	free := map[int]bool{}
	for _, o := range old {
		free[o.number] = true
		next = max(next, o.number)
	}
	numbers := make([]int, len(fresh))
	for i, f := range fresh {
		if free[f.number] {
			numbers[i] = f.number
			delete(free, f.number)
		}
	}
	continueOld(old, fresh, free, numbers)
	for i := range numbers {
		if numbers[i] == 0 {
			next++
			numbers[i] = next
		}
	}
	return numbers, next
}

// continueOld lets what has no number take that of an old thing which says about the same.
func continueOld(old, fresh []numbered, free map[int]bool, numbers []int) {
	var was, is []string
	var from, to []int
	for _, o := range old {
		if free[o.number] {
			was, from = append(was, o.text), append(from, o.number)
		}
	}
	for i, f := range fresh {
		if numbers[i] == 0 {
			is, to = append(is, f.text), append(to, i)
		}
	}
	for i, at := range alignMoved(was, is) {
		if at >= 0 && continues(was[at], is[i]) {
			numbers[to[i]] = from[at]
		}
	}
}

// continues says whether two texts have so many words in common that one may be the other, edited.
func continues(a, b string) bool {
	if a == b {
		return true
	}
	words := wordSets([]string{a, b})
	return shared(words[0], words[1]) >= 300
}

func (st *surveyStructure) numberReading(before []ReadingDefinition) {
	text := func(list []ReadingDefinition) []numbered {
		all := make([]numbered, len(list))
		for i, r := range list {
			all[i] = numbered{r.Number, r.Title + "\n" + r.URL}
		}
		return all
	}
	st.knownReading(before)
	numbers, next := keepNumbers(text(before), text(st.Reading), st.NextReading)
	for i := range st.Reading {
		st.Reading[i].Number = numbers[i]
	}
	st.NextReading = next
}

// knownReading gives what has no number that of what had the same title, else of what had the same address.
func (st *surveyStructure) knownReading(before []ReadingDefinition) {
	taken := map[int]bool{}
	for _, r := range st.Reading {
		taken[r.Number] = true
	}
	for _, same := range []func(a, b ReadingDefinition) bool{
		func(a, b ReadingDefinition) bool { return a.Title == b.Title },
		func(a, b ReadingDefinition) bool { return a.URL == b.URL && a.URL != "" },
	} {
		for i := range st.Reading {
			r := &st.Reading[i]
			at := slices.IndexFunc(before, func(b ReadingDefinition) bool { return r.Number == 0 && !taken[b.Number] && same(*r, b) })
			if at >= 0 {
				r.Number = before[at].Number
				taken[r.Number] = true
			}
		}
	}
}

func (st *surveyStructure) numberOverview(before []ParagraphDefinition) {
	text := func(list []ParagraphDefinition) []numbered {
		all := make([]numbered, len(list))
		for i, p := range list {
			all[i] = numbered{p.Number, p.Text + strings.Join(p.Items, "\n")}
		}
		return all
	}
	numbers, next := keepNumbers(text(before), text(st.Overview), st.NextOverview)
	old := map[int]ParagraphDefinition{}
	for _, p := range before {
		old[p.Number] = p
	}
	for i := range st.Overview {
		p := &st.Overview[i]
		p.Number = numbers[i]
		p.numberItems(old[p.Number])
	}
	st.NextOverview = next
}

func (p *ParagraphDefinition) numberItems(before ParagraphDefinition) {
	text := func(p ParagraphDefinition) []numbered {
		all := make([]numbered, len(p.Items))
		for i, item := range p.Items {
			all[i] = numbered{text: item}
			if i < len(p.Numbers) {
				all[i].number = p.Numbers[i]
			}
		}
		return all
	}
	p.Numbers, p.Next = keepNumbers(text(before), text(*p), before.Next)
	if p.Items == nil {
		p.Numbers, p.Next = nil, before.Next
	}
}
