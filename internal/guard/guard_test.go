// Package guard holds tests about the source tree itself: layers, package docs, sizes, leftovers.
package guard

import (
	"bufio"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// layers lists packages from top to bottom; a package may import only packages of lower rows, and those of
// its own row below its own directory. Longest prefix wins.
var layers = [][]string{
	{"cmd"},
	{"internal/cli"},
	{"internal/app"},
	{"internal/bench"},
	{"internal/web"},
	{"internal/service"},
	{"internal/engine"},
	{"internal/query"},
	{"internal/ingest"},
	{"internal/source"},
	{"internal/lake"},
	{"internal/lake/catalog"},
	{"internal/lake/segment"},
	{"internal/lake/parquet", "internal/lake/tokens"},
	{"internal/logtype/all", "internal/logtype/logtypetest"},
	{"internal/logtype/"},
	{"internal/logtype/accesslog", "internal/logtype/sqltext"},
	{"internal/logtype"},
	{"internal/decode"},
	{"internal/decode/compress", "internal/decode/parquetin"},
	{"internal/event"},
	{"internal/testserver", "internal/guard"},
}

// upward lists imports that cross the table on purpose.
var upward = map[string]string{
	"internal/ingest → internal/query/kql": "tests only",
}

func rank(pkg string) int {
	best, length := -1, -1
	for i, row := range layers {
		for _, p := range row {
			prefix := strings.TrimSuffix(p, "/")
			matches := pkg == p || strings.HasPrefix(pkg, prefix+"/")
			if matches && len(p) > length {
				best, length = i, len(p)
			}
		}
	}
	return best
}

func eachGoFile(t *testing.T, f func(path, pkg string)) {
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			f(path, filepath.ToSlash(filepath.Dir(rel)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLayers(t *testing.T) {
	eachGoFile(t, func(path, pkg string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		from := rank(pkg)
		if from < 0 {
			t.Errorf("package %s is in no layer: add it to the table", pkg)
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(i.Path.Value, `"`), "ashiato/")
			if !ours || upward[pkg+" → "+to] != "" {
				continue
			}
			if rank(to) < from || rank(to) == from && !strings.HasPrefix(to, pkg+"/") && len(layers[from]) == 1 {
				t.Errorf("%s imports %s, which is not below it", path, to)
			}
		}
	})
}

func TestPackageDocs(t *testing.T) {
	docs := map[string]bool{}
	eachGoFile(t, func(path, pkg string) {
		if strings.HasSuffix(path, "_test.go") && pkg != "internal/guard" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		docs[pkg] = docs[pkg] || file.Doc != nil
	})
	for pkg, has := range docs {
		if !has {
			t.Errorf("package %s has no doc comment", pkg)
		}
	}
}

var leftover = regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)

// TestLeftovers refuses marks of unfinished work.
func TestLeftovers(t *testing.T) {
	eachGoFile(t, func(path, pkg string) {
		if pkg == "internal/guard" {
			return
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			if leftover.MatchString(lines.Text()) {
				t.Errorf("%s:%d: %s", path, n, strings.TrimSpace(lines.Text()))
			}
		}
	})
}

// TestSizes keeps files readable: over 600 lines there has to be a seam.
func TestSizes(t *testing.T) {
	eachGoFile(t, func(path, _ string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > 600 {
			t.Errorf("%s has %d lines", path, n)
		}
	})
}
