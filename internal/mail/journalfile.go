//go:build unix

package mail

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The header takes a page of its own:
//
//	0    magic, with the version as its last character
//	8    bytes in a half
//	16   boot id, 64 bytes, padded with zeros
//	80   owner, 256 bytes, padded with zeros
//	336  FNV-1a of the bytes before
//	512  the active half, 0 or 1     (changes)
//	520  1 once sealed in good order (changes)
const (
	journalMagic = "CNVKJRN1"
	headerSize   = 4096
	maxBoot      = 64
	maxOwner     = 256
	sumAt        = 336
	activeAt     = 512
	sealedAt     = 520

	journalSuffix = ".journal"
)

type journalFile struct {
	path string
	file *os.File
	data []byte
	half int
}

// journalPath is readable and, by its hash, different for different owners.
func journalPath(dir, owner string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, owner)
	sum := sha256.Sum256([]byte(owner))
	return filepath.Join(dir, safe[:min(len(safe), 64)]+"-"+hex.EncodeToString(sum[:6])+journalSuffix)
}

// createJournalFile makes a complete, locked file under its name, or fails with os.ErrExist.
func createJournalFile(dir, owner, boot string, half int) (*journalFile, error) {
	path := journalPath(dir, owner)
	if _, err := os.Lstat(path); err == nil {
		return nil, os.ErrExist
	}
	f, err := newJournalFile(path, encodeHeader(owner, boot, half), half)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(f.file.Name(), path); err != nil {
		return nil, errors.Join(err, os.Remove(f.file.Name()), f.close())
	}
	return f, nil
}

// newJournalFile makes a locked, mapped file under a temporary name. Zeros are written to its
// end, because a store into a mapped hole of a full disk would be a SIGBUS.
func newJournalFile(path string, header []byte, half int) (*journalFile, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "new-*.tmp")
	if err != nil {
		return nil, err
	}
	f := &journalFile{path: path, file: file, half: half}
	if err := f.prepare(header); err != nil {
		return nil, errors.Join(err, os.Remove(file.Name()), f.close())
	}
	return f, nil
}

func (f *journalFile) prepare(header []byte) error {
	if err := unix.Flock(int(f.file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	if _, err := f.file.Write(header); err != nil {
		return err
	}
	zeros := make([]byte, 1<<16)
	for left := 2 * f.half; left > 0; left -= len(zeros) {
		if _, err := f.file.Write(zeros[:min(left, len(zeros))]); err != nil {
			return err
		}
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	data, err := unix.Mmap(int(f.file.Fd()), 0, headerSize+2*f.half, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	f.data = data
	return err
}

// replace makes a larger file with the same header facts, lets fill write its active half, and
// puts it in the place of this one.
func (f *journalFile) replace(half int, fill func(active []byte)) (*journalFile, error) {
	h, err := decodeHeader(f.data)
	if err != nil {
		return nil, err
	}
	g, err := newJournalFile(f.path, encodeHeader(h.owner, h.boot, half), half)
	if err != nil {
		return nil, err
	}
	fill(g.active())
	if err := os.Rename(g.file.Name(), f.path); err != nil {
		return nil, errors.Join(err, os.Remove(g.file.Name()), g.close())
	}
	_ = f.close() // the new file is the journal now, whatever becomes of the old one
	return g, nil
}

func (f *journalFile) active() []byte {
	return halfOf(f.data, f.half, word(f.data[activeAt:], 0).Load())
}

func (f *journalFile) passive() []byte {
	return halfOf(f.data, f.half, 1-word(f.data[activeAt:], 0).Load())
}

func halfOf(data []byte, half int, n uint64) []byte {
	at := headerSize + int(n&1)*half
	return data[at : at+half]
}

// swap makes the passive half the active one and empties the other.
func (f *journalFile) swap() {
	old := f.active()
	w := word(f.data[activeAt:], 0)
	w.Store(1 - w.Load())
	clear(old)
}

// seal makes the content durable, so that it is believed after a restart of the machine too.
func (f *journalFile) seal() error {
	if err := unix.Msync(f.data, unix.MS_SYNC); err != nil {
		return err
	}
	word(f.data[sealedAt:], 0).Store(1)
	return unix.Msync(f.data, unix.MS_SYNC)
}

func (f *journalFile) close() error {
	var err error
	if f.data != nil {
		err = unix.Munmap(f.data)
		f.data = nil
	}
	return errors.Join(err, f.file.Close())
}

type journalHeader struct {
	owner  string
	boot   string
	half   int
	active uint64
	sealed bool
}

func encodeHeader(owner, boot string, half int) []byte {
	b := make([]byte, headerSize)
	copy(b, journalMagic)
	binary.NativeEndian.PutUint64(b[8:], uint64(half))
	copy(b[16:16+maxBoot], boot)
	copy(b[80:80+maxOwner], owner)
	h := fnv.New64a()
	h.Write(b[:sumAt])
	binary.NativeEndian.PutUint64(b[sumAt:], h.Sum64())
	return b
}

func decodeHeader(b []byte) (journalHeader, error) {
	if len(b) < headerSize || string(b[:8]) != journalMagic {
		return journalHeader{}, errors.New("not a journal of this version")
	}
	sum := fnv.New64a()
	sum.Write(b[:sumAt])
	if binary.NativeEndian.Uint64(b[sumAt:]) != sum.Sum64() {
		return journalHeader{}, errors.New("the header fails its check")
	}
	h := journalHeader{
		owner:  strings.TrimRight(string(b[80:80+maxOwner]), "\x00"),
		boot:   strings.TrimRight(string(b[16:16+maxBoot]), "\x00"),
		half:   int(binary.NativeEndian.Uint64(b[8:])),
		active: binary.NativeEndian.Uint64(b[activeAt:]),
		sealed: binary.NativeEndian.Uint64(b[sealedAt:]) == 1,
	}
	if len(b) != headerSize+2*h.half || h.active > 1 {
		return h, fmt.Errorf("%d bytes, active half %d", len(b), h.active)
	}
	return h, nil
}
