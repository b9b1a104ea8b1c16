package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"ashiato/internal/service"
)

type object = map[string]any

// openAPI writes the OpenAPI 3.1 document of routes. Schemas come from the Go types that handlers read
// and write, so that they cannot differ from them.
func openAPI(routes []route) []byte {
	d := &document{schemas: object{}}
	paths := object{}
	for _, r := range routes {
		if r.hidden {
			continue
		}
		item, _ := paths[r.path].(object)
		if item == nil {
			item = object{}
			paths[r.path] = item
		}
		item[strings.ToLower(r.method)] = d.operation(r)
	}
	doc := object{
		"openapi": "3.1.0",
		"info": object{"title": "Ashiato", "version": service.Version,
			"description": "Search, SQL and taking in of AWS security logs. Requests come from the server's own machine; what changes something must not come from another web site."},
		"servers": []any{object{"url": "/"}},
		"paths":   paths,
		"components": object{
			"schemas":         d.schemas,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "description": "The private token in server.json of the data directory."}},
			"responses":       object{"error": object{"description": "What went wrong.", "content": object{"application/json": object{"schema": d.schema(reflect.TypeFor[failure]())}}}},
		},
		"security": []any{object{}, object{"token": []any{}}},
	}
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		panic(err) // the document is made of maps, lists and texts
	}
	return b
}

type document struct{ schemas object }

func (d *document) operation(r route) object {
	op := object{"operationId": r.id, "summary": r.summary, "tags": []any{r.tag()}}
	switch r.access {
	case open:
		op["security"] = []any{}
	case private:
		op["security"] = []any{object{"token": []any{}}}
	}
	var params []any
	for _, p := range r.params {
		in, schema := "query", object{"type": p.kind}
		if p.path {
			in = "path"
		}
		if p.list {
			schema = object{"type": "array", "items": schema}
		}
		params = append(params, object{"name": p.name, "in": in, "required": p.required, "description": p.about, "schema": schema})
	}
	if params != nil {
		op["parameters"] = params
	}
	if r.body != nil {
		media := r.bodyMedia
		if media == "" {
			media = "application/json"
		}
		schema := object{}
		if media == "application/json" {
			schema = d.schema(reflect.TypeOf(r.body))
		}
		content := object{media: object{"schema": schema}}
		if media != "application/json" {
			content["multipart/form-data"] = object{"schema": object{"type": "object", "additionalProperties": object{"type": "string", "contentMediaType": media}}}
		}
		op["requestBody"] = object{"required": true, "content": content}
	}
	media := r.media
	if media == "" {
		media = "application/json"
	}
	content := object{media: object{"schema": object{"type": "string"}}}
	if r.answer != nil {
		content[media] = object{"schema": d.schema(reflect.TypeOf(r.answer))}
	}
	for m, about := range r.also {
		content[m] = object{"schema": object{"type": "string", "description": about}}
	}
	op["responses"] = object{
		"200":     object{"description": "Done.", "content": content},
		"default": object{"$ref": "#/components/responses/error"},
	}
	return op
}

// schema returns the JSON schema of a type. Structs go to the components.
func (d *document) schema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[time.Duration]():
		return object{"type": "integer", "format": "int64", "description": "nanoseconds"}
	case reflect.TypeFor[json.RawMessage]():
		return object{"type": "object", "additionalProperties": true}
	case reflect.TypeFor[[]byte]():
		return object{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem())
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint64:
		return object{"type": "integer", "format": "int64"}
	case reflect.Slice:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Struct:
		return d.structure(t)
	}
	return object{"type": "object", "additionalProperties": true}
}

func (d *document) structure(t reflect.Type) object {
	name := t.Name()
	if name == "" { // in place
		return d.members(t)
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if p := t.PkgPath(); strings.HasSuffix(p, "/catalog") || strings.HasSuffix(p, "/ingest") {
		name = strings.ToUpper(p[strings.LastIndexByte(p, '/')+1:][:1]) + p[strings.LastIndexByte(p, '/')+2:] + name
	}
	if d.schemas[name] == nil {
		d.schemas[name] = object{} // ends recursion
		d.schemas[name] = d.members(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (d *document) members(t reflect.Type) object {
	props := object{}
	required := []any{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && tag == "":
				add(f.Type)
				continue
			case !f.IsExported() || tag == "-":
				continue
			case tag == "":
				tag = f.Name
			}
			props[tag] = d.schema(f.Type)
			if !strings.Contains(opts, "omitempty") && !strings.Contains(opts, "omitzero") {
				required = append(required, tag)
			}
		}
	}
	add(t)
	out := object{"type": "object", "properties": props}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
