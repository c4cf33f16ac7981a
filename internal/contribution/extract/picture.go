package extract

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"github.com/convoke/convoke/internal/markup"
)

// picture adds a picture to the copy, without what the camera and the programs wrote about it but which side is up. Pictures of
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

// cleanPNG leaves out the chunks of texts, times and programs of their own, and what stands behind the end (W3C PNG, 11.3). Of Exif
// only which side is up stays.
func cleanPNG(in *bufio.Reader, out io.Writer) (stripped bool, err error) {
	if _, err := io.CopyN(out, in, 8); err != nil {
		return false, err
	}
	for {
		head, err := in.Peek(8)
		if err != nil {
			return stripped, ended(err)
		}
		kind, length := string(head[4:8]), int64(binary.BigEndian.Uint32(head))
		to := out
		switch {
		case kind == "eXIf" && length <= 1<<16:
			changed, err := copyExifChunk(in, out, int(length))
			if stripped = stripped || changed; err != nil {
				return stripped, ended(err)
			}
			continue
		case !paints(kind):
			to, stripped = io.Discard, true
		}
		if _, err := io.CopyN(to, in, 12+length); err != nil {
			return stripped, ended(err)
		}
		if kind == "IEND" {
			_, err := in.Peek(1)
			return stripped || err == nil, nil
		}
	}
}

// paints says whether a chunk is needed to show the picture, or its animation, as it was meant.
func paints(kind string) bool {
	switch kind {
	case "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "hIST", "pHYs", "sPLT", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT":
		return true
	}
	return kind[0] >= 'A' && kind[0] <= 'Z'
}

func copyExifChunk(in io.Reader, out io.Writer, length int) (changed bool, err error) {
	whole := make([]byte, 12+length)
	if _, err := io.ReadFull(in, whole); err != nil {
		return true, err
	}
	kept := onlyOrientation(orientationOf(whole[8 : 8+length]))
	if kept == nil {
		return true, nil
	}
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(kept)))
	chunk = append(append(chunk, "eXIf"...), kept...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	_, err = out.Write(chunk)
	return !bytes.Equal(chunk, whole), err
}

// ended takes a picture that breaks off as far as it goes.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
