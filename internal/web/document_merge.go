package web

import (
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/document"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/web/form"
)

// documentMergePage shows what two people wrote at the same time, passage by passage.
const documentMergePage page[documentMergeData] = "document_merge"

type documentMergeData struct {
	documentData
	Seen    int           // the number of the revision that is shown beside what was typed
	Posted  []postedField // all that was typed, to be posted again with the choices
	Clashes []clashLine
}

type postedField struct{ Name, Value string }

// clashLine is one place that both touched.
type clashLine struct {
	document.EditClash
	Label        string
	Field        string        // of the choice
	Own          string        // of a third wording
	TheirsMarked template.HTML // what was changed is marked in both
	MineMarked   template.HTML
}

const (
	choiceField = "take-"
	ownField    = "own-"
)

// postedChoices reads how places are to end that two people touched.
func postedChoices(posted form.Form) map[string]document.Choice {
	chosen := map[string]document.Choice{}
	for name := range posted.Values {
		if key, ok := strings.CutPrefix(name, choiceField); ok {
			chosen[key] = document.Choice{Take: document.Side(posted.Value(name)), Text: posted.Value(ownField + key)}
		}
	}
	return chosen
}

// editedByTwo answers somebody whose words cannot simply be saved: both wordings are shown, or what
// was typed, where the text was frozen meanwhile.
func (w *Web) editedByTwo(c *fiber.Ctx, data documentData, base int, changes document.Changes, posted form.Form, why error) error {
	ctx := c.UserContext()
	l := w.Server.Localizer(c)
	open := changes.Chosen
	changes.Chosen = nil
	seen, clashes, err := w.Documents.Clashes(ctx, account.ActorFrom(ctx), data.ID, base, changes)
	if err != nil && !errs.Is(err, errs.Conflict) {
		return err
	}
	if !data.Editable || len(clashes) == 0 {
		shown := documentEditData{documentData: data, Base: data.Revision.Number}
		if !data.Editable {
			shown.Kept = keptLines(l, posted)
		}
		return documentEditPage.again(w, c, shown, why)
	}
	shown := documentMergeData{documentData: data, Seen: seen, Posted: postedFields(posted)}
	for _, clash := range clashes {
		shown.Clashes = append(shown.Clashes, clashLine{
			EditClash: clash, Label: l.Error(document.Place(clash.Key)), Field: choiceField + clash.Key, Own: ownField + clash.Key,
			TheirsMarked: changesHTML(document.WordChanges(clash.Base, clash.Theirs)),
			MineMarked:   changesHTML(document.WordChanges(clash.Base, clash.Mine)),
		})
		if _, given := posted.Values[ownField+clash.Key]; !given {
			posted.Values[ownField+clash.Key] = []string{clash.Mine}
		}
	}
	return documentMergePage.render(w, c, fiber.StatusConflict, shown, undecided(l, posted, open, why))
}

// undecided says at each place that is still open that it is, once the reader has decided about others.
func undecided(l *i18n.Localizer, posted form.Form, chosen map[string]document.Choice, why error) form.Form {
	shown := form.Form{Values: posted.Values}
	if len(chosen) == 0 {
		return shown
	}
	shown.Notice = l.Error(why)
	for _, f := range errs.FieldsOf(why) {
		delete(shown.Values, choiceField+f.Name)
		shown.Errors = append(shown.Errors, form.Message{Field: choiceField + f.Name, Text: l.FieldMessage(f)})
	}
	return shown
}

// postedFields is what was typed, without the answers to an earlier page of this kind.
func postedFields(posted form.Form) []postedField {
	var fields []postedField
	for _, name := range slices.Sorted(maps.Keys(posted.Values)) {
		if name == "seen" || strings.HasPrefix(name, choiceField) || strings.HasPrefix(name, ownField) {
			continue
		}
		for _, value := range posted.Values[name] {
			fields = append(fields, postedField{name, value})
		}
	}
	return fields
}

// keptLines is what was typed, to be copied from a page that has no form.
func keptLines(l *i18n.Localizer, posted form.Form) []documentLine {
	var lines []documentLine
	for _, f := range postedFields(posted) {
		label := l.Error(document.Place(f.Name))
		switch f.Name {
		case "base_revision", "do":
			continue
		case "body":
			label = l.T("document.body.label")
		case "note":
			label = l.T("document.edit.note")
		}
		if f.Value != "" {
			lines = append(lines, documentLine{Segment: document.Segment{Key: f.Name, Text: f.Value}, Label: label})
		}
	}
	return lines
}
