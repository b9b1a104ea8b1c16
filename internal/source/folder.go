package source

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// skippedName tells hidden files and those that another program is writing.
func skippedName(name string) bool {
	if strings.HasPrefix(name, ".") {
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".part", ".partial":
		return true
	}
	return false
}

// folderObjects walks a folder (or yields a single file) in the order of names.
func folderObjects(ctx context.Context, root string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		st, err := os.Stat(root)
		if err != nil {
			yield(Object{}, fmt.Errorf("cannot look at %s: %w", root, err))
			return
		}
		if !st.IsDir() {
			yield(fileObject(root, st), nil)
			return
		}
		w := walk{ctx: ctx, yield: yield, linked: map[string]bool{}}
		if w.root, err = filepath.EvalSymlinks(root); err == nil {
			w.root, err = filepath.Abs(w.root)
		}
		if err != nil {
			yield(Object{}, fmt.Errorf("cannot look at %s: %w", root, err))
			return
		}
		if w.folder(root) && ctx.Err() != nil {
			yield(Object{}, ctx.Err())
		}
	}
}

type walk struct {
	ctx    context.Context
	yield  func(Object, error) bool
	root   string          // real path
	linked map[string]bool // real paths of folders reached through symbolic links
}

// folder yields what lies in dir and reports whether to go on.
func (w *walk) folder(dir string) bool {
	if w.ctx.Err() != nil {
		return true
	}
	entries, err := os.ReadDir(dir) // gives what it read before an error
	if err != nil && !w.yield(Object{}, fmt.Errorf("cannot read folder %s: %w", dir, err)) {
		return false
	}
	for _, e := range entries {
		if skippedName(e.Name()) {
			continue
		}
		if !w.entry(filepath.Join(dir, e.Name()), e) {
			return false
		}
	}
	return true
}

func (w *walk) entry(path string, e fs.DirEntry) bool {
	if e.IsDir() {
		return w.folder(path)
	}
	link := e.Type()&fs.ModeSymlink != 0
	if !link && !e.Type().IsRegular() {
		return true // sockets, devices
	}
	st, err := os.Stat(path)
	if err != nil {
		return w.yield(Object{}, fmt.Errorf("cannot look at %s: %w", path, err))
	}
	switch {
	case st.Mode().IsRegular():
		return w.yield(fileObject(path, st), nil)
	case st.IsDir():
		return w.link(path)
	}
	return true
}

// link follows a symbolic link to a folder unless that is walked anyway.
func (w *walk) link(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return w.yield(Object{}, fmt.Errorf("cannot follow %s: %w", path, err))
	}
	switch {
	case within(w.root, real):
		return w.yield(Object{}, fmt.Errorf("%s leads back to %s, which contains it; skipped", path, real))
	case within(real, w.root):
		return true // walked under its own name
	}
	for seen := range w.linked {
		if within(real, seen) {
			return true
		}
	}
	w.linked[real] = true
	return w.folder(path)
}

// within reports whether path is dir or lies below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
