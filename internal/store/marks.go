package store

import (
	"context"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

const setRead = `INSERT INTO reads (workspace_id, user_id, conversation_id, item_id) VALUES ($1, $2, $3, $4)
	ON CONFLICT (user_id, conversation_id) DO UPDATE SET item_id = excluded.item_id`

// SetRead implements inbox.Marks.
func (s *Inbox) SetRead(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, item inbox.ItemID) error {
	_, err := s.db.Exec(ctx, setRead+` WHERE reads.item_id < excluded.item_id`, ws, int64(u), int64(c), int64(item))
	return err
}

// SetUnread implements inbox.Marks.
func (s *Inbox) SetUnread(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, item inbox.ItemID) error {
	_, err := s.db.Exec(ctx, setRead, ws, int64(u), int64(c), int64(item))
	return err
}

// Draft implements inbox.Marks.
func (s *Inbox) Draft(ctx context.Context, u access.UserID, c inbox.ConversationID) (inbox.Draft, error) {
	d, err := db.One(ctx, s.db, func(r db.Scanner) (d inbox.Draft, err error) {
		var (
			body    string
			updated int64
		)
		if err = r.Scan(&body, &updated); err != nil {
			return d, err
		}
		err = value(body, &d)
		d.UpdatedAt = db.Time(updated)
		return d, err
	}, `SELECT body, updated_at FROM drafts WHERE user_id = $1 AND conversation_id = $2`, int64(u), int64(c))
	return d, orElse(err, nil)
}

// SetDraft implements inbox.Marks.
func (s *Inbox) SetDraft(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, d inbox.Draft) error {
	body, err := text(d)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO drafts (workspace_id, user_id, conversation_id, body, updated_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id, conversation_id) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at`,
		ws, int64(u), int64(c), body, db.Micros(d.UpdatedAt))
	return err
}

// DeleteDraft implements inbox.Marks.
func (s *Inbox) DeleteDraft(ctx context.Context, u access.UserID, c inbox.ConversationID) error {
	_, err := s.db.Exec(ctx, `DELETE FROM drafts WHERE user_id = $1 AND conversation_id = $2`, int64(u), int64(c))
	return err
}
