package api

import (
	"bytes"
	"io"
	"mime"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// fileBody leaves room for what stands around a document in a form.
const fileBody = contribution.MaxFile + 1<<20

// ContributionFile is a document that came with a contribution. It is a copy without what tells of its author; a PDF is as it came.
type ContributionFile struct {
	Number     int        `json:"number" doc:"within the contribution, never given twice"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind" enum:"docx,odt,rtf,txt,md,pdf"`
	Type       string     `json:"type" doc:"the media type"`
	Size       int        `json:"size" doc:"bytes of the copy"`
	SHA256     string     `json:"sha256" doc:"of the copy, in hex"`
	Question   string     `json:"question,omitempty" doc:"the key of the question that it answers; absent for the contribution as a whole"`
	Words      int        `json:"words"`
	Pages      int        `json:"pages" doc:"an estimate; 0 where nothing was read"`
	Links      []FileLink `json:"links" doc:"to the web"`
	Stripped   []string   `json:"stripped" enum:"author,reviewers,macros,objects,outside,other" doc:"what was taken out"`
	Text       string     `json:"text,omitempty" doc:"what was read in it; absent where that was not asked for"`
	Cut        bool       `json:"text_cut" doc:"whether there is more text in the document"`
	UploadedAt time.Time  `json:"uploaded_at"`
}

// FileLink is a link in a document.
type FileLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

func (a *API) contributionFileEndpoints() []endpoint {
	tooLarge := httpserver.TooLarge(errs.E(errs.TooLarge, "upload.too_large", "Max", contribution.MaxFile>>20))
	uploading := []httpserver.Option{httpserver.BodyLimit(fileBody), tooLarge}
	withToken := append(slices.Clone(uploading), httpserver.Private(), httpserver.Limit(300, 10*time.Minute))
	question := []param{{name: "question", doc: "the key of the question that asks for the document; absent for the contribution as a whole"}}
	const reason = "the token in the address is the right, and no cookie counts"
	kinds := []string{
		extract.Docx.ContentType(), extract.Odt.ContentType(), extract.RTF.ContentType(), "text/plain", "text/markdown", extract.PDF.ContentType(),
	}
	return []endpoint{
		{
			method: fiber.MethodPost, path: "/contributions/:id/files", action: account.ContributionDecide, handler: a.attachFile, params: question,
			summary: "Attach a document of at most 10 MB: docx, odt, rtf, txt, md, or a PDF, which is kept as it is; 409 while it is published",
			request: upload{}, response: ContributionFile{}, status: fiber.StatusCreated, options: uploading,
		},
		{
			method: fiber.MethodGet, path: "/contributions/:id/files", action: account.ContributionRead, handler: a.listFiles,
			summary: "The documents of a contribution, with what was read in them", response: List[ContributionFile]{},
		},
		{
			method: fiber.MethodGet, path: "/contributions/:id/files/:file", action: account.ContributionRead, handler: a.getFile,
			summary: "A document, to be saved", files: kinds,
		},
		{
			method: fiber.MethodDelete, path: "/contributions/:id/files/:file", action: account.ContributionDecide, handler: a.detachFile,
			summary: "Remove a document; 409 while it is published, or where nothing would be left",
		},
		{
			method: fiber.MethodPost, path: "/respond/:token/files", action: account.PublicAnswer, handler: a.attachRespond, params: question,
			summary: "Attach a document of at most 10 MB: docx, odt, rtf, txt or md", request: upload{}, response: ContributionFile{},
			status: fiber.StatusCreated, options: withToken, noCSRF: reason,
		},
		{
			method: fiber.MethodDelete, path: "/respond/:token/files/:file", action: account.PublicAnswer, handler: a.detachRespond,
			summary: "Remove a document", options: []httpserver.Option{httpserver.Private()}, noCSRF: reason,
		},
	}
}

func (a *API) attachFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	u, err := uploadOf(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	f, err := a.Contributions.AttachTo(ctx, account.ActorFrom(ctx), id, u)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fileOf(f))
}

func (a *API) attachRespond(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if _, err := a.Contributions.Open(ctx, c.Params("token"), ""); err != nil { // the right comes before what is wrong with the file
		return err
	}
	u, err := uploadOf(c)
	if err != nil {
		return err
	}
	f, err := a.Contributions.Attach(ctx, account.ActorFrom(ctx), c.Params("token"), u)
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fileOf(f))
}

// uploadOf is the document that a request brought.
func uploadOf(c *fiber.Ctx) (contribution.Upload, error) {
	head, err := c.FormFile("file")
	if err != nil {
		return contribution.Upload{}, errs.InvalidFields(errs.FieldError("file", "respond.files.choose"))
	}
	f, err := head.Open()
	if err != nil {
		return contribution.Upload{}, errs.Wrap("api.upload", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return contribution.Upload{
		Name: head.Filename, Question: c.Query("question"), Content: bytes.NewReader(content), Size: int64(len(content)),
	}, errs.Wrap("api.upload", err)
}

func (a *API) listFiles(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	all, err := a.Contributions.Files(ctx, account.ActorFrom(ctx), id)
	if err != nil {
		return err
	}
	l, err := listOf(filesOf(all), nil)
	if err != nil {
		return err
	}
	return c.JSON(l)
}

func (a *API) getFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	f, err := a.Contributions.File(ctx, account.ActorFrom(ctx), id, fileNumber(c))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, f.Kind.ContentType())
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	return c.Send(f.Bytes)
}

func (a *API) detachFile(c *fiber.Ctx) error {
	id, err := httpserver.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if err := a.Contributions.DetachFrom(ctx, account.ActorFrom(ctx), id, fileNumber(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (a *API) detachRespond(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if err := a.Contributions.Detach(ctx, account.ActorFrom(ctx), c.Params("token"), fileNumber(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// fileNumber is the number in the address; what is none is 0, which no document has.
func fileNumber(c *fiber.Ctx) int {
	n, err := strconv.Atoi(c.Params("file"))
	if err != nil {
		return 0
	}
	return n
}

func filesOf(all []contribution.File) []ContributionFile {
	out := make([]ContributionFile, len(all))
	for i, f := range all {
		out[i] = fileOf(f)
	}
	return out
}

func fileOf(f contribution.File) ContributionFile {
	out := ContributionFile{
		Number: f.Position, Name: f.Name, Kind: string(f.Kind), Type: f.Kind.ContentType(), Size: f.Size, SHA256: f.SHA256, Question: f.Question,
		Words: f.Words, Pages: f.Pages, Links: []FileLink{}, Stripped: []string{}, Text: f.Text, Cut: f.Cut, UploadedAt: f.UploadedAt,
	}
	for _, l := range f.Links {
		out.Links = append(out.Links, FileLink(l))
	}
	for _, s := range f.Stripped {
		out.Stripped = append(out.Stripped, string(s))
	}
	return out
}
