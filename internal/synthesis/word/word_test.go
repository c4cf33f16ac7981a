package word_test

import (
	"bytes"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/synthesis/word"
	"github.com/convoke/convoke/internal/testenv"
)

var at = time.Date(2017, 9, 16, 12, 0, 0, 0, time.UTC)

var tag = regexp.MustCompile(`<[^>]*>`)

// TestAWordProcessorReadsIt lets LibreOffice open what we write and say what it read.
func TestAWordProcessorReadsIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	documents := map[string]word.Document{
		"english": {Title: "A draft & its <notes>", Language: "en", At: at, Blocks: []word.Block{
			{Level: 1, Runs: []word.Run{{Text: "Findings"}}},
			{Runs: []word.Run{{Text: "Trust "}, {Text: "grows", Bold: true}, {Text: ", see "}, {Text: "there", URL: "https://example.org/?a=1&b=2"}, {Note: []word.Run{{Text: "“Quoted” – "}, {Text: "Marta", URL: "https://example.org/1"}}}}},
			{Item: true, Runs: []word.Run{{Text: "an item\nof two lines\x00"}}},
		}},
		"arabic": {Title: "مسودة وثيقة المخرجات", Language: "ar", RTL: true, At: at, Blocks: []word.Block{
			{Level: 2, Runs: []word.Run{{Text: "استنتاجات"}}},
			{Runs: []word.Run{{Text: "الثقة أساس التجارة في القاهرة"}, {Note: []word.Run{{Text: "Trust grows"}}}}},
		}},
		"chinese": {Title: "成果文件草案", Language: "zh", At: at, Blocks: []word.Block{{Runs: []word.Run{{Text: "网络安全很重要。"}}}}},
	}
	var files []string
	for name, d := range documents {
		var b bytes.Buffer
		if err := word.Write(&b, d); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".docx")
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	read := map[string]string{}
	for i, page := range testenv.Convert(t, "html:HTML (StarWriter):UTF8", files...) {
		text := html.UnescapeString(tag.ReplaceAllString(string(page), ""))
		read[strings.TrimSuffix(filepath.Base(files[i]), ".docx")] = strings.Join(strings.Fields(text), " ")
	}
	for name, want := range map[string][]string{
		"english": {"A draft & its <notes>", "Findings", "Trust grows, see there", "“Quoted” – Marta", "an item", "of two lines"},
		"arabic":  {"مسودة وثيقة المخرجات", "استنتاجات", "الثقة أساس التجارة في القاهرة", "Trust grows"},
		"chinese": {"成果文件草案", "网络安全很重要。"},
	} {
		for _, w := range want {
			if !strings.Contains(read[name], w) {
				t.Errorf("%s: LibreOffice did not read %q in %q", name, w, read[name])
			}
		}
	}
}
