package store

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

const chatColumns = `id, workspace_id, channel_id, key, contact_id, conversation_id, recipient, is_group, title, last_inbound_at, blocked, created_at`

func scanChat(r db.Scanner) (c inbox.Chat, err error) {
	var last, created int64
	err = r.Scan(&c.ID, &c.Workspace, &c.Channel, &c.Key, &c.Contact, &c.Conversation, &c.Recipient, &c.Group, &c.Title, &last, &c.Blocked, &created)
	c.LastInboundAt, c.CreatedAt = db.Time(last), db.Time(created)
	return c, err
}

// CreateChat implements inbox.Chats.
func (s *Inbox) CreateChat(ctx context.Context, c inbox.Chat) error {
	_, err := s.db.Exec(ctx, `INSERT INTO chats (`+chatColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		int64(c.ID), c.Workspace, int64(c.Channel), c.Key, int64(c.Contact), int64(c.Conversation), c.Recipient, c.Group, c.Title,
		db.Micros(c.LastInboundAt), string(c.Blocked), db.Micros(c.CreatedAt))
	return err
}

// UpdateChat implements inbox.Chats.
func (s *Inbox) UpdateChat(ctx context.Context, c inbox.Chat) error {
	n, err := s.db.Exec(ctx, `UPDATE chats SET key = $3, contact_id = $4, conversation_id = $5, recipient = $6, title = $7, last_inbound_at = $8, blocked = $9
		WHERE id = $1 AND workspace_id = $2`,
		int64(c.ID), c.Workspace, c.Key, int64(c.Contact), int64(c.Conversation), c.Recipient, c.Title, db.Micros(c.LastInboundAt), string(c.Blocked))
	return some(n, err, inbox.ErrNoChat)
}

// HeardFrom implements inbox.Chats.
func (s *Inbox) HeardFrom(ctx context.Context, c inbox.ChatID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE chats SET last_inbound_at = $2 WHERE id = $1`, int64(c), db.Micros(at))
	return err
}

// Chat implements inbox.Chats.
func (s *Inbox) Chat(ctx context.Context, ws int64, id inbox.ChatID) (inbox.Chat, error) {
	c, err := db.One(ctx, s.db, scanChat, `SELECT `+chatColumns+` FROM chats WHERE id = $1 AND workspace_id = $2`+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), int64(id), ws)
	return c, orElse(err, inbox.ErrNoChat)
}

// ChatByKey implements inbox.Chats.
func (s *Inbox) ChatByKey(ctx context.Context, ch channel.ID, key string) (inbox.Chat, error) {
	c, err := db.One(ctx, s.db, scanChat, `SELECT `+chatColumns+` FROM chats WHERE channel_id = $1 AND key = $2`+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), int64(ch), key)
	return c, orElse(err, inbox.ErrNoChat)
}

// ChatsOf implements inbox.Chats.
func (s *Inbox) ChatsOf(ctx context.Context, ws int64, who contact.ID) ([]inbox.Chat, error) {
	return db.All(ctx, s.db, scanChat, `SELECT `+chatColumns+` FROM chats WHERE contact_id = $1 AND workspace_id = $2 ORDER BY last_inbound_at DESC, id DESC`, int64(who), ws)
}

// PendingInbound implements inbox.Intake.
func (s *Inbox) PendingInbound(ctx context.Context, limit int) ([]inbox.Inbound, error) {
	return db.All(ctx, s.db, scanInbound, `SELECT `+inboundColumns+` FROM inbound WHERE state = 0 ORDER BY id LIMIT $1`, limit)
}

const inboundColumns = `id, workspace_id, channel_id, dedupe_key, order_key, body, received_at, state, error`

func scanInbound(r db.Scanner) (i inbox.Inbound, err error) {
	var received int64
	err = r.Scan(&i.ID, &i.Workspace, &i.Channel, &i.Raw.Key, &i.Raw.Order, &i.Raw.Body, &received, &i.State, &i.Error)
	i.Raw.ReceivedAt = db.Time(received)
	return i, err
}

// FinishInbound implements inbox.Intake.
func (s *Inbox) FinishInbound(ctx context.Context, ids []int64, st inbox.InboundState, cause string, at time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	list, values := db.List(ids, int(st), cause, db.Micros(at))
	_, err := s.db.Exec(ctx, `UPDATE inbound SET state = $1, error = $2, finished_at = $3 WHERE id IN `+list, values...)
	return err
}

// AppendInbound keeps raw updates; those whose key is known already change
// nothing. It returns how many are new. newID makes their ids.
func (s *Inbox) AppendInbound(ctx context.Context, ws int64, ch channel.ID, list []channel.Raw, newID func() int64) (int64, error) {
	var fresh int64
	err := s.db.Join(ctx, func(ctx context.Context) error {
		fresh = 0
		for _, r := range list {
			n, err := s.db.Exec(ctx, `INSERT INTO inbound (id, workspace_id, channel_id, dedupe_key, order_key, body, received_at, state, error, finished_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0) ON CONFLICT (channel_id, dedupe_key) DO NOTHING`,
				newID(), ws, int64(ch), r.Key, r.Order, r.Body, db.Micros(r.ReceivedAt))
			if err != nil {
				return err
			}
			fresh += n
		}
		return nil
	})
	return fresh, err
}

// FailedInbound lists a channel's raw updates that could not be shown as they
// should, the newest first.
func (s *Inbox) FailedInbound(ctx context.Context, ws int64, ch channel.ID, before int64, limit int) ([]inbox.Inbound, error) {
	return db.All(ctx, s.db, scanInbound, `SELECT `+inboundColumns+` FROM inbound WHERE channel_id = $1 AND workspace_id = $2 AND state >= 2
		AND (CAST($3 AS BIGINT) = 0 OR id < $3) ORDER BY id DESC LIMIT $4`, int64(ch), ws, before, limit)
}

// ReplayInbound puts a failed raw update back to be worked off.
func (s *Inbox) ReplayInbound(ctx context.Context, ws int64, ch channel.ID, id int64) (int64, error) {
	return s.db.Exec(ctx, `UPDATE inbound SET state = 0, error = '' WHERE id = $1 AND channel_id = $2 AND workspace_id = $3 AND state >= 2`, id, int64(ch), ws)
}

// ForgetInbound removes raw updates that were worked off before a time.
func (s *Inbox) ForgetInbound(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM inbound WHERE id IN (SELECT id FROM inbound WHERE state = 1 AND finished_at < $1 ORDER BY finished_at LIMIT $2)`,
		db.Micros(before), limit)
}
