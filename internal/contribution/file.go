package contribution

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
)

// Limits of the documents of one contribution.
const (
	MaxFile      = 10 << 20 // bytes of one
	MaxFiles     = 5
	MaxFilesSize = 25 << 20 // bytes of all of them
	nameLimit    = 100      // characters of a name
)

// File is a document that came with a contribution, without its content. Of a PDF nothing was read and nothing taken out.
type File struct {
	ID             int64
	ContributionID int64
	Position       int    // its number within the contribution, never given twice
	Question       string // that it answers, "" for the contribution as a whole
	Name           string // with the ending of its kind
	Kind           extract.Kind
	Size           int
	SHA256         string `gorm:"column:sha256"` // of what is handed out, in hex
	Text           string // empty in lists
	Words          int
	Pages          int // an estimate
	Cut            bool
	Links          []extract.Link `gorm:"serializer:json"`
	Stripped       []extract.What `gorm:"serializer:json"`
	Since          int            // the first version to which it belongs
	UploadedAt     time.Time
	UploadedBy     *int64 // the account; nil for the contributor
	RemovedAt      *time.Time
}

// Content is a document as it is handed out.
type Content struct {
	File
	Bytes []byte
}

// Opening is the beginning of what was read, for its author to see that it was understood.
func (f File) Opening() string {
	const length = 400
	if r := []rune(f.Text); len(r) > length {
		return string(r[:length]) + "…"
	}
	return f.Text
}

// Upload is a document as it comes.
type Upload struct {
	Name     string // as its owner calls it
	Question string // the key of the question that it answers, "" for the contribution as a whole
	Content  io.ReaderAt
	Size     int64
}

// read makes a file of an upload. Whoever may decide on contributions may keep a PDF too, as it is.
func (u Upload) read(pdfToo bool) (Content, error) {
	if u.Size > MaxFile {
		return Content{}, errs.E(errs.TooLarge, "upload.too_large", "Max", MaxFile>>20)
	}
	limits := extract.DefaultLimits()
	limits.Size = MaxFile
	d, err := extract.Read(u.Content, u.Size, u.Name, limits)
	if pdfToo && err != nil {
		if kind, other := extract.Find(u.Content, u.Size, u.Name); other == nil && kind == extract.PDF {
			d.Kind, d.Clean = kind, make([]byte, u.Size)
			_, err = io.ReadFull(io.NewSectionReader(u.Content, 0, u.Size), d.Clean)
		}
	}
	if err != nil {
		return Content{}, errs.Wrap("contribution.read_file", err)
	}
	sum := sha256.Sum256(d.Clean)
	return Content{Bytes: d.Clean, File: File{
		Question: u.Question, Name: fileName(u.Name, d.Kind), Kind: d.Kind, Size: len(d.Clean), SHA256: hex.EncodeToString(sum[:]),
		Text: d.Text, Words: d.Words, Pages: d.Pages, Cut: d.Cut,
		Links: append([]extract.Link{}, d.Links...), Stripped: append([]extract.What{}, d.Stripped...), // an empty list, not none
	}}, nil
}

// fileName is a name that can be shown and saved anywhere: no folders, nothing invisible, nothing that a system takes for
// more than a letter, and the ending of what the file is.
func fileName(given string, kind extract.Kind) string {
	given = strings.ToValidUTF8(given, "")
	name := path.Base(strings.ReplaceAll(given, "\\", "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || strings.ContainsRune(`/\:*?"<>|;%`, r):
			return ' '
		case unicode.IsControl(r) || errs.Invisible(r) && r != '\u200c' && r != '\u200d':
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if r := []rune(name); len(r) > nameLimit {
		name = strings.TrimSpace(string(r[:nameLimit]))
	}
	if errs.Blank(name) {
		name = "document"
	}
	return name + "." + string(kind)
}

// fits says whether another file has a place beside those that a contribution has.
func fits(have []File, one Content) error {
	size := one.Size
	for _, f := range have {
		if f.SHA256 == one.SHA256 && f.Question == one.Question {
			return errs.E(errs.Invalid, "upload.twice", "Name", f.Name)
		}
		size += f.Size
	}
	switch {
	case len(have) >= MaxFiles:
		return errs.E(errs.Invalid, "upload.too_many", "Max", MaxFiles)
	case size > MaxFilesSize:
		return errs.E(errs.Invalid, "upload.too_large_together", "Max", MaxFilesSize>>20)
	}
	return nil
}
