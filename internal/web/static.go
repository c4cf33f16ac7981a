package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/errs"
	"github.com/convoke/convoke/internal/httpserver"
)

// static holds the files of static/ under names that change with their content, so that
// browsers may keep them for ever.
type static struct {
	urls  map[string]string // name to address
	files map[string][]byte // last part of the address to content
}

func loadStatic(fsys fs.FS) (*static, error) {
	s := &static{urls: map[string]string{}, files: map[string][]byte{}}
	entries, err := fs.ReadDir(fsys, "static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		content, err := fs.ReadFile(fsys, "static/"+e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		s.urls[e.Name()] = "/static/" + hashed
		s.files[hashed] = content
	}
	return s, nil
}

// url is the address of a file of static/.
func (s *static) url(name string) string { return s.urls[name] }

func (s *static) register(r *httpserver.Router) {
	r.Handle(fiber.MethodGet, "/static/:file", account.PublicRead, s.serve)
}

func (s *static) serve(c *fiber.Ctx) error {
	content, ok := s.files[c.Params("file")]
	if !ok {
		return errs.E(errs.NotFound, "error.not_found")
	}
	c.Set(fiber.HeaderContentType, mime.TypeByExtension(path.Ext(c.Params("file"))))
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Response().Header.Del(fiber.HeaderVary)
	return c.Send(content)
}
