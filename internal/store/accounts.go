package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/store/db"
)

// Sealer encrypts what must not lie in the database as it is, bound to the
// row it belongs to.
type Sealer interface {
	Seal(plain []byte, table string, row int64) ([]byte, error)
	Open(sealed []byte, table string, row int64) ([]byte, error)
}

// Accounts keeps connected accounts, their secrets sealed.
type Accounts struct {
	db   *db.DB
	seal Sealer
}

// NewAccounts returns the store.
func NewAccounts(d *db.DB, s Sealer) *Accounts { return &Accounts{d, s} }

// sealed is what is encrypted of an account.
type sealed struct {
	Secrets map[string]string `json:"secrets"`
	Hook    string            `json:"hook"`
}

const accountColumns = `id, workspace_id, inbox_id, kind, name, enabled, settings, secrets, health, last_inbound_at, created_at`

func (s *Accounts) scan(r db.Scanner) (a account.Account, err error) {
	var (
		settings, health string
		secrets          []byte
		last, created    int64
	)
	if err = r.Scan(&a.ID, &a.Workspace, &a.Inbox, &a.Kind, &a.Name, &a.Enabled, &settings, &secrets, &health, &last, &created); err != nil {
		return a, err
	}
	a.LastInboundAt, a.CreatedAt = db.Time(last), db.Time(created)
	if err = value(settings, &a.Settings); err != nil {
		return a, err
	}
	if err = value(health, &a.Health); err != nil {
		return a, err
	}
	plain, err := s.seal.Open(secrets, "channels", int64(a.ID))
	if err != nil {
		return a, fmt.Errorf("store: secrets of channel %d: %w", int64(a.ID), err)
	}
	var x sealed
	if err = json.Unmarshal(plain, &x); err != nil {
		return a, fmt.Errorf("store: secrets of channel %d: %w", int64(a.ID), err)
	}
	a.Secrets, a.Hook = x.Secrets, x.Hook
	return a, nil
}

func (s *Accounts) values(a account.Account) ([]any, error) {
	settings, err := text(a.Settings)
	if err != nil {
		return nil, err
	}
	health, err := text(a.Health)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(sealed{a.Secrets, a.Hook})
	if err != nil {
		return nil, err
	}
	secrets, err := s.seal.Seal(plain, "channels", int64(a.ID))
	if err != nil {
		return nil, err
	}
	return []any{
		int64(a.ID), a.Workspace, int64(a.Inbox), string(a.Kind), a.Name, a.Enabled, settings, secrets, health,
		db.Micros(a.LastInboundAt), db.Micros(a.CreatedAt),
	}, nil
}

// CreateAccount implements account.Accounts.
func (s *Accounts) CreateAccount(ctx context.Context, a account.Account) error {
	values, err := s.values(a)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO channels (`+accountColumns+`, deleted_at, poll_cursor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '')`, values...)
	return err
}

// UpdateAccount implements account.Accounts. An account that moves to another
// inbox takes its future conversations there; those open stay.
func (s *Accounts) UpdateAccount(ctx context.Context, a account.Account) error {
	values, err := s.values(a)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE channels SET inbox_id = $3, name = $5, enabled = $6, settings = $7, secrets = $8, health = $9
		WHERE id = $1 AND workspace_id = $2 AND kind = $4 AND deleted_at = 0`, values[:9]...)
	return some(n, err, account.ErrNotFound)
}

// SetHealth implements account.Accounts.
func (s *Accounts) SetHealth(ctx context.Context, id channel.ID, h account.Health) error {
	health, err := text(h)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `UPDATE channels SET health = $2 WHERE id = $1`, int64(id), health)
	return err
}

// DeleteAccount implements account.Accounts. The row stays for what was said
// through it; its secrets go.
func (s *Accounts) DeleteAccount(ctx context.Context, ws int64, id channel.ID, at time.Time) error {
	plain, err := s.seal.Seal([]byte(`{"secrets":{},"hook":""}`), "channels", int64(id))
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE channels SET deleted_at = $3, enabled = $4, secrets = $5, poll_cursor = '' WHERE id = $1 AND workspace_id = $2 AND deleted_at = 0`,
		int64(id), ws, db.Micros(at), false, plain)
	return some(n, err, account.ErrNotFound)
}

// Account implements account.Accounts.
func (s *Accounts) Account(ctx context.Context, id channel.ID) (account.Account, error) {
	a, err := db.One(ctx, s.db, s.scan, `SELECT `+accountColumns+` FROM channels WHERE id = $1 AND deleted_at = 0`, int64(id))
	return a, orElse(err, account.ErrNotFound)
}

// AllAccounts implements account.Accounts.
func (s *Accounts) AllAccounts(ctx context.Context) ([]account.Account, error) {
	return db.All(ctx, s.db, s.scan, `SELECT `+accountColumns+` FROM channels WHERE deleted_at = 0 ORDER BY id`)
}

// Cursor implements account.Accounts.
func (s *Accounts) Cursor(ctx context.Context, id channel.ID) (string, error) {
	c, err := db.One(ctx, s.db, db.Value[string], `SELECT poll_cursor FROM channels WHERE id = $1`, int64(id))
	return c, orElse(err, account.ErrNotFound)
}

// SetCursor implements account.Accounts.
func (s *Accounts) SetCursor(ctx context.Context, id channel.ID, cursor string) error {
	_, err := s.db.Exec(ctx, `UPDATE channels SET poll_cursor = $2 WHERE id = $1`, int64(id), cursor)
	return err
}

// MarkInbound implements account.Updates.
func (s *Inbox) MarkInbound(ctx context.Context, ch channel.ID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE channels SET last_inbound_at = $2 WHERE id = $1`, int64(ch), db.Micros(at))
	return err
}
