// Package app wires the parts together: it opens the data directory, its workspaces, their lakes and
// the engines over them, and is the local implementation of service.Service.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/service"
)

// DefaultWorkspace is used when no other is named.
const DefaultWorkspace = "default"

// App is an open data directory. It implements service.Service and is safe for concurrent use.
type App struct {
	dir   string
	types *logtype.Catalog
	sql   sqlEngines
	keep  bool // a server: the writer's lock stays taken

	mu         sync.Mutex
	workspaces map[string]*workspace
}

var _ service.Service = (*App)(nil)

// DataDir returns the data directory: the flag's value, else $ASHIATO_DATA, $XDG_DATA_HOME/ashiato or
// ~/.local/share/ashiato.
func DataDir(flag string) (string, error) {
	dir := flag
	if dir == "" {
		dir = os.Getenv("ASHIATO_DATA")
	}
	if dir == "" {
		if x := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(x) {
			dir = filepath.Join(x, "ashiato")
		}
	}
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", &service.Error{Kind: service.Invalid, Message: "no place for data: neither ASHIATO_DATA nor HOME is set", Hint: "give --data DIR"}
		}
		dir = filepath.Join(home, ".local", "share", "ashiato")
	}
	return filepath.Abs(dir)
}

// Open opens a data directory, which need not exist until something is written.
func Open(dir string) (*App, error) {
	types, err := all.Catalog()
	if err != nil {
		return nil, fmt.Errorf("compile the log types: %w", err)
	}
	a := &App{dir: dir, types: types, workspaces: map[string]*workspace{}}
	a.sql.temp = filepath.Join(dir, "tmp")
	return a, nil
}

// Dir returns the data directory.
func (a *App) Dir() string { return a.dir }

// Close stops queries and closes all files. The writer's locks are given back.
func (a *App) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	err := a.sql.close()
	for _, w := range a.workspaces {
		err = errors.Join(err, w.close())
	}
	clear(a.workspaces)
	return err
}

var workspaceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func (a *App) root() string { return filepath.Join(a.dir, "workspaces") }

// workspace returns a workspace by name, without opening its lake.
func (a *App) workspace(name string) (*workspace, error) {
	if name == "" {
		name = DefaultWorkspace
	}
	if !workspaceName.MatchString(name) {
		return nil, &service.Error{Kind: service.Invalid, Message: fmt.Sprintf("%q is no name for a workspace", name),
			Hint: "use a-z, 0-9, _ and -, starting with a letter or digit, at most 63 characters"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	w := a.workspaces[name]
	if w == nil {
		w = &workspace{app: a, name: name, dir: filepath.Join(a.root(), name), turn: make(chan struct{}, 1)}
		a.workspaces[name] = w
	}
	return w, nil
}

// reader opens a workspace for reading. A default workspace into which nothing was taken yet is returned
// without a lake; any other must exist.
func (a *App) reader(name string) (*workspace, error) {
	w, err := a.workspace(name)
	if err != nil {
		return nil, err
	}
	err = w.open(false)
	if errors.Is(err, fs.ErrNotExist) {
		if w.name == DefaultWorkspace {
			return w, nil
		}
		e := &service.Error{Kind: service.NotFound, Message: fmt.Sprintf("there is no workspace %q", w.name)}
		if names := a.names(); len(names) > 0 {
			e.Hint = "there are: " + strings.Join(names, ", ")
		} else {
			e.Hint = "ashiato ingest --workspace " + w.name + " PATH creates it"
		}
		return nil, e
	}
	return w, err
}

// names lists the workspaces on disk.
func (a *App) names() []string {
	entries, err := os.ReadDir(a.root())
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && workspaceName.MatchString(e.Name()) {
			if _, err := os.Stat(filepath.Join(a.root(), e.Name(), "catalog.db")); err == nil {
				out = append(out, e.Name())
			}
		}
	}
	slices.Sort(out)
	return out
}

// checkTypes says which of the names are no log types.
func (a *App) checkTypes(names ...string) error {
	for _, n := range names {
		if n != "" && a.types.Get(n) == nil {
			return &service.Error{Kind: service.Invalid, Message: fmt.Sprintf("there is no log type %q", n), Hint: a.nearType(n)}
		}
	}
	return nil
}

func (a *App) nearType(name string) string {
	for _, t := range a.types.Types {
		_, short, _ := strings.Cut(t.Name, ".")
		if strings.EqualFold(t.Name, name) || strings.EqualFold(short, name) || strings.EqualFold(strings.ReplaceAll(t.Name, ".", "_"), name) {
			return "write " + t.Name
		}
	}
	return "ashiato types lists them"
}

// Types implements service.Service.
func (a *App) Types(context.Context) ([]service.TypeInfo, error) {
	var out []service.TypeInfo
	for _, t := range a.types.Types {
		i := service.TypeInfo{Name: t.Name, Title: t.Title, Docs: t.Docs, Framing: "lines", Table: tableName(t.Name), Views: []string{}}
		if t.Framing == logtype.JSON {
			i.Framing = "json"
		}
		for _, v := range t.Views {
			i.Views = append(i.Views, v.Name)
		}
		out = append(out, i)
	}
	return out, nil
}
