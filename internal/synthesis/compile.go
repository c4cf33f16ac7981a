package synthesis

import (
	"context"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Documents is the room of texts, in which the community comments on the draft.
type Documents interface {
	// PutOutput makes the text the newest wording of the cycle's output document, which is made where there is none.
	// What others wrote into it since then stays; where both changed the same words, the error is errs.Conflict.
	PutOutput(ctx context.Context, by account.Actor, o OutputText) (documentID int64, revision int, err error)
}

// OutputText is a draft on its way to the room of texts.
type OutputText struct {
	CycleID    int64
	DocumentID int64 // 0 for none yet
	Language   string
	Title      string
	Body       string // Markdown
	WasTitle   string // what was compiled last
	WasBody    string
}

// Compile brings the draft into the output document. Errors are errs.Conflict where nothing is written or something
// keeps the draft from being compiled (Draft.Problems), or where the document and the draft were changed at the same place.
func (s *Service) Compile(ctx context.Context, by account.Actor, cycleID int64) (Output, error) {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return Output{}, err
	}
	d, err := s.Draft(ctx, by, cycleID)
	if err != nil {
		return Output{}, errs.Wrap("synthesis.compile", err)
	}
	switch {
	case d.Empty():
		return Output{}, errs.E(errs.Conflict, "synthesis.compile.empty")
	case len(d.Problems) > 0:
		return Output{}, errs.E(errs.Conflict, "synthesis.compile.problems")
	}
	text := OutputText{CycleID: cycleID, Language: d.Language, Title: d.Title, Body: d.body()}
	if d.Output != nil {
		text.DocumentID, text.WasTitle, text.WasBody = d.Output.DocumentID, d.Output.title, d.Output.body
	}
	o := output{CycleID: cycleID, Title: text.Title, Body: text.Body, CompiledBy: holder(by), CompiledAt: s.Now()}
	if o.DocumentID, o.RevisionNumber, err = s.Documents.PutOutput(ctx, by, text); err != nil {
		return Output{}, errs.Wrap("synthesis.compile", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := saveOutput(tx, o); err != nil {
			return err
		}
		return audit.Record(tx, by.Who, s.Now(), audit.Change{
			Action: "output.compiled", ObjectKind: "document", ObjectID: o.DocumentID, CycleID: cycleID,
			After: map[string]any{"revision": o.RevisionNumber},
		})
	})
	return Output{DocumentID: o.DocumentID, Revision: o.RevisionNumber, CompiledAt: o.CompiledAt}, errs.Wrap("synthesis.compile", err)
}

// body is the draft as the text of a document: each paragraph ends with the contributions that it rests on. They are named by their numbers alone,
// because the text stays when a name is corrected or taken back.
func (d Draft) body() string {
	var b strings.Builder
	for _, s := range d.Sections {
		if len(s.Paragraphs) == 0 {
			continue
		}
		b.WriteString("## " + oneLine(s.Title) + "\n\n")
		for _, p := range s.Paragraphs {
			b.WriteString(ended(p.Text, d.marks(p)) + "\n\n")
		}
	}
	if len(d.Sources) > 0 {
		b.WriteString("## " + d.words.Sources + "\n\n")
		for _, c := range d.Sources {
			b.WriteString("- [" + escape(d.words.Numbered(c.Number)) + "](" + c.URL + ")\n")
		}
	}
	return strings.TrimSpace(b.String())
}

// marks are the numbers of the contributions that a paragraph rests on, each once and linked.
func (d Draft) marks(p DraftParagraph) string {
	var marks []string
	seen := map[string]bool{}
	for _, c := range p.Cites {
		mark := c.Label
		if c.Source != 0 {
			mark = "[" + strconv.Itoa(c.Source) + "](" + c.URL + ")"
		}
		if !seen[mark] {
			marks = append(marks, mark)
		}
		seen[mark] = true
	}
	return " (" + strings.Join(marks, ", ") + ")"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// escape keeps a name from being read as Markdown.
func escape(text string) string {
	var b strings.Builder
	for _, r := range oneLine(text) {
		if strings.ContainsRune("\\`*_{}[]()<>#+-.!|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
