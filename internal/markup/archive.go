package markup

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"io"
)

// What is wrong with an archive that is over its bounds.
var (
	ErrParts  = errors.New("the archive has too many parts")
	ErrInside = errors.New("the archive unpacks to too much")
)

// Bounds limit an archive.
type Bounds struct {
	Parts     int    // how many it may have
	Directory int64  // bytes of the list of them
	Unpacked  uint64 // bytes of all parts together
	Ratio     uint64 // how much smaller packing may have made a part…
	RatioFrom uint64 // …of more bytes than this
}

// OpenArchive opens a zip archive that is within bounds. Errors are ErrParts and ErrInside, else those of archive/zip.
// What a part unpacks to is bounded by what was checked here only where it is opened with OpenPart.
func OpenArchive(r io.ReaderAt, size int64, b Bounds) (*zip.Reader, error) {
	if err := checkDirectory(r, size, b); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(within{r}, size)
	if err != nil {
		return nil, err
	}
	if len(archive.File) > b.Parts {
		return nil, ErrParts
	}
	var total uint64
	for _, f := range archive.File {
		total += f.UncompressedSize64
		bomb := f.UncompressedSize64 > b.RatioFrom && f.UncompressedSize64/b.Ratio > f.CompressedSize64
		if total > b.Unpacked || f.UncompressedSize64 > b.Unpacked || bomb {
			return nil, ErrInside
		}
	}
	return archive, nil
}

// OpenPart reads a part, never further than the size that was checked.
func OpenPart(f *zip.File) (io.ReadCloser, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(in, int64(f.UncompressedSize64)), in}, nil
}

// within takes a place before the file for one behind it: an archive may say of a part that it is
// anywhere.
type within struct{ io.ReaderAt }

func (w within) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return w.ReaderAt.ReadAt(p, at)
}

// checkDirectory looks at the archive's list of parts before anything is allocated for it: the
// list, not what it says of itself, decides how much reading it costs.
func checkDirectory(r io.ReaderAt, size int64, b Bounds) error {
	const record = 22
	tail := make([]byte, min(size, record+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i := len(tail) - record; i >= 0; i-- {
		if string(tail[i:i+4]) != "PK\x05\x06" {
			continue
		}
		parts := binary.LittleEndian.Uint16(tail[i+10:])
		start := int64(binary.LittleEndian.Uint32(tail[i+16:]))
		end := size - int64(len(tail)) + int64(i)
		if int(parts) > b.Parts || start > end || end-start > b.Directory {
			return ErrParts
		}
		return nil
	}
	return zip.ErrFormat
}
