package mail

import (
	"bytes"
	"mime"
	"regexp"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// readParts takes the body apart. The text of what cannot be is the body as it came.
func (m *Incoming) readParts(raw, body []byte) {
	if !bounded(raw) {
		m.Broken = true
		m.Text = m.limit(string(body[:min(len(body), 4*maxBody)]))
		return
	}
	// What is in the parts is decoded here: enmime would guess at their characters.
	root, err := enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MaxStoredPartErrors(20), enmime.RawContent(true)).ReadParts(bytes.NewReader(raw))
	if err != nil {
		m.Broken = true
		m.Text = m.limit(string(body[:min(len(body), 4*maxBody)]))
		return
	}
	w := partWalk{m: m}
	w.walk(root, strings.Contains(strings.ToLower(m.Header("Content-Type")), "multipart/report"))
	m.Broken = m.Broken || len(root.Errors) > 0 || w.damaged
	switch {
	case w.text.Len() > 0:
		m.Text = m.limit(w.text.String())
	case w.html.Len() > 0:
		m.Text = m.limit(textOfHTML(w.html.String()))
	case len(m.Files) == 0 && m.Report == nil && len(bytes.TrimSpace(body)) > 0:
		m.Broken = true
		m.Text = m.limit(string(body[:min(len(body), 4*maxBody)]))
	}
}

// limit is a text as it is kept: valid, LF, without signs that control, bounded.
func (m *Incoming) limit(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if len(s) > maxBody {
		m.Cut = true
		s = firstBytes(s, maxBody)
	}
	return s
}

// partWalk gathers the leaves of a message in their order.
type partWalk struct {
	m          *Incoming
	text, html strings.Builder
	damaged    bool
}

// walk goes through the parts of one level; report says that they are those of a multipart/report. The depth was bounded before.
func (w *partWalk) walk(p *enmime.Part, report bool) {
	for ; p != nil; p = p.NextSibling {
		w.damaged = w.damaged || len(p.Errors) > 0 && p.ContentType != ""
		if p.FirstChild != nil {
			w.walk(p.FirstChild, report || p.ContentType == "multipart/report")
			continue
		}
		w.leaf(p, report)
	}
}

func (w *partWalk) leaf(p *enmime.Part, report bool) {
	disposeUntyped(p)
	attached := strings.EqualFold(p.Disposition, "attachment") || p.FileName != ""
	kind := strings.ToLower(p.ContentType)
	content, damaged := decodeTransfer(p.Content, p.Header.Get("Content-Transfer-Encoding"))
	w.damaged = w.damaged || damaged
	if report && w.m.readReport(kind, content) {
		return
	}
	switch {
	case len(content) == 0 && !attached:
	case !attached && (kind == "text/plain" || kind == ""):
		appendPart(&w.text, content, p.Charset)
	case !attached && kind == "text/html":
		appendPart(&w.html, content, p.Charset)
	default:
		w.m.Files = append(w.m.Files, File{
			Name: fileNamed(p.FileName, kind), Type: firstBytes(cleanHeader(kind), 100), Content: content,
			Inline: strings.EqualFold(p.Disposition, "inline") || p.ContentID != "" && !strings.EqualFold(p.Disposition, "attachment"),
		})
	}
}

// disposeUntyped reads how a part is to be shown that says nothing of its type: enmime then takes it for a text.
func disposeUntyped(p *enmime.Part) {
	if p.Disposition != "" || p.FileName != "" {
		return
	}
	if disposition, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition")); err == nil {
		p.Disposition, p.FileName = disposition, params["filename"]
	}
}

func appendPart(b *strings.Builder, content []byte, charset string) {
	if b.Len() > 4*maxBody {
		return
	}
	if b.Len() > 0 {
		b.WriteString("\n\n")
	}
	b.WriteString(decodeText(content[:min(len(content), 4*maxBody)], charset))
}

var boundaryParam = regexp.MustCompile(`(?i)\bboundary(\*[0-9]*\*?)?[ \t\r\n]*=[ \t\r\n]*("[^"\r\n]{0,200}"|[^\s;"]{0,200})`)

// bounded says whether a message can be taken apart within bounds. Boundaries are looked for everywhere, also where they are none:
// a message has a handful.
func bounded(raw []byte) bool {
	found := boundaryParam.FindAllSubmatch(raw, maxNesting+1)
	if len(found) > maxNesting {
		return false
	}
	if len(found) == 0 {
		return true
	}
	known := map[string]bool{}
	for _, f := range found {
		if len(f[1]) > 0 {
			return false // a boundary in pieces (RFC 2231), which nobody writes
		}
		known[strings.Trim(string(f[2]), `"`)] = true
	}
	parts := 0
	for line := range bytes.Lines(raw) {
		if len(line) < 2 || len(line) > 300 || line[0] != '-' || line[1] != '-' {
			continue
		}
		name := strings.TrimRight(string(line[2:]), " \t\r\n")
		if known[name] || known[strings.TrimSuffix(name, "--")] {
			parts++
		}
	}
	return parts <= maxParts
}
