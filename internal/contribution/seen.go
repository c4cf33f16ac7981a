package contribution

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// Several write one contribution: a colleague, or one person on two devices. A page says with each answer what it had shown, and
// nothing is written over a text that whoever writes has not seen.

// Digest is short for a text that a page shows: 64 bits in hexadecimal digits.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// Saved is what became of an entry.
type Saved struct {
	Contribution Contribution
	Seen         map[string]string // what the page may say from now on that it has shown, by question
}

// Written says who wrote something last and when.
type Written struct {
	By  string // "" where the name was forgotten
	Own bool   // whoever looks did it
	At  time.Time
}

// clashKey tells the error of a clash from others.
const clashKey = "respond.clash"

// clash is errs.Conflict, with a field for each question that others answered meanwhile.
func clash(questions []string) error {
	e := errs.E(errs.Conflict, clashKey)
	for _, key := range questions {
		e.Fields = append(e.Fields, errs.FieldError(key, "respond.clash.field"))
	}
	return e
}

// Clashing are the questions that were not saved because others answered them meanwhile; nil for any other error.
func Clashing(err error) []string {
	if key, _ := errs.Message(err); err == nil || key != clashKey {
		return nil
	}
	var questions []string
	for _, f := range errs.FieldsOf(err) {
		questions = append(questions, f.Name)
	}
	return questions
}

// over sorts out which answers of the entry go over the stored ones. A text that is the one that was shown is no wish to change
// anything. clashing are questions whose stored text was neither shown nor written on the same page.
func (e Entry) over(stored map[string]Answer) (wanted Answers, clashing []string) {
	wanted = maps.Clone(e.Answers)
	for key, text := range e.Answers {
		seen, told := e.Seen[key]
		is := stored[key]
		switch {
		case !told || is.Text == text || Digest(is.Text) == seen && Digest(text) != seen:
		case Digest(text) == seen:
			delete(wanted, key)
		case e.Page != "" && is.Page == e.Page:
		default:
			delete(wanted, key)
			clashing = append(clashing, key)
		}
	}
	slices.Sort(clashing)
	return wanted, clashing
}

// seen are the digests of the entry's answers that were kept.
func (e Entry) seen(clashing []string) map[string]string {
	seen := map[string]string{}
	for key, text := range e.Answers {
		if _, told := e.Seen[key]; told && !slices.Contains(clashing, key) {
			seen[key] = Digest(text)
		}
	}
	return seen
}

// pageLimit is how long the name of a page may be.
const pageLimit = 32

// pageName is a name that a page gave itself; "" for what is none.
func pageName(name string) string {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ""
		}
	}
	if len(name) > pageLimit {
		return ""
	}
	return name
}

// tellWriters fills in who edits the contribution and who wrote what.
func (f *Form) tellWriters(tx *db.Tx, rows map[string]Answer) error {
	if !f.Started() {
		return nil
	}
	all, err := editorsOf(tx, f.Contribution.ID)
	if err != nil {
		return err
	}
	f.Editors, f.Written = current(all), map[string]Written{}
	names := map[int64]string{}
	for _, e := range all {
		names[e.ID] = e.Name
	}
	by := func(editor *int64, at time.Time) Written {
		w := Written{By: f.Contribution.Name, Own: f.Me == nil && editor == nil, At: at}
		if editor != nil {
			w.By, w.Own = names[*editor], f.Me != nil && f.Me.ID == *editor
		}
		return w
	}
	for key, row := range rows {
		if row.WrittenAt != nil {
			f.Written[key] = by(row.EditorID, *row.WrittenAt)
		}
	}
	if at := f.Contribution.EditedAt; at != nil && len(all) > 0 {
		w := by(f.Contribution.EditorID, *at)
		f.Edited = &w
	}
	return nil
}
