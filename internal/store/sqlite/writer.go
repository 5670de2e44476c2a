package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

const (
	// maxGroup bounds how many writes share one commit.
	maxGroup = 512
	// maxGroupTime bounds how long the first of them waits for the others.
	maxGroupTime = 50 * time.Millisecond
	// slowTurn is how long one write may hold the connection unremarked.
	slowTurn = time.Second
)

// States of a request. Whoever moves it away from waiting owns it.
const (
	waiting int32 = iota
	running
	abandoned
)

// request is one Write in the queue. Its function runs in its caller's
// goroutine while the writer waits, so that panics, stacks and test failures
// stay with the caller.
type request struct {
	state atomic.Int32
	turn  chan *session // the writer hands over the connection
	done  chan outcome  // the caller hands it back
	reply chan error    // the group's commit
	// maintain, if set, is work for the writer's goroutine between groups.
	maintain func(*session) error
}

// outcome of a request's turn.
type outcome struct {
	kept bool  // its changes are in the group
	lost error // the whole transaction is gone
}

// writer owns the only connection that writes.
type writer struct {
	engine  *engine
	session *session // touched by the writer's goroutine alone
	queue   chan *request
	stopped chan struct{}
	commits atomic.Uint64 // for the checkpointer: did the WAL grow?
	pending []*request    // the group being formed
	next    *request      // maintenance met while forming a group
}

func newWriter(e *engine, s *session) *writer {
	w := &writer{engine: e, session: s, queue: make(chan *request, 2*maxGroup), stopped: make(chan struct{})}
	go w.run()
	return w
}

// stop ends the writer once its queue is empty.
func (w *writer) stop() error {
	close(w.queue)
	<-w.stopped
	_, _, err := w.session.checkpoint(context.Background(), "TRUNCATE")
	if errors.Is(err, errBusy) {
		err = nil // another process still reads; it will be emptied later
	}
	return errors.Join(err, w.session.close())
}

// Write implements db.Engine.
func (e *engine) Write(ctx context.Context, fn func(db.Session) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.accepted.Done()
	r := &request{turn: make(chan *session, 1), done: make(chan outcome, 1), reply: make(chan error, 1)}
	select {
	case e.writer.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case s, ok := <-r.turn:
		return r.take(ctx, e, s, ok, fn)
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		s, ok := <-r.turn
		return r.take(ctx, e, s, ok, fn)
	}
}

// take uses the caller's turn and waits for the group's commit. Without a
// turn the group failed before it.
func (r *request) take(ctx context.Context, e *engine, s *session, ok bool, fn func(db.Session) error) error {
	if !ok {
		return <-r.reply
	}
	err, lost := r.inSavepoint(ctx, s, e.log(), fn)
	if err != nil && lost == nil {
		return err
	}
	if commit := <-r.reply; commit != nil {
		return errors.Join(err, commit)
	}
	return err
}

// whoWrote names the function that asked for the write under way: the first
// one outside of the store.
func whoWrote() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "/internal/") && !strings.Contains(f.Function, "/internal/store/") {
			return f.Function
		}
		if !more {
			return "store"
		}
	}
}

// inSavepoint runs fn and hands the connection back whatever happens, even
// when fn ends its goroutine.
func (r *request) inSavepoint(ctx context.Context, s *session, log *slog.Logger, fn func(db.Session) error) (err, lost error) {
	ended := false
	background := context.WithoutCancel(ctx)
	start := time.Now()
	defer func() {
		if took := time.Since(start); took > slowTurn {
			log.WarnContext(ctx, "a slow transaction held up all writes", slog.Duration("took", took), slog.String("by", whoWrote()))
		}
		if lost == nil && (err != nil || !ended) {
			if back := undo(background, s); back != nil {
				// The others of the group did nothing wrong: they may try again.
				lost = db.ErrUnavailable.Because(errors.Join(err, back))
			}
		}
		r.done <- outcome{kept: err == nil && ended, lost: lost}
	}()
	if _, err = s.Exec(background, "SAVEPOINT item", nil); err != nil {
		return mapFault(err), mapFault(err)
	}
	err = ctx.Err()
	if err == nil {
		err = fn(s)
	}
	ended = true
	if err == nil {
		if _, err = s.Exec(background, "RELEASE SAVEPOINT item", nil); err != nil {
			err = mapFault(err)
		}
	}
	return err, nil
}

// undo takes back one request's changes. If it cannot, SQLite has already
// rolled everything back (disk full, I/O error).
func undo(ctx context.Context, s *session) error {
	for _, query := range []string{"ROLLBACK TO SAVEPOINT item", "RELEASE SAVEPOINT item"} {
		if _, err := s.Exec(ctx, query, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		r := w.next
		w.next = nil
		if r == nil {
			var ok bool
			if r, ok = <-w.queue; !ok {
				return
			}
		}
		if r.maintain != nil {
			r.reply <- r.maintain(w.session)
			continue
		}
		if r.state.CompareAndSwap(waiting, running) {
			w.group(r)
		}
	}
}

// group commits first and the writes that wait behind it.
func (w *writer) group(first *request) {
	ctx := context.Background()
	start := time.Now()
	if err := w.begin(ctx); err != nil {
		// Those behind would only wait as long for the same answer.
		for r := first; r != nil; r = w.poll() {
			close(r.turn)
			r.reply <- err
		}
		return
	}
	w.pending = w.pending[:0]
	var lost error
	for r, turns := first, 1; r != nil && lost == nil; turns++ {
		r.turn <- w.session
		out := <-r.done
		if out.kept || out.lost != nil {
			w.pending = append(w.pending, r)
		}
		lost = out.lost
		r = nil
		if lost == nil && turns < maxGroup && time.Since(start) < maxGroupTime {
			r = w.poll()
		}
	}
	err := w.end(ctx, lost)
	w.engine.observeCommit(start, len(w.pending), err)
	for _, r := range w.pending {
		r.reply <- err
	}
}

// poll returns the next write if one waits already.
func (w *writer) poll() *request {
	for {
		select {
		case r, ok := <-w.queue:
			switch {
			case !ok:
				return nil
			case r.maintain != nil:
				w.next = r
				return nil
			case r.state.CompareAndSwap(waiting, running):
				return r
			}
		default:
			return nil
		}
	}
}

// begin opens the group's transaction, on a new connection if the old one
// has been damaged.
func (w *writer) begin(ctx context.Context) error {
	_, err := w.session.Exec(ctx, "BEGIN IMMEDIATE", nil)
	if err == nil {
		return nil
	}
	if code, _, ok := resultCode(err); ok && code&0xff == codeBusy {
		return mapFault(err)
	}
	fresh, again := newSession(ctx, w.engine.pool, w.engine.cfg, false)
	if again != nil {
		return mapFault(errors.Join(err, again))
	}
	_ = w.session.close() // already known to be broken
	w.session = fresh
	if _, err := w.session.Exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return mapFault(err)
	}
	return nil
}

// end commits the group, or undoes all of it.
func (w *writer) end(ctx context.Context, lost error) error {
	err := lost
	if err == nil && len(w.pending) > 0 {
		_, err = w.session.Exec(ctx, "COMMIT", nil)
		if err == nil {
			w.commits.Add(1)
			return nil
		}
		err = fmt.Errorf("commit: %w", mapFault(err))
	}
	// Nothing to keep, or nothing that may be kept. An error means that
	// SQLite has rolled back by itself; begin finds out otherwise.
	_, _ = w.session.Exec(ctx, "ROLLBACK", nil)
	return err
}

// maintain runs fn in the writer's goroutine, between groups.
func (w *writer) maintain(fn func(*session) error) error {
	r := &request{maintain: fn, reply: make(chan error, 1)}
	w.queue <- r
	return <-r.reply
}

func (e *engine) observeCommit(start time.Time, items int, err error) {
	if e.cfg.Observe != nil {
		e.cfg.Observe(db.Stat{Op: "commit", Took: time.Since(start), Items: items, Err: err})
	}
}
