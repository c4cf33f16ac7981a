package web

import (
	"context"
	"html/template"
	"maps"
	"slices"
	"strconv"
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
	document.Detail
	Action  string        // where the choices are posted: the form that was posted, once more
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
	TheirsSaid   string // a setting, in the reader's language
	MineSaid     string
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

// fromPage completes changes that were posted from a page by what the page knows: why they are made, and how places end
// that two people touched. The revision that they were made from has the number that is returned, or 0, which none has.
func fromPage(posted form.Form, changes document.Changes) (int, document.Changes) {
	base, err := strconv.Atoi(posted.Value("base_revision"))
	if err != nil {
		base = 0
	}
	changes.Note, changes.Chosen = posted.Value("note"), postedChoices(posted)
	changes.Seen, _ = strconv.Atoi(posted.Value("seen"))
	return base, changes
}

// editedByTwo answers somebody whose words cannot simply be saved, because somebody else was faster: both wordings are
// shown, to choose from. It is false where there is nothing to choose, because the text is frozen, or what was posted was
// made from no revision.
func (w *Web) editedByTwo(c *fiber.Ctx, d document.Detail, posted form.Form, changes document.Changes, why error) (bool, error) {
	if !errs.Is(why, errs.Conflict) || d.Revision.State != document.OpenForComment {
		return false, nil
	}
	ctx := c.UserContext()
	l := w.Server.Localizer(c)
	base, changes := fromPage(posted, changes)
	open := changes.Chosen
	seen, clashes, err := w.clashes(ctx, d.ID, base, changes)
	if errs.Is(err, errs.Conflict) || err == nil && len(clashes) == 0 {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	shown := documentMergeData{Detail: d, Action: c.Path(), Seen: seen, Posted: postedFields(posted)}
	for _, clash := range clashes {
		shown.Clashes = append(shown.Clashes, clashLineOf(l, clash))
		if _, given := posted.Values[ownField+clash.Key]; !given {
			posted.Values[ownField+clash.Key] = []string{clash.Mine}
		}
	}
	return true, documentMergePage.render(w, c, fiber.StatusConflict, shown, undecided(l, posted, open, why))
}

// clashes are those that there are, and those that there are only once these are decided as it was chosen.
func (w *Web) clashes(ctx context.Context, id int64, base int, changes document.Changes) (int, []document.EditClash, error) {
	actor := account.ActorFrom(ctx)
	chosen := changes.Chosen
	changes.Chosen = nil
	seen, all, err := w.Documents.Clashes(ctx, actor, id, base, changes)
	if err != nil || len(chosen) == 0 {
		return seen, all, err
	}
	changes.Chosen = chosen
	_, left, err := w.Documents.Clashes(ctx, actor, id, base, changes)
	if errs.Is(err, errs.Invalid) { // what was written is told at its field
		return seen, all, nil
	}
	for _, clash := range left {
		if !slices.ContainsFunc(all, func(known document.EditClash) bool { return known.Key == clash.Key }) {
			all = append(all, clash)
		}
	}
	return seen, all, err
}

func clashLineOf(l *i18n.Localizer, clash document.EditClash) clashLine {
	line := clashLine{
		EditClash: clash, Label: l.Error(document.ClashPlace(clash.Key)), Field: choiceField + clash.Key, Own: ownField + clash.Key,
	}
	said := func(text, kind string) (string, template.HTML) {
		switch {
		case kind != "":
			kind = l.T("document.question.kind." + kind)
		case text == "true" || text == "false" || text == "" && !clash.Written:
			return settingText(l, clash.Key, text), ""
		}
		return kind, changesHTML(document.WordChanges(clash.Base, text))
	}
	line.TheirsSaid, line.TheirsMarked = said(clash.Theirs, clash.TheirsKind)
	line.MineSaid, line.MineMarked = said(clash.Mine, clash.MineKind)
	return line
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

// keptLabels are the texts that name fields which are no segments.
var keptLabels = map[string]string{
	"body": "document.body.label", "note": "document.edit.note", "new_text": "document.questions.text", "new_items": "document.questions.items_label",
	"section_title": "document.questions.section_title", "section_text": "document.questions.section_text", "other_text": "document.questions.closing_text",
	"reading_title": "document.reading.name", "reading_url": "document.reading.url", "paragraph": "document.overview.paragraph",
}

// keptLines is what was typed and is not stored, to be copied from a page that has no form.
func keptLines(l *i18n.Localizer, posted, stored form.Form) []documentLine {
	var lines []documentLine
	for _, f := range postedFields(posted) {
		label, known := l.Error(document.Place(f.Name)), keptLabels[f.Name]
		switch {
		case known != "":
			label = l.T(known)
		case errs.Find(document.Place(f.Name)).Key == "document.place.other": // no words of the text
			continue
		}
		if strings.TrimSpace(f.Value) != "" && f.Value != stored.Value(f.Name) {
			lines = append(lines, documentLine{Segment: document.Segment{Key: f.Name, Text: f.Value}, Label: label})
		}
	}
	return lines
}
