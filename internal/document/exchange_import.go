package document

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/document/unit"
	"github.com/convoke/convoke/internal/errs"
)

// Outcome is what became of a unit of a file.
type Outcome string

// The outcomes.
const (
	Taken        Outcome = "taken"
	TakenStale   Outcome = "stale"     // kept as outdated: of an earlier wording, or marked as doubtful in the tool
	Unchanged    Outcome = "unchanged" // what is here already, or what the tool has not touched
	Untranslated Outcome = "untranslated"
	Refused      Outcome = "refused" // Reason says why
	UnknownUnit  Outcome = "unknown" // the document has no such segment
	AbsentUnit   Outcome = "absent"  // the file has no unit for this segment
)

// Outcomes lists them in the order in which a person wants to read them.
func Outcomes() []Outcome {
	return []Outcome{Refused, UnknownUnit, AbsentUnit, TakenStale, Taken, Untranslated, Unchanged}
}

// ImportedUnit is what became of one unit.
type ImportedUnit struct {
	Key      string
	Outcome  Outcome
	Reason   *errs.Field // of a refused one
	Findings []Finding   // what the rules say of one that was taken
	Stored   string      // of one that was refused because it was edited here too: what stands here,
	Offered  string      // and what the file has
}

// Imported is what became of a file.
type Imported struct {
	Translation Translation
	Claimed     bool // it was taken on for the importer in the same step
	Corrects    bool // it was approved: what the file changes is a correction, which somebody else approves
	Units       []ImportedUnit
}

// Count is how many units had an outcome.
func (i Imported) Count(o Outcome) int {
	n := 0
	for _, u := range i.Units {
		if u.Outcome == o {
			n++
		}
	}
	return n
}

// Import takes what a translator wrote in a tool of their own: a file that Export gave, in either format. Each
// unit is judged for itself, and what can be taken is saved as a draft. Who does not hold the translation takes it
// on, where that is possible; of what is approved, a correction is begun, for which a reason must be given. A file that
// cannot be read, or is of another document or language, is refused whole with a field "file"; a file that changes nothing changes nothing.
func (s *Service) Import(ctx context.Context, by account.Actor, documentID int64, locale string, content []byte, reason string) (Imported, error) {
	if err := by.Require(account.TranslationWrite); err != nil {
		return Imported{}, err
	}
	f, unread := readUnits(content)
	var done Imported
	held := false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.loadFor(tx, by, documentID, locale)
		if err != nil {
			return err
		}
		done.Translation = c.t
		if unread == nil {
			unread = sameFile(c, f)
		}
		if unread != nil {
			return atFile(unread)
		}
		j, err := s.judgeUnits(tx, by, c, f)
		if err != nil {
			return err
		}
		done.Units = j.units
		if len(j.segments) == 0 {
			return nil
		}
		held, err = s.takeImported(tx, by, &c, j, reason, &done)
		return err
	})
	if held {
		err = s.heldBy(ctx, done.Translation, err)
	}
	return done, errs.Wrap("document.import", err)
}

// takeImported puts a file into the translation that the importer holds, or takes on with it; of what is approved, into
// a correction of it. held says that somebody else has the translation.
func (s *Service) takeImported(tx *db.Tx, by account.Actor, c *changing, j judged, reason string, done *Imported) (held bool, err error) {
	if c.t.State == Approved {
		done.Corrects = true
		reason = strings.TrimSpace(cleanText(reason))
		if err := checkReason(reason); err != nil {
			return false, err
		}
		if err := s.beginCorrection(tx, by, c, reason); err != nil {
			return false, err
		}
		c.before = c.t.State
	}
	if held, err = s.hold(c, by); err != nil {
		return held, err
	}
	done.Claimed = c.before != c.t.State && c.t.State == Claimed
	return false, s.putImported(tx, by, c, j, done)
}

// loadFor is load for a language that nobody may have begun with.
func (s *Service) loadFor(tx *db.Tx, by account.Actor, documentID int64, locale string) (changing, error) {
	var c changing
	d, r, err := lockCurrent(tx, documentID)
	if err != nil {
		return c, err
	}
	if locale, err = targetLocale(d, locale); err != nil {
		return c, err
	}
	c.document = d
	if c.t, err = translationOf(tx, r.ID, locale); db.IsNotFound(err) {
		c.t, err = s.first(by, r, language.Make(locale))
	}
	if err != nil {
		return c, err
	}
	c.before = c.t.State
	c.source, err = segmentsOf(tx, r.ID)
	return c, err
}

// hold makes the translation the importer's, unless it is.
func (s *Service) hold(c *changing, by account.Actor) (held bool, err error) {
	if c.t.isBy(by) {
		return false, nil
	}
	err = c.t.Claim(by, s.Now())
	return err != nil, err
}

func (s *Service) putImported(tx *db.Tx, by account.Actor, c *changing, j judged, done *Imported) error {
	if err := c.t.Save(by, s.Now()); err != nil {
		return err
	}
	if err := putTranslation(tx, &c.t); err != nil {
		return err
	}
	if err := putTranslated(tx, c.t.ID, j.segments); err != nil {
		return err
	}
	done.Translation = c.t
	return s.recordTranslation(tx, by.Who, c.document, c.t, "translation.imported", c.before, map[string]any{"segments": keysOf(j.segments)})
}

// atFile leads what is wrong with a file to the field in which it was chosen.
func atFile(err error) error {
	e := errs.Find(err)
	if e == nil || len(e.Fields) > 0 || (e.Code != errs.Invalid && e.Code != errs.TooLarge) {
		return err
	}
	return errs.InvalidFields(errs.Field{Name: "file", Key: e.Key, Args: e.Args})
}

// sameFile refuses a file of another document or language. One whose tool has dropped the name is judged by its units.
func sameFile(c changing, f unit.File) error {
	id, named := unit.ParseID(f.ID)
	for _, target := range []string{f.Target, id.Locale} {
		if target != "" && !sameLanguage(target, c.t.Locale) {
			return errs.E(errs.Invalid, "document.exchange.other_language", "Has", target, "Want", c.t.Locale)
		}
	}
	if !named || id.Document == c.document.ID {
		return nil
	}
	return errs.E(errs.Invalid, "document.exchange.other_document", "Has", id.Slug, "Want", c.document.Slug)
}

func sameLanguage(a, b string) bool {
	x, errX := language.Parse(a)
	y, errY := language.Parse(b)
	return errX == nil && errY == nil && languageAndScript(x) == languageAndScript(y)
}

// languageAndScript is what a tag says of both. Tools add a country to the language that they were given.
func languageAndScript(tag language.Tag) string {
	base, _ := tag.Base()
	script, _ := tag.Script()
	return base.String() + "-" + script.String()
}

// judged is what a file means for a translation.
type judged struct {
	units    []ImportedUnit
	segments []TranslationSegment
}

// judge knows what there is.
type judge struct {
	by       account.Actor
	source   map[string]Segment
	have     map[string]TranslationSegment
	wordings map[string][]string // every wording that a segment has had
	checks   checker
}

func (s *Service) judgeUnits(tx *db.Tx, by account.Actor, c changing, f unit.File) (judged, error) {
	j := judge{by: by, source: map[string]Segment{}, have: map[string]TranslationSegment{}, checks: s.checks}
	var keys []string
	for _, segment := range c.source {
		if segment.Translatable() {
			j.source[segment.Key] = segment
			keys = append(keys, segment.Key)
		}
	}
	have, err := translated(tx, c.t.ID)
	if err != nil {
		return judged{}, err
	}
	for _, t := range have {
		j.have[t.Key] = t
	}
	if j.wordings, err = earlierTexts(tx, c.document.ID, keys); err != nil {
		return judged{}, err
	}
	var all judged
	for _, u := range f.Units {
		outcome, t := j.unit(u)
		all.units = append(all.units, outcome)
		if t != nil {
			all.segments = append(all.segments, *t)
		}
	}
	for _, key := range keys {
		if !slices.ContainsFunc(f.Units, func(u unit.Unit) bool { return u.Key == key }) {
			all.units = append(all.units, ImportedUnit{Key: key, Outcome: AbsentUnit})
		}
	}
	return all, nil
}

// unit judges one unit, and gives what is to be stored of it.
func (j judge) unit(u unit.Unit) (ImportedUnit, *TranslationSegment) {
	told := ImportedUnit{Key: u.Key, Outcome: Unchanged}
	refuse := func(key string, args ...any) (ImportedUnit, *TranslationSegment) {
		field := errs.FieldError(u.Key, key, args...)
		told.Outcome, told.Reason = Refused, &field
		return told, nil
	}
	source, known := j.source[u.Key]
	text := oneText(u.Key, u.Target)
	stored := j.have[u.Key]
	from, current, of := j.made(u, source)
	switch {
	case !known:
		told.Outcome = UnknownUnit
		return told, nil
	case u.Fault != "":
		return refuse("document.exchange.fault." + u.Fault)
	case text == "":
		told.Outcome = Untranslated
		return told, nil
	case text == stored.Text && (!stored.Stale || u.State != unit.Done || !current):
		return told, nil
	case text != stored.Text && u.Base == unit.Mark(text):
		return told, nil // the tool has not touched it, and what was written here since is newer
	case utf8.RuneCountInString(text) > maxSegment:
		return refuse("field.too_long", "Max", maxSegment)
	case !of:
		return refuse("document.exchange.other_source")
	case text != stored.Text && stored.Text != "" && u.Base != unit.Mark(stored.Text) && !j.brought(stored):
		told.Stored, told.Offered = stored.Text, text
		return refuse("document.exchange.edited_here")
	}
	made := TranslationSegment{Key: u.Key, Text: text, SourceHash: sourceHash(from), Stale: !current, AuthorID: holder(j.by), Imported: true}
	made.keepAuthor(stored)
	if told.Outcome = Taken; !current {
		told.Outcome = TakenStale
	}
	told.Findings = j.checks.findings(source, text)
	return told, &made
}

// brought says whether the importer's own file put the words there: the same file may then come again, worked on.
func (j judge) brought(stored TranslationSegment) bool {
	return stored.Imported && stored.AuthorID != nil && *stored.AuthorID == j.by.ID
}

// made says which wording a unit was translated from, whether that is the present one, and whether its
// source is a wording of this segment at all. Doubt is about an earlier wording, known or not.
func (j judge) made(u unit.Unit, source Segment) (from string, current, of bool) {
	for _, wording := range append([]string{source.Text}, j.wordings[u.Key]...) {
		if alike(wording, u.Source) {
			from, of = wording, true
			break
		}
	}
	if u.State == unit.Doubt && of {
		from = ""
		for _, wording := range j.wordings[u.Key] {
			if u.Was != "" && wording != source.Text && alike(wording, u.Was) {
				from = wording
				break
			}
		}
		return from, false, true
	}
	return from, of && from == source.Text, of
}

// alike says whether two texts differ in their spaces only: tools lay lines out anew.
func alike(a, b string) bool {
	return slices.Equal(strings.Fields(cleanText(a)), strings.Fields(cleanText(b)))
}
