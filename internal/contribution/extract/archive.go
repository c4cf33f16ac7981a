package extract

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/markup"
)

const (
	maxDirectory = 1 << 20 // bytes of an archive's list of parts
	maxPartName  = 250
	encryptedBit = 1
)

// archive is an opened container: its parts by their names in lower case, because Office does not tell the cases apart.
type archive struct {
	parts map[string]*zip.File
	names []string // in the order of the file
}

// openArchive refuses what no office program writes: parts of one name, names that lead out of the folder, links, encryption.
func openArchive(r io.ReaderAt, size int64, l Limits) (*archive, error) {
	opened, err := markup.OpenArchive(r, size, markup.Bounds{
		Parts: l.Parts, Directory: maxDirectory, Unpacked: l.Unpacked, Ratio: l.Ratio, RatioFrom: 1 << 20,
	})
	switch {
	case errors.Is(err, markup.ErrParts):
		return nil, errs.E(errs.TooLarge, "upload.too_many_parts", "Max", l.Parts)
	case errors.Is(err, markup.ErrInside):
		return nil, errs.E(errs.TooLarge, "upload.too_large_inside", "Max", l.Unpacked>>20)
	case err != nil:
		return nil, err
	}
	a := &archive{parts: make(map[string]*zip.File, len(opened.File))}
	for _, f := range opened.File {
		if f.Flags&encryptedBit != 0 {
			return nil, errs.E(errs.Invalid, "upload.encrypted")
		}
		name := strings.ToLower(f.Name)
		if !safeName(f) || a.parts[name] != nil {
			return nil, errDamaged
		}
		if strings.HasSuffix(name, "/") {
			continue // a folder
		}
		a.parts[name] = f
		a.names = append(a.names, name)
	}
	return a, nil
}

// safeName says whether a part lies within the archive, as a file.
func safeName(f *zip.File) bool {
	name := strings.TrimSuffix(f.Name, "/")
	mode := f.Mode()
	return name != "" && len(name) <= maxPartName && utf8.ValidString(name) && !strings.ContainsAny(name, "\\:\x00") &&
		fs.ValidPath(name) && path.Clean(name) == name && (mode.IsRegular() || mode.IsDir())
}

// small reads a part that is known to be short.
func (a *archive) small(f *zip.File, limit int64) ([]byte, error) {
	in, err := markup.OpenPart(f)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err == nil && int64(len(b)) > limit {
		return nil, errDamaged
	}
	return b, err
}

// packer writes the copy of a container.
type packer struct {
	buffer bytes.Buffer
	zip    *zip.Writer
}

func newPacker(size int64) *packer {
	p := &packer{}
	p.buffer.Grow(int(size))
	p.zip = zip.NewWriter(&p.buffer)
	p.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, packing) })
	return p
}

// packing is chosen for speed: somebody waits.
const packing = flate.BestSpeed

// whole adds a part as it is, without the times and extra fields of its entry. It is read once, so that nobody is handed a
// part that is broken or unpacks to more than it says.
func (p *packer) whole(f *zip.File, name string) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(in, int64(f.UncompressedSize64)+1)) // to the end, where the sum is checked
	if err = errors.Join(err, in.Close()); err != nil {
		return err
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return err
	}
	out, err := p.zip.CreateRaw(&zip.FileHeader{
		Name: name, Method: f.Method, CRC32: f.CRC32, CompressedSize64: f.CompressedSize64, UncompressedSize64: f.UncompressedSize64,
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(out, raw)
	return err
}

func (p *packer) text(name, content string) error {
	out, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err == nil {
		_, err = io.WriteString(out, content)
	}
	return err
}

func (p *packer) stored(name, content string) error {
	out, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = io.WriteString(out, content)
	}
	return err
}

// edited adds a part of XML as the editor leaves it.
func (p *packer) edited(j *job, f *zip.File, name string, e editor) error {
	in, err := markup.OpenPart(f)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return j.edit(in, out, e)
}

// readPacked reads a container and makes its copy.
func (j *job) readPacked(r io.ReaderAt, size int64, kind Kind) error {
	a, err := openArchive(r, size, j.limits)
	if err != nil {
		return err
	}
	p := newPacker(size)
	if kind == Odt {
		err = j.readOdt(a, p)
	} else {
		err = j.readDocx(a, p)
	}
	if err != nil {
		return err
	}
	if err := p.zip.Close(); err != nil {
		return err
	}
	j.clean = p.buffer.Bytes()
	return nil
}
