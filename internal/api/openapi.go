package api

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/convoke/convoke/internal/account"
	"github.com/convoke/convoke/internal/httpserver"
)

type object = map[string]any

var pathParam = regexp.MustCompile(`:([A-Za-z_]+)`)

// describe writes the OpenAPI 3.1 document of the endpoints.
func describe(endpoints []endpoint) object {
	s := schemas{}
	problem := s.of(httpserver.Problem{})
	paths := object{}
	for _, e := range endpoints {
		path := pathParam.ReplaceAllString(Prefix+e.path, "{$1}")
		item, ok := paths[path].(object)
		if !ok {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(e.method)] = s.operation(e, problem)
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Convoke", "version": "1",
			"description": "Outreach for open policy processes. Errors are problem+json (RFC 9457), in the language of Accept-Language. Times are RFC 3339, UTC.",
		},
		"paths": paths,
		"components": object{
			"schemas":         object(s),
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer"}},
		},
		"security": []any{object{"bearer": []string{}}},
	}
}

func (s schemas) operation(e endpoint, problem object) object {
	op := object{
		"operationId": operationID(e),
		"summary":     e.summary,
		"tags":        []string{strings.Split(e.path, "/")[1]},
		"x-action":    string(e.action),
		"responses": object{
			strconv.Itoa(e.code()): s.answer(e),
			"default":              object{"description": "What went wrong", "content": object{"application/problem+json": object{"schema": problem}}},
		},
	}
	if params := s.params(e); len(params) > 0 {
		op["parameters"] = params
	}
	if e.request != nil {
		op["requestBody"] = object{"required": !e.bodiless, "content": s.body(e.request)}
	}
	if account.ScopeOf(account.Public, e.action) != account.Nothing {
		op["security"] = []any{}
	}
	return op
}

func (s schemas) answer(e endpoint) object {
	switch {
	case e.files != nil:
		content := object{}
		for _, kind := range e.files {
			content[kind] = object{"schema": object{"type": "string"}}
		}
		return object{"description": e.summary, "content": content}
	case e.response == nil:
		return object{"description": e.summary}
	}
	if _, isYAML := e.response.(yamlFile); isYAML {
		return object{"description": e.summary, "content": object{yamlType: object{"schema": object{"type": "string"}}}}
	}
	return object{"description": e.summary, "content": object{"application/json": object{"schema": s.of(e.response)}}}
}

func (s schemas) body(v any) object {
	if _, isFile := v.(upload); isFile {
		file := object{"type": "object", "required": []string{"file"}, "properties": object{"file": object{"type": "string", "format": "binary"}}}
		return object{"multipart/form-data": object{"schema": file}}
	}
	return object{"application/json": object{"schema": s.of(v)}}
}

func (s schemas) params(e endpoint) []any {
	var all []any
	for _, m := range pathParam.FindAllStringSubmatch(e.path, -1) {
		kind := "string"
		if m[1] == "id" {
			kind = "integer"
		}
		all = append(all, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": kind}})
	}
	for _, p := range e.params {
		schema := object{"type": "string"}
		if p.kind != "" {
			schema["type"] = p.kind
		}
		if p.enum != nil {
			schema["enum"] = p.enum
		}
		all = append(all, object{"name": p.name, "in": "query", "required": p.must, "description": p.doc, "schema": schema})
	}
	return all
}

// operationID is made of method and path: get_contacts_id.
func operationID(e endpoint) string {
	return strings.ToLower(e.method) + strings.NewReplacer("/", "_", ":", "", ".", "_", "-", "_").Replace(e.path)
}
