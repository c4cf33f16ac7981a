package web

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// noteField is the field of a note at a segment.
const noteField = "note-"

// reviewTranslation approves what the reviewer has seen, sends it back, or keeps the notes alone. What is refused
// leaves nothing behind but the page with all that was typed.
func (w *Web) reviewTranslation(c *fiber.Ctx) error {
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	review, said := reviewOf(posted)
	t, err := w.Documents.Review(c.UserContext(), account.ActorFrom(c.UserContext()), data.Translation.ID, review)
	if err != nil {
		return w.reviewAgain(c, posted, err)
	}
	return w.redirect(c, translationPath(t.ID), said)
}

func reviewOf(posted form.Form) (review document.Review, said string) {
	review = document.Review{Verdict: document.Approving, Note: posted.Value("note"), Notes: map[string]string{}, Seen: cmp.Or(posted.Value("seen"), document.UnknownBase)}
	for name := range posted.Values {
		if key, ok := strings.CutPrefix(name, noteField); ok {
			review.Notes[key] = posted.Value(name)
		}
	}
	switch verdict := document.Verdict(posted.Value("do")); verdict {
	case document.OnlyNotes:
		review.Verdict, said = verdict, "document.translation.noted"
	case document.SendingBack:
		review.Verdict, said = verdict, "document.translation.sent_back"
	default:
		said = "document.translation.approved"
	}
	return review, said
}

// reviewAgain shows the sheet as it is now, with all that the reviewer typed and with what changed since they looked.
func (w *Web) reviewAgain(c *fiber.Ctx, posted form.Form, err error) error {
	refused := errs.Find(err)
	if refused == nil {
		return err
	}
	data, failed := w.translationData(c)
	if failed != nil {
		return failed
	}
	shown := *refused
	shown.Fields = nil
	for _, f := range refused.Fields {
		if f.Name != "note" {
			f.Name = noteField + f.Name
		}
		shown.Fields = append(shown.Fields, f)
	}
	if refused.Key == "document.translation.changed_since" {
		for i, l := range data.Lines {
			if data.Lines[i].Moved = posted.Value("seen-"+l.Key) != l.Mark(); data.Lines[i].Moved {
				shown.Fields = append(shown.Fields, errs.FieldError(l.Key, "document.translation.changed_here", "Place", document.Place(l.Key)))
			}
		}
	}
	return translationPage.render(w, c, errs.Status(err), data, posted.Fail(w.Server.Localizer(c), &shown))
}

// typedRule is a rule as the script reads it. In its sentences stand marks for what is only known as one types.
type typedRule struct {
	Kind    string `json:"kind"`
	Pattern string `json:"pattern"`
	Say     string `json:"say"`             // what is told; of items, that one is missing
	Extra   string `json:"extra,omitempty"` // of items, that one is too many
	Blocks  bool   `json:"blocks,omitempty"`
}

// rulesJSON writes the rules for the script in the reader's language: \u0001 stands for the place, \u0002 for the
// text or the count of the source, \u0003 for the count of the translation.
func rulesJSON(l *i18n.Localizer) string {
	say := func(key string) string {
		return l.T("document.translation.problem."+key, "Place", "\x01", "Text", "\x02", "Want", "\x02", "Have", "\x03")
	}
	var rules []typedRule
	for _, r := range document.Rules() {
		rule := typedRule{Kind: string(r.Kind), Pattern: r.Pattern, Blocks: r.Blocks}
		if r.Kind == document.SameItems {
			rule.Say, rule.Extra = say(r.Code+"_missing"), say(r.Code+"_extra")
		} else {
			rule.Say = say(r.Code)
		}
		rules = append(rules, rule)
	}
	b, err := json.Marshal(rules)
	if err != nil {
		return "[]" // strings can always be written
	}
	return string(b)
}
