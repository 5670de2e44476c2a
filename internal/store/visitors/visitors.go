// Package visitors keeps what the website chat needs: who writes in the
// widget, and the log of what he and the business said to each other.
package visitors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// Ingest commits raw updates of a channel inside the caller's transaction.
type Ingest func(ctx context.Context, ch channel.ID, raws []channel.Raw) error

// Store implements visitor.Log, visitor.Store and visitor.Intake.
type Store struct {
	db     *db.DB
	ingest Ingest
}

// New returns the store. ingest hands raw updates to the rest of Okno.
func New(d *db.DB, ingest Ingest) *Store { return &Store{d, ingest} }

var (
	errVisitor = fault.New(fault.NotFound, "visitor.not_found")
	errEntry   = fault.New(fault.NotFound, "entry.not_found")
	errTaken   = fault.New(fault.Conflict, "visitor.user_taken")
)

func missing(err error, as error) error {
	if errors.Is(err, db.ErrNotFound) {
		return as
	}
	return err
}

func taken(err error) error {
	if c, ok := errors.AsType[*db.ConflictError](err); ok && c.Table == "visitors" {
		return errTaken.Because(err)
	}
	return err
}

// Create implements visitor.Store.
func (s *Store) Create(ctx context.Context, v visitor.Visitor, hash []byte) error {
	return s.db.Write(ctx, func(ctx context.Context) error {
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("visitors: encode: %w", err)
		}
		if _, err := s.db.Exec(ctx, `INSERT INTO visitors (channel_id, id, user_id, body, delivered, read_seq, agent_read, last_seq, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
			int64(v.Channel), string(v.ID), v.UserID, string(body), v.Delivered, v.Read, v.AgentRead, db.Micros(v.SeenAt)); err != nil {
			return taken(err)
		}
		return s.AddToken(ctx, v.Channel, v.ID, hash)
	})
}

func scanVisitor(r db.Scanner) (v visitor.Visitor, err error) {
	var (
		body                       string
		delivered, read, agentRead int64
	)
	if err = r.Scan(&body, &delivered, &read, &agentRead); err != nil {
		return v, err
	}
	if err = json.Unmarshal([]byte(body), &v); err != nil {
		return v, fmt.Errorf("visitors: decode: %w", err)
	}
	v.Delivered, v.Read, v.AgentRead = delivered, read, agentRead
	return v, nil
}

const columns = `v.body, v.delivered, v.read_seq, v.agent_read`

// ByToken implements visitor.Store.
func (s *Store) ByToken(ctx context.Context, ch channel.ID, hash []byte) (visitor.Visitor, error) {
	v, err := db.One(ctx, s.db, scanVisitor, `SELECT `+columns+` FROM visitor_tokens t
		JOIN visitors v ON v.channel_id = t.channel_id AND v.id = t.visitor_id WHERE t.channel_id = $1 AND t.token_hash = $2`, int64(ch), hash)
	return v, missing(err, errVisitor)
}

// ByUser implements visitor.Store.
func (s *Store) ByUser(ctx context.Context, ch channel.ID, user string) (visitor.Visitor, error) {
	v, err := db.One(ctx, s.db, scanVisitor, `SELECT `+columns+` FROM visitors v WHERE v.channel_id = $1 AND v.user_id = $2 AND v.user_id <> ''`, int64(ch), user)
	return v, missing(err, errVisitor)
}

// Get implements visitor.Store.
func (s *Store) Get(ctx context.Context, ch channel.ID, id visitor.ID) (visitor.Visitor, error) {
	return s.get(ctx, ch, id, "")
}

func (s *Store) get(ctx context.Context, ch channel.ID, id visitor.ID, lock string) (visitor.Visitor, error) {
	v, err := db.One(ctx, s.db, scanVisitor, `SELECT `+columns+` FROM visitors v WHERE v.channel_id = $1 AND v.id = $2`+lock, int64(ch), string(id))
	return v, missing(err, errVisitor)
}

// AddToken implements visitor.Store.
func (s *Store) AddToken(ctx context.Context, ch channel.ID, id visitor.ID, hash []byte) error {
	_, err := s.db.Exec(ctx, `INSERT INTO visitor_tokens (channel_id, token_hash, visitor_id) VALUES ($1, $2, $3)
		ON CONFLICT (channel_id, token_hash) DO UPDATE SET visitor_id = excluded.visitor_id`, int64(ch), hash, string(id))
	return err
}

// DropToken implements visitor.Store.
func (s *Store) DropToken(ctx context.Context, ch channel.ID, hash []byte) error {
	_, err := s.db.Exec(ctx, `DELETE FROM visitor_tokens WHERE channel_id = $1 AND token_hash = $2`, int64(ch), hash)
	return err
}

// Update implements visitor.Store.
func (s *Store) Update(ctx context.Context, ch channel.ID, id visitor.ID, change func(*visitor.Visitor) error) (visitor.Visitor, error) {
	var out visitor.Visitor
	err := s.db.Write(ctx, func(ctx context.Context) error {
		v, err := s.get(ctx, ch, id, s.db.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if err := change(&v); err != nil {
			return err
		}
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("visitors: encode: %w", err)
		}
		out = v
		_, err = s.db.Exec(ctx, `UPDATE visitors SET user_id = $3, body = $4, delivered = $5, read_seq = $6, agent_read = $7, seen_at = $8
			WHERE channel_id = $1 AND id = $2`,
			int64(ch), string(id), v.UserID, string(body), v.Delivered, v.Read, v.AgentRead, db.Micros(v.SeenAt))
		return taken(err)
	})
	return out, err
}

const entryColumns = `channel_id, visitor_id, seq, key, kind, own, ref, author, at, body`

func scanEntry(r db.Scanner) (e visitor.Entry, err error) {
	var at int64
	err = r.Scan(&e.Channel, &e.Visitor, &e.Seq, &e.Key, &e.Kind, &e.Own, &e.Ref, &e.Author, &at, &e.Body)
	e.At = db.Time(at)
	if len(e.Body) == 0 {
		e.Body = nil
	}
	return e, err
}

// Append implements visitor.Log. The visitor's row is locked until the
// commit, so that seqs become visible in their order.
func (s *Store) Append(ctx context.Context, e visitor.Entry) (visitor.Entry, bool, error) {
	var (
		out     visitor.Entry
		created bool
	)
	err := s.db.Write(ctx, func(ctx context.Context) error {
		out, created = e, false
		err := s.db.QueryRow(ctx, `UPDATE visitors SET last_seq = last_seq + 1 WHERE channel_id = $1 AND id = $2 RETURNING last_seq`,
			int64(e.Channel), string(e.Visitor)).Scan(&out.Seq)
		if err != nil {
			return missing(err, errVisitor)
		}
		known, err := s.Find(ctx, e.Channel, e.Visitor, e.Key)
		if err == nil {
			out = known
			return nil // the seq stays unused: they grow by one or more
		}
		if !errors.Is(err, errEntry) {
			return err
		}
		created = true
		if e.Kind == visitor.Edit || e.Kind == visitor.Deletion {
			if _, err := s.db.Exec(ctx, `UPDATE visitor_log SET body = $4 WHERE channel_id = $1 AND visitor_id = $2 AND key = $3`,
				int64(e.Channel), string(e.Visitor), e.Ref, bytesOf(e.Body)); err != nil {
				return err
			}
		}
		_, err = s.db.Exec(ctx, `INSERT INTO visitor_log (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			int64(e.Channel), string(e.Visitor), out.Seq, e.Key, string(e.Kind), e.Own, e.Ref, e.Author, db.Micros(e.At), bytesOf(e.Body))
		return err
	})
	return out, created, err
}

// bytesOf is never null.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// After implements visitor.Log.
func (s *Store) After(ctx context.Context, ch channel.ID, v visitor.ID, seq int64, limit int) ([]visitor.Entry, error) {
	return db.All(ctx, s.db, scanEntry, `SELECT `+entryColumns+` FROM visitor_log WHERE channel_id = $1 AND visitor_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
		int64(ch), string(v), seq, limit)
}

// Before implements visitor.Log.
func (s *Store) Before(ctx context.Context, ch channel.ID, v visitor.ID, seq int64, limit int) ([]visitor.Entry, error) {
	if seq == 0 {
		seq = 1<<62 - 1
	}
	return db.All(ctx, s.db, scanEntry, `SELECT `+entryColumns+` FROM (SELECT `+entryColumns+` FROM visitor_log
		WHERE channel_id = $1 AND visitor_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4) n ORDER BY seq`, int64(ch), string(v), seq, limit)
}

// Find implements visitor.Log.
func (s *Store) Find(ctx context.Context, ch channel.ID, v visitor.ID, key string) (visitor.Entry, error) {
	e, err := db.One(ctx, s.db, scanEntry, `SELECT `+entryColumns+` FROM visitor_log WHERE channel_id = $1 AND visitor_id = $2 AND key = $3`,
		int64(ch), string(v), key)
	return e, missing(err, errEntry)
}

// Accept implements visitor.Intake.
func (s *Store) Accept(ctx context.Context, e visitor.Entry, raw channel.Raw) (visitor.Entry, bool, error) {
	var (
		out     visitor.Entry
		created bool
	)
	err := s.db.Write(ctx, func(ctx context.Context) error {
		var err error
		if out, created, err = s.Append(ctx, e); err != nil || !created {
			return err
		}
		return s.ingest(ctx, e.Channel, []channel.Raw{raw})
	})
	return out, created, err
}

// Ingest implements visitor.Intake.
func (s *Store) Ingest(ctx context.Context, ch channel.ID, raws []channel.Raw) error {
	return s.db.Write(ctx, func(ctx context.Context) error { return s.ingest(ctx, ch, raws) })
}
