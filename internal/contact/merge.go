package contact

import (
	"context"
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/audit"
	"github.com/convoke/convoke/internal/db"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/undo"
)

// Follower is a room that keeps facts about contacts of its own and follows when two of them turn out to be one.
type Follower interface {
	// Unite makes what is known of one contact known of the other, in the caller's transaction, and keeps in the set what
	// it changes. An errs.Conflict says why it cannot be.
	Unite(tx *db.Tx, by audit.Who, from, into int64, set *undo.Set) error
	// Separated puts right what has gone on since a merge that was taken back in this transaction.
	Separated(tx *db.Tx, set int64) error
	// Foresee says what Unite would do that a person should know before, and what would keep it from being done.
	Foresee(tx *db.Tx, from, into int64) ([]undo.Effect, error)
}

// MergeKind is the kind of the changesets of merges.
const MergeKind = "contact.merge"

// Which value of a field a merged contact has.
const (
	Survivors = "mine"
	Others    = "theirs"
	Both      = "both" // of languages, expertise and notes
)

// Union says which two contacts are one. Keep names for fields of Contact ("name", "transliteration", "stakeholder_group",
// "country", "region", "language", "expertise", "source", "notes") whose value stays; a field that it does not name keeps the survivor's
// value, else the other's, and has both where both can be.
type Union struct {
	Survivor int64
	Other    int64
	Keep     map[string]string
}

// United is a merge that was done.
type United struct {
	Contact     Contact
	ChangesetID int64 // by which it can be taken back
}

// mergeTries is how often a merge is begun anew that met somebody at work on the same rows in another order: it goes through all
// rooms, and they have orders of their own.
const mergeTries = 3

// Unite makes two contacts one, by an officer. The survivor keeps the strictest consent of both: an address that is suppressed or
// was complained about stays so and keeps the contact from being written to at all, and of two lawful bases the one that
// the person can end more easily stays. Addresses, ties, places on lists, suggestions and what other rooms know are united; the
// other contact is gone, and its id leads to the survivor. The error is errs.Conflict where the contacts cannot be united.
func (s *Service) Unite(ctx context.Context, by account.Actor, m Union) (United, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return United{}, err
	}
	for field, which := range m.Keep {
		if !slices.Contains([]string{Survivors, Others, Both, ""}, which) {
			return United{}, errs.InvalidFields(errs.FieldError("keep_"+field, "field.choice"))
		}
	}
	var done United
	var err error
	for range mergeTries {
		err = s.DB.Write(ctx, func(tx *db.Tx) error {
			var err error
			done, err = s.merge(tx, by.Who, m)
			return err
		})
		if !db.IsDeadlock(err) {
			break
		}
	}
	if db.IsReferred(err) || db.IsDuplicate(err) || db.IsDeadlock(err) { // somebody began something with one of them in this very moment
		err = &errs.Error{Code: errs.Conflict, Key: "merge.busy", Err: err}
	}
	return done, errs.Wrap("contact.unite", err)
}

func (s *Service) merge(tx *db.Tx, by audit.Who, m Union) (United, error) {
	into, from, err := s.lockPair(tx, m.Survivor, m.Other)
	if err != nil {
		return United{}, err
	}
	set, err := undo.Begin(tx, undo.Change{Kind: MergeKind, By: by, At: s.Now(), Note: into.Name})
	if err != nil {
		return United{}, err
	}
	members, err := keepPair(tx, set, into.ID, from.ID)
	if err != nil {
		return United{}, err
	}
	for _, f := range s.Followers {
		if err := f.Unite(tx, by, from.ID, into.ID, set); err != nil {
			return United{}, err
		}
	}
	before := into
	unite(&into, from, m.Keep)
	into.UpdatedAt = s.Now()
	if wrong := into.validate(s.Reference); len(wrong) > 0 {
		return United{}, errs.InvalidFields(wrong...)
	}
	if err := s.unitePair(tx, by, set, &into, from); err != nil {
		return United{}, err
	}
	if err := s.refreshAll(tx, append(members, into.ID)); err != nil {
		return United{}, err
	}
	if err := set.Seal(tx, 1); err != nil {
		return United{}, err
	}
	return United{Contact: into, ChangesetID: set.ID}, s.recordMerge(tx, by, before, into, from, set.ID)
}

// lockPair reads both contacts in the order of their ids, so that two merges of one pair do not wait for each other forever.
func (s *Service) lockPair(tx *db.Tx, survivor, other int64) (into, from Contact, err error) {
	if survivor == other {
		return into, from, errs.InvalidFields(errs.FieldError("other", "merge.itself"))
	}
	for _, id := range []int64{min(survivor, other), max(survivor, other)} {
		c, err := s.lockLiving(tx, id)
		if err != nil {
			return into, from, err
		}
		if id == survivor {
			into = c
		} else {
			from = c
		}
	}
	if into.Kind != from.Kind {
		return into, from, errs.InvalidFields(errs.FieldError("other", "merge.kinds"))
	}
	return into, from, nil
}

// unitePair moves what this room knows of a contact.
func (s *Service) unitePair(tx *db.Tx, by audit.Who, set *undo.Set, into *Contact, from Contact) error {
	if err := saveContact(tx, into); err != nil {
		return err
	}
	if err := moveTies(tx, set, from.ID, into.ID); err != nil {
		return err
	}
	if err := movePairs(tx, by.ID, s.Now(), from.ID, into.ID, set.ID); err != nil {
		return err
	}
	if err := leaveRedirect(tx, set, from, into.ID, s.Now()); err != nil {
		return err
	}
	return s.revokeUnwanted(tx, by, into.ID)
}

// revokeUnwanted ends the claims on a contact that turns out to have asked to be left alone, by either of what became one: all
// claims, or those in the cycles of which it wants no more.
func (s *Service) revokeUnwanted(tx *db.Tx, by audit.Who, contactID int64) error {
	_, optedOut, err := addressState(tx, contactID)
	if err != nil {
		return err
	}
	if optedOut {
		return s.Claims.RevokeLive(tx, by, []int64{contactID}, "suppressed")
	}
	cycles, err := stoppedCycles(tx, contactID)
	for _, id := range cycles {
		if err := s.Claims.RevokeLiveIn(tx, by, id, []int64{contactID}, "suppressed"); err != nil {
			return err
		}
	}
	return err
}

func (s *Service) recordMerge(tx *db.Tx, by audit.Who, before, after, from Contact, set int64) error {
	was, is := differences(before, after)
	is["merged"], is["changeset"] = from.ID, set // the name stands under its own id, where erasure hides it
	if err := s.record(tx, by, "contact.merged", after.ID, was, is); err != nil {
		return err
	}
	return s.record(tx, by, "contact.merged_into", from.ID, map[string]any{"name": from.Name}, map[string]any{"survivor": after.ID, "changeset": set})
}

// unite gives the survivor the values that were chosen.
func unite(into *Contact, from Contact, keep map[string]string) {
	one := func(field string, mine *string, theirs string) {
		if which := keep[field]; which == Others || which == "" && *mine == "" {
			*mine = theirs
		}
	}
	both := func(field, between string, mine *string, theirs string) {
		switch keep[field] {
		case Others:
			*mine = theirs
		case Both, "":
			*mine = joinValues(between, *mine, theirs)
		}
	}
	if keep["name"] == Others && keep["transliteration"] == "" {
		into.Transliteration = from.Transliteration
	}
	one("name", &into.Name, from.Name)
	one("transliteration", &into.Transliteration, from.Transliteration)
	one("stakeholder_group", &into.StakeholderGroup, from.StakeholderGroup)
	one("country", &into.Country, from.Country)
	one("source", &into.Source, from.Source)
	if which := keep["region"]; which == Others || which == "" && !into.RegionOverridden && from.RegionOverridden {
		into.Region, into.RegionOverridden = from.Region, from.RegionOverridden
	}
	both("language", " ", &into.Languages, from.Languages)
	both("expertise", " ", &into.Expertise, from.Expertise)
	both("notes", "\n\n", &into.Notes, from.Notes)
	if r := []rune(into.Notes); len(r) > maxNotes {
		into.Notes = string(r[:maxNotes])
	}
	into.LawfulBasis, into.LawfulBasisNote = strictest(*into, from)
}

// joinValues are the values of both: words once each, texts one after the other unless one holds the other.
func joinValues(between, mine, theirs string) string {
	switch {
	case between == " ":
		return Chain(strings.Fields(mine), strings.Fields(theirs))
	case strings.Contains(mine, theirs):
		return mine
	case strings.Contains(theirs, mine):
		return theirs
	}
	return mine + between + theirs
}

// strictest is the lawful basis that binds us most: of two the one that the person can end more easily. What is not recorded says
// nothing.
func strictest(a, b Contact) (Basis, string) {
	order := []Basis{Consent, LegitimateInterest, OtherBasis, PublicInterest, Contract, LegalObligation, VitalInterest, NoBasis}
	if slices.Index(order, b.LawfulBasis) < slices.Index(order, a.LawfulBasis) {
		return b.LawfulBasis, b.LawfulBasisNote
	}
	if a.LawfulBasis == b.LawfulBasis && a.LawfulBasisNote == "" {
		return a.LawfulBasis, b.LawfulBasisNote
	}
	return a.LawfulBasis, a.LawfulBasisNote
}

// Foresee says what a merge would do that an officer should know before, and what would keep it from being done.
func (s *Service) Foresee(ctx context.Context, by account.Actor, survivor, other int64) ([]undo.Effect, error) {
	if err := by.RequireOn(account.ContactMerge, false, ""); err != nil {
		return nil, err
	}
	tx := s.DB.Read(ctx)
	effects, err := s.foreseeHere(tx, other, survivor)
	if err != nil {
		return nil, errs.Wrap("contact.foresee", err)
	}
	for _, f := range s.Followers {
		more, err := f.Foresee(tx, other, survivor)
		if err != nil {
			return nil, errs.Wrap("contact.foresee", err)
		}
		effects = append(effects, more...)
	}
	return effects, nil
}

func (s *Service) foreseeHere(tx *db.Tx, from, into int64) ([]undo.Effect, error) {
	differing, err := differingListings(tx, from, into)
	if err != nil {
		return nil, err
	}
	var effects []undo.Effect
	for _, d := range differing {
		effects = append(effects, undo.Effect{
			Key:  "merge.effect.listing",
			Args: errs.Args{"Cycle": d.Cycle, "Group": d.Mine, "Other": d.Theirs, "Region": d.MyRegion, "OtherRegion": d.TheirRegion}, Object: "listing",
		})
	}
	_, mine, err := addressState(tx, into)
	if err != nil {
		return nil, err
	}
	_, theirs, err := addressState(tx, from)
	if mine != theirs {
		effects = append(effects, undo.Effect{Key: "merge.effect.opted_out"})
	}
	if err != nil {
		return nil, err
	}
	asked, err := askedOfOne(tx, from, into)
	for _, a := range asked {
		effects = append(effects, a.effect())
	}
	return effects, err
}

// effect says that what one of two asked holds for both. That they are not to be written to at all is said by their addresses.
func (a askedHere) effect() undo.Effect {
	e := undo.Effect{Key: "merge.effect.asked." + string(a.Scope), Args: errs.Args{"Cycle": a.About, "Campaign": a.About}}
	if a.Scope == ThisCampaign {
		e.Object, e.ID = "campaign", a.ObjectID
	}
	return e
}

// Successor is whom a contact became part of by a merge; ok is false where it did not.
func (s *Service) Successor(ctx context.Context, id int64) (survivor int64, ok bool, err error) {
	survivor, err = successorOf(s.DB.Read(ctx), id)
	if db.IsNotFound(err) {
		return 0, false, nil
	}
	return survivor, err == nil, errs.Wrap("contact.successor", err)
}
