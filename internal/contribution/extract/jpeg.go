package extract

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// Markers of JPEG (ITU T.81, table B.1).
const (
	markerEnd     = 0xd9
	markerScan    = 0xda
	markerApp0    = 0xe0
	markerExif    = 0xe1
	markerProfile = 0xe2
	markerAdobe   = 0xee
	markerLastApp = 0xef
	markerComment = 0xfe
)

// cleanJPEG leaves out the segments of Exif, XMP, IPTC, comments, thumbnails and programs of their own, and what stands behind the
// end, such as further pictures and films. Of Exif only which side is up stays.
func cleanJPEG(in *bufio.Reader, out io.Writer) (stripped bool, err error) {
	if _, err := io.CopyN(out, in, 2); err != nil {
		return false, err
	}
	for {
		marker, err := nextMarker(in)
		if err != nil {
			return stripped, ended(err)
		}
		if marker == markerEnd {
			_, err := out.Write([]byte{0xff, marker})
			_, more := in.Peek(1)
			return stripped || more == nil, err
		}
		changed, err := copySegment(in, out, marker)
		if stripped = stripped || changed; err != nil {
			return stripped, ended(err)
		}
		if marker == markerScan {
			if err := copyScan(in, out); err != nil {
				return stripped, ended(err)
			}
		}
	}
}

// nextMarker passes by what stands between segments, which is nothing.
func nextMarker(in *bufio.Reader) (byte, error) {
	filled := false
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if filled && b != 0xff && b != 0 {
			return b, nil
		}
		filled = b == 0xff
	}
}

// copySegment copies a segment, or what stays of it.
func copySegment(in io.Reader, out io.Writer, marker byte) (changed bool, err error) {
	if marker == 0x01 || marker >= 0xd0 && marker < markerEnd { // these have no content
		_, err := out.Write([]byte{0xff, marker})
		return false, err
	}
	var length [2]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return false, err
	}
	data := make([]byte, max(0, int(binary.BigEndian.Uint16(length[:]))-2))
	if _, err := io.ReadFull(in, data); err != nil {
		return marker >= markerApp0, err
	}
	kept := keptOf(marker, data)
	if kept == nil {
		return true, nil
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(kept)+2))
	_, err = out.Write(append(segment, kept...))
	return !bytes.Equal(kept, data), err
}

// keptOf is what stays of a segment, nil for nothing.
func keptOf(marker byte, data []byte) []byte {
	const exif = "Exif\x00\x00"
	keep := true
	switch {
	case marker == markerComment:
		keep = false
	case marker == markerExif && bytes.HasPrefix(data, []byte(exif)):
		if o := onlyOrientation(orientationOf(data[len(exif):])); o != nil {
			return append([]byte(exif), o...)
		}
		return nil
	case marker == markerApp0:
		keep = bytes.HasPrefix(data, []byte("JFIF\x00"))
	case marker == markerProfile:
		keep = bytes.HasPrefix(data, []byte("ICC_PROFILE\x00"))
	case marker == markerAdobe:
		keep = bytes.HasPrefix(data, []byte("Adobe"))
	case marker >= markerApp0 && marker <= markerLastApp:
		keep = false
	}
	if !keep {
		return nil
	}
	return append([]byte{}, data...)
}

// copyScan copies the coded picture up to the next marker that is none of its own.
func copyScan(in *bufio.Reader, out io.Writer) error {
	for {
		if _, err := in.Peek(2); err != nil {
			_, _ = io.Copy(out, in) // the picture breaks off
			return err
		}
		buffered, _ := in.Peek(in.Buffered())
		n := bytes.IndexByte(buffered, 0xff)
		switch {
		case n < 0:
			n = len(buffered)
		case n+1 == len(buffered) && n > 0: // its second half is not here yet
		case buffered[n+1] == 0 || buffered[n+1] >= 0xd0 && buffered[n+1] < markerEnd:
			n += 2
		case n == 0:
			return nil
		}
		if _, err := out.Write(buffered[:n]); err != nil {
			return err
		}
		_, _ = in.Discard(n)
	}
}

// orientationOf reads which side of a picture is up (TIFF 6.0, tag 274), 0 where nothing says so.
func orientationOf(tiff []byte) uint16 {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 || order.Uint16(tiff[2:]) != 42 {
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for n := order.Uint16(tiff[at:]); n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
		if order.Uint16(entries) == 274 && order.Uint16(entries[2:]) == 3 {
			return order.Uint16(entries[8:])
		}
	}
	return 0
}

// onlyOrientation is a TIFF that says nothing but which side is up; nil where that is the side that is on top anyway.
func onlyOrientation(o uint16) []byte {
	if o < 2 || o > 8 {
		return nil
	}
	return []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, // the directory follows
		0, 1, // of one entry:
		1, 18, 0, 3, 0, 0, 0, 1, 0, byte(o), 0, 0,
		0, 0, 0, 0, // and no other
	}
}
