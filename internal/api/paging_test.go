package api

import (
	"net/http/httptest"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

func TestPagingIsBounded(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{"": 50, "limit=7": 7, "limit=100000": 200, "limit=0": 0, "limit=-1": 0, "limit=x": 0} {
		var got paging
		var failed error
		app := fiber.New()
		app.Get("/", func(c *fiber.Ctx) error {
			got, failed = pagingOf(c)
			return nil
		})
		res, err := app.Test(httptest.NewRequest(fiber.MethodGet, "/?cursor=abc&"+query, nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		switch {
		case want == 0 && !errs.Is(failed, errs.Invalid):
			t.Errorf("%q: %v", query, failed)
		case want != 0 && (failed != nil || got.limit != want || got.cursor != "abc"):
			t.Errorf("%q: %+v %v", query, got, failed)
		}
	}
	if params := pagingParams(param{name: "q"}); len(params) != 3 {
		t.Errorf("%+v", params)
	}
}
