package campaign

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/i18n"
)

// LanguagePolicy says what a reader gets in none of whose languages a text is approved.
type LanguagePolicy string

// The policies, as the document room has them.
const (
	PolicyFallback  LanguagePolicy = "fallback"  // the cycle's language
	PolicyHold      LanguagePolicy = "hold"      // nothing, until there is one
	PolicyBilingual LanguagePolicy = "bilingual" // the cycle's language, and below every translation the source text
)

// untranslated is the reason against a message for which there is no language.
func untranslated(p LanguagePolicy) Reason {
	if p == PolicyHold {
		return HeldForTranslation
	}
	return NoTranslation
}

// resolveChains finds for each chain the first language that there is, else the cycle's as a
// fallback, else none. Who waits for a translation gets none; but where no language of theirs is known, there is
// nothing to wait for.
func resolveChains(chains, locales []string, fallback string, policy LanguagePolicy) []chainLocale {
	resolved := make([]chainLocale, 0, len(chains))
	for _, chain := range chains {
		r := chainLocale{Chain: chain}
		own := strings.Fields(chain)
		var found bool
		r.Locale, found = i18n.ResolveAmong(locales, own...)
		switch {
		case found:
		case policy == PolicyHold && len(own) > 0:
			r.Locale = ""
		default:
			r.Fallback = true
			r.Locale, _ = i18n.ResolveAmong(locales, fallback)
		}
		resolved = append(resolved, r)
	}
	return resolved
}

// pinEditions fixes which edition of a translation goes out: a correction that is approved later is for later messages.
func (s *Service) pinEditions(ctx context.Context, revisionID int64, chains []chainLocale) error {
	editions, err := s.Texts.Editions(ctx, revisionID)
	for i := range chains {
		chains[i].Edition = max(1, editions[chains[i].Locale])
	}
	return err
}

// stepText is what a step sends.
type stepText struct {
	revisionID int64
	policy     LanguagePolicy
	open       bool // it may still change
}

// textOf is the step's frozen text with the policy that it was approved with; before that, those of the document as
// they are.
func (s *Service) textOf(ctx context.Context, step *Step) (stepText, error) {
	t := stepText{policy: step.LanguagePolicy, open: step.RevisionID == nil}
	if !t.open {
		t.revisionID = *step.RevisionID
		if t.policy != "" {
			return t, nil
		}
	}
	d, err := s.Texts.Document(ctx, step.DocumentID)
	if t.open {
		t.revisionID = d.RevisionID
	}
	t.policy = d.LanguagePolicy
	return t, err
}

// groundwork is what is worked out once, however many chunks a launch has.
type groundwork struct {
	known    bool
	contacts []int64      // that answer for an initiative, once somebody asked for them
	filter   *nriContacts // those that the audience names, once somebody asked for them
	chains   []string     // of languages, that were met so far; nil until a launch begins
}

// variantsOf are the variants of a text with what it takes to choose between them.
func (s *Service) variantsOf(ctx context.Context, tx *db.Tx, revisionID int64, known *groundwork) (variants, error) {
	keys, err := s.Texts.Variants(ctx, revisionID)
	if err != nil {
		return variants{}, err
	}
	v := variants{groups: slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == initiativeVariant })}
	if len(v.groups) == len(keys) {
		return v, nil
	}
	if !known.known {
		if known.contacts, err = initiativeContacts(tx); err != nil {
			return v, err
		}
		known.known = true
	}
	v.initiatives = known.contacts
	return v, nil
}

// variantFor is the variant that one contact gets.
func (s *Service) variantFor(ctx context.Context, revisionID, contactID int64, group string) (string, error) {
	keys, err := s.Texts.Variants(ctx, revisionID)
	if err != nil {
		return "", err
	}
	if slices.Contains(keys, initiativeVariant) {
		answers, err := answersForInitiative(s.DB.Read(ctx), contactID)
		if err != nil || answers {
			return initiativeVariant, err
		}
	}
	if group != initiativeVariant && slices.Contains(keys, group) {
		return group, nil
	}
	return "", nil
}
