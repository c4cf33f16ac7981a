package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/convoke/convoke/internal/errs"
)

type input struct {
	Name  string `json:"name"`
	Count int    `json:"count,omitempty"`
	Inner struct {
		Deep bool `json:"deep"`
	} `json:"inner"`
}

func TestDecodeIsStrict(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, body, field, key string }{
		{"right", `{"name":"a","count":2}`, "", ""},
		{"unknown name", `{"nam":"a"}`, "nam", "field.unknown"},
		{"wrong kind", `{"count":"two"}`, "count", "field.json_type"},
		{"wrong kind inside", `{"inner":{"deep":1}}`, "inner.deep", "field.json_type"},
		{"no JSON", `{"name":`, "", "error.json"},
		{"nothing", ``, "", "error.json"},
		{"two values", `{"name":"a"}{}`, "", "error.json"},
		{"rubbish behind", `{"name":"a"} ]`, "", "error.json"},
		{"another kind of value", `[]`, "", "error.json"},
	}
	for _, tc := range cases {
		err := decoded(t, tc.body)
		if tc.key == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		key, _ := errs.Message(err)
		fields := errs.FieldsOf(err)
		switch {
		case !errs.Is(err, errs.Invalid):
			t.Errorf("%s: %v", tc.name, err)
		case tc.field == "" && key != tc.key:
			t.Errorf("%s: %s", tc.name, key)
		case tc.field != "" && (len(fields) != 1 || fields[0].Name != tc.field || fields[0].Key != tc.key):
			t.Errorf("%s: %+v", tc.name, fields)
		}
	}
}

func decoded(t *testing.T, body string) error {
	t.Helper()
	var result error
	app := fiber.New()
	app.Post("/", func(c *fiber.Ctx) error {
		_, result = decode[input](c)
		return nil
	})
	req := httptest.NewRequest(fiber.MethodPost, "/", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return result
}

func TestCursorComesBackAsItWas(t *testing.T) {
	t.Parallel()
	type place struct {
		Name string
		ID   int64
	}
	l, err := listOf([]int{1}, place{"Ä/b", 7})
	if err != nil {
		t.Fatal(err)
	}
	var got place
	if err := (paging{cursor: l.Next}).after(&got); err != nil || got != (place{"Ä/b", 7}) {
		t.Errorf("%+v %v", got, err)
	}
	if err := (paging{cursor: "!"}).after(&got); !errs.Is(err, errs.Invalid) {
		t.Errorf("a wrong cursor: %v", err)
	}
}
