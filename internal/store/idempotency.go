package store

import (
	"context"
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/store/db"
)

// Remembered is the answer to a write, kept by its Idempotency-Key. Status is
// 0 while the first request runs.
type Remembered struct {
	Hash        []byte
	Status      int
	ContentType string
	Body        []byte
}

// runningFor is how long a first request may take before its key is taken to
// be a crashed process's.
const runningFor = 2 * time.Minute

// errUndone ends a transaction whose request was refused.
var errUndone = errors.New("store: a refused request leaves nothing") //nolint:gochecknoglobals // a sentinel

// OnceIdempotent claims a key, runs do and keeps its answer, all in the
// transaction of do's context. Unless do says that it is done, everything it
// did is undone; the answer is kept all the same if do says so. found says
// that the key was claimed before.
func (s *Access) OnceIdempotent(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte, now time.Time,
	do func(context.Context) (r Remembered, done, keep bool),
) (r Remembered, found bool, err error) {
	var done, keep bool
	err = s.db.Write(ctx, func(ctx context.Context) error {
		var err error
		if r, found, err = s.BeginIdempotent(ctx, ws, u, key, hash, now); err != nil || found {
			return err
		}
		r, done, keep = do(ctx)
		// Also after a refusal: if the transaction was lost on the way, this
		// says so, and it is run again.
		if err := s.FinishIdempotent(ctx, ws, u, key, r); err != nil {
			return err
		}
		if !done {
			return errUndone
		}
		return nil
	})
	if !errors.Is(err, errUndone) {
		return r, found, err
	}
	if !keep {
		return r, false, nil
	}
	_, err = s.db.Exec(ctx, `INSERT INTO idempotency_keys (workspace_id, user_id, key, request_hash, status, response, content_type, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		int64(ws), int64(u), key, hash, r.Status, blob(r.Body), r.ContentType, db.Micros(now))
	return r, false, err
}

// BeginIdempotent claims a key; found says that it was claimed before.
func (s *Access) BeginIdempotent(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte, now time.Time) (r Remembered, found bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context) error {
		r, found = Remembered{}, false
		n, err := s.db.Exec(ctx, `INSERT INTO idempotency_keys (workspace_id, user_id, key, request_hash, status, response, content_type, created_at)
			VALUES ($1, $2, $3, $4, 0, $5, '', $6) ON CONFLICT DO NOTHING`, int64(ws), int64(u), key, hash, []byte{}, db.Micros(now))
		if err != nil || n == 1 {
			return err
		}
		var created int64
		err = s.db.QueryRow(ctx, `SELECT request_hash, status, response, content_type, created_at FROM idempotency_keys
			WHERE workspace_id = $1 AND user_id = $2 AND key = $3`+s.db.Dialect().ForUpdate(), int64(ws), int64(u), key).
			Scan(&r.Hash, &r.Status, &r.Body, &r.ContentType, &created)
		if errors.Is(err, db.ErrNotFound) {
			return db.ErrUnavailable.Because(err) // just given free: ask again
		}
		if err != nil {
			return err
		}
		if r.Status == 0 && now.Sub(db.Time(created)) > runningFor {
			_, err = s.db.Exec(ctx, `UPDATE idempotency_keys SET request_hash = $4, created_at = $5 WHERE workspace_id = $1 AND user_id = $2 AND key = $3`,
				int64(ws), int64(u), key, hash, db.Micros(now))
			return err
		}
		found = true
		return nil
	})
	return r, found, err
}

// FinishIdempotent keeps an answer.
func (s *Access) FinishIdempotent(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, r Remembered) error {
	_, err := s.db.Exec(ctx, `UPDATE idempotency_keys SET status = $4, response = $5, content_type = $6 WHERE workspace_id = $1 AND user_id = $2 AND key = $3`,
		int64(ws), int64(u), key, r.Status, blob(r.Body), r.ContentType)
	return err
}

// ForgetIdempotent gives a key free again.
func (s *Access) ForgetIdempotent(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM idempotency_keys WHERE workspace_id = $1 AND user_id = $2 AND key = $3`, int64(ws), int64(u), key)
	return err
}

// ForgetOld removes what nobody needs any more: remembered answers, throttles
// and early reports older than a time.
func (s *Access) ForgetOld(ctx context.Context, before time.Time) error {
	for _, q := range []string{
		`DELETE FROM idempotency_keys WHERE created_at < $1`,
		`DELETE FROM login_throttles WHERE updated_at < $1`,
		`DELETE FROM early_statuses WHERE at < $1`,
		`DELETE FROM invites WHERE expires_at < $1`,
	} {
		if _, err := s.db.Exec(ctx, q, db.Micros(before)); err != nil {
			return err
		}
	}
	return nil
}
