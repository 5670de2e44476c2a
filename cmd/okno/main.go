// Command okno is one window for every conversation with a customer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/okno-hq/okno/internal/config"
)

// version is set by the linker.
var version = "dev" //nolint:gochecknoglobals // only the linker writes it

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "okno:", err)
		os.Exit(1)
	}
}

// commands are what okno can do.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Run the server."`
	Admin   adminCmd   `cmd:"" help:"Manage people from the command line."`
	Migrate migrateCmd `cmd:"" help:"Bring the database up to date and stop."`
	Backup  backupCmd  `cmd:"" help:"Write a copy of everything to a file, while the server runs."`
	Restore restoreCmd `cmd:"" help:"Put a copy back into an empty data directory."`
	Doctor  doctorCmd  `cmd:"" help:"Check the set-up and say what is wrong and how to mend it."`
	OpenAPI openAPICmd `cmd:"" name:"openapi" help:"Print the description of the API."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// streams are where commands write.
type streams struct{ out, err io.Writer }

// run parses the command line and does what it says.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("okno"),
		kong.Description("One window for every conversation with a customer: messengers, website chat, mail and phone on one timeline."),
		kong.UsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exit = code }),
		config.File(config.FileName, "/etc/okno/"+config.FileName),
	)
	if err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return nil // help was asked for
	}
	if err != nil {
		return err
	}
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(streams{out, errOut})
	return k.Run()
}
