package store

import (
	"context"

	"github.com/okno-hq/okno/internal/access"
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
