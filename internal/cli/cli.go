// Package cli is the command line: one file per verb. A verb turns flags into a request to
// service.Service and its answer into text or JSON; it does no work of its own.
//
// Exit codes: 0 ok, 1 failed, 2 usage, 3 done with rejects.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"ashiato/internal/app"
	"ashiato/internal/service"
)

// The exit codes.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitRejects
)

// exitError carries an exit code for work that was done but not in full; nothing is printed for it.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// env is what verbs share.
type env struct {
	in        io.Reader
	out, err  io.Writer
	data      string // --data
	workspace string // --workspace
	json      bool   // --json
	started   bool   // the verb runs: arguments and flags were right
}

// Main runs the program with arguments (without its name) and returns the exit code.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	// A closed pipe is an error of Write, not the end of the process: what is open gets closed.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	e := &env{in: in, out: out, err: errOut}
	root := e.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	return e.exitCode(root.ExecuteContext(ctx))
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ashiato",
		Short: "Investigate, detect, train and prepare for security incidents in AWS, from the logs alone",
		Long: `Ashiato takes in AWS security logs, keeps them whole, and searches them.

  ashiato ingest logs/                        take in a folder, a file, s3://bucket/prefix or - (standard input)
  ashiato search 'source.ip: 203.0.113.0/24'  find events
  ashiato sql 'SELECT * FROM cloudtrail'      ask in the SQL of Athena
  ashiato status                              what is there

Exit codes: 0 ok, 1 failed, 2 usage, 3 done with rejects.`,
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRun:  func(*cobra.Command, []string) { e.started = true },
		Args:              cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return c.Help()
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&e.data, "data", "", "data directory (default $ASHIATO_DATA, $XDG_DATA_HOME/ashiato or ~/.local/share/ashiato)")
	f.StringVar(&e.workspace, "workspace", app.DefaultWorkspace, "workspace within it")
	f.BoolVar(&e.json, "json", false, "print JSON")
	root.AddCommand(e.versionCmd(), e.typesCmd(), e.ingestCmd(), e.searchCmd(), e.sqlCmd(), e.statusCmd(), e.rejectsCmd(), e.exportCmd(), e.compactCmd(), e.retentionCmd(), e.repairCmd(), e.upCmd())
	root.AddCommand(e.benchCmd())
	return root
}

// exitCode prints an error and returns the code for it.
func (e *env) exitCode(err error) int {
	var code exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE):
		return exitOK // who reads our output has seen enough
	case !e.started:
		fmt.Fprintf(e.err, "ashiato: %s\nhint: ashiato --help, or --help after a verb, tells what can be written\n", terminal(err.Error()))
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(e.err, "ashiato: interrupted")
		return exitFailed
	}
	var u usageError
	if errors.As(err, &u) {
		printError(e.err, err)
		return exitUsage
	}
	printError(e.err, err)
	return exitFailed
}

// usageError marks an error in flags or arguments that only the verb itself could see.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usage(message, hint string) error {
	return usageError{&service.Error{Kind: service.Invalid, Message: message, Hint: hint}}
}

// connect returns the service over the data directory: a running server, or this process.
func (e *env) connect(ctx context.Context) (service.Service, func(), error) {
	dir, err := app.DataDir(e.data)
	if err != nil {
		return nil, nil, err
	}
	s, end, err := app.Connect(ctx, dir, e.in)
	if err != nil {
		return nil, nil, err
	}
	return s, func() {
		if err := end(); err != nil {
			fmt.Fprintf(e.err, "ashiato: close: %s\n", terminal(err.Error()))
		}
	}, nil
}

// printJSON prints one document.
func (e *env) printJSON(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
