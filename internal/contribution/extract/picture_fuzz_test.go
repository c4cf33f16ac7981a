package extract

import (
	"bufio"
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
)

// Whatever a picture is, its copy is no longer than it, is read to the same copy again, and has no Exif but which side is up.
func FuzzPicture(f *testing.F) {
	var p, q bytes.Buffer
	if err := png.Encode(&p, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		f.Fatal(err)
	}
	if err := jpeg.Encode(&q, image.NewGray(image.Rect(0, 0, 3, 3)), nil); err != nil {
		f.Fatal(err)
	}
	exif := append([]byte("\xff\xe1\x00\x22Exif\x00\x00"), onlyOrientation(6)...)
	f.Add(p.Bytes())
	f.Add(append(append([]byte("\xff\xd8"), exif...), q.Bytes()[2:]...))
	f.Add([]byte("\xff\xd8\xff\xda\x00\x02\xff\x00\xff\xd0\xff\xff\xd9x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		once, ok := copyOf(t, raw)
		if !ok {
			return
		}
		twice, _ := copyOf(t, once)
		if len(once) > len(raw)+64 || len(once) > 8 && !bytes.Equal(once, twice) {
			t.Errorf("%q, then %q, then %q", raw, once, twice)
		}
	})
}

func copyOf(t *testing.T, raw []byte) ([]byte, bool) {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(raw))
	clean := cleanerOf(in)
	if clean == nil {
		return raw, false
	}
	var out bytes.Buffer
	if _, err := clean(in, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), true
}
