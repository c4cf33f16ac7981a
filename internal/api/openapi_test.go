package api_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/convoke/convoke/internal/api/apitest"
	"github.com/convoke/convoke/internal/db/dbtest"
	"github.com/convoke/convoke/internal/httpserver/servertest"
)

func document(t *testing.T, app *servertest.App) *openapi3.T {
	t.Helper()
	res := app.Visitor().Get("/api/v1/openapi.json")
	if res.Status != http.StatusOK {
		t.Fatalf("%d %s", res.Status, res.Body)
	}
	doc, err := openapi3.NewLoader().LoadFromData([]byte(res.Body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	app := apitest.NewApp(t, dbtest.SQLite(t))
	if err := document(t, app).Validate(context.Background()); err != nil {
		t.Error(err)
	}
}

var fiberParam = regexp.MustCompile(`:([A-Za-z_]+)`)

func TestDocumentAndRoutesAreTheSame(t *testing.T) {
	t.Parallel()
	app := apitest.NewApp(t, dbtest.SQLite(t))
	described := map[string]string{}
	for path, item := range document(t, app).Paths.Map() {
		for method, op := range item.Operations() {
			action, ok := op.Extensions["x-action"].(string)
			if !ok || op.Summary == "" {
				t.Errorf("%s %s lacks summary or x-action", method, path)
			}
			described[method+" "+path] = action
		}
	}
	for _, r := range app.Server.Routes() {
		if !r.API {
			continue
		}
		key := r.Method + " " + fiberParam.ReplaceAllString(r.Path, "{$1}")
		if action, ok := described[key]; !ok || action != string(r.Action) {
			t.Errorf("route %s (%s) is described as %q", key, r.Action, action)
		}
		delete(described, key)
	}
	for key := range described {
		t.Errorf("%s is described, but is no route", key)
	}
}
