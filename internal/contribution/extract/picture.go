package extract

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/convoke/convoke/internal/markup"
)

// picture adds a picture to the copy, of a photograph without what the camera and the programs wrote about it. Pictures of
// other formats are taken as they are.
func (p *packer) picture(j *job, f *zip.File) error {
	in, err := markup.OpenPart(f)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	from := bufio.NewReaderSize(in, 64<<10)
	clean := cleanerOf(from)
	if clean == nil {
		return p.whole(f, f.Name)
	}
	out, err := p.zip.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	stripped, err := clean(from, out)
	if stripped {
		j.stripped[Author] = true
	}
	return err
}

// cleanerOf is what takes a picture's remarks out, by how it begins; nil where none does.
func cleanerOf(in *bufio.Reader) func(in *bufio.Reader, out io.Writer) (stripped bool, err error) {
	head, _ := in.Peek(8) // shorter ones are no pictures
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return cleanJPEG
	case string(head) == "\x89PNG\r\n\x1a\n":
		return cleanPNG
	}
	return nil
}

// cleanJPEG leaves out the segments of Exif, XMP, IPTC and comments, which stand before the picture (ITU T.81, annex B).
func cleanJPEG(in *bufio.Reader, out io.Writer) (stripped bool, err error) {
	if _, err := io.CopyN(out, in, 2); err != nil {
		return false, err
	}
	for {
		head, err := in.Peek(4)
		if err != nil || head[0] != 0xff {
			break // not as it should be: what is left is taken as it is
		}
		marker, length := head[1], int64(binary.BigEndian.Uint16(head[2:]))
		if marker == 0xda || marker < 0xc0 || marker >= 0xd0 && marker < 0xda {
			break // the picture itself, or what has no length
		}
		to := out
		if marker == 0xe1 || marker == 0xed || marker == 0xfe || marker == 0xec {
			to, stripped = io.Discard, true
		}
		if _, err := io.CopyN(to, in, 2+length); err != nil {
			return stripped, ended(err)
		}
	}
	_, err = io.Copy(out, in)
	return stripped, err
}

// cleanPNG leaves out the chunks of texts, Exif and times, and what stands behind the end (W3C PNG, 11.3).
func cleanPNG(in *bufio.Reader, out io.Writer) (stripped bool, err error) {
	if _, err := io.CopyN(out, in, 8); err != nil {
		return false, err
	}
	for {
		head, err := in.Peek(8)
		if err != nil {
			return stripped, ended(err)
		}
		to, kind := out, string(head[4:8])
		switch kind {
		case "tEXt", "zTXt", "iTXt", "eXIf", "tIME":
			to, stripped = io.Discard, true
		}
		if _, err := io.CopyN(to, in, 12+int64(binary.BigEndian.Uint32(head))); err != nil || kind == "IEND" {
			return stripped, ended(err)
		}
	}
}

// ended takes a picture that breaks off as far as it goes.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
