package api

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

const (
	defaultLimit = 50
	maxLimit     = 200
)

// List is one page of a listing.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next_cursor,omitempty" doc:"the cursor of the next page; absent on the last"`
}

// listOf makes the answer of a listing; next is what the next page begins after, nil on the last.
func listOf[T any](items []T, next any) (List[T], error) {
	l := List[T]{Items: orEmpty(items)}
	if next == nil {
		return l, nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return l, errs.Wrap("api.list", err)
	}
	l.Next = base64.RawURLEncoding.EncodeToString(text)
	return l, nil
}

// paging is which page of a listing is wanted.
type paging struct {
	limit  int
	cursor string
}

// pagingParams describe paging, for the params of an endpoint.
func pagingParams(more ...param) []param {
	return append(more,
		param{name: "cursor", doc: "next_cursor of the page before"},
		param{name: "limit", doc: "at most so many items: 50 if absent, 200 at the most", kind: "integer"},
	)
}

// pagingOf reads cursor and limit of the query.
func pagingOf(c *fiber.Ctx) (paging, error) {
	p := paging{limit: defaultLimit, cursor: c.Query("cursor")}
	if given := c.Query("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return p, errs.InvalidFields(errs.FieldError("limit", "field.number_min", "Min", 1))
		}
		p.limit = min(n, maxLimit)
	}
	return p, nil
}

// after reads what listOf was given as next into v, and leaves v alone on the first page.
func (p paging) after(v any) error {
	if p.cursor == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.cursor)
	if err != nil || json.Unmarshal(text, v) != nil {
		return errs.InvalidFields(errs.FieldError("cursor", "field.cursor"))
	}
	return nil
}
