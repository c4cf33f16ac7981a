package document

import (
	"testing"
	"time"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/errs"
)

var (
	noon       = time.Date(2017, 8, 7, 12, 0, 0, 0, time.UTC)
	translator = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 1, Name: "Alejandro"}, Roles: []account.Role{account.Translator}}
	reviewer   = account.Actor{Who: audit.Who{Kind: audit.ByAccount, ID: 2, Name: "Carina"}, Roles: []account.Role{account.Translator}}
)

func TestTranslationMoves(t *testing.T) {
	t.Parallel()
	moves := map[string]func(*Translation) error{
		"claim":    func(tr *Translation) error { return tr.Claim(translator, noon) },
		"save":     func(tr *Translation) error { return tr.Save(translator, noon) },
		"submit":   func(tr *Translation) error { return tr.Submit(translator, noon) },
		"approve":  func(tr *Translation) error { return tr.Approve(reviewer, noon) },
		"sendback": func(tr *Translation) error { return tr.SendBack(reviewer, "see p2", noon) },
		"stale":    func(tr *Translation) error { return tr.MakeStale(noon) },
		"return":   func(tr *Translation) error { return tr.Return(noon) },
		"release":  func(tr *Translation) error { return tr.Release(translator, noon) },
		"relieve":  func(tr *Translation) error { return tr.Relieve(noon) },
	}
	allowed := map[TranslationState]map[string]TranslationState{
		Missing:  {"claim": Claimed},
		Claimed:  {"save": Draft, "release": Missing, "relieve": Missing},
		Draft:    {"save": Draft, "submit": InReview, "release": Missing, "relieve": Missing},
		InReview: {"approve": Approved, "sendback": Draft, "stale": Stale},
		Approved: {"stale": Stale},
		Stale:    {"claim": Claimed, "save": Draft, "return": InReview},
	}
	for _, state := range TranslationStates() {
		for name, move := range moves {
			tr := Translation{State: state, TranslatorID: holder(translator)}
			err := move(&tr)
			want, ok := allowed[state][name]
			switch {
			case ok && (err != nil || tr.State != want):
				t.Errorf("%s in %s: %v, now %s, want %s", name, state, err, tr.State, want)
			case !ok && (!errs.Is(err, errs.Conflict) || tr.State != state):
				t.Errorf("%s in %s: %v, now %s, want a conflict", name, state, err, tr.State)
			}
		}
	}
}

func TestWhoMayMoveATranslation(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func() error{
		"saving another's": func() error {
			return (&Translation{State: Draft, TranslatorID: holder(reviewer)}).Save(translator, noon)
		},
		"submitting another's": func() error {
			return (&Translation{State: Draft, TranslatorID: holder(reviewer)}).Submit(translator, noon)
		},
		"releasing another's": func() error {
			return (&Translation{State: Draft, TranslatorID: holder(reviewer)}).Release(translator, noon)
		},
		"approving one's own": func() error {
			return (&Translation{State: InReview, TranslatorID: holder(translator)}).Approve(translator, noon)
		},
		"returning one's own": func() error {
			return (&Translation{State: InReview, TranslatorID: holder(translator)}).SendBack(translator, "x", noon)
		},
	} {
		if err := try(); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRevisionMoves(t *testing.T) {
	t.Parallel()
	moves := map[string]func(*Revision) error{
		"freeze": func(r *Revision) error { return r.Freeze(reviewer, noon) },
		"sent":   func(r *Revision) error { return r.MarkSent(noon) },
		"edit":   func(r *Revision) error { return r.Editable() },
		"reopen": func(r *Revision) error { return r.Reopenable() },
	}
	allowed := map[RevisionState]map[string]RevisionState{
		OpenForComment: {"freeze": Frozen, "edit": OpenForComment},
		Frozen:         {"sent": Sent, "reopen": Frozen},
		Sent:           {"sent": Sent, "reopen": Sent},
	}
	for state, to := range allowed {
		for name, move := range moves {
			r := Revision{State: state}
			err := move(&r)
			want, ok := to[name]
			switch {
			case ok && (err != nil || r.State != want):
				t.Errorf("%s in %s: %v, now %s, want %s", name, state, err, r.State, want)
			case !ok && (!errs.Is(err, errs.Conflict) || r.State != state):
				t.Errorf("%s in %s: %v, now %s, want a conflict", name, state, err, r.State)
			}
		}
	}
}
