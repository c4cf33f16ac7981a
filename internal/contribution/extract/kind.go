package extract

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/markup"
)

// headSize is how much of a file is looked at in order to say what it is.
const headSize = 8 << 10

// Find says what a file is by its content; only among texts does the name tell Markdown from plain text. Errors are
// errs.Invalid with a sentence of its own for what people often attach instead.
func Find(r io.ReaderAt, size int64, name string) (Kind, error) {
	head := make([]byte, min(size, headSize))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return packedKind(r, size)
	case bytes.HasPrefix(head, []byte("{\\rtf")):
		return RTF, nil
	case isPDF(head):
		return PDF, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return "", compound(r, size)
	}
	if err := refuse(head); err != nil {
		return "", err
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return Markdown, nil
	}
	return Text, nil
}

// isPDF allows for what some programs write before the mark, as readers do.
func isPDF(head []byte) bool { return bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) }

// compound tells the two that come in the container of old Office files: a new document that is encrypted, and an old one.
func compound(r io.ReaderAt, size int64) error {
	const lookedAt = 1 << 20 // the directory may stand behind the content
	name := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e")
	for _, from := range []int64{0, max(0, size-lookedAt)} {
		b := make([]byte, min(size, lookedAt))
		if n, _ := r.ReadAt(b, from); bytes.Contains(b[:n], name) {
			return errs.E(errs.Invalid, "upload.encrypted")
		}
	}
	return errs.E(errs.Invalid, "upload.old_word")
}

// refuse refuses what is no text.
func refuse(head []byte) error {
	for _, m := range []struct {
		mark string
		at   int
		key  string
	}{
		{"\x89PNG", 0, "upload.picture"},
		{"\xff\xd8\xff", 0, "upload.picture"},
		{"GIF8", 0, "upload.picture"},
		{"WEBP", 8, "upload.picture"},
		{"II*\x00", 0, "upload.picture"},
		{"MM\x00*", 0, "upload.picture"},
		{"ftyphei", 4, "upload.picture"},
	} {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.mark)) {
			return errs.E(errs.Invalid, m.key)
		}
	}
	text := decode(head)
	start := strings.ToLower(strings.TrimLeft(text, " \t\r\n"))
	for _, mark := range []string{"<!doctype", "<html", "<?xml", "<svg", "%!ps", "mime-version:", "begin:vcard", "begin:vcalendar"} {
		if strings.HasPrefix(start, mark) {
			return otherKind()
		}
	}
	if !looksLikeText(text) {
		return otherKind()
	}
	return nil
}

// looksLikeText tells a text from anything else by its control characters. Some come with old programs, as do NULs.
func looksLikeText(text string) bool {
	control, all := 0, 0
	for _, r := range text {
		all++
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != '\v' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			control++
		}
	}
	return control <= 3+all/20
}

func otherKind() error { return errs.E(errs.Invalid, "upload.other_kind") }

// packedKind tells the containers apart by what they say of themselves within.
func packedKind(r io.ReaderAt, size int64) (Kind, error) {
	a, err := openArchive(r, size, DefaultLimits())
	if err != nil {
		return "", told(err)
	}
	if f := a.parts["mimetype"]; f != nil {
		kind, err := a.small(f, 200)
		if err != nil {
			return "", told(err)
		}
		if string(bytes.TrimSpace(kind)) == odtType {
			return Odt, nil
		}
		return "", otherKind()
	}
	if a.parts["[content_types].xml"] != nil {
		return Docx, nil // a workbook is refused where its parts are read
	}
	return "", otherKind()
}

func damaged(err error) bool {
	for _, broken := range []error{
		errDamaged, zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum, markup.ErrMarkup, io.ErrUnexpectedEOF, io.EOF,
	} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return strings.HasPrefix(err.Error(), "flate:")
}
