package store

import (
	"context"
	"encoding/json"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// CreateCanned implements inbox.Shelf.
func (s *Inbox) CreateCanned(ctx context.Context, ws int64, c inbox.Canned) error {
	files, err := text(c.Files)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO canned_replies (id, workspace_id, inbox_id, shortcut, title, text, file_ids) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(c.ID), ws, int64(c.Inbox), c.Shortcut, c.Title, c.Text, files)
	return orTaken(err, inbox.ErrShortcutTaken.WithField("shortcut"), "canned_replies")
}

// UpdateCanned implements inbox.Shelf.
func (s *Inbox) UpdateCanned(ctx context.Context, ws int64, c inbox.Canned) error {
	files, err := text(c.Files)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE canned_replies SET inbox_id = $3, shortcut = $4, title = $5, text = $6, file_ids = $7 WHERE id = $1 AND workspace_id = $2`,
		int64(c.ID), ws, int64(c.Inbox), c.Shortcut, c.Title, c.Text, files)
	return some(n, orTaken(err, inbox.ErrShortcutTaken.WithField("shortcut"), "canned_replies"), inbox.ErrNoCanned)
}

// DeleteCanned implements inbox.Shelf.
func (s *Inbox) DeleteCanned(ctx context.Context, ws int64, id inbox.CannedID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM canned_replies WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
}

// ListCanned implements inbox.Shelf.
func (s *Inbox) ListCanned(ctx context.Context, ws int64) ([]inbox.Canned, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (c inbox.Canned, err error) {
		var files string
		if err = r.Scan(&c.ID, &c.Inbox, &c.Shortcut, &c.Title, &c.Text, &files); err != nil {
			return c, err
		}
		return c, value(files, &c.Files)
	}, `SELECT id, inbox_id, shortcut, title, text, file_ids FROM canned_replies WHERE workspace_id = $1 ORDER BY shortcut, id`, ws)
}

// CreateView implements inbox.Shelf.
func (s *Inbox) CreateView(ctx context.Context, ws int64, v inbox.View) error {
	filter, err := text(v.Filter)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO views (id, workspace_id, owner_id, shared, name, filter, position) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(v.ID), ws, int64(v.Owner), v.Shared, v.Name, filter, v.Position)
	return err
}

// UpdateView implements inbox.Shelf.
func (s *Inbox) UpdateView(ctx context.Context, ws int64, v inbox.View) error {
	filter, err := text(v.Filter)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE views SET shared = $3, name = $4, filter = $5, position = $6 WHERE id = $1 AND workspace_id = $2`,
		int64(v.ID), ws, v.Shared, v.Name, filter, v.Position)
	return some(n, err, inbox.ErrNoView)
}

// DeleteView implements inbox.Shelf.
func (s *Inbox) DeleteView(ctx context.Context, ws int64, id inbox.ViewID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM views WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
}

// ListViews implements inbox.Shelf.
func (s *Inbox) ListViews(ctx context.Context, ws int64, u access.UserID) ([]inbox.View, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (v inbox.View, err error) {
		var filter string
		if err = r.Scan(&v.ID, &v.Owner, &v.Shared, &v.Name, &filter, &v.Position); err != nil {
			return v, err
		}
		return v, value(filter, &v.Filter)
	}, `SELECT id, owner_id, shared, name, filter, position FROM views WHERE workspace_id = $1 AND (owner_id = $2 OR shared = $3) ORDER BY position, id`,
		ws, int64(u), true)
}

// moved is what Move moved, by id.
type moved struct {
	Conversations []int64 `json:"conversations,omitempty"`
	Chats         []int64 `json:"chats,omitempty"`
	// Joined are conversations that both had open in one inbox: the items of
	// From went into To.
	Joined []joined `json:"joined,omitempty"`
}

type joined struct {
	From  int64   `json:"from"`
	To    int64   `json:"to"`
	Items []int64 `json:"items"`
	// Status is what From was before.
	Status string `json:"status"`
}

// Move implements inbox.Mover.
func (s *Inbox) Move(ctx context.Context, ws int64, from, to contact.ID) (json.RawMessage, error) {
	var m moved
	var err error
	if m.Joined, err = s.joinOpen(ctx, ws, from, to); err != nil {
		return nil, err
	}
	if m.Conversations, err = db.All(ctx, s.db, db.Value[int64], `SELECT id FROM conversations WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`, ws, int64(from)); err != nil {
		return nil, err
	}
	if m.Chats, err = db.All(ctx, s.db, db.Value[int64], `SELECT id FROM chats WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`, ws, int64(from)); err != nil {
		return nil, err
	}
	if err := s.hand(ctx, ws, m.Conversations, m.Chats, to); err != nil {
		return nil, err
	}
	return json.Marshal(m)
}

// hand gives conversations, with their items, and chats to a contact.
func (s *Inbox) hand(ctx context.Context, ws int64, conversations, chats []int64, to contact.ID) error {
	for _, id := range conversations {
		for _, q := range []string{
			`UPDATE conversations SET contact_id = $1 WHERE id = $2 AND workspace_id = $3`,
			`UPDATE items SET contact_id = $1 WHERE conversation_id = $2 AND workspace_id = $3`,
		} {
			if _, err := s.db.Exec(ctx, q, int64(to), id, ws); err != nil {
				return err
			}
		}
	}
	for _, id := range chats {
		if _, err := s.db.Exec(ctx, `UPDATE chats SET contact_id = $1 WHERE id = $2 AND workspace_id = $3`, int64(to), id, ws); err != nil {
			return err
		}
	}
	return nil
}

// joinOpen puts the items of the loser's unresolved conversations into the
// winner's of the same inbox: a contact has one piece of work there.
func (s *Inbox) joinOpen(ctx context.Context, ws int64, from, to contact.ID) ([]joined, error) {
	pairs, err := db.All(ctx, s.db, func(r db.Scanner) (j joined, err error) {
		err = r.Scan(&j.From, &j.To, &j.Status)
		return j, err
	}, `SELECT l.id, w.id, l.status FROM conversations l JOIN conversations w ON w.inbox_id = l.inbox_id AND w.contact_id = $3 AND w.status <> 'resolved'
		WHERE l.workspace_id = $1 AND l.contact_id = $2 AND l.status <> 'resolved' ORDER BY l.id`, ws, int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	for n, p := range pairs {
		if pairs[n].Items, err = db.All(ctx, s.db, db.Value[int64], `SELECT id FROM items WHERE conversation_id = $1 ORDER BY id`, p.From); err != nil {
			return nil, err
		}
		for _, q := range []string{
			`UPDATE items SET conversation_id = $2, contact_id = $3 WHERE conversation_id = $1`,
			`UPDATE chats SET conversation_id = $2 WHERE conversation_id = $1 AND CAST($3 AS BIGINT) > 0`,
			`UPDATE notifications SET conversation_id = $2 WHERE conversation_id = $1 AND CAST($3 AS BIGINT) > 0`,
		} {
			if _, err := s.db.Exec(ctx, q, p.From, p.To, int64(to)); err != nil {
				return nil, err
			}
		}
		if err := s.absorb(ctx, ws, p.From, p.To); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// absorb closes the emptied conversation and moves the other one on to what
// is newest in both.
func (s *Inbox) absorb(ctx context.Context, ws, from, to int64) error {
	a, err := s.Conversation(ctx, ws, inbox.ConversationID(from))
	if err != nil {
		return err
	}
	b, err := s.Conversation(ctx, ws, inbox.ConversationID(to))
	if err != nil {
		return err
	}
	if a.LastAt.After(b.LastAt) {
		b.Preview, b.LastAt, b.Channel = a.Preview, a.LastAt, a.Channel
	}
	b.LastItem, b.LastInbound, b.LastReply = max(a.LastItem, b.LastItem), max(a.LastInbound, b.LastInbound), max(a.LastReply, b.LastReply)
	if !a.WaitingSince.IsZero() && (b.WaitingSince.IsZero() || a.WaitingSince.Before(b.WaitingSince)) {
		b.WaitingSince = a.WaitingSince
	}
	for _, k := range a.Kinds {
		known := false
		for _, have := range b.Kinds {
			known = known || have == k
		}
		if !known {
			b.Kinds = append(b.Kinds, k)
		}
	}
	if b.Assignee == 0 {
		b.Assignee = a.Assignee
	}
	if err := s.UpdateConversation(ctx, b); err != nil {
		return err
	}
	a.Status, a.ResolvedAt = inbox.Resolved, b.LastAt
	return s.UpdateConversation(ctx, a)
}

// MoveBack implements inbox.Mover. What came since stays where it is.
func (s *Inbox) MoveBack(ctx context.Context, ws int64, from, to contact.ID, raw json.RawMessage) error {
	var m moved
	if err := value(string(raw), &m); err != nil {
		return err
	}
	for _, j := range m.Joined {
		for _, id := range j.Items {
			if _, err := s.db.Exec(ctx, `UPDATE items SET conversation_id = $2 WHERE id = $1 AND conversation_id = $3`, id, j.From, j.To); err != nil {
				return err
			}
		}
	}
	if err := s.hand(ctx, ws, m.Conversations, m.Chats, to); err != nil {
		return err
	}
	for _, j := range m.Joined {
		if err := s.part(ctx, ws, j); err != nil {
			return err
		}
	}
	return nil
}

// part opens a conversation again that was absorbed, and shows in the other
// one what is left there.
func (s *Inbox) part(ctx context.Context, ws int64, j joined) error {
	for _, id := range []int64{j.From, j.To} {
		c, err := s.Conversation(ctx, ws, inbox.ConversationID(id))
		if err != nil {
			return err
		}
		if id == j.From {
			c.Status = inbox.Status(j.Status)
		}
		last, err := s.ListItems(ctx, inbox.ItemQuery{Workspace: ws, Conversation: c.ID, Limit: 50})
		if err != nil {
			return err
		}
		c.LastItem, c.LastInbound, c.LastReply = 0, 0, 0
		shown := false
		for _, i := range last {
			c.LastItem = max(c.LastItem, i.ID)
			if i.Direction == inbox.In {
				c.LastInbound = max(c.LastInbound, i.ID)
			} else if i.Direction == inbox.Out {
				c.LastReply = max(c.LastReply, i.ID)
			}
			if !shown && i.Kind != inbox.KindEvent {
				c.Preview, c.LastAt, shown = inbox.PreviewOf(i), i.CreatedAt, true
			}
		}
		if err := s.UpdateConversation(ctx, c); err != nil {
			return err
		}
	}
	_, err := s.db.Exec(ctx, `UPDATE chats SET conversation_id = $1 WHERE conversation_id = $2 AND id IN
		(SELECT DISTINCT chat_id FROM items WHERE conversation_id = $1)`, j.From, j.To)
	return err
}
