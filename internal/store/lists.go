package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

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
const unread = `c.status <> 'resolved' AND c.last_inbound_id > c.last_reply_id AND c.last_inbound_id > COALESCE(r.item_id, 0)`

// seenColumns are the viewer's own marks on a conversation: how much is
// unread (at most 100), whether he is mentioned, his draft.
func seenColumns(user string) string {
	return `, CASE WHEN ` + unread + ` THEN (SELECT COUNT(*) FROM (SELECT 1 FROM items i WHERE i.conversation_id = c.id AND i.direction = 'in'
			AND i.place > c.last_reply_id AND i.place > COALESCE(r.item_id, 0) LIMIT 100) n) ELSE 0 END,
		CASE WHEN EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = ` + user + ` AND n.conversation_id = c.id AND n.kind = 'mention' AND n.read_at = 0) THEN 1 ELSE 0 END,
		(SELECT d.body FROM drafts d WHERE d.user_id = ` + user + ` AND d.conversation_id = c.id)`
}

func scanSeen(r db.Scanner) (inbox.Conversation, error) {
	var (
		unread, mentioned int
		body              sql.NullString
	)
	c, err := conversationRow(r, &unread, &mentioned, &body)
	if err != nil || !body.Valid {
		c.Unread, c.Mentioned = unread, mentioned != 0
		return c, err
	}
	var d inbox.Draft
	err = value(body.String, &d)
	c.Unread, c.Mentioned, c.HasDraft, c.DraftText = unread, mentioned != 0, true, inbox.Brief(d.Text)
	return c, err
}

const readsJoin = ` FROM conversations c LEFT JOIN reads r ON r.user_id = $1 AND r.conversation_id = c.id`

// ListConversations implements inbox.Lists.
func (s *Inbox) ListConversations(ctx context.Context, v inbox.Seen, f inbox.Filter, p inbox.Page) ([]inbox.Conversation, error) {
	plan, err := s.plan(ctx, v, f)
	if err != nil {
		return nil, err
	}
	text, args := plan.page(p)
	if text == "" {
		return nil, nil
	}
	ids, err := db.All(ctx, s.db, db.Value[inbox.ConversationID], text, args...)
	if err != nil {
		return nil, err
	}
	list, err := s.ConversationsSeen(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	place := make(map[inbox.ConversationID]int, len(ids))
	for n, id := range ids {
		place[id] = n
	}
	slices.SortFunc(list, func(a, b inbox.Conversation) int { return place[a.ID] - place[b.ID] })
	return list, nil
}

// ConversationsSeen implements inbox.Lists.
func (s *Inbox) ConversationsSeen(ctx context.Context, v inbox.Seen, ids []inbox.ConversationID) ([]inbox.Conversation, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, values := db.List(ids, int64(v.User), v.Workspace)
	return db.All(ctx, s.db, scanSeen, `SELECT `+conversationColumns+seenColumns("$1")+readsJoin+` WHERE +c.workspace_id = $2 AND c.id IN `+in, values...)
}

// ConversationsOf implements inbox.Lists.
func (s *Inbox) ConversationsOf(ctx context.Context, v inbox.Seen, who contact.ID) ([]inbox.Conversation, error) {
	q := &query{}
	user := q.arg(int64(v.User))
	q.and(`+c.workspace_id = ` + q.arg(v.Workspace))
	q.and(`c.contact_id = ` + q.arg(int64(who)))
	if v.Inboxes != nil {
		q.and(visible(q, v, user))
	}
	return db.All(ctx, s.db, scanSeen, `SELECT `+conversationColumns+seenColumns(user)+readsJoin+` WHERE `+strings.Join(q.where, ` AND `)+
		` ORDER BY c.id DESC LIMIT 200`, q.args...)
}

// CountOf implements inbox.Lists.
func (s *Inbox) CountOf(ctx context.Context, v inbox.Seen, who []contact.ID) (map[contact.ID]int, error) {
	if len(who) == 0 {
		return nil, nil
	}
	q := &query{}
	q.and(`+c.workspace_id = ` + q.arg(v.Workspace))
	in := make([]string, len(who))
	for n, id := range who {
		in[n] = q.arg(int64(id))
	}
	q.and(`c.contact_id IN (` + strings.Join(in, ", ") + `)`)
	if v.Inboxes != nil {
		q.and(visible(q, v, q.arg(int64(v.User))))
	}
	type count struct {
		who contact.ID
		n   int
	}
	list, err := db.All(ctx, s.db, func(r db.Scanner) (c count, err error) {
		err = r.Scan(&c.who, &c.n)
		return c, err
	}, `SELECT c.contact_id, COUNT(*) FROM conversations c WHERE `+strings.Join(q.where, ` AND `)+` GROUP BY c.contact_id`, q.args...)
	out := make(map[contact.ID]int, len(list))
	for _, c := range list {
		out[c.who] = c.n
	}
	return out, err
}

// CountConversations implements inbox.Lists.
func (s *Inbox) CountConversations(ctx context.Context, v inbox.Seen, f inbox.Filter, most int) (int, error) {
	plan, err := s.plan(ctx, v, f)
	if err != nil {
		return 0, err
	}
	text, args := plan.count(most)
	if text == "" {
		return 0, nil
	}
	return db.One(ctx, s.db, db.Value[int], text, args...)
}

// Elsewhere implements inbox.Lists.
func (s *Inbox) Elsewhere(ctx context.Context, v inbox.Seen) ([]contact.ID, error) {
	if v.Inboxes == nil {
		return nil, nil
	}
	own := append([]inbox.ID{0}, v.Inboxes...)
	in, values := db.List(own, int64(v.User), v.Workspace)
	return db.All(ctx, s.db, db.Value[contact.ID], `SELECT DISTINCT contact_id FROM conversations
		WHERE assignee_id = $1 AND +workspace_id = $2 AND assignee_id > 0 AND inbox_id NOT IN `+in+` ORDER BY contact_id DESC LIMIT 200`, values...)
}

// FirstUnread implements inbox.Lists.
func (s *Inbox) FirstUnread(ctx context.Context, v inbox.Seen, id inbox.ConversationID) (inbox.ItemID, error) {
	first, err := db.One(ctx, s.db, db.Value[inbox.ItemID], `SELECT i.id`+readsJoin+` JOIN items i ON i.conversation_id = c.id AND i.direction = 'in'
			AND i.place > c.last_reply_id AND i.place > COALESCE(r.item_id, 0)
		WHERE c.id = $2 AND c.workspace_id = $3 AND `+unread+` ORDER BY i.place LIMIT 1`, int64(v.User), int64(id), v.Workspace)
	return first, orElse(err, nil)
}
