package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/config"
)

type versionCmd struct{}

// Run implements kong's command.
func (versionCmd) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "okno", version)
	return err
}

type migrateCmd struct {
	config.Config `embed:""`
}

// Run implements kong's command.
func (cmd *migrateCmd) Run(ctx context.Context, s streams) error {
	a, err := open(ctx, &cmd.Config, s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, "The database is up to date.")
	return errors.Join(err, a.Close())
}

type backupCmd struct {
	config.Config `embed:""`
	File          string `arg:"" help:"The archive to write, such as okno-2026-11-24.tar.gz." type:"path"`
}

// Run implements kong's command.
func (cmd *backupCmd) Run(ctx context.Context, s streams) error {
	if err := cmd.Validate(); err != nil {
		return err
	}
	size, err := app.Backup(ctx, cmd.Config, cmd.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %d bytes\n", cmd.File, size)
	return err
}

type restoreCmd struct {
	config.Config `embed:""`
	File          string `arg:"" help:"The archive." type:"existingfile"`
}

// Run implements kong's command.
func (cmd *restoreCmd) Run(ctx context.Context, s streams) error {
	if err := cmd.Validate(); err != nil {
		return err
	}
	if err := app.Restore(ctx, cmd.Config, cmd.File); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.out, "Restored to %s. Start the server.\n", cmd.DataDir)
	return err
}

type doctorCmd struct {
	config.Config `embed:""`
}

// Run implements kong's command.
func (cmd *doctorCmd) Run(ctx context.Context, s streams) error {
	sick := 0
	var report strings.Builder
	for _, f := range app.Examine(ctx, cmd.Config) {
		mark := "ok  "
		if !f.OK {
			mark = "FAIL"
			sick++
		}
		fmt.Fprintf(&report, "%s  %s: %s\n", mark, f.What, f.Found)
		if f.Mend != "" {
			fmt.Fprintf(&report, "      %s\n", f.Mend)
		}
	}
	if _, err := io.WriteString(s.out, report.String()); err != nil {
		return err
	}
	if sick > 0 {
		return fmt.Errorf("%d checks failed", sick)
	}
	return nil
}

type openAPICmd struct{}

// Run implements kong's command.
func (openAPICmd) Run(s streams) error {
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(app.OpenAPI())
}
