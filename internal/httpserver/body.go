package httpserver

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// drainLimit is how much of a body that is too large we take in and throw away, because a browser
// shows our answer only once it could send everything.
const drainLimit = 64 << 20

// readBody takes the body in, up to limit bytes; errs.TooLarge where it is larger.
func readBody(c *fiber.Ctx, limit int) error {
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(stream, int64(limit)+1))
	if err != nil {
		c.Context().SetConnectionClose()
		return fiber.ErrBadRequest
	}
	if len(body) <= limit {
		c.Request().SetBodyRaw(body)
		return nil
	}
	drain(c, stream)
	return errs.E(errs.TooLarge, "error.too_large")
}

// Body is what was sent along with a request, also where nobody asked for it before it was refused; nil where that is
// more than DefaultBodyLimit or could not be read.
func (s *Server) Body(c *fiber.Ctx) []byte {
	if c.Context().RequestBodyStream() != nil && readBody(c, DefaultBodyLimit) != nil {
		return nil
	}
	return c.BodyRaw()
}

func drain(c *fiber.Ctx, stream io.Reader) {
	_, _ = io.Copy(io.Discard, io.LimitReader(stream, drainLimit))
	c.Context().SetConnectionClose()
	c.Request().SetBodyRaw(nil)
}
