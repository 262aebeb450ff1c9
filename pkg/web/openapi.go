package web

import (
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"github.com/multaqa/multaqa/pkg/db"
)

var pathParam = regexp.MustCompile(`:([a-z_]+)`)

// OpenAPI describes the routes as an OpenAPI 3.1 document. Schemas come from
// the very types the handlers decode and encode, so the two cannot drift.
func OpenAPI(routes []Route) []byte {
	s := schemas{defs: map[string]any{}}
	paths := map[string]map[string]any{}
	for _, r := range routes {
		p := "/api/v1" + pathParam.ReplaceAllString(r.Path, "{$1}")
		op := map[string]any{
			"summary":     r.Summary,
			"operationId": strings.ToLower(r.Method) + strings.NewReplacer("/", "_", ":", "by_").Replace(r.Path),
			"x-action":    string(r.Action),
			"tags":        []string{strings.SplitN(strings.TrimPrefix(r.Path, "/"), "/", 2)[0]},
			"security":    []any{map[string]any{"session": []string{}}},
			"parameters":  parameters(r),
			"responses":   s.responses(r),
		}
		if r.In != nil {
			op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": s.of(r.In)}}}
		}
		if r.File {
			op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"image/*": map[string]any{"schema": map[string]any{}}}}
		}
		if paths[p] == nil {
			paths[p] = map[string]any{}
		}
		paths[p][strings.ToLower(r.Method)] = op
	}
	about := s.object(reflect.TypeFor[problem]())
	// What the hub knows of a refusal: the state a thing is in and the steps that are legal, a limit, a line.
	about["additionalProperties"] = true
	s.defs["Problem"] = about
	doc := map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{"title": "Multaqa", "version": "1", "license": map[string]any{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Errors are problem documents (RFC 9457) with a stable code and a title in Arabic and English. Every mutation takes an Idempotency-Key header: a repeat with the same key and body gets the first answer."},
		"paths": paths,
		"components": map[string]any{
			"schemas":         s.defs,
			"securitySchemes": map[string]any{"session": map[string]any{"type": "apiKey", "in": "cookie", "name": "multaqa"}},
		},
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic(err) // maps and strings only
	}
	return b
}

func parameters(r Route) []any {
	params := []any{}
	for _, m := range pathParam.FindAllStringSubmatch(r.Path, -1) {
		params = append(params, map[string]any{"name": m[1], "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
	}
	for _, q := range r.Query {
		p := map[string]any{"name": q.Name, "in": "query", "required": false, "description": q.Doc, "schema": map[string]any{"type": "string"}}
		switch {
		case q.Number:
			p["schema"] = map[string]any{"type": "integer", "minimum": 0}
		case q.Many:
			p["explode"], p["description"] = false, q.Doc+"; several values with commas"
			p["schema"] = map[string]any{"type": "array", "items": map[string]any{"type": "string"}}
		}
		params = append(params, p)
	}
	if r.Method != "GET" {
		params = append(params, map[string]any{"name": "Idempotency-Key", "in": "header", "required": false, "schema": map[string]any{"type": "string", "maxLength": 100}})
	}
	return params
}

type schemas struct{ defs map[string]any }

func (s *schemas) responses(r Route) map[string]any {
	out := map[string]any{"default": map[string]any{"description": "A problem document", "content": map[string]any{
		"application/problem+json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Problem"}}}}}
	switch {
	case r.Status == http.StatusSwitchingProtocols:
		out["101"] = map[string]any{"description": "The connection is a WebSocket now"}
	case r.Status == http.StatusOK:
		out["200"] = map[string]any{"description": "Done", "content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"type": "object"}}}}
	case r.Out != nil:
		out["200"] = map[string]any{"description": "Done", "content": map[string]any{"application/json": map[string]any{"schema": s.of(r.Out)}}}
	default:
		out["204"] = map[string]any{"description": "Done"}
	}
	return out
}

var (
	timeType = reflect.TypeFor[db.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
	notName  = regexp.MustCompile(`[^A-Za-z0-9]+`)
)

// of is the schema of a type; named structs become components.
func (s *schemas) of(t reflect.Type) map[string]any {
	switch {
	case t == timeType:
		return map[string]any{"type": []string{"string", "null"}, "format": "date-time"}
	case t == rawType:
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := s.of(t.Elem())
		if ref, ok := inner["$ref"]; ok {
			return map[string]any{"anyOf": []any{map[string]any{"$ref": ref}, map[string]any{"type": "null"}}}
		}
		if typ, ok := inner["type"].(string); ok {
			inner["type"] = []string{typ, "null"}
		}
		return inner
	case reflect.Struct:
		if t.Name() == "" {
			return s.object(t)
		}
		name := notName.ReplaceAllString(path.Base(t.PkgPath())+"."+t.Name(), "_")
		if _, done := s.defs[name]; !done {
			s.defs[name] = nil // breaks recursion
			s.defs[name] = s.object(t)
		}
		return map[string]any{"$ref": "#/components/schemas/" + name}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return map[string]any{"type": "string", "contentEncoding": "base64"}
		}
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Interface:
		return map[string]any{}
	default:
		return map[string]any{"type": "integer"}
	}
}

func (s *schemas) object(t reflect.Type) map[string]any {
	props := map[string]any{}
	var required []string
	s.fields(t, props, &required)
	sort.Strings(required)
	o := map[string]any{"type": "object", "properties": props}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func (s *schemas) fields(t reflect.Type, props map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && name == "" {
			e := f.Type
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			s.fields(e, props, required)
			continue
		}
		if name == "" {
			name = f.Name
		}
		schema := s.of(f.Type)
		if doc := f.Tag.Get("doc"); doc != "" {
			schema["description"] = doc
		}
		props[name] = schema
		if !strings.Contains(opts, "omitempty") && f.Type.Kind() != reflect.Pointer {
			*required = append(*required, name)
		}
	}
}
