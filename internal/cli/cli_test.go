package cli_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ashiato/internal/cli"
)

// TestMain lets the test binary be the program, so that transcripts run real processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ashiato": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestTranscripts runs testdata/*.txtar. -update would hide a changed contract: edit them by hand.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("ASHIATO_DATA", e.WorkDir+"/data")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"waitserver": waitServer,
			"killserver": killServer,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}
