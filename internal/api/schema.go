package api

import (
	"reflect"
	"strings"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// schemas are the JSON schemas of the named types, by name.
type schemas object

// of is the schema of a value's type; a struct is described once and referred to.
func (s schemas) of(v any) object { return s.schema(reflect.TypeOf(v)) }

func (s schemas) schema(t reflect.Type) object {
	switch {
	case t == timeType:
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return object{"anyOf": []any{s.schema(t.Elem()), object{"type": "null"}}}
	case t.Kind() == reflect.Struct:
		return s.named(t)
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		return object{"type": "array", "items": s.schema(t.Elem())}
	case t.Kind() == reflect.Map:
		return object{"type": "object", "additionalProperties": s.schema(t.Elem())}
	}
	if kind := jsonKind(t); kind != "" {
		return object{"type": kind}
	}
	return object{}
}

// named describes a struct under its name. Its place is taken first, for types that contain themselves.
func (s schemas) named(t reflect.Type) object {
	name := schemaName(t)
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, known := s[name]; known {
		return ref
	}
	properties, required := object{}, []string{}
	s[name] = object{"type": "object", "properties": properties, "additionalProperties": false}
	for _, f := range reflect.VisibleFields(t) {
		jsonName, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || jsonName == "-" || jsonName == "" {
			continue
		}
		properties[jsonName] = s.property(f)
		if !strings.Contains(rest, "omitempty") && !strings.Contains(rest, "omitzero") {
			required = append(required, jsonName)
		}
	}
	if len(required) > 0 {
		s[name].(object)["required"] = required
	}
	return ref
}

func (s schemas) property(f reflect.StructField) object {
	schema := s.schema(f.Type)
	if doc := f.Tag.Get("doc"); doc != "" {
		schema["description"] = doc
	}
	if format := f.Tag.Get("format"); format != "" {
		schema["format"] = format
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		schema["enum"] = strings.Split(enum, ",")
	}
	return schema
}

// schemaName is the type's own name: Contact, ListOfContact.
func schemaName(t reflect.Type) string {
	outer, inner, generic := strings.Cut(t.Name(), "[")
	if !generic {
		return outer
	}
	inner = strings.TrimSuffix(inner, "]")
	return outer + "Of" + inner[strings.LastIndex(inner, ".")+1:]
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	}
	return ""
}
