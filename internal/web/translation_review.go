package web

import (
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// noteField is the field of a note at a segment.
const noteField = "note-"

// reviewTranslation keeps the notes at segments, and then approves, sends back, or leaves it at the notes.
func (w *Web) reviewTranslation(c *fiber.Ctx) error {
	ctx := c.UserContext()
	actor := account.ActorFrom(ctx)
	data, err := w.translationData(c)
	if err != nil {
		return err
	}
	posted, err := w.posted(c)
	if err != nil {
		return err
	}
	id := data.Translation.ID
	notes := map[string]string{}
	for name, values := range posted.Values {
		if key, ok := strings.CutPrefix(name, noteField); ok && len(values) > 0 {
			notes[key] = values[0]
		}
	}
	if err := w.Documents.Note(ctx, actor, id, notes); err != nil {
		return w.sheetAgain(c, data, posted, atNotes(err))
	}
	for key := range notes {
		delete(posted.Values, noteField+key) // they are kept, whatever becomes of the rest
	}
	said := "document.translation.approved"
	switch posted.Value("do") {
	case "note":
		return w.redirect(c, data.Action, "document.translation.noted")
	case "send_back":
		said = "document.translation.sent_back"
		_, err = w.Documents.SendBack(ctx, actor, id, posted.Value("note"))
	default:
		_, err = w.Documents.Approve(ctx, actor, id)
	}
	if err == nil {
		return w.redirect(c, translationPath(id), said)
	}
	if data, failed := w.translationData(c); failed == nil {
		return w.sheetAgain(c, data, posted, err)
	}
	return err
}

// atNotes leads what is wrong with a note to its field.
func atNotes(err error) error {
	e := errs.Find(err)
	if e == nil {
		return err
	}
	mapped := *e
	mapped.Fields = nil
	for _, f := range e.Fields {
		f.Name = noteField + f.Name
		mapped.Fields = append(mapped.Fields, f)
	}
	return &mapped
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
