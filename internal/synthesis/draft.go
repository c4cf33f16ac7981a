package synthesis

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Words are the few words that a draft has of its own, in its language.
type Words struct {
	Findings    string                    // the heading before all questions
	Free        string                    // that of the free-form place, where the cycle has no words of its own
	Files       string                    // that of the documents that came with contributions
	Sources     string                    // the heading over the contributions
	Unpublished string                    // how a contribution is cited that the public may not read
	Untitled    string                    // what somebody without a name is called
	Dir         string                    // "rtl" or "ltr"
	Numbered    func(number int) string   // what a contribution is called by its number
	Named       func(cycle string) string // the title of the draft
}

// Draft is the output document as it stands: what a program reads, and what the files for people are made from. It
// says of a contribution that is not published only that there was one.
type Draft struct {
	Cycle    string         `json:"cycle"`
	Title    string         `json:"title"`
	Language string         `json:"language"` // BCP 47
	Sections []DraftSection `json:"sections"`
	Sources  []Cited        `json:"sources"`
	Problems []Problem      `json:"-"`
	Output   *Output        `json:"-"` // what was compiled last, nil for nothing yet
	words    Words
}

// DraftSection is a heading and what stands below it.
type DraftSection struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Paragraphs []DraftParagraph `json:"paragraphs"`
}

// DraftParagraph is a paragraph with what it rests on.
type DraftParagraph struct {
	ID     int64         `json:"id"`
	Number int           `json:"number"` // its place in the draft, from 1
	Text   string        `json:"text"`   // Markdown
	Cites  []Citation    `json:"cites"`
	Wrong  []ProblemKind `json:"-"`
}

// Citation is an excerpt that a paragraph cites.
type Citation struct {
	Excerpt int64  `json:"excerpt"`
	Quote   string `json:"quote"`  // "" where the public may not read it, or cannot read it there any more
	Source  int    `json:"source"` // the number of the contribution, 0 where the public may not read it
	Label   string `json:"label"`  // whose it is
	URL     string `json:"url,omitempty"`
}

// Cited is a published contribution that the draft rests on.
type Cited struct {
	Number           int    `json:"number"`
	Label            string `json:"label"`
	StakeholderGroup string `json:"stakeholder_group"`
	URL              string `json:"url"`
}

// Output is what was compiled last.
type Output struct {
	DocumentID int64
	Revision   int
	CompiledAt time.Time

	title, body string
}

// Draft puts the paragraphs of a cycle together, in the language of the cycle.
func (s *Service) Draft(ctx context.Context, by account.Actor, cycleID int64) (Draft, error) {
	if err := by.Require(account.SynthesisRead); err != nil {
		return Draft{}, err
	}
	round, err := s.Cycles.Round(ctx, cycleID)
	if err != nil {
		return Draft{}, errs.Wrap("synthesis.draft", err)
	}
	outline, err := s.Questions.Outline(ctx, cycleID, round.Language)
	if err != nil {
		return Draft{}, errs.Wrap("synthesis.draft", err)
	}
	d, err := s.drafted(s.DB.Read(ctx), round, outline)
	return d, errs.Wrap("synthesis.draft", err)
}

func (s *Service) drafted(tx *db.Tx, round Round, outline Outline) (Draft, error) {
	words := s.Words(outline.Locale)
	d := Draft{Cycle: round.Slug, Title: words.Named(round.Name), Language: outline.Locale, words: words}
	written, err := paragraphs(tx, round.ID)
	if err != nil {
		return d, err
	}
	cited, err := citedIn(tx, round.ID, written)
	if err != nil {
		return d, err
	}
	d.Sections = append(d.Sections, DraftSection{ID: Findings, Title: words.Findings})
	for _, q := range outline.Questions {
		title := q.Text
		switch {
		case q.ID == Files:
			title = words.Files
		case title == "":
			title = words.Free
		}
		d.Sections = append(d.Sections, DraftSection{ID: q.ID, Title: title})
	}
	address := s.PublicURL + "/calls/" + round.Slug + "/contributions/"
	for _, p := range written {
		d.add(p, cited, address)
	}
	d.number()
	d.sources(cited, address)
	if o, err := outputOf(tx, round.ID); err == nil {
		d.Output = &Output{DocumentID: o.DocumentID, Revision: o.RevisionNumber, CompiledAt: o.CompiledAt, title: o.Title, body: o.Body}
	} else if !db.IsNotFound(err) {
		return d, err
	}
	return d, nil
}

// citedIn are the excerpts that the paragraphs cite, by id.
func citedIn(tx *db.Tx, cycleID int64, written []Paragraph) (map[int64]Found, error) {
	var ids []int64
	for _, p := range written {
		ids = append(ids, p.Excerpts...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	byID := make(map[int64]Found, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		all, err := found(tx, ExcerptFilter{CycleID: cycleID, IDs: chunk, Limit: len(chunk)})
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			byID[x.ID] = x
		}
	}
	return byID, nil
}

// add puts a paragraph into its section; one whose question is not asked any more stands before all questions.
func (d *Draft) add(p Paragraph, cited map[int64]Found, address string) {
	at := max(slices.IndexFunc(d.Sections, func(s DraftSection) bool { return s.ID == p.Section }), 0)
	put := DraftParagraph{ID: p.ID, Text: p.Text}
	if len(p.Excerpts) == 0 {
		put.Wrong = append(put.Wrong, CitesNothing)
	}
	for _, id := range p.Excerpts {
		x := cited[id]
		put.Cites = append(put.Cites, d.citation(x, address))
		switch {
		case x.WithdrawnAt != nil:
			put.Wrong = append(put.Wrong, CitesWithdrawn)
		case x.Changed:
			put.Wrong = append(put.Wrong, WordsChanged)
		}
	}
	slices.Sort(put.Wrong)
	put.Wrong = slices.Compact(put.Wrong)
	d.Sections[at].Paragraphs = append(d.Sections[at].Paragraphs, put)
}

// number counts the paragraphs as they stand, and collects what is wrong with them.
func (d *Draft) number() {
	n := 0
	for _, s := range d.Sections {
		for i := range s.Paragraphs {
			n++
			p := &s.Paragraphs[i]
			p.Number = n
			for _, kind := range p.Wrong {
				d.Problems = append(d.Problems, Problem{Paragraph: p.ID, Number: n, Kind: kind})
			}
		}
	}
}

// Numbers are the places of the paragraphs in the draft, by their ids.
func (d Draft) Numbers() map[int64]int {
	numbers := map[int64]int{}
	for _, s := range d.Sections {
		for _, p := range s.Paragraphs {
			numbers[p.ID] = p.Number
		}
	}
	return numbers
}

// citation is how an excerpt is cited where the public reads.
func (d *Draft) citation(x Found, address string) Citation {
	if !x.Source.Published || x.WithdrawnAt != nil {
		return Citation{Excerpt: x.ID, Label: d.words.Unpublished}
	}
	n := x.Source.PublicNumber
	c := Citation{Excerpt: x.ID, Source: n, Label: d.label(x.Source), URL: address + strconv.Itoa(n)}
	if !x.Changed { // else their author has taken the words back, perhaps before anybody could read them there
		c.Quote = x.Quote
	}
	return c
}

// label is a name with the organization for which somebody speaks.
func (d *Draft) label(s Source) string {
	switch {
	case s.Name == "" && s.Organization == "":
		return d.words.Untitled
	case s.Name == "":
		return s.Organization
	case s.Organization == "" || s.Organization == s.Name:
		return s.Name
	}
	return s.Name + ", " + s.Organization
}

// sources lists the published contributions that are cited, by number.
func (d *Draft) sources(cited map[int64]Found, address string) {
	seen := map[int]bool{}
	for _, x := range cited {
		n := x.Source.PublicNumber
		if !x.Source.Published || x.WithdrawnAt != nil || seen[n] {
			continue
		}
		seen[n] = true
		d.Sources = append(d.Sources, Cited{Number: n, Label: d.label(x.Source), StakeholderGroup: x.Source.StakeholderGroup, URL: address + strconv.Itoa(n)})
	}
	slices.SortFunc(d.Sources, func(a, b Cited) int { return a.Number - b.Number })
}

// Empty says whether nothing is written yet.
func (d Draft) Empty() bool {
	return !slices.ContainsFunc(d.Sections, func(s DraftSection) bool { return len(s.Paragraphs) > 0 })
}
