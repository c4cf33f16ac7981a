package httpserver

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

// Problem is the answer of the API to what went wrong (RFC 9457).
type Problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      string         `json:"code"`
	Key       string         `json:"message_key"`
	Args      map[string]any `json:"args,omitempty"`
	RequestID string         `json:"request_id"`
	Errors    []FieldProblem `json:"errors,omitempty"`
	Holder    string         `json:"holder,omitempty"` // who has what was asked for
	Until     *time.Time     `json:"until,omitempty"`  // until when it stays so
}

// FieldProblem is one place in what was sent, and what is wrong there.
type FieldProblem struct {
	Field   string `json:"field"`
	Key     string `json:"message_key"`
	Message string `json:"message"`
}

func (s *Server) problem(c *fiber.Ctx, f Failure) error {
	l := s.Localizer(c)
	key, args := errs.Message(f.Err)
	p := Problem{
		Type: "about:blank", Title: http.StatusText(f.Status), Status: f.Status,
		Detail: l.Error(f.Err), Code: string(errs.CodeOf(f.Err)), Key: key, Args: args, RequestID: f.RequestID,
	}
	p.Holder, _ = args["Holder"].(string)
	if until, ok := args["Until"].(time.Time); ok {
		p.Until = &until
	}
	for _, field := range errs.FieldsOf(f.Err) {
		p.Errors = append(p.Errors, FieldProblem{Field: field.Name, Key: field.Key, Message: l.FieldMessage(field)})
	}
	if f.Status == fiber.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="convoke"`)
	}
	c.Set(fiber.HeaderContentLanguage, l.Tag())
	c.Status(f.Status)
	if err := c.JSON(p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}
