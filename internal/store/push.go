package store

import (
	"context"
	"errors"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/store/db"
)

// Push keeps the devices that people are notified on, and facts about the
// installation such as its keys.
type Push struct{ db *db.DB }

// NewPush returns the store.
func NewPush(d *db.DB) *Push { return &Push{d} }

// SaveDevice adds a device. One that is known by its endpoint changes its
// owner: another person uses the browser now.
func (s *Push) SaveDevice(ctx context.Context, d access.Device) error {
	_, err := s.db.Exec(ctx, `INSERT INTO push_subscriptions (id, workspace_id, user_id, endpoint, p256dh, auth, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (endpoint) DO UPDATE SET workspace_id = excluded.workspace_id, user_id = excluded.user_id, p256dh = excluded.p256dh,
			auth = excluded.auth, created_at = excluded.created_at`,
		d.ID, int64(d.Workspace), int64(d.User), d.Endpoint, d.P256dh, d.Auth, db.Micros(d.CreatedAt))
	return err
}

// RemoveDevice forgets a person's device.
func (s *Push) RemoveDevice(ctx context.Context, u access.UserID, endpoint string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM push_subscriptions WHERE user_id = $1 AND endpoint = $2`, int64(u), endpoint)
	return err
}

// DropDevice forgets a device that is no more, unless it has signed up again
// since with other keys.
func (s *Push) DropDevice(ctx context.Context, d access.Device) error {
	_, err := s.db.Exec(ctx, `DELETE FROM push_subscriptions WHERE endpoint = $1 AND p256dh = $2 AND auth = $3`, d.Endpoint, d.P256dh, d.Auth)
	return err
}

// Devices returns a person's devices, the newest first; none of one who is
// disabled.
func (s *Push) Devices(ctx context.Context, u access.UserID) ([]access.Device, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (d access.Device, err error) {
		var created int64
		err = r.Scan(&d.ID, &d.Workspace, &d.User, &d.Endpoint, &d.P256dh, &d.Auth, &created)
		d.CreatedAt = db.Time(created)
		return d, err
	}, `SELECT p.id, p.workspace_id, p.user_id, p.endpoint, p.p256dh, p.auth, p.created_at
		FROM push_subscriptions p JOIN users u ON u.id = p.user_id WHERE p.user_id = $1 AND NOT u.disabled ORDER BY p.id DESC`, int64(u))
}

// Fact returns what is kept under a key, nil if there is nothing.
func (s *Push) Fact(ctx context.Context, key string) ([]byte, error) {
	v, err := db.One(ctx, s.db, db.Value[[]byte], `SELECT value FROM installation WHERE key = $1`, key)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	return v, err
}

// KeepFact keeps a value under a key unless there is one already, and returns
// the one that is kept.
func (s *Push) KeepFact(ctx context.Context, key string, value []byte) ([]byte, error) {
	if _, err := s.db.Exec(ctx, `INSERT INTO installation (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, value); err != nil {
		return nil, err
	}
	return s.Fact(ctx, key)
}
