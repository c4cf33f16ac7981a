package contact

import (
	"slices"
	"strings"

	"github.com/convoke/convoke/internal/geo"
)

// Function says what a person does at an organization. It matters whom one speaks to: a forum that
// wants what governments do in practice looks for implementers, not for policy analysts.
type Function string

// The functions. NoFunction is not known; OtherFunction is none of these, and the title says which.
const (
	NoFunction      Function = ""
	DecisionMaker   Function = "decision_maker"
	Implementer     Function = "implementer"
	PolicyAnalyst   Function = "policy_analyst"
	Operator        Function = "operator" // of networks and services
	TechnicalExpert Function = "technical_expert"
	Researcher      Function = "researcher"
	Advocate        Function = "advocate"
	Journalist      Function = "journalist"
	LegalAdviser    Function = "legal_adviser"
	Liaison         Function = "liaison" // speaks for the organization to others
	OtherFunction   Function = "other"
)

// Functions lists those to choose from, in the order in which they are shown.
func Functions() []Function {
	return []Function{
		DecisionMaker, Implementer, PolicyAnalyst, Operator, TechnicalExpert, Researcher, Advocate, Journalist, LegalAdviser, Liaison, OtherFunction,
	}
}

// Valid says whether an affiliation can have this function.
func (f Function) Valid() bool { return f == NoFunction || slices.Contains(Functions(), f) }

// ParseFunction reads a function as people write it: its code or a usual word for it. What is none
// of them becomes OtherFunction with the text as the title.
func ParseFunction(text string) (f Function, title string) {
	text = clean(text)
	if text == "" {
		return NoFunction, ""
	}
	key := strings.ReplaceAll(geo.Fold(strings.ReplaceAll(text, "_", " ")), " ", "_")
	if f := Function(key); f.Valid() {
		return f, ""
	}
	for f, words := range functionWords() {
		if slices.Contains(words, key) {
			return f, ""
		}
	}
	return OtherFunction, text
}

// functionWords are what lists call the functions, folded.
func functionWords() map[Function][]string {
	return map[Function][]string{
		DecisionMaker:   {"director", "head", "minister", "executive", "decisionmaker", "ceo"},
		Implementer:     {"implementor", "implementation", "programme_manager", "program_manager", "project_manager"},
		PolicyAnalyst:   {"analyst", "policy", "policy_adviser", "policy_advisor", "policy_officer", "policy_maker"},
		Operator:        {"network_operator", "service_operator"},
		TechnicalExpert: {"engineer", "technologist", "technical", "security_researcher", "security_engineer"},
		Researcher:      {"academic", "professor", "research", "scholar"},
		Advocate:        {"activist", "campaigner", "advocacy"},
		Journalist:      {"reporter", "editor", "press"},
		LegalAdviser:    {"lawyer", "legal", "legal_advisor", "counsel", "legal_counsel"},
		Liaison:         {"liaison_officer", "focal_point", "coordinator", "representative"},
	}
}
