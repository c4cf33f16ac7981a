package extract_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
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

// tiff is Exif with which side is up, the place where it was taken and a name.
func tiff(order binary.AppendByteOrder, orientation uint16) string {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 3)
	for _, e := range []struct{ tag, kind, value uint16 }{{271, 3, 7}, {274, 3, orientation}, {0x8825, 3, 50}} {
		b = order.AppendUint16(order.AppendUint16(b, e.tag), e.kind)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(order.AppendUint16(b, e.value), 0)
	}
	return string(order.AppendUint32(b, 0)) + "Zenobia was here 46.2N 6.1E"
}

func segment(marker byte, data string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2)), data...)
}

// A photograph stays upright without saying where it was taken, and takes no others along.
func TestPicturesStayUpright(t *testing.T) {
	t.Parallel()
	drawn := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range drawn.Pix {
		drawn.Pix[i] = byte(i * 7)
	}
	var p, q bytes.Buffer
	if err := errors.Join(png.Encode(&p, drawn), jpeg.Encode(&q, drawn, nil)); err != nil {
		t.Fatal(err)
	}
	photo, drawing := q.Bytes(), p.Bytes()
	head := 8 + 12 + 13
	up := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	jfif := segment(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	for name, tt := range map[string]struct{ given, want []byte }{
		"a photograph": {
			slices.Concat(photo[:2], jfif, segment(0xe1, "Exif\x00\x00"+tiff(binary.BigEndian, 6)), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00Zenobia"), photo[2:]),
			slices.Concat(photo[:2], jfif, segment(0xe1, up), photo[2:]),
		},
		"in the other byte order": {
			slices.Concat(photo[:2], segment(0xe1, "Exif\x00\x00"+tiff(binary.LittleEndian, 6)), photo[2:]), slices.Concat(photo[:2], segment(0xe1, up), photo[2:]),
		},
		"upright as it is":            {slices.Concat(photo[:2], segment(0xe1, "Exif\x00\x00"+tiff(binary.BigEndian, 1)), photo[2:]), photo},
		"turned in no way that is":    {slices.Concat(photo[:2], segment(0xe1, "Exif\x00\x00"+tiff(binary.BigEndian, 99)), photo[2:]), photo},
		"with others behind":          {slices.Concat(photo[:2], segment(0xe2, "MPF\x00Zenobia"), photo[2:], photo[:2], []byte("Zenobia")), photo},
		"with a thumbnail":            {slices.Concat(photo[:2], segment(0xe0, "JFXX\x00Zenobia"), segment(0xed, "Photoshop Zenobia"), segment(0xeb, "Zenobia"), photo[2:]), photo},
		"with filling":                {slices.Concat(photo[:2], []byte("\xff\xff"), segment(0xfe, "Zenobia"), []byte("Zenobia"), photo[2:]), photo},
		"a remark behind the picture": {slices.Concat(photo[:len(photo)-2], segment(0xfe, "Zenobia"), photo[len(photo)-2:]), photo},
		"a drawing": {
			slices.Concat(drawing[:head], chunk("eXIf", tiff(binary.LittleEndian, 6)), chunk("prVW", "Zenobia"), drawing[head:], []byte("Zenobia")),
			slices.Concat(drawing[:head], chunk("eXIf", up[6:]), drawing[head:]),
		},
		"a drawing that is upright": {slices.Concat(drawing[:head], chunk("eXIf", tiff(binary.BigEndian, 0)), chunk("gAMA", "\x00\x00\xb1\x8f"), drawing[head:]), slices.Concat(drawing[:head], chunk("gAMA", "\x00\x00\xb1\x8f"), drawing[head:])},
	} {
		relation := relations("word/_rels/document.xml.rels", relationTo("rId1", "image", "media/a.png", false))
		for kind, given := range map[string][]byte{
			"a.docx": word(t, paragraph("text"), relation, part{"word/media/a.png", string(tt.given)}),
			"a.rtf": fmt.Appendf(nil, "{\\rtf1 text{\\*\\shppict{\\pict{\\*\\picprop{\\sp{\\sn x}{\\sv 1}}}\\picw64\\jpegblip\\bliptag-1234{\\*\\blipuid 00ff}\r\n%x\r\n%x}}\\par}",
				tt.given[:40], tt.given[40:]),
			"b.rtf": fmt.Appendf(nil, "{\\rtf1 text{\\pict\\jpegblip\\bin%d %s}\\par}", len(tt.given), tt.given),
		} {
			d, err := read(t, kind, given)
			if err != nil {
				t.Errorf("%s in %s: %v", name, kind, err)
				continue
			}
			inside := string(d.Clean)
			switch kind {
			case "a.docx":
				inside = unpacked(t, d.Clean)
			case "a.rtf":
				at := strings.Index(inside, "00ff}") + 5
				raw, err := hex.DecodeString(strings.Join(strings.Fields(inside[at:strings.Index(inside[at:], "}")+at]), ""))
				if err != nil {
					t.Fatal(err)
				}
				inside = string(raw)
			}
			if !strings.Contains(inside, string(tt.want)) || strings.Contains(inside, "Zenobia") || !slices.Contains(d.Stripped, extract.Author) {
				t.Errorf("%s in %s: not as it should be; stripped %v", name, kind, d.Stripped)
			}
			if again, err := read(t, kind, d.Clean); err != nil || slices.Contains(again.Stripped, extract.Author) {
				t.Errorf("the copy of %s in %s: %v, %v", name, kind, again.Stripped, err)
			}
		}
	}
}
