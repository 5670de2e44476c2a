package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/config"
)

type serveCmd struct {
	config.Config `embed:""`
	Demo          bool `help:"Fill an empty database with a believable company and print its log-ins."`
}

// logger writes where and how the settings say.
func logger(c config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// open builds the application for a command.
func open(ctx context.Context, c *config.Config, s streams) (*app.App, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return app.New(ctx, *c, logger(*c, s.err), app.Version(version))
}

// Run implements kong's command.
func (cmd *serveCmd) Run(ctx context.Context, s streams) (err error) {
	a, err := open(ctx, &cmd.Config, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Claim(ctx); err != nil {
		return err
	}
	if cmd.Demo {
		if err := a.FillDemo(ctx, s.out); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(s.out, "Okno %s: %s\n", version, a.Config.BaseURL); err != nil {
		return err
	}
	return a.Run(ctx)
}
