package web

import (
	"encoding/xml"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/contribution"
	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/i18n"
)

// atomFeed is what RFC 4287 calls a feed.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel    string `xml:"rel,attr"`
	Href   string `xml:"href,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Title  string `xml:"title,attr,omitempty"`
	Length int    `xml:"length,attr,omitempty"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Published string      `xml:"published"`
	Author    atomAuthor  `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Summary   atomSummary `xml:"summary"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomSummary struct {
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

// publishedAtom tells what changed last: what was published, corrected or withdrawn.
func (w *Web) publishedAtom(c *fiber.Ctx) error {
	ctx := c.UserContext()
	round, err := w.Contributions.RoundBySlug(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	all, err := w.Contributions.Changed(ctx, round.ID, publishedPerPage)
	if err != nil {
		return err
	}
	l := w.Server.Localizer(c)
	base := w.Server.PublicURL + callPath(round)
	feed := atomFeed{
		Lang: l.Tag(), ID: base + "/contributions", Title: l.T("call.contributions.feed", "Cycle", round.Name),
		Updated: stampOf(w.Now()),
		Links: []atomLink{
			{Rel: "self", Href: base + "/contributions.atom", Type: "application/atom+xml"},
			{Rel: "alternate", Href: base + "/contributions", Type: fiber.MIMETextHTML},
		},
	}
	for i, p := range all {
		entry := entryOf(l, base, p)
		if i == 0 {
			feed.Updated = entry.Updated
		}
		feed.Entries = append(feed.Entries, entry)
	}
	text, err := xml.Marshal(feed)
	if err != nil {
		return errs.Wrap("web.atom", err)
	}
	c.Set(fiber.HeaderContentType, "application/atom+xml; charset=utf-8")
	return c.Send(append([]byte(xml.Header), text...))
}

func entryOf(l *i18n.Localizer, base string, p contribution.Public) atomEntry {
	address := publicAddress(base, p.Number)
	e := atomEntry{
		ID: address, Title: l.T("call.contribution.of", "Name", p.Name), Updated: stampOf(p.ChangedAt()), Published: stampOf(p.PublishedAt),
		Author: atomAuthor{Name: p.Name}, Links: []atomLink{{Rel: "alternate", Href: address, Type: fiber.MIMETextHTML}},
		Summary: atomSummary{Lang: p.Language, Text: excerpt(p.Answers)},
	}
	for _, f := range p.Files { // RFC 4287, 4.2.7.2
		e.Links = append(e.Links, atomLink{Rel: "enclosure", Href: fileAddress(address, f), Type: f.Kind.ContentType(), Title: f.Name, Length: f.Size})
	}
	if p.Withdrawn() {
		e.Title = l.T("call.contribution.withdrawn_short")
		e.Author.Name = e.Title
	}
	return e
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// publishedContribution is a published contribution for programs.
type publishedContribution struct {
	Number           int                  `json:"number"`
	URL              string               `json:"url"`
	Name             string               `json:"name,omitempty"`
	Organization     string               `json:"organization,omitempty"`
	Capacity         string               `json:"capacity,omitempty"`
	StakeholderGroup string               `json:"stakeholder_group,omitempty"`
	Region           string               `json:"region,omitempty"`
	Country          string               `json:"country,omitempty"`
	Language         string               `json:"language,omitempty"`
	ReceivedAt       time.Time            `json:"received_at"`
	PublishedAt      time.Time            `json:"published_at"`
	CorrectedAt      *time.Time           `json:"corrected_at,omitempty"`
	WithdrawnAt      *time.Time           `json:"withdrawn_at,omitempty"`
	Late             bool                 `json:"late"`
	Answers          map[string]string    `json:"answers,omitempty"`
	Files            []publishedFile      `json:"files,omitempty"`
	Signatories      []publishedSignatory `json:"signatories,omitempty"`
}

// publishedFile is a document of a published contribution for programs.
type publishedFile struct {
	Name     string         `json:"name"`
	URL      string         `json:"url"`
	Type     string         `json:"type"`
	Size     int            `json:"size"`
	SHA256   string         `json:"sha256"`
	Question string         `json:"question,omitempty"`
	Words    int            `json:"words,omitempty"`
	Pages    int            `json:"pages,omitempty"`
	Links    []extract.Link `json:"links,omitempty"`
}

func publishedFiles(address string, files []contribution.File) []publishedFile {
	var all []publishedFile
	for _, f := range files {
		all = append(all, publishedFile{
			Name: f.Name, URL: fileAddress(address, f), Type: f.Kind.ContentType(), Size: f.Size, SHA256: f.SHA256, Question: f.Question,
			Words: f.Words, Pages: f.Pages, Links: f.Links,
		})
	}
	return all
}

// fileAddress is where a document stays, below the address of its contribution.
func fileAddress(of string, f contribution.File) string {
	return of + "/files/" + strconv.Itoa(f.Position)
}

// publishedSignatory is somebody who signed a contribution beside its author.
type publishedSignatory struct {
	Name         string `json:"name"`
	Organization string `json:"organization,omitempty"`
}

func signedBy(p contribution.Public) []publishedSignatory {
	var all []publishedSignatory
	for _, g := range p.Signatories {
		all = append(all, publishedSignatory(g))
	}
	return all
}

func (w *Web) publishedJSON(c *fiber.Ctx) error {
	before, err := queryNumber(c, "before")
	if err != nil {
		return err
	}
	round, page, err := w.publishedPage(c, before, publishedPerPage)
	if err != nil {
		return err
	}
	base := w.Server.PublicURL + callPath(round)
	items := make([]publishedContribution, 0, len(page.Contributions))
	for _, p := range page.Contributions {
		items = append(items, publishedContribution{
			Number: p.Number, URL: publicAddress(base, p.Number), Name: p.Name, Organization: p.Organization,
			Capacity: string(p.Capacity), StakeholderGroup: p.StakeholderGroup, Region: p.Region, Country: p.Country,
			Language: p.Language, ReceivedAt: p.ReceivedAt, PublishedAt: p.PublishedAt, CorrectedAt: p.CorrectedAt, WithdrawnAt: p.WithdrawnAt,
			Late: p.Late, Answers: p.Answers, Files: publishedFiles(publicAddress(base, p.Number), p.Files), Signatories: signedBy(p),
		})
	}
	return c.JSON(map[string]any{"cycle": round.Slug, "total": page.Total, "items": items, "next_before": page.Next})
}
