package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

const itemColumns = `i.id, i.workspace_id, i.conversation_id, i.contact_id, i.channel_id, i.chat_id, i.kind, i.direction, i.author_type,
	i.author_id, i.content, i.has_files, i.external_id, i.reply_to, i.reply_external, i.reply_text, i.album, i.state, i.reason, i.detail,
	i.client_id, i.event, i.reactions, i.at, i.created_at, i.scheduled_at, i.retry_at, i.edited_at, i.deleted_at, i.deleted_by, i.place`

// extra is what of an item has no column of its own.
type extra struct {
	Event    *inbox.Happening `json:"event,omitempty"`
	Mentions []access.UserID  `json:"mentions,omitempty"`
}

func scanItem(r db.Scanner) (i inbox.Item, err error) {
	var (
		content, event, reactions                      string
		at, created, scheduled, retry, edited, deleted int64
	)
	err = r.Scan(&i.ID, &i.Workspace, &i.Conversation, &i.Contact, &i.Channel, &i.Chat, &i.Kind, &i.Direction, &i.Author.Type,
		&i.Author.ID, &content, &i.HasFiles, &i.External, &i.ReplyTo, &i.ReplyExternal, &i.ReplyText, &i.Album, &i.State, &i.Reason,
		&i.Detail, &i.ClientID, &event, &reactions, &at, &created, &scheduled, &retry, &edited, &deleted, &i.DeletedBy, &i.Place)
	if err != nil {
		return i, err
	}
	i.At, i.CreatedAt, i.ScheduledAt = db.Time(at), db.Time(created), db.Time(scheduled)
	i.RetryAt, i.EditedAt, i.DeletedAt = db.Time(retry), db.Time(edited), db.Time(deleted)
	var x extra
	if err := errors.Join(value(content, &i.Content), value(event, &x), value(reactions, &i.Reactions)); err != nil {
		return i, err
	}
	i.Event, i.Mentions = x.Event, x.Mentions
	return i, nil
}

// changing are an item's values that may change, in the order of UpdateItem.
func changing(i inbox.Item) ([]any, error) {
	content, err := inbox.MarshalContent(i.Content)
	if err != nil {
		return nil, err
	}
	reactions := ""
	if len(i.Reactions) > 0 {
		if reactions, err = text(i.Reactions); err != nil {
			return nil, err
		}
	}
	return []any{
		string(content), i.External, string(i.State), string(i.Reason), i.Detail, reactions, db.Micros(i.At),
		db.Micros(i.RetryAt), db.Micros(i.EditedAt), db.Micros(i.DeletedAt), string(i.DeletedBy),
		int64(cmp.Or(i.Place, i.ID)),
	}, nil
}

// CreateItem implements inbox.Items.
func (s *Inbox) CreateItem(ctx context.Context, i inbox.Item, externals []string) error {
	values, err := changing(i)
	if err != nil {
		return err
	}
	event := ""
	if i.Event != nil || len(i.Mentions) > 0 {
		if event, err = text(extra{i.Event, i.Mentions}); err != nil {
			return err
		}
	}
	values = append(values, int64(i.ID), i.Workspace, int64(i.Conversation), int64(i.Contact), int64(i.Channel), int64(i.Chat), string(i.Kind),
		string(i.Direction), string(i.Author.Type), i.Author.ID, i.HasFiles, int64(i.ReplyTo), i.ReplyExternal, i.ReplyText, i.Album,
		i.ClientID, event, db.Micros(i.CreatedAt), db.Micros(i.ScheduledAt))
	_, err = s.db.Exec(ctx, `INSERT INTO items (content, external_id, state, reason, detail, reactions, at, retry_at, edited_at, deleted_at,
			deleted_by, place, id, workspace_id, conversation_id, contact_id, channel_id, chat_id, kind, direction, author_type, author_id, has_files,
			reply_to, reply_external, reply_text, album, client_id, event, created_at, scheduled_at)
		VALUES `+s.db.Dialect().Values(1, len(values), 1), values...)
	if err != nil {
		return orTaken(err, inbox.ErrDuplicate, "items")
	}
	return s.AddExternals(ctx, i.Workspace, i.Channel, i.Chat, i.ID, externals)
}

// UpdateItem implements inbox.Items.
func (s *Inbox) UpdateItem(ctx context.Context, i inbox.Item) error {
	values, err := changing(i)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE items SET content = $1, external_id = $2, state = $3, reason = $4, detail = $5, reactions = $6, at = $7,
			retry_at = $8, edited_at = $9, deleted_at = $10, deleted_by = $11, place = $12
		WHERE id = $13 AND workspace_id = $14`, append(values, int64(i.ID), i.Workspace)...)
	return some(n, err, inbox.ErrNoItem)
}

func (s *Inbox) oneItem(ctx context.Context, from string, values ...any) (inbox.Item, error) {
	lock := ""
	if s.db.InWrite(ctx) && s.db.Dialect() == db.Postgres {
		lock = ` FOR UPDATE OF i`
	}
	i, err := db.One(ctx, s.db, scanItem, `SELECT `+itemColumns+` FROM items i `+from+lock, values...)
	return i, orElse(err, inbox.ErrNoItem)
}

// Item implements inbox.Items. Inside a write it locks the item.
func (s *Inbox) Item(ctx context.Context, ws int64, id inbox.ItemID) (inbox.Item, error) {
	return s.oneItem(ctx, `WHERE i.id = $1 AND i.workspace_id = $2`, int64(id), ws)
}

// ItemByExternal implements inbox.Items.
func (s *Inbox) ItemByExternal(ctx context.Context, ws int64, chat inbox.ChatID, external string) (inbox.Item, error) {
	return s.oneItem(ctx, `JOIN item_externals e ON e.item_id = i.id WHERE e.chat_id = $1 AND e.external_id = $2 AND i.workspace_id = $3`,
		int64(chat), external, ws)
}

// ItemByClient implements inbox.Items.
func (s *Inbox) ItemByClient(ctx context.Context, ws int64, author access.UserID, clientID string) (inbox.Item, error) {
	return s.oneItem(ctx, `WHERE i.workspace_id = $1 AND i.author_id = $2 AND i.client_id = $3 AND i.client_id <> ''`, ws, int64(author), clientID)
}

// ListItems implements inbox.Items: the newest first, or the oldest first
// after an item.
func (s *Inbox) ListItems(ctx context.Context, f inbox.ItemQuery) ([]inbox.Item, error) {
	q := &query{}
	from := ` FROM items i`
	if f.Conversation != 0 {
		q.and(`i.conversation_id = ` + q.arg(int64(f.Conversation)))
	} else {
		q.and(`i.contact_id = ` + q.arg(int64(f.Contact)))
		if f.Inboxes != nil {
			in := []string{"0"}
			for _, id := range f.Inboxes {
				in = append(in, q.arg(int64(id)))
			}
			from += ` JOIN conversations c ON c.id = i.conversation_id AND (c.inbox_id IN (` + strings.Join(in, ", ") +
				`) OR c.assignee_id = ` + q.arg(int64(f.User)) + `)`
		}
	}
	q.and(`i.workspace_id = ` + q.arg(f.Workspace))
	order := ` ORDER BY i.place DESC`
	switch {
	case f.After != 0:
		q.and(`i.place > ` + q.arg(int64(f.After)))
		order = ` ORDER BY i.place`
	case f.Before != 0:
		q.and(`i.place < ` + q.arg(int64(f.Before)))
	}
	return db.All(ctx, s.db, scanItem, `SELECT `+itemColumns+from+` WHERE `+strings.Join(q.where, ` AND `)+order+` LIMIT `+q.arg(f.Limit), q.args...)
}

// Items implements inbox.Items.
func (s *Inbox) Items(ctx context.Context, ws int64, ids []inbox.ItemID) ([]inbox.Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, values := db.List(ids, ws)
	return db.All(ctx, s.db, scanItem, `SELECT `+itemColumns+` FROM items i WHERE i.workspace_id = $1 AND i.id IN `+in, values...)
}

// DueItems implements inbox.Items.
func (s *Inbox) DueItems(ctx context.Context, now time.Time, limit int) ([]inbox.Item, error) {
	return db.All(ctx, s.db, scanItem, `SELECT `+itemColumns+` FROM items i WHERE i.state = 'scheduled' AND i.scheduled_at <= $1
		ORDER BY i.scheduled_at LIMIT $2`, db.Micros(now), limit)
}

// AddExternals implements inbox.Receipts.
func (s *Inbox) AddExternals(ctx context.Context, ws int64, ch channel.ID, chat inbox.ChatID, item inbox.ItemID, externals []string) error {
	for _, x := range externals {
		n, err := s.db.Exec(ctx, `INSERT INTO item_externals (workspace_id, channel_id, chat_id, external_id, item_id) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (chat_id, external_id) DO NOTHING`, ws, int64(ch), int64(chat), x, int64(item))
		if err != nil || n == 1 {
			if err != nil {
				return err
			}
			continue
		}
		owner, err := db.One(ctx, s.db, db.Value[int64], `SELECT item_id FROM item_externals WHERE chat_id = $1 AND external_id = $2`, int64(chat), x)
		if err != nil {
			return err
		}
		if owner != int64(item) {
			return inbox.ErrDuplicate
		}
	}
	return nil
}

// Externals implements inbox.Receipts.
func (s *Inbox) Externals(ctx context.Context, item inbox.ItemID) ([]string, error) {
	return db.All(ctx, s.db, db.Value[string], `SELECT external_id FROM item_externals WHERE item_id = $1 ORDER BY external_id`, int64(item))
}

// OutgoingUpTo implements inbox.Receipts.
func (s *Inbox) OutgoingUpTo(ctx context.Context, ws int64, chat inbox.ChatID, upTo inbox.ItemID) ([]inbox.Item, error) {
	last, err := s.Item(ctx, ws, upTo)
	if err != nil {
		return nil, err
	}
	list, err := db.All(ctx, s.db, scanItem, `SELECT `+itemColumns+` FROM items i WHERE i.conversation_id = $1 AND i.chat_id = $2 AND i.place <= $3
		AND i.direction = 'out' AND i.state IN ('sent', 'delivered') ORDER BY i.place DESC LIMIT 200`,
		int64(last.Conversation), int64(chat), int64(last.Place))
	slices.Reverse(list)
	return list, err
}

// UnsettledIn implements inbox.Receipts.
func (s *Inbox) UnsettledIn(ctx context.Context, ws int64, chat inbox.ChatID) ([]inbox.Item, error) {
	return db.All(ctx, s.db, scanItem, `SELECT `+itemColumns+` FROM items i WHERE i.conversation_id IN
			(SELECT conversation_id FROM chats WHERE id = $1 AND workspace_id = $2)
		AND i.chat_id = $1 AND i.state IN ('sending', 'uncertain') ORDER BY i.id`, int64(chat), ws)
}

// KeepStatus implements inbox.Receipts.
func (s *Inbox) KeepStatus(ctx context.Context, ws int64, ch channel.ID, st channel.Status, at time.Time) error {
	status, err := text(st)
	if err != nil {
		return err
	}
	// A report needs no id of its own: its time and message say which it is.
	_, err = s.db.Exec(ctx, `INSERT INTO early_statuses (workspace_id, channel_id, external_id, status, at) VALUES ($1, $2, $3, $4, $5)`,
		ws, int64(ch), st.ExternalID, status, db.Micros(at))
	return err
}

// TakeStatuses implements inbox.Receipts.
func (s *Inbox) TakeStatuses(ctx context.Context, ch channel.ID, externals []string) ([]channel.Status, error) {
	var out []channel.Status
	for _, x := range externals {
		list, err := db.All(ctx, s.db, func(r db.Scanner) (st channel.Status, err error) {
			var status string
			if err = r.Scan(&status); err != nil {
				return st, err
			}
			return st, value(status, &st)
		}, `SELECT status FROM early_statuses WHERE channel_id = $1 AND external_id = $2 ORDER BY at`, int64(ch), x)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			continue
		}
		if _, err := s.db.Exec(ctx, `DELETE FROM early_statuses WHERE channel_id = $1 AND external_id = $2`, int64(ch), x); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// ForgetStatuses removes reports on messages that never became known.
func (s *Inbox) ForgetStatuses(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM early_statuses WHERE (channel_id, external_id, at) IN
		(SELECT channel_id, external_id, at FROM early_statuses WHERE at < $1 ORDER BY at LIMIT $2)`, db.Micros(before), limit)
}

// AddEdition implements inbox.Editions.
func (s *Inbox) AddEdition(ctx context.Context, ws int64, item inbox.ItemID, id int64, e inbox.Edition) error {
	content, err := inbox.MarshalContent(e.Content)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO item_editions (id, workspace_id, item_id, at, content) VALUES ($1, $2, $3, $4, $5)`,
		id, ws, int64(item), db.Micros(e.At), string(content))
	return err
}

// ListEditions implements inbox.Editions.
func (s *Inbox) ListEditions(ctx context.Context, ws int64, item inbox.ItemID) ([]inbox.Edition, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (e inbox.Edition, err error) {
		var (
			at      int64
			content string
		)
		if err = r.Scan(&at, &content); err != nil {
			return e, err
		}
		e.At = db.Time(at)
		return e, value(content, &e.Content)
	}, `SELECT at, content FROM item_editions WHERE workspace_id = $1 AND item_id = $2 ORDER BY id`, ws, int64(item))
}

// StartAttempt implements inbox.Attempts.
func (s *Inbox) StartAttempt(ctx context.Context, ws int64, a inbox.Attempt) error {
	_, err := s.db.Exec(ctx, `INSERT INTO attempts (id, workspace_id, item_id, started_at, finished_at, outcome, reason, detail)
		VALUES ($1, $2, $3, $4, 0, '', '', '')`, a.ID, ws, int64(a.Item), db.Micros(a.StartedAt))
	return err
}

// FinishAttempt implements inbox.Attempts.
func (s *Inbox) FinishAttempt(ctx context.Context, a inbox.Attempt) error {
	_, err := s.db.Exec(ctx, `UPDATE attempts SET finished_at = $2, outcome = $3, reason = $4, detail = $5 WHERE id = $1`,
		a.ID, db.Micros(a.FinishedAt), string(a.Outcome), string(a.Reason), a.Detail)
	return err
}

// ListAttempts implements inbox.Attempts.
func (s *Inbox) ListAttempts(ctx context.Context, ws int64, item inbox.ItemID) ([]inbox.Attempt, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (a inbox.Attempt, err error) {
		var started, finished int64
		err = r.Scan(&a.ID, &a.Item, &started, &finished, &a.Outcome, &a.Reason, &a.Detail)
		a.StartedAt, a.FinishedAt = db.Time(started), db.Time(finished)
		return a, err
	}, `SELECT id, item_id, started_at, finished_at, outcome, reason, detail FROM attempts WHERE workspace_id = $1 AND item_id = $2 ORDER BY id`, ws, int64(item))
}
