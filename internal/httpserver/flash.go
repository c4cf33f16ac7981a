package httpserver

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const (
	flashCookie  = "convoke_flash"
	flashSeconds = 120
)

// Flash is a message that is shown once, on the page after a redirect.
type Flash struct {
	Key  string         `json:"k"`
	Args map[string]any `json:"a,omitempty"`
}

// SetFlash sends the message along in a signed cookie; the server keeps nothing.
func (s *Server) SetFlash(c *fiber.Ctx, f Flash) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	value := encode(text) + "." + encode(s.sign("flash", string(text)))
	c.Cookie(s.cookie(flashCookie, value, flashSeconds))
	return nil
}

// TakeFlash gives the message and removes it; nil where there is none.
func (s *Server) TakeFlash(c *fiber.Ctx) *Flash {
	value := c.Cookies(s.cookieName(flashCookie))
	if value == "" {
		return nil
	}
	c.Cookie(s.cookie(flashCookie, "", -1))
	text, mac, _ := strings.Cut(value, ".")
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !hmac.Equal([]byte(mac), []byte(encode(s.sign("flash", string(plain))))) {
		return nil
	}
	var f Flash
	if json.Unmarshal(plain, &f) != nil {
		return nil
	}
	for name, v := range f.Args {
		if n, ok := v.(float64); ok && n == float64(int64(n)) {
			f.Args[name] = int64(n) // JSON has one kind of number, plural forms want whole ones
		}
	}
	return &f
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
