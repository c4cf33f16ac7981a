package contribution

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
	"github.com/convoke/convoke/internal/link"
)

// right is what a token allows: the contribution of one contact in one cycle, or the one that a
// secret was made for.
type right struct {
	target link.Target
	secret string // hash
}

// secretPrefix tells a secret from a signed token, whose alphabet has no hyphen.
const secretPrefix = "s-"

func (s *Service) right(ctx context.Context, token string) (right, error) {
	if strings.HasPrefix(token, secretPrefix) {
		return right{secret: hashOf(token)}, nil
	}
	t, err := s.Links.Parse(link.Respond, token)
	if err == nil && (t.CycleID == 0 || t.ContactID == 0) {
		err = errs.E(errs.NotFound, "link.unknown")
	}
	if err == nil {
		t.ContactID, err = successor(s.DB.Read(ctx), t.ContactID)
	}
	return right{target: t}, err
}

func newSecret() (token, hash string) {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	token = secretPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Form is what a contributor sees through a link.
type Form struct {
	Contribution  Contribution // without an ID as long as nothing was saved
	Answers       Answers
	Files         []File      // with the texts that were read in them
	Signatories   []Signatory // without those whose invitation was taken back
	Correction    *Correction // of what is published, the one that was asked for last; nil where none was
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
// but a Locale where its owner left the contribution to others.
func (s *Service) Open(ctx context.Context, token, locale string) (Form, error) {
	r, err := s.right(ctx, token)
	if err != nil {
		return Form{}, err
	}
	c, answers, err := s.opened(ctx, r)
	if err != nil {
		return Form{Locale: c.Language}, errs.Wrap("contribution.open", err)
	}
	f := Form{Contribution: c, Answers: answers, Locale: locale, right: r}
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
	f.Deadline, err = s.Cycles.Deadline(ctx, c.CycleID, c.NRIID != nil, at)
	return f, errs.Wrap("contribution.open", err)
}

// opened is what was saved, or what would be begun.
func (s *Service) opened(ctx context.Context, r right) (Contribution, Answers, error) {
	tx := s.DB.Read(ctx)
	c, err := byRight(tx, r, false)
	if db.IsNotFound(err) && r.secret == "" {
		c, err = s.begin(tx, r)
		return c, Answers{}, err
	}
	if db.IsNotFound(err) {
		return left(tx, r)
	}
	if err != nil {
		return c, nil, err
	}
	answers, err := answersOf(tx, c.ID)
	return c, answers, err
}

// left tells a secret link whose owner left the contribution to the others who signed it from one that never was any: the error is
// errs.Gone, with the language that the contribution is in.
func left(tx *db.Tx, r right) (Contribution, Answers, error) {
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
	Answers  Answers // an empty text takes an answer back
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
	r, err := s.right(ctx, token)
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
	return s.keep(ctx, by, r, c, q, e)
}

// SaveIn is Save for who has opened the form: what was read of it is not read again.
func (s *Service) SaveIn(ctx context.Context, by account.Actor, f Form, e Entry) (Contribution, error) {
	if err := by.Require(account.PublicAnswer); err != nil {
		return Contribution{}, err
	}
	return s.keep(ctx, by, f.right, f.Contribution, f.Questionnaire, e)
}

// keep stores the entry, made by who has the right to it, in answer to the questionnaire; c is what was there.
func (s *Service) keep(ctx context.Context, by account.Actor, r right, c Contribution, q Questionnaire, e Entry) (Contribution, error) {
	e, err := s.checked(q, c, e)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.save", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = s.lockOrBegin(tx, by, r); err != nil {
			return err
		}
		if len(e.Answers) > 0 {
			c.QuestionnaireRevisionID = optional(q.RevisionID)
		}
		return s.save(tx, by, &c, e)
	})
	return c, errs.Wrap("contribution.save", err)
}

// checked is the entry as it will be kept.
func (s *Service) checked(q Questionnaire, c Contribution, e Entry) (Entry, error) {
	var wrong []errs.Field
	e.Answers, wrong = clean(e.Answers, q.known())
	wrong = append(wrong, q.choose(e.Answers)...)
	if e.Language != "" && !s.speaks(e.Language) {
		wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
	}
	if e.Profile != nil {
		p, more := s.cleanProfile(*e.Profile, c.ContactID == nil)
		e.Profile = &p
		wrong = append(wrong, more...)
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
	if r.secret != "" {
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

func (s *Service) save(tx *db.Tx, by account.Actor, c *Contribution, e Entry) error {
	before := *c
	if err := c.correct(); err != nil {
		return err
	}
	old, err := answersOf(tx, c.ID)
	if err != nil {
		return err
	}
	answers, changed := merge(old, e.Answers)
	c.apply(s, e)
	c.UpdatedAt = s.Now()
	if err := storeAnswers(tx, c.ID, old, answers); err != nil {
		return err
	}
	if err := keepsSomething(tx, c); err != nil {
		return err
	}
	if err := store(tx, c); err != nil {
		return err
	}
	if c.State == Draft || (!changed && e.Consent == nil && e.Profile == nil) {
		return nil
	}
	if changed || before.Name != c.Name || before.Organization != c.Organization {
		if err := s.asksAgain(tx, author(by, *c), *c); err != nil {
			return err
		}
	}
	return audit.Record(tx, author(by, *c), s.Now(), change(*c, "corrected",
		map[string]any{"state": before.State, "answers": old.keys(), "consent": before.ConsentPublication},
		map[string]any{"state": c.State, "answers": answers.keys(), "consent": c.ConsentPublication}))
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
