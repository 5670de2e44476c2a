package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

const (
	checkpointEvery = 100 * time.Millisecond
	// idleAfter is how long without a write until a large WAL is emptied.
	idleAfter = 2 * time.Second
	// idlePages is the WAL size worth emptying then (4 MiB).
	idlePages = 1024
	// truncateWait is how long the writer stands still for readers.
	truncateWait = 100 * time.Millisecond
	// truncateAgain is the pause after readers prevented it.
	truncateAgain = time.Second
	walPage       = 4096 + 24
	// optimizeEvery is how often the planner's statistics are renewed.
	optimizeEvery = time.Hour
)

// checkpointer moves the WAL into the file every 100 ms without stopping
// anybody, and empties it with the writer waiting when it has grown too
// large, which happens when passes never catch up or a reader stays long.
type checkpointer struct {
	engine  *engine
	session *session
	quit    chan struct{}
	stopped chan struct{}

	seen      uint64 // the writer's commits at the last pass
	lastWrite time.Time
	pages     int // WAL size after the last pass
	notBefore time.Time
	optimized time.Time
}

func newCheckpointer(e *engine, s *session) *checkpointer {
	c := &checkpointer{engine: e, session: s, quit: make(chan struct{}), stopped: make(chan struct{}), optimized: time.Now()}
	go c.run()
	return c
}

func (c *checkpointer) stop() error {
	close(c.quit)
	<-c.stopped
	return c.session.close()
}

func (c *checkpointer) run() {
	defer close(c.stopped)
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-c.quit:
			return
		case now := <-tick.C:
			if err := c.pass(now); err != nil && !errors.Is(err, errBusy) {
				c.engine.log().Warn("checkpoint failed", slog.Any("error", err))
			}
			if now.Sub(c.optimized) > optimizeEvery {
				c.optimized = now
				if err := c.engine.writer.maintain(optimize); err != nil {
					c.engine.log().Warn("statistics not renewed", slog.Any("error", err))
				}
			}
		}
	}
}

func (c *checkpointer) pass(now time.Time) error {
	commits := c.engine.writer.commits.Load()
	if commits != c.seen {
		start := time.Now()
		pages, _, err := c.session.checkpoint(context.Background(), "PASSIVE")
		c.observe(start, pages, err)
		if err != nil {
			return err
		}
		c.seen, c.lastWrite, c.pages = commits, now, pages
	}
	large := int64(c.pages)*walPage > c.engine.cfg.WALBytes
	idle := c.pages > idlePages && now.Sub(c.lastWrite) > idleAfter
	if !large && !idle || now.Before(c.notBefore) {
		return nil
	}
	start := time.Now()
	err := c.engine.writer.maintain(c.truncate)
	c.observe(start, c.pages, err)
	if err != nil {
		c.notBefore = now.Add(truncateAgain)
		return err
	}
	c.pages = 0
	return nil
}

// truncate empties the WAL unless readers keep it for too long. It runs on
// the writer's connection.
func (c *checkpointer) truncate(s *session) error {
	ctx := context.Background()
	if err := s.waitForLocks(ctx, truncateWait); err != nil {
		return err
	}
	_, _, err := s.checkpoint(ctx, "TRUNCATE")
	return errors.Join(err, s.waitForLocks(ctx, c.engine.cfg.BusyTimeout))
}

// optimize renews the planner's statistics of tables that have changed much.
// It looks at a few hundred rows of each index: milliseconds.
func optimize(s *session) error {
	_, err := s.conn.ExecContext(context.Background(), "PRAGMA optimize")
	return err
}

func (c *checkpointer) observe(start time.Time, pages int, err error) {
	if c.engine.cfg.Observe != nil {
		c.engine.cfg.Observe(db.Stat{Op: "checkpoint", Took: time.Since(start), Items: pages, Err: err})
	}
}
