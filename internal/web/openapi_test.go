package web

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestOpenAPI holds the document to the routes, and its references to what it defines.
func TestOpenAPI(t *testing.T) {
	s := New(nil, Options{})
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name, In string }
			Responses   map[string]any
			Security    *[]any
		}
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(s.document, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("version %q", doc.OpenAPI)
	}
	ids := map[string]bool{}
	described := 0
	for _, r := range s.routes() {
		if r.hidden {
			continue
		}
		described++
		op, ok := doc.Paths[r.path][strings.ToLower(r.method)]
		if !ok {
			t.Errorf("%s %s is not described", r.method, r.path)
			continue
		}
		if op.OperationID == "" || ids[op.OperationID] {
			t.Errorf("%s %s: operation id %q", r.method, r.path, op.OperationID)
		}
		ids[op.OperationID] = true
		if open := op.Security != nil && len(*op.Security) == 0; open != (r.access == open_) {
			t.Errorf("%s %s: open to all: %v", r.method, r.path, open)
		}
		inPath := 0
		for _, p := range op.Parameters {
			if p.In == "path" {
				inPath++
				if !strings.Contains(r.path, "{"+p.Name+"}") {
					t.Errorf("%s has no %s", r.path, p.Name)
				}
			}
		}
		if n := strings.Count(r.path, "{"); n != inPath {
			t.Errorf("%s: %d of %d path parameters are described", r.path, inPath, n)
		}
	}
	n := 0
	for _, item := range doc.Paths {
		n += len(item)
	}
	if n != described {
		t.Errorf("%d operations are described, there are %d", n, described)
	}
	for _, part := range strings.Split(string(s.document), `"#/components/schemas/`)[1:] {
		name := part[:strings.IndexByte(part, '"')]
		if doc.Components.Schemas[name] == nil {
			t.Errorf("schema %s is not defined", name)
		}
	}
}

const open_ = open

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:80": true, "127.0.0.1": true, "localhost": true, "LOCALHOST:1": true, "[::1]:80": true, "[::1]": true, "127.9.9.9": true,
		"": false, "evil.example": false, "10.0.0.1:80": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "0.0.0.0": false,
	} {
		if loopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestASCIIJSON(t *testing.T) {
	in, _ := json.Marshal("a 日本 😀 \n")
	var out string
	ascii := asciiJSON(in)
	if err := json.Unmarshal([]byte(ascii), &out); err != nil || out != "a 日本 😀 \n" {
		t.Errorf("%s (%v)", ascii, err)
	}
	for _, c := range ascii {
		if c < 0x20 || c > 0x7e {
			t.Errorf("%q in a header", c)
		}
	}
}
