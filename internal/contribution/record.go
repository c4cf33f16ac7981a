package contribution

import (
	"context"
	"slices"
	"time"

	"golang.org/x/text/language"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/letter"
)

// Arrival is a contribution that came by another way than the form, as an officer or a
// volunteer writes it down.
type Arrival struct {
	CycleID    int64
	ContactID  int64   // 0: from outside of the list, then Profile is used
	Profile    Profile // without an email
	Channel    Channel
	ReceivedAt time.Time // when it truly arrived; zero means now
	Language   string    // BCP 47; empty means the cycle's
	Consent    bool      // whether its author agreed to publication
	Answers    Answers
	Files      []Upload // a PDF among them is kept as it is where whoever records may decide on contributions
}

// Record writes down, on behalf of somebody, what came by mail, list, phone or at a meeting.
// Volunteers may do so for contacts that they hold a claim on. A draft that the contact had
// begun is replaced. Errors are errs.Invalid with the fields, errs.NotFound where the contact is
// unknown, errs.Conflict where it has contributed already. Where the same person sends the same once more, for somebody outside
// of the list, it is the contribution that was made the first time.
func (s *Service) Record(ctx context.Context, by account.Actor, a Arrival) (Contribution, error) {
	return s.record(ctx, by, a, s.sentTwice, func(*db.Tx, *Contribution) error { return nil })
}

// RecordWith is Record with documents of which those that cannot be taken are named, and the others come along all the same; also runs in the same
// transaction, once all is stored. Each call makes a contribution.
func (s *Service) RecordWith(ctx context.Context, by account.Actor, a Arrival, all []Upload, also func(*db.Tx, *Contribution) error) (notTaken []string, err error) {
	if err := by.Require(account.ContributionDecide); err != nil {
		return nil, err
	}
	never := func(*db.Tx, *Contribution, Answers, []Content) (bool, error) { return false, nil }
	read := newSupplements(by, all)
	_, err = s.record(ctx, by, a, never, func(tx *db.Tx, c *Contribution) error {
		mine := read.again()
		if err := s.supplementWith(tx, by, c, &mine); err != nil {
			return err
		}
		notTaken = mine.refused
		return also(tx, c)
	})
	return notTaken, err
}

func (s *Service) record(ctx context.Context, by account.Actor, a Arrival,
	known func(*db.Tx, *Contribution, Answers, []Content) (bool, error), also func(*db.Tx, *Contribution) error,
) (Contribution, error) {
	if err := s.mayRecord(ctx, by, a); err != nil {
		return Contribution{}, err
	}
	c, a, err := s.arrived(ctx, by, a)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.record", err)
	}
	files, err := readAll(by, a.Files)
	if err != nil {
		return Contribution{}, err
	}
	due, err := s.Cycles.Deadline(ctx, c.CycleID, c.answerer(), a.ReceivedAt)
	if err != nil {
		return Contribution{}, errs.Wrap("contribution.record", err)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if done, err := known(tx, &c, a.Answers, files); err != nil || done {
			return err
		}
		var old Answers
		if old, err = s.place(tx, &c); err != nil {
			return err
		}
		if err := storeAnswers(tx, c.ID, old, a.Answers, writer{at: s.Now()}); err != nil {
			return err
		}
		for i := range files {
			if err := s.attach(tx, by.Who, &c, &files[i], c.correct); err != nil {
				return err
			}
		}
		if err := s.receive(tx, by.Who, &c, instant(due), a.ReceivedAt); err != nil {
			return err
		}
		if err := s.thankRecorded(tx, c, due); err != nil {
			return err
		}
		return also(tx, &c)
	})
	return c, errs.Wrap("contribution.record", err)
}

// thankRecorded acknowledges to a contact, in their own language, what somebody wrote down for them, with the link to read, correct or withdraw
// it; where there is no mailbox that may be written to, nothing is sent.
func (s *Service) thankRecorded(tx *db.Tx, c Contribution, due *Deadline) error {
	if c.ContactID == nil {
		return nil
	}
	to, err := s.mailTo(tx, c)
	if err != nil || to == "" {
		return err
	}
	p, err := profileOf(tx, c.CycleID, *c.ContactID)
	if err != nil {
		return err
	}
	round, err := s.Cycles.Round(tx.Context(), c.CycleID)
	if err != nil {
		return err
	}
	a := letter.Acknowledgement{
		CycleID: c.CycleID, Cycle: round.Name, To: to, Name: c.Name, Organization: c.Organization, Language: s.localeOf(p),
		Link: s.ownLink(c), Call: s.PublicURL + "/calls/" + round.Slug, Waits: c.ConsentPublication, Late: c.Late,
	}
	if due != nil {
		a.Deadline = due.Day
	}
	l, err := s.Letters.Prepare(tx.Context(), a)
	if err != nil {
		return err
	}
	return post(tx, l)
}

func (s *Service) mayRecord(ctx context.Context, by account.Actor, a Arrival) error {
	if by.Scope(account.ContributionRecord) == account.All {
		return nil
	}
	own, err := holdsClaim(s.DB.Read(ctx), a.CycleID, a.ContactID, by.ID, s.Now())
	if err != nil {
		return errs.Wrap("contribution.record", err)
	}
	return by.RequireOn(account.ContributionRecord, own, "")
}

// readAll reads the documents that came along. What is wrong with one of them is told at the field "file".
func readAll(by account.Actor, uploads []Upload) ([]Content, error) {
	var all []Content
	for _, u := range uploads {
		f, err := u.read(by.May(account.ContributionDecide))
		if err != nil {
			return nil, err
		}
		f.UploadedBy = optional(by.ID)
		all = append(all, f)
	}
	return all, nil
}

// arrived makes the contribution that is to be stored, and the arrival as it was understood.
func (s *Service) arrived(ctx context.Context, by account.Actor, a Arrival) (Contribution, Arrival, error) {
	round, err := s.Cycles.Round(ctx, a.CycleID)
	if err != nil {
		return Contribution{}, a, err
	}
	q, err := s.Questions.Questionnaire(ctx, a.CycleID, round.DefaultLanguage)
	if err != nil {
		return Contribution{}, a, err
	}
	now := s.Now()
	if a.ReceivedAt.IsZero() {
		a.ReceivedAt = now
	}
	a.ReceivedAt = a.ReceivedAt.UTC().Truncate(time.Microsecond)
	if a.Language == "" {
		a.Language = round.DefaultLanguage
	}
	var wrong []errs.Field
	a.Answers, wrong = clean(s.withoutLinks(a.Answers), q.known())
	wrong = append(wrong, q.choose(a.Answers)...)
	wrong = append(wrong, checkArrival(a, now)...)
	c := Contribution{CycleID: a.CycleID}
	if a.ContactID != 0 {
		if c, err = s.begin(s.DB.Read(ctx), contactRight(a)); err != nil {
			return c, a, unknownContact(err)
		}
	} else {
		p, more := s.cleanProfile(a.Profile, true)
		p.Email = ""
		wrong = append(wrong, more...)
		c.describe(s.Geo, p)
	}
	if len(wrong) > 0 {
		return c, a, errs.InvalidFields(wrong...)
	}
	c.State, c.StartedAt, c.UpdatedAt = Draft, now, now
	c.Channel, c.Language, c.ConsentPublication = a.Channel, a.Language, a.Consent
	c.QuestionnaireRevisionID, c.RecordedBy = optional(q.RevisionID), optional(by.ID)
	return c, a, nil
}

// withoutLinks takes the personal links out of what somebody copied from a mail: it quotes ours, and may be published.
func (s *Service) withoutLinks(given Answers) Answers {
	all := make(Answers, len(given))
	for key, text := range given {
		all[key] = s.Links.Conceal(text)
	}
	return all
}

func checkArrival(a Arrival, now time.Time) []errs.Field {
	var wrong []errs.Field
	if !slices.Contains(RecordedChannels(), a.Channel) {
		wrong = append(wrong, errs.FieldError("channel", "contribution.channel.unknown", "Channels", names(RecordedChannels())))
	}
	if a.ReceivedAt.After(now.Add(time.Minute)) {
		wrong = append(wrong, errs.FieldError("received_at", "contribution.received_at.future"))
	}
	if _, err := language.Parse(a.Language); err != nil || len(a.Language) > 35 {
		wrong = append(wrong, errs.FieldError("language", "field.language_tag"))
	}
	if len(a.Files) > 0 {
		return wrong
	}
	for _, text := range a.Answers {
		if text != "" {
			return wrong
		}
	}
	return append(wrong, errs.FieldError("answers", "contribution.answers.none"))
}

// place stores a new draft, or takes the one that the contact has begun, whose answers it returns.
func (s *Service) place(tx *db.Tx, c *Contribution) (Answers, error) {
	mine, err := insertDraft(tx, c)
	if err != nil || mine {
		return nil, err
	}
	begun, err := byRight(tx, contactRight(Arrival{CycleID: c.CycleID, ContactID: *c.ContactID}), true)
	if err != nil {
		return nil, err
	}
	if begun.State != Draft {
		return nil, errs.E(errs.Conflict, "contribution.already", "Name", begun.Name)
	}
	c.ID, c.StartedAt, c.SecretHash = begun.ID, begun.StartedAt, begun.SecretHash
	if err := dropUnsent(tx, c.ID); err != nil { // as their words, which are not the secretariat's to submit
		return nil, err
	}
	return answersOf(tx, c.ID)
}

func contactRight(a Arrival) right {
	r := right{}
	r.target.CycleID, r.target.ContactID = a.CycleID, a.ContactID
	return r
}

func unknownContact(err error) error {
	if errs.Is(err, errs.NotFound) {
		return errs.InvalidFields(errs.FieldError("contact_id", "contribution.contact.unknown"))
	}
	return err
}

func names(channels []Channel) []string {
	all := make([]string, len(channels))
	for i, c := range channels {
		all[i] = string(c)
	}
	return all
}
