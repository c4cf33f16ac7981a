package synthesis

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Wording is what somebody writes into a paragraph. ID is 0 for a new one, which goes to the end of its section; Base
// is the version that was read.
type Wording struct {
	ID       int64
	Base     int
	CycleID  int64
	Section  string
	Text     string // Markdown
	Excerpts []int64
}

// Write stores a paragraph. Errors are errs.Invalid at the fields text and excerpts, errs.Conflict where somebody else
// wrote it meanwhile.
func (s *Service) Write(ctx context.Context, by account.Actor, w Wording) (Paragraph, error) {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return Paragraph{}, err
	}
	if w.ID == 0 {
		if err := s.knownSection(ctx, w); err != nil {
			return Paragraph{}, errs.Wrap("synthesis.write", err)
		}
	}
	var p Paragraph
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = s.opened(tx, w); err != nil {
			return err
		}
		before := p
		if err := p.write(w.Base, w.Text, w.Excerpts); err != nil {
			return err
		}
		if err := citable(tx, p); err != nil {
			return err
		}
		p.WrittenBy, p.WrittenAt = holder(by), s.Now()
		if err := saveParagraph(tx, &p); err != nil {
			return err
		}
		return s.recordParagraph(tx, by, p, "paragraph.written", before.image(), p.image())
	})
	return p, errs.Wrap("synthesis.write", err)
}

// knownSection refuses a section that the cycle does not ask for.
func (s *Service) knownSection(ctx context.Context, w Wording) error {
	o, err := s.Questions.Outline(ctx, w.CycleID, "")
	if err != nil {
		return err
	}
	if w.Section == Findings || slices.ContainsFunc(o.Questions, func(q Question) bool { return q.ID == w.Section }) {
		return nil
	}
	return errs.InvalidFields(errs.FieldError("section", "field.choice"))
}

// opened is the paragraph that is written to, a new one at the end of its section.
func (s *Service) opened(tx *db.Tx, w Wording) (Paragraph, error) {
	if w.ID == 0 {
		if err := lockCycle(tx, w.CycleID); err != nil {
			return Paragraph{}, err
		}
		last, err := lastPosition(tx, w.CycleID, w.Section)
		return Paragraph{CycleID: w.CycleID, Section: w.Section, Position: last + 1, Version: w.Base}, err
	}
	p, err := orNotFound(paragraphByID(tx, w.ID))
	if err != nil {
		return p, err
	}
	if err := lockCycle(tx, p.CycleID); err != nil {
		return p, err
	}
	return paragraphByID(tx, w.ID) // as it stands now that nobody else writes
}

// citable refuses to cite what is not there, or belongs to another cycle.
func citable(tx *db.Tx, p Paragraph) error {
	if len(p.Excerpts) == 0 {
		return nil
	}
	all, err := found(tx, ExcerptFilter{CycleID: p.CycleID, IDs: p.Excerpts, Limit: len(p.Excerpts)})
	if err != nil {
		return err
	}
	if len(all) < len(p.Excerpts) {
		return errs.InvalidFields(errs.FieldError("excerpts", "field.choice"))
	}
	return nil
}

// image is what the trail keeps of a paragraph.
func (p Paragraph) image() map[string]any {
	if p.Version == 0 {
		return nil
	}
	return map[string]any{"section": p.Section, "text": p.Text, "excerpts": p.Excerpts}
}

// Shift moves a paragraph by one place in its section: up, or down. At the end of a section nothing happens.
func (s *Service) Shift(ctx context.Context, by account.Actor, id int64, up bool) error {
	return s.change(ctx, by, id, "synthesis.shift", func(tx *db.Tx, p Paragraph) error {
		all, err := paragraphs(tx, p.CycleID)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(o Paragraph) bool { return o.Section != p.Section })
		at := slices.IndexFunc(all, func(o Paragraph) bool { return o.ID == p.ID })
		to := at + 1
		if up {
			to = at - 1
		}
		if to < 0 || to >= len(all) {
			return nil
		}
		all[at], all[to] = all[to], all[at]
		for i, o := range all {
			if err := setPosition(tx, o.ID, i+1); err != nil {
				return err
			}
		}
		return s.recordParagraph(tx, by, p, "paragraph.moved", map[string]any{"position": at + 1}, map[string]any{"position": to + 1})
	})
}

// Strike removes a paragraph; the excerpts that it cites stay.
func (s *Service) Strike(ctx context.Context, by account.Actor, id int64) error {
	return s.change(ctx, by, id, "synthesis.strike", func(tx *db.Tx, p Paragraph) error {
		if err := deleteParagraph(tx, id); err != nil {
			return err
		}
		return s.recordParagraph(tx, by, p, "paragraph.struck", p.image(), nil)
	})
}

// change does something to a paragraph while nobody else changes its cycle's.
func (s *Service) change(ctx context.Context, by account.Actor, id int64, op string, fn func(*db.Tx, Paragraph) error) error {
	if err := by.Require(account.SynthesisWrite); err != nil {
		return err
	}
	return errs.Wrap(op, s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := s.opened(tx, Wording{ID: id})
		if err != nil {
			return err
		}
		return fn(tx, p)
	}))
}

func (s *Service) recordParagraph(tx *db.Tx, by account.Actor, p Paragraph, action string, before, after any) error {
	return audit.Record(tx, by.Who, s.Now(), audit.Change{
		Action: action, ObjectKind: "paragraph", ObjectID: p.ID, CycleID: p.CycleID, Before: before, After: after,
	})
}
