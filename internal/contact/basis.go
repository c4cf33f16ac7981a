package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/geo"
)

// Basis says why we may keep what we know of a contact, in the terms of Article 6 of the General
// Data Protection Regulation, which other laws follow.
type Basis string

// The bases. NoBasis is not recorded; OtherBasis is explained in a note.
const (
	NoBasis            Basis = ""
	LegitimateInterest Basis = "legitimate_interest"
	PublicInterest     Basis = "public_interest"
	Consent            Basis = "consent"
	Contract           Basis = "contract"
	LegalObligation    Basis = "legal_obligation"
	VitalInterest      Basis = "vital_interest"
	OtherBasis         Basis = "other"
)

// Bases lists those to choose from, in the order in which they are shown.
func Bases() []Basis {
	return []Basis{LegitimateInterest, PublicInterest, Consent, Contract, LegalObligation, VitalInterest, OtherBasis}
}

// Valid says whether a contact can have this basis.
func (b Basis) Valid() bool { return b == NoBasis || slices.Contains(Bases(), b) }

// ParseBasis reads a basis as people write it: its code or a usual word for it. What is none of
// them becomes OtherBasis with the text as the note.
func ParseBasis(text string) (b Basis, note string) {
	text = clean(text)
	if text == "" {
		return NoBasis, ""
	}
	key := strings.ReplaceAll(geo.Fold(strings.ReplaceAll(text, "_", " ")), " ", "_")
	if b := Basis(key); b.Valid() {
		return b, ""
	}
	switch key {
	case "legitimate_interests":
		return LegitimateInterest, ""
	case "public_task", "public_interests", "official_authority":
		return PublicInterest, ""
	case "vital_interests":
		return VitalInterest, ""
	case "consented", "opt_in":
		return Consent, ""
	}
	return OtherBasis, text
}
