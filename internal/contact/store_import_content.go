package contact

import (
	"errors"
	"io"

	"github.com/convoke/convoke/internal/db"
)

// chunkSize is how much of a file a row of the database holds.
const chunkSize = 256 << 10

func storeContent(tx *db.Tx, importID int64, f File) error {
	buf := make([]byte, chunkSize)
	for number := 0; int64(number)*chunkSize < f.Size; number++ {
		at := int64(number) * chunkSize
		part := buf[:min(chunkSize, f.Size-at)]
		if n, err := f.Content.ReadAt(part, at); n < len(part) {
			return errors.Join(io.ErrUnexpectedEOF, err)
		}
		if err := insertChunk(tx, importID, number, part); err != nil {
			return err
		}
	}
	return nil
}

// storedContent reads a file that is kept in the database, and remembers the last chunk. It is for one
// goroutine.
type storedContent struct {
	tx     *db.Tx
	id     int64
	size   int64
	number int
	chunk  []byte
}

// ReadAt implements io.ReaderAt.
func (c *storedContent) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < c.size {
		number := int(off / chunkSize)
		if c.chunk == nil || c.number != number {
			if c.chunk, err = chunkOf(c.tx, c.id, number); err != nil {
				return n, err
			}
			c.number = number
		}
		part := copy(p[n:], c.chunk[off%chunkSize:])
		n, off = n+part, off+int64(part)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
