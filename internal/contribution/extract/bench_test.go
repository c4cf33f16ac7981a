package extract_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/convoke/convoke/internal/contribution/extract"
)

// largeWord is a docx of about so many bytes, of which half is text and half a picture, as in a long report.
func largeWord(t testing.TB, size int, withPicture bool) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 20_000)
	for i := range words {
		words[i] = strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(2)) + fmt.Sprintf("%x", r.IntN(1<<20))
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write := func(p part) io.Writer {
		f, err := w.Create(p.name)
		if err == nil {
			_, err = io.WriteString(f, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	write(types(wordType))
	write(relations("_rels/.rels", relationTo("rId1", "officeDocument", "word/document.xml", false)))
	write(relations("word/_rels/document.xml.rels", relationTo("rId2", "image", "media/i.png", false)))
	if withPicture {
		picture := make([]byte, size/2)
		for i := range picture {
			picture[i] = byte(r.Uint32())
		}
		write(part{"word/media/i.png", string(picture)})
	}
	f := write(part{"word/document.xml", `<w:document ` + wordNS + `><w:body>`})
	for b.Len() < size {
		var p strings.Builder
		p.WriteString(`<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CD"><w:pPr><w:pStyle w:val="BodyText"/><w:spacing w:after="120"/></w:pPr>`)
		for range 10 {
			p.WriteString(`<w:r w:rsidRPr="00AB12CD"><w:rPr><w:rFonts w:ascii="Arial"/><w:lang w:val="en-US"/></w:rPr><w:t xml:space="preserve">`)
			for range 12 {
				p.WriteString(words[r.IntN(len(words))] + " ")
			}
			p.WriteString(`</w:t></w:r>`)
		}
		p.WriteString(`</w:p>`)
		if _, err := io.WriteString(f, p.String()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(f, `</w:body></w:document>`); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkRead reads documents of 5 MB. heap-MB is the most by which the heap grew beyond the file itself.
func BenchmarkRead(b *testing.B) {
	rtf := `{\rtf1\ansi ` + strings.Repeat(`A sentence with an accent\'e9 and {\b bold words}, as they are written.\par `, 5<<20/77) + `}`
	for _, k := range []struct {
		name    string
		content []byte
	}{
		{"docx-text", largeWord(b, 5<<20, false)},
		{"docx-picture", largeWord(b, 5<<20, true)},
		{"rtf", []byte(rtf)},
		{"txt", bytes.Repeat([]byte("A sentence as they are written.\n\n"), 5<<20/33)},
	} {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(len(k.content)))
			b.ReportAllocs()
			most := uint64(0)
			for b.Loop() {
				if m := heapWhile(b, k.content); m > most {
					most = m
				}
			}
			b.ReportMetric(float64(most)/(1<<20), "heap-MB")
			b.ReportMetric(float64(len(unpacked(b, k.content)))/(1<<20), "unpacked-MB")
		})
	}
}

// heapWhile reads a document and gives the largest growth of the heap that was seen meanwhile.
func heapWhile(t testing.TB, content []byte) uint64 {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	_, err := extract.Read(bytes.NewReader(content), int64(len(content)), "x", extract.DefaultLimits())
	close(stop)
	<-done
	if err != nil {
		t.Fatal(err)
	}
	return most - min(before, most)
}

// A document of 5 MB costs less than 100 MB of memory. Its time is for the benchmark: here others work beside.
func TestALargeDocumentFitsIntoMemory(t *testing.T) { //nolint:paralleltest // it measures the heap
	content := largeWord(t, 5<<20, false)
	if most := heapWhile(t, content); most > 100<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}
}
