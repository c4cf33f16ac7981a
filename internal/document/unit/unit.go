// Package unit is a translation as files for translators' tools hold it, whatever their format.
package unit

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// File is one document of one revision in one more language.
type File struct {
	ID     string // names document, revision and language; "" where a tool has dropped it
	Source string // BCP 47
	Target string // BCP 47; "" where the file does not say
	Units  []Unit
}

// Unit is one segment.
type Unit struct {
	Key    string
	Notes  []string // for the translator; written, never read
	Source string
	Was    string // the source of which Target is the translation, where that is not Source; "" where not known
	Target string
	Base   string // Mark of the target that the file was written with; "" where a tool has dropped it
	State  State
	Line   int    // where the unit begins in a file that was read
	Fault  string // what cannot be read in it: one of the faults, "" for nothing
}

// State is what a tool says of a unit.
type State string

// The states. Open says nothing: there is a text or there is none.
const (
	Open  State = ""
	Done  State = "done"  // somebody says that it is the translation of Source
	Doubt State = "doubt" // somebody says that it must be looked at
)

// The faults of a unit. The rest of its file is read all the same.
const (
	FaultTwice  = "twice"  // there was a unit with this key before
	FaultInline = "inline" // an inline code stands for a text that the file does not have
)

// Fields finds merge fields, which tools must leave as they are.
var Fields = regexp.MustCompile(`\{\{[^{}\n]*\}\}`)

// Mark stands for a text, to see later whether it is another.
func Mark(text string) string {
	if text == "" {
		return "0"
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// What a file may hold. A questionnaire has fewer than a hundred units.
const (
	MaxBytes = 8 << 20
	MaxUnits = 5000
	MaxDepth = 50
)

// ID names what a file holds. The slug is there for the person who reads it.
type ID struct {
	Document int64
	Slug     string
	Revision int
	Locale   string
}

// String is the id as files carry it: "12:message:3:es".
func (id ID) String() string {
	return strconv.FormatInt(id.Document, 10) + ":" + id.Slug + ":" + strconv.Itoa(id.Revision) + ":" + id.Locale
}

// ParseID reads what String wrote.
func ParseID(text string) (id ID, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 4 {
		return id, false
	}
	document, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return id, false
	}
	revision, err := strconv.Atoi(parts[2])
	return ID{Document: document, Slug: parts[1], Revision: revision, Locale: parts[3]}, err == nil
}
