package store

import (
	"context"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/db"
)

const fileColumns = `f.id, f.workspace_id, f.item_id, f.position, f.user_id, f.kind, f.name, f.mime, f.size, f.duration, f.width, f.height,
	f.peaks, f.emoji, f.transcript, f.sha256, f.blob_key, f.thumb_key, f.channel_id, f.ref, f.state, f.reason, f.created_at`

func scanFile(r db.Scanner) (f inbox.File, err error) {
	var duration, created int64
	err = r.Scan(&f.ID, &f.Workspace, &f.Item, &f.Position, &f.User, &f.Kind, &f.Name, &f.MIME, &f.Size, &duration, &f.Width, &f.Height,
		&f.Peaks, &f.Emoji, &f.Transcript, &f.SHA256, &f.BlobKey, &f.ThumbKey, &f.Channel, &f.Ref, &f.State, &f.Reason, &created)
	f.Duration, f.CreatedAt = time.Duration(duration)*time.Microsecond, db.Time(created)
	return f, err
}

func fileValues(f inbox.File) []any {
	return []any{
		int64(f.ID), f.Workspace, int64(f.Item), f.Position, int64(f.User), string(f.Kind), f.Name, f.MIME, f.Size, f.Duration.Microseconds(),
		f.Width, f.Height, blob(f.Peaks), f.Emoji, f.Transcript, blob(f.SHA256), f.BlobKey, f.ThumbKey, int64(f.Channel), f.Ref,
		string(f.State), string(f.Reason), db.Micros(f.CreatedAt),
	}
}

// blob is never null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// CreateFile implements inbox.Files.
func (s *Inbox) CreateFile(ctx context.Context, f inbox.File) error {
	values := fileValues(f)
	_, err := s.db.Exec(ctx, `INSERT INTO files (id, workspace_id, item_id, position, user_id, kind, name, mime, size, duration, width, height,
			peaks, emoji, transcript, sha256, blob_key, thumb_key, channel_id, ref, state, reason, created_at)
		VALUES `+s.db.Dialect().Values(1, len(values), 1), values...)
	return err
}

// UpdateFile implements inbox.Files.
func (s *Inbox) UpdateFile(ctx context.Context, f inbox.File) error {
	n, err := s.db.Exec(ctx, `UPDATE files SET item_id = $3, position = $4, user_id = $5, kind = $6, name = $7, mime = $8, size = $9, duration = $10,
			width = $11, height = $12, peaks = $13, emoji = $14, transcript = $15, sha256 = $16, blob_key = $17, thumb_key = $18, channel_id = $19,
			ref = $20, state = $21, reason = $22, created_at = $23
		WHERE id = $1 AND workspace_id = $2`, fileValues(f)...)
	return some(n, err, inbox.ErrNoFile)
}

// File implements inbox.Files.
func (s *Inbox) File(ctx context.Context, ws int64, id inbox.FileID) (inbox.File, error) {
	f, err := db.One(ctx, s.db, scanFile, `SELECT `+fileColumns+` FROM files f WHERE f.id = $1 AND f.workspace_id = $2`+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), int64(id), ws)
	return f, orElse(err, inbox.ErrNoFile)
}

// FilesByID implements inbox.Files.
func (s *Inbox) FilesByID(ctx context.Context, ws int64, ids []inbox.FileID) ([]inbox.File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, values := db.List(ids, ws)
	return db.All(ctx, s.db, scanFile, `SELECT `+fileColumns+` FROM files f WHERE f.workspace_id = $1 AND f.id IN `+in, values...)
}

// FilesOf implements inbox.Files.
func (s *Inbox) FilesOf(ctx context.Context, items []inbox.ItemID) ([]inbox.File, error) {
	if len(items) == 0 {
		return nil, nil
	}
	in, values := db.List(items)
	return db.All(ctx, s.db, scanFile, `SELECT `+fileColumns+` FROM files f WHERE f.item_id > 0 AND f.item_id IN `+in+
		` ORDER BY f.item_id, f.position, f.id`, values...)
}

// FilesOfContact implements inbox.Files.
func (s *Inbox) FilesOfContact(ctx context.Context, v inbox.Seen, who contact.ID, before inbox.FileID, limit int) ([]inbox.File, []inbox.Item, error) {
	q := &query{}
	from := ` FROM items i JOIN files f ON f.item_id = i.id AND f.item_id > 0`
	q.and(`i.contact_id = ` + q.arg(int64(who)))
	q.and(`i.workspace_id = ` + q.arg(v.Workspace))
	q.and(`i.has_files = ` + q.arg(true))
	q.and(`i.deleted_at = 0`)
	if v.Inboxes != nil {
		in := []string{"0"}
		for _, id := range v.Inboxes {
			in = append(in, q.arg(int64(id)))
		}
		from += ` JOIN conversations c ON c.id = i.conversation_id AND (c.inbox_id IN (` + strings.Join(in, ", ") +
			`) OR c.assignee_id = ` + q.arg(int64(v.User)) + `)`
	}
	if before != 0 {
		q.and(`f.id < ` + q.arg(int64(before)))
	}
	files, err := db.All(ctx, s.db, scanFile, `SELECT `+fileColumns+from+` WHERE `+strings.Join(q.where, ` AND `)+
		` ORDER BY f.id DESC LIMIT `+q.arg(limit), q.args...)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]inbox.ItemID, len(files))
	for i, f := range files {
		ids[i] = f.Item
	}
	items, err := s.Items(ctx, v.Workspace, ids)
	return files, items, err
}

// unused are the conditions of inbox.Uploads.UnusedUploads. Drafts and canned
// replies hold ids as JSON: an id is found as text, and a longer one that
// contains it only keeps a file that might go.
const unused = `f.item_id = 0 AND f.user_id > 0
	AND NOT EXISTS (SELECT 1 FROM drafts d WHERE d.workspace_id = f.workspace_id AND d.body LIKE '%"files"%' AND d.body LIKE '%' || CAST(f.id AS TEXT) || '%')
	AND NOT EXISTS (SELECT 1 FROM canned_replies c WHERE c.workspace_id = f.workspace_id AND c.file_ids LIKE '%' || CAST(f.id AS TEXT) || '%')
	AND NOT EXISTS (SELECT 1 FROM users u WHERE u.workspace_id = f.workspace_id AND u.avatar_file_id = f.id)
	AND (f.position >= 0 OR NOT EXISTS (SELECT 1 FROM contacts p WHERE p.workspace_id = f.workspace_id AND p.avatar_file_id = f.id))`

// UnusedUploads implements inbox.Uploads.
func (s *Inbox) UnusedUploads(ctx context.Context, before time.Time, only inbox.FileID, limit int) ([]inbox.File, error) {
	return db.All(ctx, s.db, scanFile, `SELECT `+fileColumns+` FROM files f WHERE `+unused+` AND f.created_at < $1
		AND (CAST($2 AS BIGINT) = 0 OR f.id = $2) ORDER BY f.created_at, f.id LIMIT $3`, db.Micros(before), int64(only), limit)
}

// SharedBytes implements inbox.Uploads.
func (s *Inbox) SharedBytes(ctx context.Context, f inbox.File) (bool, error) {
	if f.BlobKey == "" {
		return false, nil
	}
	n, err := db.One(ctx, s.db, db.Value[int], `SELECT COUNT(*) FROM files WHERE blob_key = $1 AND blob_key <> '' AND id <> $2`, f.BlobKey, int64(f.ID))
	return n > 0, err
}

// DeleteFile implements inbox.Uploads.
func (s *Inbox) DeleteFile(ctx context.Context, ws int64, id inbox.FileID) error {
	_, err := s.db.Exec(ctx, `DELETE FROM files WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
	return err
}

// CreateNotification implements inbox.Notifications.
func (s *Inbox) CreateNotification(ctx context.Context, n inbox.Notification) error {
	_, err := s.db.Exec(ctx, `INSERT INTO notifications (id, workspace_id, user_id, kind, conversation_id, item_id, by_user_id, text, at, read_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		int64(n.ID), n.Workspace, int64(n.User), string(n.Kind), int64(n.Conversation), int64(n.Item), int64(n.By), n.Text, db.Micros(n.At))
	return err
}

const notificationColumns = `id, workspace_id, user_id, kind, conversation_id, item_id, by_user_id, text, at, read_at`

func scanNotification(r db.Scanner) (n inbox.Notification, err error) {
	var at, read int64
	err = r.Scan(&n.ID, &n.Workspace, &n.User, &n.Kind, &n.Conversation, &n.Item, &n.By, &n.Text, &at, &read)
	n.At, n.ReadAt = db.Time(at), db.Time(read)
	return n, err
}

// ListNotifications implements inbox.Notifications.
func (s *Inbox) ListNotifications(ctx context.Context, u access.UserID, before inbox.NotificationID, limit int) ([]inbox.Notification, error) {
	return db.All(ctx, s.db, scanNotification, `SELECT `+notificationColumns+` FROM notifications WHERE user_id = $1
		AND (CAST($2 AS BIGINT) = 0 OR id < $2) ORDER BY id DESC LIMIT $3`, int64(u), int64(before), limit)
}

// Notification returns one by id.
func (s *Inbox) Notification(ctx context.Context, id inbox.NotificationID) (inbox.Notification, error) {
	return db.One(ctx, s.db, scanNotification, `SELECT `+notificationColumns+` FROM notifications WHERE id = $1`, int64(id))
}

// ReadNotifications implements inbox.Notifications.
func (s *Inbox) ReadNotifications(ctx context.Context, u access.UserID, ids []inbox.NotificationID, c inbox.ConversationID, at time.Time) (int64, error) {
	q := &query{}
	set := `UPDATE notifications SET read_at = ` + q.arg(db.Micros(at))
	q.and(`user_id = ` + q.arg(int64(u)))
	q.and(`read_at = 0`)
	if ids != nil {
		in := []string{"0"}
		for _, id := range ids {
			in = append(in, q.arg(int64(id)))
		}
		q.and(`id IN (` + strings.Join(in, ", ") + `)`)
	}
	if c != 0 {
		q.and(`conversation_id = ` + q.arg(int64(c)))
	}
	return s.db.Exec(ctx, set+` WHERE `+strings.Join(q.where, ` AND `), q.args...)
}

// UnreadNotification implements inbox.Notifications.
func (s *Inbox) UnreadNotification(ctx context.Context, u access.UserID, k inbox.NotificationKind, text string) (bool, error) {
	n, err := db.One(ctx, s.db, db.Value[int], `SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND kind = $2 AND text = $3 AND read_at = 0`,
		int64(u), string(k), text)
	return n > 0, err
}
