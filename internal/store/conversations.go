package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

// Inbox keeps conversations and all that belongs to them.
type Inbox struct{ db *db.DB }

// NewInbox returns the store.
func NewInbox(d *db.DB) *Inbox { return &Inbox{d} }

const conversationColumns = `c.id, c.workspace_id, c.inbox_id, c.contact_id, c.status, c.assignee_id, c.team_id, c.snoozed_until,
	c.waiting_since, c.channel_id, c.channel_kinds, c.group_title, c.is_group, c.preview, c.last_item_id, c.last_inbound_id,
	c.last_reply_id, c.created_at, c.last_at, c.first_reply_at, c.resolved_at`

// conversationRow scans the columns above, and more behind them.
func conversationRow(r db.Scanner, more ...any) (c inbox.Conversation, err error) {
	var (
		kinds, preview                                        string
		snoozed, waiting, created, last, firstReply, resolved int64
	)
	err = r.Scan(append([]any{
		&c.ID, &c.Workspace, &c.Inbox, &c.Contact, &c.Status, &c.Assignee, &c.Team, &snoozed, &waiting, &c.Channel, &kinds,
		&c.Title, &c.Group, &preview, &c.LastItem, &c.LastInbound, &c.LastReply, &created, &last, &firstReply, &resolved,
	}, more...)...)
	if err != nil {
		return c, err
	}
	for k := range strings.FieldsSeq(kinds) {
		c.Kinds = append(c.Kinds, channel.Kind(k))
	}
	c.SnoozedUntil, c.WaitingSince, c.CreatedAt = db.Time(snoozed), db.Time(waiting), db.Time(created)
	c.LastAt, c.FirstReplyAt, c.ResolvedAt = db.Time(last), db.Time(firstReply), db.Time(resolved)
	return c, value(preview, &c.Preview)
}

func scanConversation(r db.Scanner) (inbox.Conversation, error) { return conversationRow(r) }

func conversationValues(c inbox.Conversation) ([]any, error) {
	preview, err := text(c.Preview)
	if err != nil {
		return nil, err
	}
	kinds := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		kinds[i] = string(k)
	}
	slices.Sort(kinds) // few different ones: lists look them up as a whole
	return []any{
		int64(c.ID), c.Workspace, int64(c.Inbox), int64(c.Contact), string(c.Status), int64(c.Assignee), int64(c.Team),
		db.Micros(c.SnoozedUntil), db.Micros(c.WaitingSince), int64(c.Channel), strings.Join(kinds, " "), c.Title, c.Group, preview,
		int64(c.LastItem), int64(c.LastInbound), int64(c.LastReply), db.Micros(c.CreatedAt), db.Micros(c.LastAt),
		db.Micros(c.FirstReplyAt), db.Micros(c.ResolvedAt),
	}, nil
}

// CreateConversation implements inbox.Conversations.
func (s *Inbox) CreateConversation(ctx context.Context, c inbox.Conversation) error {
	values, err := conversationValues(c)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO conversations (id, workspace_id, inbox_id, contact_id, status, assignee_id, team_id,
			snoozed_until, waiting_since, channel_id, channel_kinds, group_title, is_group, preview, last_item_id, last_inbound_id,
			last_reply_id, created_at, last_at, first_reply_at, resolved_at)
		VALUES `+s.db.Dialect().Values(1, len(values), 1), values...)
	return orTaken(err, inbox.ErrAnotherThere, "conversations")
}

// UpdateConversation implements inbox.Conversations. Of most messages only
// what a conversation says last is new. Columns that stay as they are are
// left out then: SQLite writes every index anew that has a column among those
// that are set, checks foreign keys among them, and copies each page it
// touches for the case that they do not hold.
func (s *Inbox) UpdateConversation(ctx context.Context, c inbox.Conversation) error {
	values, err := conversationValues(c)
	if err != nil {
		return err
	}
	const last = `channel_id = $10, channel_kinds = $11, group_title = $12, preview = $14, last_item_id = $15, last_inbound_id = $16,
		last_reply_id = $17, last_at = $19, first_reply_at = $20`
	n, err := s.db.Exec(ctx, `UPDATE conversations SET `+last+` WHERE id = $1 AND workspace_id = $2 AND inbox_id = $3 AND contact_id = $4
		AND status = $5 AND assignee_id = $6 AND team_id = $7 AND snoozed_until = $8 AND waiting_since = $9 AND is_group = $13
		AND created_at = $18 AND resolved_at = $21`, values...)
	if err == nil && n == 0 {
		n, err = s.db.Exec(ctx, `UPDATE conversations SET inbox_id = $3, contact_id = $4, status = $5, assignee_id = $6, team_id = $7,
			snoozed_until = $8, waiting_since = $9, is_group = $13, created_at = $18, resolved_at = $21, `+last+`
			WHERE id = $1 AND workspace_id = $2`, values...)
	}
	return some(n, orTaken(err, inbox.ErrAnotherThere, "conversations"), inbox.ErrNoConversation)
}

func (s *Inbox) oneConversation(ctx context.Context, where string, values ...any) (inbox.Conversation, error) {
	c, err := db.One(ctx, s.db, scanConversation, `SELECT `+conversationColumns+` FROM conversations c WHERE `+where+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), values...)
	return c, orElse(err, inbox.ErrNoConversation)
}

// Conversation implements inbox.Conversations.
func (s *Inbox) Conversation(ctx context.Context, ws int64, id inbox.ConversationID) (inbox.Conversation, error) {
	return s.oneConversation(ctx, `c.id = $1 AND c.workspace_id = $2`, int64(id), ws)
}

// Unresolved implements inbox.Conversations.
func (s *Inbox) Unresolved(ctx context.Context, ws int64, i inbox.ID, who contact.ID) (inbox.Conversation, error) {
	return s.oneConversation(ctx, `c.inbox_id = $1 AND c.contact_id = $2 AND c.status <> 'resolved' AND c.workspace_id = $3`, int64(i), int64(who), ws)
}

// LastResolved implements inbox.Conversations.
func (s *Inbox) LastResolved(ctx context.Context, ws int64, i inbox.ID, who contact.ID) (inbox.Conversation, error) {
	return s.oneConversation(ctx, `c.contact_id = $1 AND c.inbox_id = $2 AND c.status = 'resolved' AND c.workspace_id = $3
		ORDER BY c.resolved_at DESC, c.id DESC LIMIT 1`, int64(who), int64(i), ws)
}

// DueConversations implements inbox.Conversations.
func (s *Inbox) DueConversations(ctx context.Context, now time.Time, limit int) ([]inbox.Conversation, error) {
	return db.All(ctx, s.db, scanConversation, `SELECT `+conversationColumns+` FROM conversations c
		WHERE c.status = 'snoozed' AND c.snoozed_until > 0 AND c.snoozed_until <= $1 ORDER BY c.snoozed_until LIMIT $2`, db.Micros(now), limit)
}
