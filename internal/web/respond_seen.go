package web

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/web/form"
)

// A page of answers says in hidden fields what it has shown, so that nobody writes over what they have not seen.
const (
	seenField  = "seen:" // before the name of a place; alone, the name of the opened page
	seenHeader = "X-Seen"
	autosaved  = "X-Autosave"
)

// clash is an answer that was saved by others while somebody wrote theirs.
type clash struct {
	contribution.Written
	Text  string // as it is read; "" where the answer was removed
	Known bool   // whether Written says who it was
}

// signed notes at each place who else wrote there.
func (s respondSection) signed(by map[string]contribution.Written) respondSection {
	s.Places = slices.Clone(s.Places)
	for i := range s.Places {
		if w, ok := by[s.Places[i].Name]; ok && !w.Own {
			s.Places[i].By = &w
		}
	}
	return s
}

// shown is the form with what is stored, and with what a new page has shown by that.
func (s respondSection) shown() form.Form {
	f := form.With(seenField, strings.ToLower(rand.Text()))
	for _, p := range s.Places {
		f.Values[p.Name] = p.values()
		f.Values[seenField+p.Name] = []string{contribution.Digest(p.Text)}
	}
	return f
}

// entry is what a form brought for the section.
func (s respondSection) entry(posted form.Form) contribution.Entry {
	e := contribution.Entry{Answers: contribution.Answers{}, Seen: map[string]string{}, Page: posted.Value(seenField)}
	for _, p := range s.Places {
		text, ok := p.posted(posted)
		if !ok {
			continue
		}
		e.Answers[p.Name] = text
		if seen := posted.Value(seenField + p.Name); seen != "" {
			e.Seen[p.Name] = seen
		}
	}
	return e
}

// answerNotSaved shows the page again. Where others answered meanwhile, it has both texts; the script is told only that it is so.
func (w *Web) answerNotSaved(c *fiber.Ctx, d respondAnswer, posted form.Form, saved contribution.Saved, err error) error {
	clashing := contribution.Clashing(err)
	if len(clashing) == 0 {
		return respondAnswerPage.again(w, c, d, err)
	}
	if c.Get(autosaved) != "" {
		c.Set(seenHeader, seenQuery(saved.Seen))
		return c.SendStatus(errs.Status(err))
	}
	fresh, f, failed := w.freshAnswer(c, posted)
	if failed != nil {
		return failed
	}
	for i := range fresh.Section.Places {
		p := &fresh.Section.Places[i]
		if !slices.Contains(clashing, p.Name) {
			continue
		}
		f.Values[p.Name] = posted.Values[p.Name]
		by, known := fresh.Written[p.Name]
		p.Clash, p.By = &clash{Written: by, Text: p.Read(), Known: known}, nil
	}
	return respondAnswerPage.refuse(w, c, fresh, f, err)
}

// answerSavedBut shows the page again whose answers are saved by now.
func (w *Web) answerSavedBut(c *fiber.Ctx, posted form.Form, err error) error {
	d, f, failed := w.freshAnswer(c, posted)
	if failed != nil {
		return failed
	}
	return respondAnswerPage.refuse(w, c, d, f, err)
}

// freshAnswer is the page with what is stored by now, under the name that it had.
func (w *Web) freshAnswer(c *fiber.Ctx, posted form.Form) (respondAnswer, form.Form, error) {
	d, err := w.answering(c)
	f := d.Section.shown()
	f.Values[seenField] = []string{posted.Value(seenField)}
	return d, f, err
}

// seenQuery are digests as the script reads them.
func seenQuery(seen map[string]string) string {
	q := url.Values{}
	for name, digest := range seen {
		q.Set(name, digest)
	}
	return q.Encode()
}
