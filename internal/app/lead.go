package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// lockFile in the data directory is locked by the process that serves it.
const lockFile = "okno.lock"

const (
	// standbyLook is how often a process that stands by asks for the claim.
	standbyLook = time.Second
	// standbyGrace is how long it waits once it has it: a predecessor that
	// lost its connection notices at once and stops meanwhile.
	standbyGrace = 2 * time.Second
)

// Claim makes this process the only one that works on the database: two would
// send, poll and fetch everything twice. On SQLite it fails while another one
// has the data directory; on PostgreSQL it stands by until the other one has
// ended. Run calls it unless it was called before.
func (a *App) Claim(ctx context.Context) error {
	if a.hold != nil {
		return nil
	}
	if a.Config.DatabaseURL == "" {
		return a.claimDir()
	}
	c, holder, err := postgres.TryClaim(ctx, a.Config.DatabaseURL)
	if err != nil {
		return fmt.Errorf("claim the database: %w", err)
	}
	if c == nil {
		if c, err = a.standBy(ctx, holder); err != nil {
			return err
		}
	}
	a.claimed(c.Hold, c.Release)
	return nil
}

// claimed remembers how the claim is looked after; it is given up last of all.
func (a *App) claimed(hold func(context.Context) error, release func() error) {
	a.hold = hold
	a.closers = append([]func() error{release}, a.closers...)
}

func (a *App) claimDir() error {
	c, err := sqlite.TryClaim(filepath.Join(a.Config.DataDir, lockFile))
	if held, ok := errors.AsType[*sqlite.HeldError](err); ok {
		return fmt.Errorf("another okno (process %s) serves the data directory %s already: stop that one first, or start this one "+
			"with another --data-dir (OKNO_DATA_DIR); a second process that stands by needs PostgreSQL (OKNO_DATABASE_URL)", held.Holder, a.Config.DataDir)
	}
	if err != nil {
		return err
	}
	a.claimed(func(ctx context.Context) error { <-ctx.Done(); return nil }, c.Release)
	return nil
}

// standBy waits until the database can be claimed. Meanwhile it answers that
// it is alive and not ready, where its address is free.
func (a *App) standBy(ctx context.Context, holder string) (*postgres.Claim, error) {
	a.Log.WarnContext(ctx, "another okno works on this database: standing by", slog.String("holder", holder))
	answer, err := a.answerStandby(ctx)
	if err != nil {
		a.Log.InfoContext(ctx, "not listening while standing by", slog.Any("error", err))
	} else {
		defer answer()
	}
	tick := time.NewTicker(standbyLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
		c, _, err := postgres.TryClaim(ctx, a.Config.DatabaseURL)
		if err != nil {
			a.Log.DebugContext(ctx, "the database cannot be claimed", slog.Any("error", err))
		}
		if c == nil {
			continue
		}
		a.Log.WarnContext(ctx, "the other okno has ended: taking over")
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), c.Release()) //nolint:contextcheck // ctx has ended
		case <-time.After(standbyGrace):
		}
		return c, nil
	}
}

// answerStandby serves the plain address until the returned function is
// called. With certificates of our own it does not: only the one that works
// may fetch them.
func (a *App) answerStandby(ctx context.Context) (stop func(), err error) {
	if a.Config.TLS() {
		return nil, errors.New("certificates belong to the one that works")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.Config.HTTPAddr)
	if err != nil {
		return nil, err
	}
	server := a.server(http.HandlerFunc(standbyAnswer))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.Log.WarnContext(ctx, "no answers while standing by", slog.Any("error", err))
		}
	}()
	return func() {
		if err := server.Close(); err != nil {
			a.Log.WarnContext(ctx, "standby address not closed", slog.Any("error", err))
		}
		<-done
	}, nil
}

func standbyAnswer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if r.URL.Path == "/healthz" {
		_, _ = w.Write([]byte("ok\n")) // the client may be gone
		return
	}
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("standby: another okno works on this database\n"))
}
