package service

import (
	"runtime"
	"runtime/debug"
)

// Version is the program's version; releases set it with -ldflags -X.
var Version = "0.1.0-dev"

// Build describes the running program.
type Build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"` // of the source tree
	Modified bool   `json:"modified,omitempty"` // the tree had changes
	Go       string `json:"go"`
	System   string `json:"system"` // os/architecture
}

// ThisBuild returns the description.
func ThisBuild() Build {
	b := Build{Version: Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	return b
}
