package store

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/store/db"
)

// Backlog is what was taken from platforms and not worked off yet.
type Backlog struct {
	Updates int64
	Oldest  time.Time // zero if there is nothing
}

// Backlog counts the raw updates that wait, those of all workspaces.
func (s *Inbox) Backlog(ctx context.Context) (Backlog, error) {
	return db.One(ctx, s.db, func(r db.Scanner) (b Backlog, err error) {
		var oldest int64
		err = r.Scan(&b.Updates, &oldest)
		b.Oldest = db.Time(oldest)
		return b, err
	}, `SELECT COUNT(*), COALESCE(MIN(received_at), 0) FROM inbound WHERE state = 0`)
}
