package document

import (
	"context"
	"slices"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
)

// LanguagePolicy says what readers get in none of whose languages a message is approved. What a person reads is the
// text "document.policy.<policy>".
type LanguagePolicy string

// The policies. Who has no language that we know of gets the cycle's under each of them.
const (
	FallbackPolicy  LanguagePolicy = "fallback"  // the cycle's default language
	HoldPolicy      LanguagePolicy = "hold"      // nothing, until a translation is approved
	BilingualPolicy LanguagePolicy = "bilingual" // the default language, and below every translation the source text
)

// LanguagePolicies lists them in the order in which they are offered.
func LanguagePolicies() []LanguagePolicy {
	return []LanguagePolicy{FallbackPolicy, HoldPolicy, BilingualPolicy}
}

// Mailed says whether campaigns send documents of the kind, so that a language policy and variants mean something.
func (k Kind) Mailed() bool { return k == Mailing || k == FollowUp }

// SetLanguagePolicy says what readers of a message get who have no approved language. A campaign that was approved
// keeps the policy that it was approved with. A document that no campaign sends is errs.Invalid.
func (s *Service) SetLanguagePolicy(ctx context.Context, by account.Actor, documentID int64, p LanguagePolicy) (Document, error) {
	if err := by.Require(account.DocumentFreeze); err != nil {
		return Document{}, err
	}
	if !slices.Contains(LanguagePolicies(), p) {
		return Document{}, errs.InvalidFields(errs.FieldError("policy", "field.choice"))
	}
	var d Document
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		var err error
		if d, err = orNotFound(lockDocument(tx, documentID)); err != nil {
			return err
		}
		before := d.LanguagePolicy
		switch {
		case !d.Kind.Mailed():
			return errs.InvalidFields(errs.FieldError("policy", "document.policy.not_mailed"))
		case before == p:
			return nil
		}
		d.LanguagePolicy = p
		if err := saveLanguagePolicy(tx, &d); err != nil {
			return err
		}
		return s.record(tx, by.Who, d, "document.policy_set", map[string]any{"policy": before}, map[string]any{"policy": p})
	})
	return d, errs.Wrap("document.set_policy", err)
}

// PolicyOf is a document's language policy, read in the caller's transaction.
func (s *Service) PolicyOf(tx *db.Tx, documentID int64) (LanguagePolicy, error) {
	d, err := orNotFound(documentByID(tx, documentID))
	return d.LanguagePolicy, err
}
