package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// moved is what Move moved, by id.
type moved struct {
	Conversations []int64 `json:"conversations,omitempty"`
	Chats         []int64 `json:"chats,omitempty"`
	// Joined are conversations that both had open in one inbox: what From
	// held went into To.
	Joined []joined `json:"joined,omitempty"`
}

type joined struct {
	From          int64   `json:"from"`
	To            int64   `json:"to"`
	Items         []int64 `json:"items,omitempty"`
	Chats         []int64 `json:"chats,omitempty"`
	Notifications []int64 `json:"notifications,omitempty"`
	Drafts        []draft `json:"drafts,omitempty"`
	// Status is what From was before; the rest is what To was.
	Status   string         `json:"status"`
	Assignee access.UserID  `json:"assignee,omitempty"`
	Channel  channel.ID     `json:"channel,omitempty"`
	Kinds    []channel.Kind `json:"kinds,omitempty"`
	// Was and Until are To's status, where joining opened it.
	Was   inbox.Status `json:"was,omitempty"`
	Until int64        `json:"until,omitempty"`
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
	return s.each(ctx, `UPDATE chats SET contact_id = $1 WHERE id = $2 AND workspace_id = $3`, chats, func(id int64) []any {
		return []any{int64(to), id, ws}
	})
}

// each runs a statement for every id.
func (s *Inbox) each(ctx context.Context, statement string, ids []int64, values func(id int64) []any) error {
	for _, id := range ids {
		if _, err := s.db.Exec(ctx, statement, values(id)...); err != nil {
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
	for n := range pairs {
		if err := s.join(ctx, ws, &pairs[n], to); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// join moves what one conversation holds into another.
func (s *Inbox) join(ctx context.Context, ws int64, p *joined, to contact.ID) error {
	for _, part := range []struct {
		into         *[]int64
		table, where string
	}{
		{&p.Items, `items`, `conversation_id = $1`},
		{&p.Chats, `chats`, `conversation_id = $1 AND contact_id IN (SELECT contact_id FROM conversations WHERE id = $1)`},
		{&p.Notifications, `notifications`, `conversation_id = $1`},
	} {
		var err error
		if *part.into, err = db.All(ctx, s.db, db.Value[int64], `SELECT id FROM `+part.table+` WHERE `+part.where+` ORDER BY id`, p.From); err != nil {
			return err
		}
		if _, err := s.db.Exec(ctx, `UPDATE `+part.table+` SET conversation_id = $2 WHERE `+part.where, p.From, p.To); err != nil {
			return err
		}
	}
	if _, err := s.db.Exec(ctx, `UPDATE items SET contact_id = $2 WHERE conversation_id = $1 AND contact_id <> $2`, p.To, int64(to)); err != nil {
		return err
	}
	if err := s.joinDrafts(ctx, ws, p); err != nil {
		return err
	}
	return s.absorb(ctx, ws, p)
}

// absorb closes the emptied conversation and moves the other one on to what
// is newest in both.
func (s *Inbox) absorb(ctx context.Context, ws int64, p *joined) error {
	a, err := s.Conversation(ctx, ws, inbox.ConversationID(p.From))
	if err != nil {
		return err
	}
	b, err := s.Conversation(ctx, ws, inbox.ConversationID(p.To))
	if err != nil {
		return err
	}
	p.Assignee, p.Channel, p.Kinds = b.Assignee, b.Channel, slices.Clone(b.Kinds)
	if a.LastAt.After(b.LastAt) {
		b.Preview, b.LastAt, b.Channel = a.Preview, a.LastAt, a.Channel
	}
	b.LastItem, b.LastInbound, b.LastReply = max(a.LastItem, b.LastItem), max(a.LastInbound, b.LastInbound), max(a.LastReply, b.LastReply)
	if !a.WaitingSince.IsZero() && (b.WaitingSince.IsZero() || a.WaitingSince.Before(b.WaitingSince)) {
		b.WaitingSince = a.WaitingSince
	}
	for _, k := range a.Kinds {
		if !slices.Contains(b.Kinds, k) {
			b.Kinds = append(b.Kinds, k)
		}
	}
	if b.Assignee == 0 {
		b.Assignee = a.Assignee
	}
	if b.Status != inbox.Open && a.Status == inbox.Open {
		p.Was, p.Until = b.Status, db.Micros(b.SnoozedUntil)
		b.Status, b.SnoozedUntil = inbox.Open, time.Time{}
	}
	if err := s.UpdateConversation(ctx, b); err != nil {
		return err
	}
	a.Status, a.ResolvedAt = inbox.Resolved, b.LastAt
	return s.UpdateConversation(ctx, a)
}

// MoveBack implements inbox.Mover. What came since stays where it is.
func (s *Inbox) MoveBack(ctx context.Context, ws int64, _, to contact.ID, raw json.RawMessage) error {
	var m moved
	if err := value(string(raw), &m); err != nil {
		return err
	}
	for _, j := range m.Joined {
		for table, ids := range map[string][]int64{`items`: j.Items, `chats`: j.Chats, `notifications`: j.Notifications} {
			err := s.each(ctx, `UPDATE `+table+` SET conversation_id = $2 WHERE id = $1 AND conversation_id = $3`, ids, func(id int64) []any {
				return []any{id, j.From, j.To}
			})
			if err != nil {
				return err
			}
		}
		if err := s.partDrafts(ctx, ws, j); err != nil {
			return err
		}
	}
	if err := s.hand(ctx, ws, m.Conversations, m.Chats, to); err != nil {
		return err
	}
	for _, j := range m.Joined {
		if err := s.part(ctx, ws, j, to); err != nil {
			return err
		}
	}
	return nil
}

// part opens a conversation again that was absorbed, and shows in the other
// one what is left there.
func (s *Inbox) part(ctx context.Context, ws int64, j joined, to contact.ID) error {
	a, err := s.Conversation(ctx, ws, inbox.ConversationID(j.From))
	if err != nil {
		return err
	}
	b, err := s.Conversation(ctx, ws, inbox.ConversationID(j.To))
	if err != nil {
		return err
	}
	// The loser may have got another piece of work back that was opened since.
	_, err = s.Unresolved(ctx, ws, a.Inbox, to)
	if a.Status == inbox.Resolved && errors.Is(err, inbox.ErrNoConversation) {
		a.Status, a.ResolvedAt = inbox.Status(j.Status), time.Time{}
		if a.Status != inbox.Snoozed {
			a.SnoozedUntil = time.Time{}
		}
	} else if err != nil && !errors.Is(err, inbox.ErrNoConversation) {
		return err
	}
	if j.Assignee == 0 && b.Assignee == a.Assignee {
		b.Assignee = 0
	}
	if j.Was != "" && b.Status == inbox.Open {
		b.Status, b.SnoozedUntil = j.Was, db.Time(j.Until)
	}
	b.Channel, b.Kinds = j.Channel, j.Kinds
	for _, c := range []*inbox.Conversation{&a, &b} {
		if err := s.restate(ctx, c); err != nil {
			return err
		}
		if err := s.UpdateConversation(ctx, *c); err != nil {
			return err
		}
	}
	return nil
}

// restate reads off a conversation's items what its row says of them.
func (s *Inbox) restate(ctx context.Context, c *inbox.Conversation) error {
	id := int64(c.ID)
	err := s.db.QueryRow(ctx, `SELECT COALESCE(MAX(id), 0), COALESCE(MAX(CASE WHEN direction = 'in' THEN id ELSE 0 END), 0),
			COALESCE(MAX(CASE WHEN direction = 'out' AND author_type <> 'system' AND state <> 'cancelled' THEN id ELSE 0 END), 0)
		FROM items WHERE conversation_id = $1 AND state <> 'scheduled'`, id).Scan(&c.LastItem, &c.LastInbound, &c.LastReply)
	if err != nil {
		return err
	}
	c.WaitingSince = time.Time{}
	first, err := s.oneItem(ctx, `WHERE i.conversation_id = $1 AND i.direction = 'in' AND i.place > $2 ORDER BY i.place LIMIT 1`, id, int64(c.LastReply))
	switch {
	case err == nil && c.Status != inbox.Resolved:
		c.WaitingSince = first.CreatedAt
	case err != nil && !errors.Is(err, inbox.ErrNoItem):
		return err
	}
	newest, err := s.oneItem(ctx, `WHERE i.conversation_id = $1 AND i.kind <> 'event' AND i.state <> 'scheduled' ORDER BY i.place DESC LIMIT 1`, id)
	if errors.Is(err, inbox.ErrNoItem) {
		c.Preview = inbox.Preview{Kind: "none", At: c.LastAt}
		return nil
	}
	if err != nil {
		return err
	}
	if newest.Files, err = s.FilesOf(ctx, []inbox.ItemID{newest.ID}); err != nil {
		return err
	}
	c.Preview, c.LastAt = inbox.PreviewOf(newest), newest.CreatedAt
	return nil
}
