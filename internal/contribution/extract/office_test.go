package extract_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contribution/extract"
	"github.com/convoke/convoke/internal/testenv"
)

func read(t testing.TB, name string, content []byte) (extract.Document, error) {
	t.Helper()
	return extract.Read(bytes.NewReader(content), int64(len(content)), name, extract.DefaultLimits())
}

// What LibreOffice writes is read, and our copy of it is opened by LibreOffice again, with the same text and nobody's name.
func TestDocumentsOfAnOffice(t *testing.T) {
	t.Parallel()
	parts := []string{
		"Contribución al proceso", "Las contraseñas únicas ayudan mucho.[1] Véase la guía y http://example.net/path(1).", "مرور الشبكات وكلمات السر",
		"• Primero\n• Segundo", "País | Medida\nУругвай | CERT", "网络安全的最后一段 & <script>alert(1)</script>[2]", "[1] Una nota al pie.\n[2] Una nota al final.", // and nothing of the page's header and footer
	}
	links := []extract.Link{{Text: "la guía", URL: "https://example.org/guide"}, {Text: "http://example.net/path(1)", URL: "http://example.net/path(1)"}}
	for _, kind := range []extract.Kind{extract.Docx, extract.Odt, extract.RTF} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			want := strings.Join(parts, "\n\n")
			if kind == extract.Odt { // which says how it counts
				want = strings.ReplaceAll(want, "[2]", "[i]")
			}
			made := testenv.Convert(t, string(kind), "testdata/contribution.fodt")[0]
			d, err := read(t, "renamed.txt", made)
			if err != nil {
				t.Fatal(err)
			}
			if d.Kind != kind || d.Pages != 1 {
				t.Errorf("kind %q, %d pages", d.Kind, d.Pages)
			}
			if got := d.Text; got != want {
				t.Errorf("text:\n%s\nwant:\n%s", got, want)
			}
			if !slices.Equal(d.Links, links) {
				t.Errorf("links %v", d.Links)
			}
			if !slices.Contains(d.Stripped, extract.Author) || !slices.Contains(d.Stripped, extract.Reviewers) {
				t.Errorf("stripped %v", d.Stripped)
			}
			inside := unpacked(t, d.Clean)
			for _, name := range []string{"Zenobia", "Wordsmith", "Secret department", "Ruth", "Reviewer", "Carl", "Commenter", "2017-08-01"} {
				if strings.Contains(inside, name) {
					t.Errorf("the copy still has %q", name)
				}
			}
			file := filepath.Join(t.TempDir(), "copy."+string(kind))
			if err := os.WriteFile(file, d.Clean, 0o600); err != nil {
				t.Fatal(err)
			}
			opened := string(testenv.Convert(t, "txt:Text (encoded):UTF8", file)[0])
			// LibreOffice leaves notes out of a plain text; they are asked of the copy below.
			for _, line := range []string{"Contribución al proceso", "Las contraseñas únicas", "Véase la guía", "مرور الشبكات وكلمات السر", "Primero", "Уругвай", "网络安全的最后一段"} {
				if !strings.Contains(opened, line) {
					t.Errorf("LibreOffice finds no %q in the copy: %s", line, opened)
				}
			}
			again, err := read(t, "again", d.Clean)
			if err != nil || again.Text != d.Text || len(again.Stripped) > 0 {
				t.Errorf("of the copy: %v, stripped %v, same text %v", err, again.Stripped, again.Text == d.Text)
			}
		})
	}
}

// unpacked is all that a file holds, parts of a container one behind the other.
func unpacked(t testing.TB, content []byte) string {
	t.Helper()
	a, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return string(content)
	}
	var all strings.Builder
	for _, f := range a.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(f.Name + "\n")
		if _, err := io.Copy(&all, in); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
