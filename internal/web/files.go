package web

import (
	"bytes"
	"io"
	"mime"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

const (
	// fileBody leaves room for what is typed beside a document, and for one that is a little too large: that is then said at
	// its field, and what was typed stays.
	fileBody = contribution.MaxFile + 4<<20
	// shownText is how much of the documents of a contribution a page shows, in bytes: the page stays light on a slow link.
	shownText = 36_000
)

// fileView is a document as a page shows it.
type fileView struct {
	contribution.File
	Path       string // where it is downloaded
	Asked      string // the question that it answers, "" for none
	Paragraphs []string
	More       bool   // there is more text than is shown
	Lang, Dir  string // of its text
}

// KB is the size in kilobytes, rounded up.
func (f fileView) KB() int { return (f.Size + 1023) / 1024 }

// Beginning is the opening of its text by paragraphs, each of which has its own direction.
func (f fileView) Beginning() []string { return strings.Split(f.Opening(), "\n\n") }

// PDF says whether nothing of it was read.
func (f fileView) PDF() bool { return f.Kind == extract.PDF }

// fileList are documents on a page; those that may be removed have a button that says which.
type fileList struct {
	Files     []fileView
	Removable bool
	Whole     bool // the text is shown, not only its beginning
}

func listOfFiles(files []fileView, removable, whole bool) fileList {
	return fileList{Files: files, Removable: removable, Whole: whole}
}

// fileViews shows documents whose addresses begin with base, in the language of the contribution.
func (w *Web) fileViews(base string, q contribution.Questionnaire, files []contribution.File, language string) []fileView {
	asked := map[string]string{}
	for _, question := range q.Questions {
		asked[question.ID] = question.Text
	}
	left := shownText
	var all []fileView
	for _, f := range files {
		v := fileView{File: f, Path: base + "/files/" + strconv.Itoa(f.Position), Asked: asked[f.Question], Lang: language, Dir: w.Bundle.For(language).Dir()}
		text := f.Text
		if len(text) > left {
			text = strings.ToValidUTF8(text[:left], "")
			v.More = true
		}
		left -= len(text)
		v.More = v.More || f.Cut
		for block := range strings.SplitSeq(text, "\n\n") {
			if block != "" {
				v.Paragraphs = append(v.Paragraphs, block)
			}
		}
		all = append(all, v)
	}
	return all
}

// uploadedDocument is the document that a form brought in its field "file"; nil where it brought none.
func uploadedDocument(c *fiber.Ctx) (*contribution.Upload, error) {
	head, err := c.FormFile("file")
	if err != nil || head.Filename == "" && head.Size == 0 {
		return nil, nil //nolint:nilnil // none is no error
	}
	if head.Size > contribution.MaxFile {
		return nil, errs.E(errs.TooLarge, "upload.too_large", "Max", contribution.MaxFile>>20)
	}
	f, err := head.Open()
	if err != nil {
		return nil, errs.Wrap("web.uploaded_document", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return &contribution.Upload{Name: head.Filename, Content: bytes.NewReader(content), Size: int64(len(content))}, errs.Wrap("web.uploaded_document", err)
}

// atFile says at the field "file" what is wrong with a document.
func atFile(err error) error {
	e := errs.Find(err)
	if e == nil || len(e.Fields) > 0 || e.Code != errs.TooLarge && e.Code != errs.Invalid {
		return err
	}
	return errs.InvalidFields(errs.Field{Name: "file", Key: e.Key, Args: e.Args})
}

// fileTooLarge is what a person is told whose file is too large to be taken in at all.
func fileTooLarge() httpserver.Option {
	return httpserver.TooLarge(errs.E(errs.TooLarge, "upload.too_large", "Max", contribution.MaxFile>>20))
}

// answerTooLarge is the same for whoever sent answers, with a document or without.
func answerTooLarge() httpserver.Option {
	return httpserver.TooLarge(errs.E(errs.TooLarge, "respond.too_large", "Max", contribution.MaxFile>>20, "Characters", contribution.AnswerLimit))
}

// sendFile hands a document out: always to be saved, never to be shown by the browser within our site.
func sendFile(c *fiber.Ctx, f contribution.Content) error {
	c.Set(fiber.HeaderContentType, f.Kind.ContentType())
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	return c.Send(f.Bytes)
}

// position is the number of a document in an address.
func position(c *fiber.Ctx) (int, error) {
	n, err := strconv.Atoi(c.Params("file"))
	if err != nil || n < 1 {
		return 0, errs.E(errs.NotFound, "upload.not_found")
	}
	return n, nil
}

// wordsIn are those of documents.
func wordsIn(files []contribution.File) (n int) {
	for _, f := range files {
		n += f.Words
	}
	return n
}
