package extract_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/convoke/convoke/internal/contribution/extract"
)

func chunk(kind, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind+data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+data)))
}

// Pictures lose what cameras and programs wrote about them, and are still the same pictures.
func TestPicturesTellNothingOfTheirMaker(t *testing.T) {
	t.Parallel()
	drawn := image.NewGray(image.Rect(0, 0, 8, 8))
	drawn.Pix[9] = 200
	var p, q bytes.Buffer
	if err := png.Encode(&p, drawn); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&q, drawn, nil); err != nil {
		t.Fatal(err)
	}
	head := 8 + 12 + 13 // the mark and the first chunk
	withText := slices.Concat(p.Bytes()[:head], chunk("tEXt", "Author\x00Zenobia"), chunk("eXIf", "Zenobia"), p.Bytes()[head:], []byte("Zenobia behind the end"))
	withExif := slices.Concat(q.Bytes()[:2], []byte("\xff\xe1\x00\x10Exif\x00\x00Zenobia1"), []byte("\xff\xfe\x00\x09Zenobia"), q.Bytes()[2:])
	relation := relations("word/_rels/document.xml.rels", relationTo("rId1", "image", "media/a.png", false), relationTo("rId2", "image", "media/b.png", false))
	d, err := read(t, "a.docx", word(t, paragraph("text"), relation, part{"word/media/a.png", string(withText)}, part{"word/media/b.png", string(withExif)}))
	if err != nil {
		t.Fatal(err)
	}
	inside := unpacked(t, d.Clean)
	if strings.Contains(inside, "Zenobia") || !slices.Contains(d.Stripped, extract.Author) {
		t.Errorf("stripped %v, still there: %v", d.Stripped, strings.Contains(inside, "Zenobia"))
	}
	if !strings.Contains(inside, p.String()) || !strings.Contains(inside, q.String()) {
		t.Error("the pictures are not what they were")
	}
	again, err := read(t, "a.docx", d.Clean)
	if err != nil || len(again.Stripped) > 0 {
		t.Errorf("of the copy: %v, %v", again.Stripped, err)
	}
	broken := word(t, paragraph("text"), relation, part{"word/media/a.png", string(withText[:40])}, part{"word/media/b.png", "\xff\xd8\xff\xe1\xff"})
	if _, err := read(t, "a.docx", broken); err != nil {
		t.Errorf("broken pictures: %v", err)
	}
}
