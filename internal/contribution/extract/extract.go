// Package extract reads the documents that people attach to a contribution: what is written in them, and a copy without what
// would tell of their author or do something on somebody else's machine. It is pure: no database, no clock, nothing kept.
//
// A document is untrusted. Its kind is found by its content, whatever its name says; what it may cost is bounded before it is
// spent; of containers only the parts that a text is made of are taken over, so that what we do not know stays out.
package extract

import (
	"errors"
	"io"

	"github.com/convoke/convoke/internal/errs"
)

// Kind is what a document is.
type Kind string

// The kinds. A PDF is recognised and not read: Read refuses it.
const (
	Docx     Kind = "docx"
	Odt      Kind = "odt"
	RTF      Kind = "rtf"
	Text     Kind = "txt"
	Markdown Kind = "md"
	PDF      Kind = "pdf"
)

// ContentType is the kind's media type.
func (k Kind) ContentType() string {
	switch k {
	case Docx:
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case Odt:
		return odtType
	case RTF:
		return "application/rtf"
	case PDF:
		return "application/pdf"
	case Markdown:
		return "text/markdown; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

// What is something that a copy is without.
type What string

// What is taken out.
const (
	Author    What = "author"    // who wrote it, where, with what, and when
	Reviewers What = "reviewers" // the names at comments and tracked changes
	Macros    What = "macros"    // programs
	Objects   What = "objects"   // other files within the file
	Outside   What = "outside"   // what would be loaded from elsewhere
	Other     What = "other"     // whatever else a text is not made of
)

// whats is the order in which they are told.
func whats() []What { return []What{Author, Reviewers, Macros, Objects, Outside, Other} }

// Link is a link in a document: to the web, and nowhere else.
type Link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Limits bound what a document may be and cost.
type Limits struct {
	Size     int64  // bytes of the file
	Unpacked uint64 // bytes of all its parts
	Parts    int
	Ratio    uint64 // how much smaller packing may have made a part of more than a megabyte
	Depth    int    // of elements or groups within each other
	Tokens   int    // tags and texts of all parts
	Text     int    // bytes of text that are kept; more is cut
	Links    int    // that are kept
}

// DefaultLimits are those of uploads; docs/uploads.md says why.
func DefaultLimits() Limits {
	return Limits{
		Size: 10 << 20, Unpacked: 120 << 20, Parts: 2_000, Ratio: 250, Depth: 200, Tokens: 8_000_000, Text: 1 << 20, Links: 200,
	}
}

// Document is what was found in a file. Text has blocks with an empty line between them; items of lists and rows of tables
// follow each other line by line.
type Document struct {
	Kind     Kind
	Text     string
	Cut      bool // there was more text than the limit
	Words    int
	Pages    int // an estimate from the words
	Links    []Link
	Stripped []What
	Clean    []byte // the copy that may be handed out
}

// wordsPerPage is a page as the advice to contributors counts it: two to three pages are 1,000 to 1,500 words.
const wordsPerPage = 500

// Read reads a document. Errors are errs.Invalid with what to do instead for a file that is of no kind that is taken, is
// damaged, encrypted or empty; errs.TooLarge for one that is over a limit; others where r fails.
func Read(r io.ReaderAt, size int64, name string, l Limits) (Document, error) {
	if size > l.Size {
		return Document{}, errs.E(errs.TooLarge, "upload.too_large", "Max", l.Size>>20)
	}
	kind, err := Find(r, size, name)
	if err != nil {
		return Document{}, err
	}
	j := &job{limits: l, out: newProse(l.Text), links: linkList{limit: l.Links}, stripped: map[What]bool{}}
	switch kind {
	case Docx, Odt:
		err = j.readPacked(r, size, kind)
	case RTF:
		err = j.readRTF(r, size)
	case PDF:
		err = errs.E(errs.Invalid, "upload.pdf")
	default:
		err = j.readText(r, size)
	}
	if err != nil {
		return Document{}, told(err)
	}
	return j.document(kind)
}

// job is one document being read.
type job struct {
	limits   Limits
	tokens   int
	out      *prose
	links    linkList
	stripped map[What]bool
	clean    []byte
}

func (j *job) document(kind Kind) (Document, error) {
	d := Document{Kind: kind, Text: j.out.String(), Cut: j.out.cut, Words: j.out.words, Clean: j.clean}
	if errs.Blank(d.Text) {
		return Document{}, errs.E(errs.Invalid, "upload.empty")
	}
	d.Pages = max(1, (d.Words+wordsPerPage-1)/wordsPerPage)
	j.links.bare(d.Text)
	d.Links = j.links.all
	for _, w := range whats() {
		if j.stripped[w] {
			d.Stripped = append(d.Stripped, w)
		}
	}
	return d, nil
}

// spend counts a token against the limit of the whole document.
func (j *job) spend() error {
	j.tokens++
	if j.tokens > j.limits.Tokens {
		return errs.E(errs.TooLarge, "upload.too_large_inside", "Max", j.limits.Unpacked>>20)
	}
	return nil
}

// told makes what a person can do about it of what is wrong with a file.
func told(err error) error {
	if errs.Find(err) != nil || !damaged(err) {
		return err
	}
	return &errs.Error{Code: errs.Invalid, Key: "upload.damaged", Err: err}
}

// errDamaged says that a document is not what documents of its kind are.
var errDamaged = errors.New("the document is damaged")
