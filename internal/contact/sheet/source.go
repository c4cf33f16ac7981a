package sheet

import (
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// chunk is how much is read from the file at once.
const chunk = 128 << 10

// source is a window that moves over a text. What is in the window is UTF-8 for the wide
// encodings, which are decoded as they are read, and the bytes of the file for all others, whose
// delimiters, quotes and ends of lines are those of ASCII.
type source struct {
	file io.ReaderAt
	size int64
	wide wide

	buf  []byte // the window
	from int    // the first byte that is not consumed
	at   int64  // where buf[from] is in the file
	read int64  // where reading goes on in the file
	raw  []byte // what is read of a wide encoding
}

// wide says how the units of a text are wider than a byte; zero if they are not.
type wide struct {
	unit int // 2 or 4 bytes
	big  bool
}

func newSource(file io.ReaderAt, size int64, w wide, at int64) *source {
	return &source{file: file, size: size, wide: w, at: at, read: at}
}

// window is what was read and not consumed.
func (s *source) window() []byte { return s.buf[s.from:] }

// ended says that the window reaches the end of the file.
func (s *source) ended() bool { return s.read >= s.size }

// consume moves the beginning of the window.
func (s *source) consume(n int) {
	s.at += s.length(s.buf[s.from : s.from+n])
	s.from += n
}

// length is how many bytes of the file a part of the window was. Each broken unit of a wide
// encoding became one replacement character, so that the way back is exact.
func (s *source) length(text []byte) int64 {
	switch s.wide.unit {
	case 2:
		n := int64(0)
		for i := 0; i < len(text); {
			_, size := utf8.DecodeRune(text[i:])
			i += size
			n += 2
			if size == 4 {
				n += 2
			}
		}
		return n
	case 4:
		return int64(utf8.RuneCount(text)) * 4
	}
	return int64(len(text))
}

// seek puts an empty window at a place in the file.
func (s *source) seek(at int64) {
	s.buf, s.from, s.at, s.read = s.buf[:0], 0, at, at
}

// more makes the window longer. It is an error to call it at the end of the file.
func (s *source) more() error {
	if s.from > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.from:])]
		s.from = 0
	}
	if s.wide.unit > 0 {
		return s.moreWide()
	}
	want := int(min(chunk, s.size-s.read))
	s.grow(want)
	n, err := s.file.ReadAt(s.buf[len(s.buf):len(s.buf)+want], s.read)
	s.buf = s.buf[:len(s.buf)+n]
	s.read += int64(n)
	return readError(n, want, err)
}

// grow makes room in a buffer that is at most twice as long as the longest row.
func (s *source) grow(n int) {
	if cap(s.buf)-len(s.buf) >= n {
		return
	}
	bigger := make([]byte, len(s.buf), max(2*cap(s.buf), len(s.buf)+n))
	copy(bigger, s.buf)
	s.buf = bigger
}

func readError(n, want int, err error) error {
	switch {
	case n == want:
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

func (s *source) moreWide() error {
	want := int(min(chunk, s.size-s.read))
	if s.raw == nil {
		s.raw = make([]byte, chunk)
	}
	n, err := s.file.ReadAt(s.raw[:want], s.read)
	if err := readError(n, want, err); err != nil {
		return err
	}
	s.grow(2 * want)
	var used int
	s.buf, used = s.wide.appendUTF8(s.buf, s.raw[:want], s.read+int64(want) >= s.size)
	s.read += int64(used)
	return nil
}

// appendUTF8 decodes what is whole, and says how many bytes that was. The last text of a file is
// taken to its end, even where that cuts a unit.
func (w wide) appendUTF8(to, raw []byte, last bool) ([]byte, int) {
	i := 0
	for i+w.unit <= len(raw) {
		if w.unit == 4 {
			to = utf8.AppendRune(to, valid(w.at32(raw[i:])))
			i += 4
			continue
		}
		r := rune(w.at16(raw[i:]))
		if !utf16.IsSurrogate(r) {
			to = utf8.AppendRune(to, r)
			i += 2
			continue
		}
		if i+4 > len(raw) && !last {
			return to, i
		}
		pair := utf8.RuneError
		if i+4 <= len(raw) {
			pair = utf16.DecodeRune(r, rune(w.at16(raw[i+2:])))
		}
		to = utf8.AppendRune(to, pair)
		i += 2
		if pair != utf8.RuneError {
			i += 2
		}
	}
	if last {
		i = len(raw)
	}
	return to, i
}

func (w wide) at16(b []byte) uint16 {
	if w.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (w wide) at32(b []byte) uint32 {
	if w.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func valid(u uint32) rune {
	if u > utf8.MaxRune || !utf8.ValidRune(rune(u)) {
		return utf8.RuneError
	}
	return rune(u)
}
