package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
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
	for _, k := range strings.Fields(kinds) {
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
	return []any{
		int64(c.ID), c.Workspace, int64(c.Inbox), int64(c.Contact), string(c.Status), c.Status.Active(), int64(c.Assignee), int64(c.Team),
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
	_, err = s.db.Exec(ctx, `INSERT INTO conversations (id, workspace_id, inbox_id, contact_id, status, active, assignee_id, team_id,
			snoozed_until, waiting_since, channel_id, channel_kinds, group_title, is_group, preview, last_item_id, last_inbound_id,
			last_reply_id, created_at, last_at, first_reply_at, resolved_at)
		VALUES `+s.db.Dialect().Values(1, len(values), 1), values...)
	return orTaken(err, inbox.ErrAnotherThere, "conversations")
}

// UpdateConversation implements inbox.Conversations.
func (s *Inbox) UpdateConversation(ctx context.Context, c inbox.Conversation) error {
	values, err := conversationValues(c)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE conversations SET inbox_id = $3, contact_id = $4, status = $5, active = $6, assignee_id = $7,
			team_id = $8, snoozed_until = $9, waiting_since = $10, channel_id = $11, channel_kinds = $12, group_title = $13, is_group = $14,
			preview = $15, last_item_id = $16, last_inbound_id = $17, last_reply_id = $18, created_at = $19, last_at = $20,
			first_reply_at = $21, resolved_at = $22
		WHERE id = $1 AND workspace_id = $2`, values...)
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

// query builds a SELECT piece by piece with its arguments.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) and(cond string) { q.where = append(q.where, cond) }

// unread is the condition that a conversation has something for the viewer
// that nobody answered and he has not seen.
const unread = `(c.status <> 'resolved' AND c.last_inbound_id > c.last_reply_id AND c.last_inbound_id > COALESCE(r.item_id, 0))`

// seenColumns are the viewer's own marks on a conversation: how much is
// unread (at most 100), whether he is mentioned, whether he has a draft.
func seenColumns(user string) string {
	return `, CASE WHEN ` + unread + ` THEN (SELECT COUNT(*) FROM (SELECT 1 FROM items i WHERE i.conversation_id = c.id AND i.direction = 'in'
			AND i.id > c.last_reply_id AND i.id > COALESCE(r.item_id, 0) LIMIT 100) n) ELSE 0 END,
		CASE WHEN EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = ` + user + ` AND n.conversation_id = c.id AND n.kind = 'mention' AND n.read_at = 0) THEN 1 ELSE 0 END,
		CASE WHEN EXISTS (SELECT 1 FROM drafts d WHERE d.user_id = ` + user + ` AND d.conversation_id = c.id) THEN 1 ELSE 0 END`
}

func scanSeen(r db.Scanner) (inbox.Conversation, error) {
	var unread, mentioned, draft int
	c, err := conversationRow(r, &unread, &mentioned, &draft)
	c.Unread, c.Mentioned, c.HasDraft = unread, mentioned != 0, draft != 0
	return c, err
}

// narrow turns a viewer and a filter into conditions.
func narrow(q *query, s inbox.Seen, f inbox.Filter, user string, d db.Dialect) {
	q.and(`c.workspace_id = ` + q.arg(s.Workspace))
	if s.Inboxes != nil {
		var in []string
		for _, i := range s.Inboxes {
			in = append(in, q.arg(int64(i)))
		}
		if len(in) == 0 {
			in = []string{"0"}
		}
		q.and(`(c.inbox_id IN (` + strings.Join(in, ", ") + `) OR c.assignee_id = ` + user + `)`)
	}
	switch f.Scope {
	case inbox.Mine:
		q.and(`c.assignee_id = ` + user)
	case inbox.Unassigned:
		q.and(`c.assignee_id = 0`)
	case inbox.Mentions:
		q.and(`c.id IN (SELECT n.conversation_id FROM notifications n WHERE n.user_id = ` + user + ` AND n.kind = 'mention' AND n.read_at = 0)`)
	case inbox.Everybody:
	}
	switch f.Status {
	case inbox.ActiveOnly:
		q.and(`c.active = ` + q.arg(true))
	case inbox.AnyStatus, "":
	default:
		q.and(`c.status = ` + q.arg(string(f.Status)))
	}
	for _, n := range []struct {
		column string
		id     int64
	}{{`c.inbox_id`, int64(f.Inbox)}, {`c.team_id`, int64(f.Team)}, {`c.assignee_id`, int64(f.Assignee)}} {
		if n.id != 0 {
			q.and(n.column + ` = ` + q.arg(n.id))
		}
	}
	if f.Kind != "" {
		q.and(`(' ' || c.channel_kinds || ' ') LIKE ` + q.arg("% "+escapeLike(string(f.Kind))+" %") + ` ESCAPE '\'`)
	}
	if f.Tag != 0 {
		q.and(`EXISTS (SELECT 1 FROM contact_tags t WHERE t.tag_id = ` + q.arg(int64(f.Tag)) + ` AND t.contact_id = c.contact_id)`)
	}
	if f.Unread {
		q.and(unread)
	}
	if f.Waiting || f.Sort == inbox.ByWaiting {
		q.and(`c.waiting_since > 0`)
	}
}

const readsJoin = ` FROM conversations c LEFT JOIN reads r ON r.user_id = $1 AND r.conversation_id = c.id`

// ListConversations implements inbox.Lists.
func (s *Inbox) ListConversations(ctx context.Context, v inbox.Seen, f inbox.Filter, p inbox.Page) ([]inbox.Conversation, error) {
	q := &query{}
	user := q.arg(int64(v.User))
	narrow(q, v, f, user, s.db.Dialect())
	column, before, order := `c.last_at`, `<`, `DESC`
	if f.Sort == inbox.ByWaiting {
		column, before, order = `c.waiting_since`, `>`, `ASC`
	}
	if p.AfterID != 0 {
		q.and(`(` + column + `, c.id) ` + before + ` (` + q.arg(db.Micros(p.AfterTime)) + `, ` + q.arg(int64(p.AfterID)) + `)`)
	}
	return db.All(ctx, s.db, scanSeen, `SELECT `+conversationColumns+seenColumns(user)+readsJoin+` WHERE `+strings.Join(q.where, ` AND `)+
		` ORDER BY `+column+` `+order+`, c.id `+order+` LIMIT `+q.arg(p.Limit), q.args...)
}

// ConversationsSeen implements inbox.Lists.
func (s *Inbox) ConversationsSeen(ctx context.Context, v inbox.Seen, ids []inbox.ConversationID) ([]inbox.Conversation, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return db.All(ctx, s.db, scanSeen, `SELECT `+conversationColumns+seenColumns("$1")+readsJoin+` WHERE c.workspace_id = $2 AND c.id IN `+
		s.db.Dialect().In(len(ids), 3), append([]any{int64(v.User), v.Workspace}, args(ids)...)...)
}

// ConversationsOf implements inbox.Lists.
func (s *Inbox) ConversationsOf(ctx context.Context, v inbox.Seen, who contact.ID) ([]inbox.Conversation, error) {
	q := &query{}
	user := q.arg(int64(v.User))
	narrow(q, v, inbox.Filter{}, user, s.db.Dialect())
	q.and(`c.contact_id = ` + q.arg(int64(who)))
	return db.All(ctx, s.db, scanSeen, `SELECT `+conversationColumns+seenColumns(user)+readsJoin+` WHERE `+strings.Join(q.where, ` AND `)+
		` ORDER BY c.id DESC LIMIT 200`, q.args...)
}

// CountConversations implements inbox.Lists.
func (s *Inbox) CountConversations(ctx context.Context, v inbox.Seen, f inbox.Filter, most int) (int, error) {
	q := &query{}
	user := q.arg(int64(v.User))
	narrow(q, v, f, user, s.db.Dialect())
	return db.One(ctx, s.db, db.Value[int], `SELECT COUNT(*) FROM (SELECT 1`+readsJoin+` WHERE `+strings.Join(q.where, ` AND `)+
		` LIMIT `+q.arg(most)+`) n`, q.args...)
}

// FirstUnread implements inbox.Lists.
func (s *Inbox) FirstUnread(ctx context.Context, v inbox.Seen, id inbox.ConversationID) (inbox.ItemID, error) {
	first, err := db.One(ctx, s.db, db.Value[inbox.ItemID], `SELECT i.id`+readsJoin+` JOIN items i ON i.conversation_id = c.id AND i.direction = 'in'
			AND i.id > c.last_reply_id AND i.id > COALESCE(r.item_id, 0)
		WHERE c.id = $2 AND c.workspace_id = $3 AND `+unread+` ORDER BY i.id LIMIT 1`, int64(v.User), int64(id), v.Workspace)
	return first, orElse(err, nil)
}

// SetRead implements inbox.Marks.
func (s *Inbox) SetRead(ctx context.Context, ws int64, u access.UserID, c inbox.ConversationID, item inbox.ItemID) error {
	_, err := s.db.Exec(ctx, `INSERT INTO reads (workspace_id, user_id, conversation_id, item_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, conversation_id) DO UPDATE SET item_id = excluded.item_id`, ws, int64(u), int64(c), int64(item))
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
