package contribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/link"
)

// Form is what a contributor sees through a link.
type Form struct {
	Contribution  Contribution // without an ID as long as nothing was saved
	Answers       Answers
	Files         []File             // with the texts that were read in them
	Signatories   []Signatory        // without those whose invitation was taken back
	Editors       []Editor           // without those whose invitation was taken back
	Me            *Editor            // who opened it, where that is not the contributor
	Edited        *Written           // who changed something last; nil where nobody ever edited with the contributor
	Written       map[string]Written // who wrote an answer last, by question; without those from before that was noted
	Correction    *Correction        // of what is published, the one that was asked for last; nil where none was
	Round         Round
	Questionnaire Questionnaire
	Deadline      *Deadline // the one that applies to this contributor now, or applied on arrival; nil for none
	Locale        string    // the language that the form is shown in

	right right
}

// Started says whether anything was saved.
func (f Form) Started() bool { return f.Contribution.ID != 0 }

// Invited says whether the link was sent to a contact of the list.
func (f Form) Invited() bool { return f.Contribution.ContactID != nil }

// Open shows what a link leads to and changes nothing. A locale that is none of ours means the
// language of what was saved, else the contact's. The error is errs.NotFound where the link is not one of ours, errs.Gone with a Form that has
// but a Locale where its owner left the contribution to others, or where the invitation to edit was taken back.
func (s *Service) Open(ctx context.Context, token, locale string) (Form, error) {
	r, err := s.shared(ctx, token)
	if !s.speaks(locale) && r.editor != nil {
		locale = r.editor.Language
	}
	if err != nil {
		return Form{Locale: locale}, err
	}
	c, rows, err := s.opened(ctx, r)
	if err != nil {
		return Form{Locale: c.Language}, errs.Wrap("contribution.open", err)
	}
	f := Form{Contribution: c, Answers: textsOf(rows), Locale: locale, Me: r.editor, right: r}
	if err := f.tellWriters(s.DB.Read(ctx), rows); err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	if f.Files, err = filesOf(s.DB.Read(ctx), c.ID, true); err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	all, err := signatoriesOf(s.DB.Read(ctx), c.ID)
	if err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	if f.Correction, err = lastCorrection(s.DB.Read(ctx), c.ID); err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	f.Signatories = slices.DeleteFunc(all, func(g Signatory) bool { return g.State == Left })
	if !s.speaks(f.Locale) {
		f.Locale = c.Language
	}
	if f.Round, err = s.Cycles.Round(ctx, c.CycleID); err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	if f.Questionnaire, err = s.Questions.Questionnaire(ctx, c.CycleID, f.Locale); err != nil {
		return Form{}, errs.Wrap("contribution.open", err)
	}
	at := s.Now()
	if c.ReceivedAt != nil {
		at = *c.ReceivedAt
	}
	f.Deadline, err = s.due(ctx, c, at)
	return f, errs.Wrap("contribution.open", err)
}

// due is the deadline that applies to a contribution at an instant. Whether a draft answers for an initiative is what is known now, as
// when it is received: the draft may be older than that.
func (s *Service) due(ctx context.Context, c Contribution, at time.Time) (*Deadline, error) {
	who := c.answerer()
	if c.State == Draft && c.ContactID != nil {
		p, err := profileOf(s.DB.Read(ctx), c.CycleID, *c.ContactID)
		if err != nil && !db.IsNotFound(err) {
			return nil, err
		}
		who.Initiative = err == nil && p.NRIID != nil
	}
	return s.Cycles.Deadline(ctx, c.CycleID, who, at)
}

// opened is what was saved, or what would be begun.
func (s *Service) opened(ctx context.Context, r right) (Contribution, map[string]Answer, error) {
	tx := s.DB.Read(ctx)
	c, err := byRight(tx, r, false)
	if db.IsNotFound(err) && r.secret == "" && r.editor == nil {
		c, err = s.begin(tx, r)
		return c, nil, err
	}
	if db.IsNotFound(err) {
		return left(tx, r)
	}
	if err != nil {
		return c, nil, err
	}
	rows, err := writtenOf(tx, c.ID)
	return c, rows, err
}

// left tells a secret link whose owner left the contribution to the others who signed it from one that never was any: the error is
// errs.Gone, with the language that the contribution is in.
func left(tx *db.Tx, r right) (Contribution, map[string]Answer, error) {
	language, err := languageLeft(tx, r.secret)
	if db.IsNotFound(err) {
		err = errs.E(errs.NotFound, "link.unknown")
	} else if err == nil {
		err = errs.E(errs.Gone, "link.left")
	}
	return Contribution{Language: language}, nil, err
}

// begin is a draft with what is known of its contact; it is not stored.
func (s *Service) begin(tx *db.Tx, r right) (Contribution, error) {
	p, err := profileOf(tx, r.target.CycleID, r.target.ContactID)
	if db.IsNotFound(err) {
		return Contribution{}, errs.E(errs.NotFound, "link.unknown")
	}
	if err != nil {
		return Contribution{}, err
	}
	language, err := s.localeFor(tx, r.target, p)
	if err != nil {
		return Contribution{}, err
	}
	now := s.Now()
	c := Contribution{
		CycleID: r.target.CycleID, ContactID: &p.ContactID, State: Draft, Channel: PersonalLink,
		Language: language, Name: p.Name, Organization: p.Organization,
		Capacity: Individual, StartedAt: now, UpdatedAt: now,
	}
	if r.target.DeliveryID != 0 {
		c.DeliveryID = &r.target.DeliveryID
	}
	if p.Kind == "organization" {
		c.Organization = p.Name
	}
	if c.Organization != "" {
		c.Capacity = Organizational
	}
	c.take(p)
	return c, nil
}

// take copies what a report counts by, as the list of the cycle has it now.
func (c *Contribution) take(p profile) {
	c.UnitID, c.NRIID = &p.UnitID, p.NRIID
	c.StakeholderGroup, c.Region, c.Country = p.StakeholderGroup, p.Region, p.Country
}

// localeFor is the language in which a link speaks: that of the mail it was in, so that both are in one, else
// the contact's.
func (s *Service) localeFor(tx *db.Tx, t link.Target, p profile) (string, error) {
	tag, err := localeOfDelivery(tx, t)
	if err != nil || s.speaks(tag) {
		return tag, err
	}
	return s.localeOf(p), nil
}

func (s *Service) localeOf(p profile) string {
	if tag, ok := i18n.ResolveAmong(s.Locales, strings.Fields(p.LanguageChain)...); ok {
		return tag
	}
	return i18n.English
}

// Entry is what a page or a program saves; nil and "" leave as it was.
type Entry struct {
	Answers  Answers           // an empty text takes an answer back
	Seen     map[string]string // the Digest of what was shown, by question; without one the entry is the last word
	Page     string            // tells the opened page from others: what was written on it was seen there; "" for none
	Language string
	Profile  *Profile
	Consent  *bool
}

// Save keeps what was entered so far; the first save begins the draft. What was received already is corrected,
// as long as it is not published. Errors are errs.Invalid with the fields, errs.Conflict where
// the contribution is published, withheld or withdrawn.
func (s *Service) Save(ctx context.Context, by account.Actor, token string, e Entry) (Contribution, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Contribution{}, err
	}
	r, err := s.shared(ctx, token)
	if err != nil {
		return Contribution{}, err
	}
	c, _, err := s.opened(ctx, r)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.save", err)
	}
	var q Questionnaire
	if len(e.Answers) > 0 {
		if q, err = s.Questions.Questionnaire(ctx, c.CycleID, c.Language); err != nil {
			return Contribution{}, errs.Wrap("contribution.save", err)
		}
	}
	saved, err := s.keep(ctx, by, r, c, q, e)
	return saved.Contribution, err
}

// SaveIn is Save for who has opened the form: what was read of it is not read again.
func (s *Service) SaveIn(ctx context.Context, by account.Actor, f Form, e Entry) (Saved, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Saved{}, err
	}
	return s.keep(ctx, by, f.right, f.Contribution, f.Questionnaire, e)
}

// keep stores the entry, made by who has the right to it, in answer to the questionnaire; c is what was there. Of an entry that clashes
// the rest is stored all the same.
func (s *Service) keep(ctx context.Context, by account.Actor, r right, c Contribution, q Questionnaire, e Entry) (Saved, error) {
	if err := r.allows(e); err != nil {
		return Saved{}, errs.Wrap("contribution.save", err)
	}
	e, err := s.checked(q, c, e)
	if err != nil {
		return Saved{}, errs.Wrap("contribution.save", err)
	}
	var clashing []string
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = s.lockOrBegin(tx, by, r); err != nil {
			return err
		}
		if len(e.Answers) > 0 {
			c.QuestionnaireRevisionID = optional(q.RevisionID)
		}
		clashing, err = s.save(tx, by, r, &c, e)
		return err
	})
	if err == nil && len(clashing) > 0 {
		err = clash(clashing)
	}
	return Saved{Contribution: c, Seen: e.seen(clashing)}, errs.Wrap("contribution.save", err)
}

// checked is the entry as it will be kept.
func (s *Service) checked(q Questionnaire, c Contribution, e Entry) (Entry, error) {
	var wrong []errs.Field
	e.Answers, wrong = clean(e.Answers, q.known())
	e.Page = pageName(e.Page)
	wrong = append(wrong, q.choose(e.Answers)...)
	if e.Language != "" && !s.speaks(e.Language) {
		wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
	}
	if e.Profile != nil {
		p, more := s.cleanProfile(*e.Profile, c.ContactID == nil)
		e.Profile = &p
		wrong = append(append(wrong, more...), checkNames(p.Name, p.Organization)...)
		wrong = append(wrong, s.keepMailbox(c, &p)...)
	}
	if len(wrong) > 0 {
		return e, errs.InvalidFields(wrong...)
	}
	return e, nil
}

func (s *Service) speaks(tag string) bool {
	for _, l := range s.Locales {
		if l == tag {
			return true
		}
	}
	return false
}

func (s *Service) lockOrBegin(tx *db.Tx, by account.Actor, r right) (Contribution, error) {
	c, err := byRight(tx, r, true)
	if err == nil || !db.IsNotFound(err) {
		return c, err
	}
	if r.secret != "" || r.editor != nil {
		return c, errs.E(errs.NotFound, "link.unknown")
	}
	if c, err = s.begin(tx, r); err != nil {
		return c, err
	}
	return s.insert(tx, by, c, r)
}

// insert stores a draft. Where another request was first, it takes that one's.
func (s *Service) insert(tx *db.Tx, by account.Actor, c Contribution, r right) (Contribution, error) {
	mine, err := insertDraft(tx, &c)
	if err != nil {
		return c, err
	}
	if !mine {
		return byRight(tx, r, true)
	}
	return c, audit.Record(tx, author(by, c), s.Now(), change(c, "started", nil, map[string]any{"channel": c.Channel, "language": c.Language}))
}

// save keeps the entry and gives the questions of which it keeps nothing, because others answered them meanwhile.
func (s *Service) save(tx *db.Tx, by account.Actor, r right, c *Contribution, e Entry) ([]string, error) {
	before := *c
	if err := c.correct(); err != nil {
		return nil, err
	}
	rows, err := writtenOf(tx, c.ID)
	if err != nil {
		return nil, err
	}
	old := textsOf(rows)
	wanted, clashing := e.over(rows)
	answers, changed := merge(old, wanted)
	if err := s.applyBy(tx, by, r, c, e, changed); err != nil {
		return nil, err
	}
	if err := storeAnswers(tx, c.ID, old, answers, writer{editor: r.editorID(), at: s.Now(), page: e.Page}); err != nil {
		return nil, err
	}
	if err := keepsSomething(tx, c); err != nil {
		return nil, err
	}
	if err := store(tx, c); err != nil {
		return nil, err
	}
	if c.State == Draft || (!changed && e.Consent == nil && e.Profile == nil) {
		return clashing, nil
	}
	if changed || before.Name != c.Name || before.Organization != c.Organization {
		if err := s.asksAgain(tx, r.who(by, *c), *c); err != nil {
			return nil, err
		}
	}
	return clashing, audit.Record(tx, r.who(by, *c), s.Now(), change(*c, "corrected",
		map[string]any{"state": before.State, "answers": old.keys(), "consent": before.ConsentPublication},
		map[string]any{"state": c.State, "answers": answers.keys(), "consent": c.ConsentPublication}))
}

// applyBy is apply with a note of who did it. The language that an editor chose is that of their pages, not of the contribution.
func (s *Service) applyBy(tx *db.Tx, by account.Actor, r right, c *Contribution, e Entry, changed bool) error {
	now := s.Now()
	c.UpdatedAt = now
	if changed {
		c.EditorID, c.EditedAt = r.editorID(), &now
	}
	if r.editor == nil {
		c.apply(s, e)
		return nil
	}
	if err := s.active(tx, by, r, *c); err != nil {
		return err
	}
	return s.speaksTo(tx, r, e.Language)
}

func (c *Contribution) apply(s *Service, e Entry) {
	if e.Language != "" {
		c.Language = e.Language
	}
	if e.Consent != nil {
		c.ConsentPublication = *e.Consent
	}
	if e.Profile != nil {
		c.describe(s.Geo, *e.Profile)
	}
}

// Again begins a new draft after a withdrawal. While there is a contribution it changes nothing.
func (s *Service) Again(ctx context.Context, by account.Actor, token string) (Contribution, error) {
	r, err := s.right(ctx, token)
	if err != nil {
		return Contribution{}, err
	}
	var c Contribution
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = byRight(tx, r, true); db.IsNotFound(err) {
			return errs.E(errs.NotFound, "link.unknown")
		}
		if err != nil || c.State != Withdrawn {
			return err
		}
		now := s.Now()
		c = Contribution{
			CycleID: c.CycleID, ContactID: c.ContactID, UnitID: c.UnitID, NRIID: c.NRIID, DeliveryID: c.DeliveryID,
			SecretHash: c.SecretHash, State: Draft, Channel: c.Channel, Capacity: c.Capacity, Name: c.Name,
			Organization: c.Organization, StakeholderGroup: c.StakeholderGroup, Region: c.Region, Country: c.Country,
			Language: c.Language, StartedAt: now, UpdatedAt: now,
		}
		c, err = s.insert(tx, by, c, r)
		return err
	})
	return c, errs.Wrap("contribution.again", err)
}

// author is who answers: the account where somebody is signed in, else the contributor by the
// name in the contribution.
func author(by account.Actor, c Contribution) audit.Who {
	if by.SignedIn() {
		return by.Who
	}
	return audit.Who{Kind: audit.ByContributor, Name: c.Name, RequestID: by.RequestID}
}

func change(c Contribution, verb string, before, after any) audit.Change {
	return audit.Change{
		Action: "contribution." + verb, ObjectKind: "contribution", ObjectID: c.ID, CycleID: c.CycleID,
		Before: before, After: after,
	}
}

func optional(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

func states(from, to State) (before, after map[string]any) {
	return map[string]any{"state": from}, map[string]any{"state": to}
}

// LinkOf is the address of the page that a token opens.
func (s *Service) LinkOf(token string) string { return s.PublicURL + "/r/" + token }
