package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// texts keeps texts in memory; their rows are in the database, because deliveries refer to them.
type texts struct {
	h          *house
	mu         sync.Mutex
	byRevision map[int64]*stored
}

type stored struct {
	Document
	locales  []string
	variants []string
	problems []errs.Field
	body     string
	said     map[string]Text  // in these languages, instead of body
	broken   map[string]error // in these languages it cannot be rendered
	editions map[string]int   // of corrected translations
	sent     bool
}

func (x *texts) add(kind, slug string, locales ...string) int64 {
	d := x.h.insert("insert into document (cycle_id, kind, slug, source_language, created_at) values (?, ?, ?, 'en', ?)", x.h.cycleID, kind, slug, start)
	r := x.h.insert("insert into revision (document_id, number, state, created_at) values (?, 1, 'open_for_comment', ?)", d, start)
	x.byRevision[r] = &stored{
		Document: Document{ID: d, CycleID: x.h.cycleID, Kind: kind, Slug: slug, SourceLanguage: "en", RevisionID: r},
		locales:  locales, body: "Dear {{contact}}, answer at {{personal_link}}.",
	}
	return d
}

func (x *texts) find(match func(*stored) bool) (*stored, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range x.byRevision {
		if match(s) {
			return s, nil
		}
	}
	return nil, errs.E(errs.NotFound, "document.not_found")
}

func (x *texts) Document(_ context.Context, id int64) (Document, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err != nil {
		return Document{}, err
	}
	return s.Document, nil
}

func (x *texts) Documents(_ context.Context, _ int64, kind string) ([]Document, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var all []Document
	for _, s := range x.byRevision {
		if s.Kind == kind {
			all = append(all, s.Document)
		}
	}
	return all, nil
}

func (x *texts) Create(_ context.Context, _ account.Actor, _ int64, kind, slug, language string) (Document, error) {
	return x.Document(context.Background(), x.add(kind, slug, language))
}

func (x *texts) Translations(context.Context, int64) ([]Translation, error) { return nil, nil }

func (x *texts) SetText(_ context.Context, _ account.Actor, id int64, locale string, text Wording) error {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err == nil && locale == "en" {
		s.body = text.Body
	}
	return err
}

func (x *texts) revision(id int64) *stored {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.byRevision[id]
}

func (x *texts) Problems(_ context.Context, id int64) ([]errs.Field, error) {
	return x.revision(id).problems, nil
}

func (x *texts) Freeze(_ context.Context, _ account.Actor, id int64) (int64, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == id })
	if err != nil {
		return 0, err
	}
	s.Frozen = true
	return s.RevisionID, nil
}

func (x *texts) ApprovedLocales(_ context.Context, id int64) ([]string, error) {
	return x.revision(id).locales, nil
}

func (x *texts) Variants(_ context.Context, id int64) ([]string, error) {
	return x.revision(id).variants, nil
}

func (x *texts) Draft(ctx context.Context, id int64, locale, variant string) (Text, error) {
	return x.Mail(ctx, id, locale, 0, variant)
}

func (x *texts) Editions(_ context.Context, id int64) (map[string]int, error) {
	return x.revision(id).editions, nil
}

func (x *texts) Mail(_ context.Context, id int64, locale string, edition int, variant string) (Text, error) {
	s := x.revision(id)
	if err := s.broken[locale]; err != nil {
		return Text{}, err
	}
	if said, ok := s.said[locale]; ok {
		return said, nil
	}
	form := locale
	if slices.Contains(s.variants, variant) {
		form += ", " + variant
	}
	if edition > 1 {
		form += fmt.Sprintf(", edition %d", edition)
	}
	body := s.body
	return Text{Locale: locale, Subject: "The call (" + form + ")", Text: body, HTML: "<p>" + body + "</p>"}, nil
}

func (x *texts) Words(_ context.Context, id int64, locale string, _ int, _ string) (subject, body string, err error) {
	return "The call (" + locale + ")", x.revision(id).body, nil
}

func (x *texts) Own(_ context.Context, locale, subject, body string) (Text, error) {
	for name, text := range map[string]string{"subject": subject, "body": body} {
		if strings.TrimSpace(text) == "" || strings.Contains(text, "[") {
			return Text{}, errs.InvalidFields(errs.FieldError(name, "field.required"))
		}
	}
	return Text{Locale: locale, Subject: subject, Text: body, HTML: "<p>" + body + "</p>"}, nil
}

func (x *texts) PolicyOf(_ *db.Tx, documentID int64) (LanguagePolicy, error) {
	s, err := x.find(func(s *stored) bool { return s.ID == documentID })
	if err != nil {
		return "", err
	}
	return s.LanguagePolicy, nil
}

func (x *texts) MarkSent(_ *db.Tx, _ audit.Who, id int64) error {
	x.revision(id).sent = true
	return nil
}
