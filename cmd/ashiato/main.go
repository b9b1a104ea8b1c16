// Command ashiato trains on, investigates, detects and prepares for security incidents in AWS, from the
// logs alone.
package main

import (
	"os"

	"ashiato/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
