package cli

import (
	"fmt"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"ashiato/internal/app"
)

func (e *env) upCmd() *cobra.Command {
	var opt app.ServeOptions
	c := &cobra.Command{
		Use: "up", Short: "Run the server", Args: cobra.NoArgs,
		Long: `Runs the server of the data directory until it is interrupted. While it runs, other verbs have it do their work. It
listens on the loopback interface only.

The HTTP API is under /api/v1, described by /api/v1/openapi.json. A data directory has one server; where it listens
is in server.json there. ASHIATO_FIREHOSE_KEY sets the access key that Amazon Data Firehose must send.

--demo takes the samples of all log types into the workspace default. --json prints {"url", "pid"} when the server answers.`,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := app.DataDir(e.data)
			if err != nil {
				return err
			}
			opt.Ready = func(address string) {
				if e.json {
					e.printJSON(map[string]any{"url": "http://" + address, "pid": os.Getpid()})
					return
				}
				fmt.Fprintf(e.out, "ashiato is at http://%s\n", address)
			}
			var mu sync.Mutex
			opt.Say = func(format string, a ...any) {
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintln(e.err, terminal(fmt.Sprintf(format, a...)))
			}
			return app.Serve(c.Context(), dir, opt)
		},
	}
	c.Flags().StringVar(&opt.Listen, "listen", "127.0.0.1:8480", "address on the loopback interface; port 0 takes a free one")
	c.Flags().BoolVar(&opt.Demo, "demo", false, "take in the samples of all log types")
	return c
}
