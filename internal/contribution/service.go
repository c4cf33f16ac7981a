package contribution

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/geo"
	"github.com/convoke/convoke/internal/letter"
	"github.com/convoke/convoke/internal/link"
)

// Cycles tells of rounds and their dates.
type Cycles interface {
	// Round and RoundBySlug find a cycle; errs.NotFound where there is none.
	Round(ctx context.Context, id int64) (Round, error)
	RoundBySlug(ctx context.Context, slug string) (Round, error)
	// CurrentRound is the cycle that people work in; errs.NotFound where there is none.
	CurrentRound(ctx context.Context) (Round, error)
	// Deadline is what applied to somebody at an instant: the latest of the cycle's, that of the initiatives, and those that were
	// granted to the contact or its organization. Nil where there was no deadline.
	Deadline(ctx context.Context, cycleID int64, who Answerer, at time.Time) (*Deadline, error)
}

// Answerer is whose deadline is asked for.
type Answerer struct {
	ContactID  int64 // 0 for somebody who is on no list
	Initiative bool  // answers for an initiative
}

// answerer is whose deadline the contribution is judged by.
func (c Contribution) answerer() Answerer {
	who := Answerer{Initiative: c.NRIID != nil}
	if c.ContactID != nil {
		who.ContactID = *c.ContactID
	}
	return who
}

// Round is what this room needs of a cycle.
type Round struct {
	ID              int64
	Slug            string
	Name            string
	DefaultLanguage string // BCP 47
	Preparing       bool   // not open yet
	ListName        string // the mailing list to which contributions may also be sent; "" for none
	ListURL         string
}

// Deadline is a displayed day and the instant at which it ends.
type Deadline struct {
	Day  time.Time // at midnight UTC, to be written without a zone
	Zone string    // "aoe" or an IANA name
	At   time.Time
}

// Questions gives the questionnaire that a cycle asks now, in the locale or, as a whole, in the
// language it was written in. The error is errs.NotFound where the cycle has none.
type Questions interface {
	Questionnaire(ctx context.Context, cycleID int64, locale string) (Questionnaire, error)
}

// Links reads and makes the tokens of personal links.
type Links interface {
	Parse(p link.Purpose, token string) (link.Target, error)
	Token(p link.Purpose, t link.Target) string
	// Conceal takes the tokens out of a text.
	Conceal(text string) string
}

// Letters makes a letter ready, to be stored in the transaction that it tells of.
type Letters interface {
	Prepare(ctx context.Context, l letter.Letter) (*letter.Prepared, error)
}

// Lists is the room that keeps the cycles' lists.
type Lists interface {
	// Recount makes the lists count, in the caller's transaction, what these contacts answered.
	Recount(tx *db.Tx, cycleID int64, contactIDs []int64) error
	// MayMail says whether a letter about the cycle may go to an address that somebody typed, known to us or not.
	MayMail(tx *db.Tx, email string, cycleID int64) (bool, error)
	// Answered is Recount for contacts whose answer counts from now on.
	Answered(tx *db.Tx, cycleID int64, contactIDs []int64) error
}

// Excerpts is the room that marks passages of contributions.
type Excerpts interface {
	// Withdrawn forgets, in the caller's transaction, the words of a contribution that was taken back.
	Withdrawn(tx *db.Tx, who audit.Who, contributionID int64) error
}

// Mails is the room that keeps the mails of which contributions were made.
type Mails interface {
	// Withdrawn forgets, in the caller's transaction, the mails that a contribution came in, which was taken back.
	Withdrawn(tx *db.Tx, who audit.Who, contributionID int64) error
}

// Deps is what a Service works with.
type Deps struct {
	DB        *db.DB
	Now       func() time.Time // UTC
	Cycles    Cycles
	Questions Questions
	Links     Links
	Letters   Letters
	Lists     Lists
	Reviewers Reviewers // nil: nobody can be given a contribution
	Excerpts  Excerpts  // nil: nobody marks passages
	Mails     Mails     // nil: none comes in
	Geo       *geo.Reference
	Locales   []string                           // the product's languages
	Normalize func(email string) (string, error) // errs.Invalid where it is no address
	PublicURL string                             // without a trailing slash
}

// Service takes, keeps and publishes contributions.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Questionnaire is the call and its questions, all in one language.
type Questionnaire struct {
	RevisionID int64
	Locale     string // of every text in it
	Fallback   bool   // another language was asked for and is not ready
	Title      string
	Call       []Block // who is asked, by when, what will become of the answers
	Intro      []Block
	Reading    []Reading
	Sections   []Section
	Questions  []Question // in the order of their sections, those without one first
	FreeForm   bool       // a free-form place closes it, with the key FreeForm
	FreeText   string     // how that is worded, "" for the usual words
	PagesMax   int        // advice on the length, 0 for none
}

// Block is a paragraph, or a list of items.
type Block struct {
	Text  string
	Items []string
}

// Reading is an item of the reading list; URL may be empty.
type Reading struct{ Title, URL string }

// Section is a heading over the questions that name it.
type Section struct{ ID, Title, Text string }

// The kinds of questions that are not answered with a text of any length.
const (
	ShortText      = "short"
	SingleChoice   = "single"
	MultipleChoice = "multiple"
	FileQuestion   = "file"
)

// Question is a question. One with items is answered item by item; of a choice the items are the options, and
// the answer is the ids of those that were chosen, one a line.
type Question struct {
	ID       string
	Section  string // "" for none
	Kind     string
	Text     string
	Preamble string
	FollowUp string // a second question, with the key ID + ItemFollowUp
	Items    []Item
	Other    bool // a place for what the items do not name, with the key ID + ItemOther
}

// Item is one of several things that a question asks about.
type Item struct{ ID, Text string }

// Keys are all places for an answer.
func (q Questionnaire) Keys() []string {
	var keys []string
	for _, question := range q.Questions {
		keys = append(keys, question.Keys()...)
	}
	if q.FreeForm {
		keys = append(keys, FreeForm)
	}
	return keys
}

// Keys are the places for an answer to one question.
func (q Question) Keys() []string {
	var keys []string
	for _, item := range q.Items {
		if !q.Choice() {
			keys = append(keys, item.ID)
		}
	}
	if len(keys) == 0 {
		keys = append(keys, q.ID)
	}
	if q.Other {
		keys = append(keys, q.ID+ItemOther)
	}
	if q.FollowUp != "" {
		keys = append(keys, q.ID+ItemFollowUp)
	}
	return keys
}

// Choice says whether the items are options.
func (q Question) Choice() bool { return q.Kind == SingleChoice || q.Kind == MultipleChoice }

// option finds an option by its id.
func (q Question) option(id string) bool {
	return slices.ContainsFunc(q.Items, func(item Item) bool { return item.ID == id })
}

// choose checks the answers to choices, and writes them as they are kept.
func (q Questionnaire) choose(answers Answers) []errs.Field {
	var wrong []errs.Field
	for _, question := range q.Questions {
		chosen := strings.Fields(answers[question.ID])
		if !question.Choice() || len(chosen) == 0 {
			continue
		}
		slices.Sort(chosen)
		chosen = slices.Compact(chosen)
		known := !slices.ContainsFunc(chosen, func(id string) bool { return !question.option(id) })
		if !known || question.Kind == SingleChoice && len(chosen) > 1 {
			wrong = append(wrong, errs.FieldError(question.ID, "field.choice"))
		}
		answers[question.ID] = strings.Join(chosen, "\n")
	}
	return wrong
}

func (q Questionnaire) known() map[string]bool {
	known := map[string]bool{}
	for _, k := range q.Keys() {
		known[k] = true
	}
	return known
}

func instant(d *Deadline) *time.Time {
	if d == nil {
		return nil
	}
	return &d.At
}

func notFound() error { return errs.E(errs.NotFound, "contribution.not_found") }
