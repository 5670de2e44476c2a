package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/store/db"
)

// Events keeps the log of everything that happened.
type Events struct {
	db   *db.DB
	late *db.Late[event.Event]
	// committed is told, after the commit, of workspaces with new events.
	committed func(workspace int64)
}

// NewEvents returns the store. committed is told, after the commit, which
// workspace has new events; it must not block. It may be nil.
func NewEvents(d *db.DB, committed func(workspace int64)) *Events {
	if committed == nil {
		committed = func(int64) {}
	}
	s := &Events{db: d, committed: committed}
	s.late = db.NewLate(d, s.write)
	return s
}

// Append implements event.Log. The events are written, and numbered, as the
// last thing before the commit, all of a transaction's together. From then on
// the workspace's counter is locked, so that ids become visible in their
// order: who has read up to one has missed none before it.
func (s *Events) Append(ctx context.Context, list ...event.Event) error {
	return s.late.Add(ctx, list...)
}

func (s *Events) write(ctx context.Context, list []event.Event) error {
	last := map[int64]int64{} // of each workspace
	for _, e := range list {
		last[e.Workspace]++
	}
	for _, ws := range slices.Sorted(maps.Keys(last)) {
		n := last[ws]
		err := s.db.QueryRow(ctx, `INSERT INTO event_sequences (workspace_id, last) VALUES ($1, $2)
			ON CONFLICT (workspace_id) DO UPDATE SET last = event_sequences.last + excluded.last RETURNING last`, ws, n).Scan(&n)
		if err != nil {
			return err
		}
		last[ws] = n - last[ws]
		s.db.AfterCommit(ctx, func() { s.committed(ws) })
	}
	rows := make([][]any, len(list))
	for i, e := range list {
		last[e.Workspace]++
		rows[i] = []any{
			e.Workspace, last[e.Workspace], string(e.Type), db.Micros(e.At), e.Conversation, e.Item, e.Contact, e.Inbox,
			e.Channel, e.User, e.Subject, e.Actor,
		}
	}
	return insertRows(ctx, s.db, `INSERT INTO events (workspace_id, id, type, at, conversation_id, item_id, contact_id, inbox_id,
		channel_id, user_id, subject_id, actor_id)`, rows)
}

// After implements event.Reader.
func (s *Events) After(ctx context.Context, ws, after int64, limit int) ([]event.Event, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (e event.Event, err error) {
		var at int64
		err = r.Scan(&e.ID, &e.Type, &at, &e.Conversation, &e.Item, &e.Contact, &e.Inbox, &e.Channel, &e.User, &e.Subject, &e.Actor)
		e.Workspace, e.At = ws, db.Time(at)
		return e, err
	}, `SELECT id, type, at, conversation_id, item_id, contact_id, inbox_id, channel_id, user_id, subject_id, actor_id
		FROM events WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`, ws, after, limit)
}

// Last implements event.Reader.
func (s *Events) Last(ctx context.Context, ws int64) (int64, error) {
	id, err := db.One(ctx, s.db, db.Value[int64], `SELECT last FROM event_sequences WHERE workspace_id = $1`, ws)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// First returns the id of the oldest event still kept, 0 if there is none.
func (s *Events) First(ctx context.Context, ws int64) (int64, error) {
	id, err := db.One(ctx, s.db, db.Value[int64], `SELECT id FROM events WHERE workspace_id = $1 ORDER BY id LIMIT 1`, ws)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// Cursor returns how far a follower has come in a workspace, 0 at first.
func (s *Events) Cursor(ctx context.Context, ws int64, follower string) (int64, error) {
	id, err := db.One(ctx, s.db, db.Value[int64], `SELECT last FROM event_cursors WHERE workspace_id = $1 AND follower = $2`, ws, follower)
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// SetCursor notes how far a follower has come, in its own transaction or the
// caller's.
func (s *Events) SetCursor(ctx context.Context, ws int64, follower string, last int64) error {
	_, err := s.db.Exec(ctx, `INSERT INTO event_cursors (workspace_id, follower, last) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id, follower) DO UPDATE SET last = excluded.last`, ws, follower, last)
	return err
}

// Forget removes events older than a time, in microseconds, that nobody needs
// any more.
func (s *Events) Forget(ctx context.Context, before int64, limit int) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM events WHERE at < $1 AND (workspace_id, id) IN
		(SELECT workspace_id, id FROM events WHERE at < $1 ORDER BY at LIMIT $2)`, before, limit)
}
