package store

import (
	"context"
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/store/db"
)

// CreateSession implements access.Sessions.
func (s *Access) CreateSession(ctx context.Context, se access.Session, hash []byte) error {
	_, err := s.db.Exec(ctx, `INSERT INTO sessions (id, workspace_id, user_id, token_hash, ip, user_agent, created_at, last_seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		int64(se.ID), int64(se.Workspace), int64(se.User), hash, se.IP, se.UserAgent,
		db.Micros(se.CreatedAt), db.Micros(se.LastSeenAt), db.Micros(se.ExpiresAt))
	return err
}

const sessionColumns = `id, workspace_id, user_id, ip, user_agent, created_at, last_seen_at, expires_at`

func scanSession(r db.Scanner) (se access.Session, err error) {
	var created, seen, expires int64
	err = r.Scan(&se.ID, &se.Workspace, &se.User, &se.IP, &se.UserAgent, &created, &seen, &expires)
	se.CreatedAt, se.LastSeenAt, se.ExpiresAt = db.Time(created), db.Time(seen), db.Time(expires)
	return se, err
}

// SessionByHash implements access.Sessions.
func (s *Access) SessionByHash(ctx context.Context, hash []byte) (access.Session, error) {
	se, err := db.One(ctx, s.db, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE token_hash = $1`, hash)
	return se, orElse(err, access.ErrNoSession)
}

// TouchSession implements access.Sessions. Use prolongs a session's life.
func (s *Access) TouchSession(ctx context.Context, id access.SessionID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE sessions SET expires_at = expires_at + ($2 - last_seen_at), last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2`,
		int64(id), db.Micros(at))
	return err
}

// ListSessions implements access.Sessions.
func (s *Access) ListSessions(ctx context.Context, u access.UserID) ([]access.Session, error) {
	return db.All(ctx, s.db, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC`, int64(u))
}

// DeleteSession implements access.Sessions.
func (s *Access) DeleteSession(ctx context.Context, u access.UserID, id access.SessionID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, int64(u), int64(id))
}

// DeleteSessions implements access.Sessions.
func (s *Access) DeleteSessions(ctx context.Context, u access.UserID, keep access.SessionID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, int64(u), int64(keep))
}

// ExpireSessions implements access.Sessions.
func (s *Access) ExpireSessions(ctx context.Context, now time.Time) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM sessions WHERE expires_at < $1`, db.Micros(now))
}

// CreateToken implements access.Tokens.
func (s *Access) CreateToken(ctx context.Context, t access.Token, hash []byte) error {
	_, err := s.db.Exec(ctx, `INSERT INTO api_tokens (id, workspace_id, user_id, name, prefix, token_hash, created_at, last_used_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
		int64(t.ID), int64(t.Workspace), int64(t.User), t.Name, t.Prefix, hash, db.Micros(t.CreatedAt), db.Micros(t.ExpiresAt))
	return err
}

const tokenColumns = `id, workspace_id, user_id, name, prefix, created_at, last_used_at, expires_at` //nolint:gosec // columns, no secret

func scanToken(r db.Scanner) (t access.Token, err error) {
	var created, used, expires int64
	err = r.Scan(&t.ID, &t.Workspace, &t.User, &t.Name, &t.Prefix, &created, &used, &expires)
	t.CreatedAt, t.LastUsedAt, t.ExpiresAt = db.Time(created), db.Time(used), db.Time(expires)
	return t, err
}

// TokenByHash implements access.Tokens.
func (s *Access) TokenByHash(ctx context.Context, hash []byte) (access.Token, error) {
	t, err := db.One(ctx, s.db, scanToken, `SELECT `+tokenColumns+` FROM api_tokens WHERE token_hash = $1`, hash)
	return t, orElse(err, access.ErrNoToken)
}

// TouchToken implements access.Tokens.
func (s *Access) TouchToken(ctx context.Context, id access.TokenID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE api_tokens SET last_used_at = $2 WHERE id = $1`, int64(id), db.Micros(at))
	return err
}

// ListTokens implements access.Tokens.
func (s *Access) ListTokens(ctx context.Context, ws access.WorkspaceID) ([]access.Token, error) {
	return db.All(ctx, s.db, scanToken, `SELECT `+tokenColumns+` FROM api_tokens WHERE workspace_id = $1 ORDER BY id DESC`, int64(ws))
}

// DeleteToken implements access.Tokens.
func (s *Access) DeleteToken(ctx context.Context, ws access.WorkspaceID, id access.TokenID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM api_tokens WHERE workspace_id = $1 AND id = $2`, int64(ws), int64(id))
}

// CreateInvite implements access.Invites. The user's id serves as the row's,
// for a person has at most one invitation.
func (s *Access) CreateInvite(ctx context.Context, ws access.WorkspaceID, u access.UserID, hash []byte, now, expires time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO invites (id, workspace_id, user_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(u), int64(ws), int64(u), hash, db.Micros(now), db.Micros(expires))
	return err
}

// InviteByHash implements access.Invites.
func (s *Access) InviteByHash(ctx context.Context, hash []byte) (ws access.WorkspaceID, u access.UserID, expires time.Time, err error) {
	var at int64
	err = s.db.QueryRow(ctx, `SELECT workspace_id, user_id, expires_at FROM invites WHERE token_hash = $1`, hash).Scan(&ws, &u, &at)
	return ws, u, db.Time(at), orElse(err, access.ErrInvite)
}

// DeleteInvites implements access.Invites.
func (s *Access) DeleteInvites(ctx context.Context, u access.UserID) error {
	_, err := s.db.Exec(ctx, `DELETE FROM invites WHERE user_id = $1`, int64(u))
	return err
}

// Throttled implements access.Throttle.
func (s *Access) Throttled(ctx context.Context, key string) (failures int, blocked, updated time.Time, err error) {
	if err := s.db.Lock(ctx, "throttle:"+key); err != nil {
		return 0, blocked, updated, err
	}
	var b, u int64
	err = s.db.QueryRow(ctx, `SELECT failures, blocked_until, updated_at FROM login_throttles WHERE key = $1`, key).Scan(&failures, &b, &u)
	if errors.Is(err, db.ErrNotFound) {
		return 0, blocked, updated, nil
	}
	return failures, db.Time(b), db.Time(u), err
}

// SetThrottled implements access.Throttle.
func (s *Access) SetThrottled(ctx context.Context, key string, failures int, blocked, updated time.Time) error {
	_, err := s.db.Exec(ctx, `INSERT INTO login_throttles (key, failures, blocked_until, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until, updated_at = excluded.updated_at`,
		key, failures, db.Micros(blocked), db.Micros(updated))
	return err
}

// ClearThrottled implements access.Throttle.
func (s *Access) ClearThrottled(ctx context.Context, key string) error {
	// In the order of Throttled, or two log-ins could wait for each other.
	if err := s.db.Lock(ctx, "throttle:"+key); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `DELETE FROM login_throttles WHERE key = $1`, key)
	return err
}

// ForgetThrottled implements access.Throttle.
func (s *Access) ForgetThrottled(ctx context.Context, since time.Time) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM login_throttles WHERE updated_at < $1 AND blocked_until < $1`, db.Micros(since))
}

// Record implements access.Audit.
func (s *Access) Record(ctx context.Context, e access.Entry) error {
	detail, err := text(e.Detail)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO audit (id, workspace_id, at, user_id, action, target_type, target_id, target_name, ip, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, int64(e.Workspace), db.Micros(e.At), int64(e.User), e.Action, e.TargetType, e.TargetID, e.TargetName, e.IP, detail)
	return err
}

// ListAudit implements access.Audit.
func (s *Access) ListAudit(ctx context.Context, ws access.WorkspaceID, f access.AuditFilter) ([]access.Entry, error) {
	q := `SELECT a.id, a.at, a.user_id, COALESCE(u.name, ''), a.action, a.target_type, a.target_id, a.target_name, a.ip, a.detail
		FROM audit a LEFT JOIN users u ON u.id = a.user_id WHERE a.workspace_id = $1
		AND (CAST($2 AS TEXT) = '' OR a.action = $2) AND (CAST($3 AS BIGINT) = 0 OR a.user_id = $3) AND (CAST($4 AS BIGINT) = 0 OR a.id < $4) ORDER BY a.id DESC LIMIT $5`
	return db.All(ctx, s.db, func(r db.Scanner) (e access.Entry, err error) {
		var (
			at     int64
			detail string
		)
		if err = r.Scan(&e.ID, &at, &e.User, &e.UserName, &e.Action, &e.TargetType, &e.TargetID, &e.TargetName, &e.IP, &detail); err != nil {
			return e, err
		}
		e.Workspace, e.At = ws, db.Time(at)
		return e, value(detail, &e.Detail)
	}, q, int64(ws), f.Action, int64(f.User), f.Before, f.Limit)
}
