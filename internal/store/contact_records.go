package store

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/store/db"
)

// CreateNote implements contact.Notes.
func (s *Contacts) CreateNote(ctx context.Context, ws int64, n contact.Note) error {
	_, err := s.db.Exec(ctx, `INSERT INTO contact_notes (id, workspace_id, contact_id, author_id, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		int64(n.ID), ws, int64(n.Contact), n.Author, n.Text, db.Micros(n.CreatedAt))
	return err
}

// ListNotes implements contact.Notes.
func (s *Contacts) ListNotes(ctx context.Context, ws int64, c contact.ID) ([]contact.Note, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (n contact.Note, err error) {
		var created int64
		err = r.Scan(&n.ID, &n.Contact, &n.Author, &n.Text, &created)
		n.CreatedAt = db.Time(created)
		return n, err
	}, `SELECT id, contact_id, author_id, text, created_at FROM contact_notes WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id DESC`, ws, int64(c))
}

// DeleteNote implements contact.Notes.
func (s *Contacts) DeleteNote(ctx context.Context, ws int64, c contact.ID, n contact.NoteID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM contact_notes WHERE workspace_id = $1 AND contact_id = $2 AND id = $3`, ws, int64(c), int64(n))
}

// MoveNotes implements contact.Notes.
func (s *Contacts) MoveNotes(ctx context.Context, ws int64, ids []contact.NoteID, to contact.ID) error {
	if len(ids) == 0 {
		return nil
	}
	in, values := db.List(ids, int64(to), ws)
	_, err := s.db.Exec(ctx, `UPDATE contact_notes SET contact_id = $1 WHERE workspace_id = $2 AND id IN `+in, values...)
	return err
}

// CreateMerge implements contact.Merges.
func (s *Contacts) CreateMerge(ctx context.Context, ws int64, m contact.Merge) error {
	moved, err := text(m.Moved)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO contact_merges (id, workspace_id, winner_id, loser_id, loser_name, user_id, reason, moved, at, undone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		int64(m.ID), ws, int64(m.Winner), int64(m.Loser), m.LoserName, m.User, m.Reason, moved, db.Micros(m.At))
	return err
}

const mergeColumns = `id, winner_id, loser_id, loser_name, user_id, reason, moved, at, undone_at`

func scanMerge(r db.Scanner) (m contact.Merge, err error) {
	var (
		moved      string
		at, undone int64
	)
	if err = r.Scan(&m.ID, &m.Winner, &m.Loser, &m.LoserName, &m.User, &m.Reason, &moved, &at, &undone); err != nil {
		return m, err
	}
	m.At, m.UndoneAt = db.Time(at), db.Time(undone)
	return m, value(moved, &m.Moved)
}

// Merge implements contact.Merges.
func (s *Contacts) Merge(ctx context.Context, ws int64, id contact.MergeID) (contact.Merge, error) {
	m, err := db.One(ctx, s.db, scanMerge, `SELECT `+mergeColumns+` FROM contact_merges WHERE id = $1 AND workspace_id = $2`+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), int64(id), ws)
	return m, orElse(err, contact.ErrNoMerge)
}

// ListMerges implements contact.Merges.
func (s *Contacts) ListMerges(ctx context.Context, ws int64, winner contact.ID) ([]contact.Merge, error) {
	return db.All(ctx, s.db, scanMerge, `SELECT `+mergeColumns+` FROM contact_merges WHERE workspace_id = $1 AND winner_id = $2 ORDER BY id DESC`, ws, int64(winner))
}

// SetUndone implements contact.Merges.
func (s *Contacts) SetUndone(ctx context.Context, ws int64, id contact.MergeID, at time.Time) error {
	n, err := s.db.Exec(ctx, `UPDATE contact_merges SET undone_at = $3 WHERE id = $1 AND workspace_id = $2`, int64(id), ws, db.Micros(at))
	return some(n, err, contact.ErrNoMerge)
}

// Suggest implements contact.Merges.
func (s *Contacts) Suggest(ctx context.Context, ws int64, g contact.Suggestion) error {
	_, err := s.db.Exec(ctx, `INSERT INTO contact_suggestions (id, workspace_id, a_id, b_id, reason, detail, score, dismissed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (a_id, b_id) DO NOTHING`,
		int64(g.ID), ws, int64(g.A), int64(g.B), string(g.Reason), g.Detail, g.Score)
	return err
}

// ListSuggestions implements contact.Merges. Those with a contact that is
// merged away are left out.
func (s *Contacts) ListSuggestions(ctx context.Context, ws int64, c contact.ID) ([]contact.Suggestion, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (g contact.Suggestion, err error) {
		err = r.Scan(&g.ID, &g.A, &g.B, &g.Reason, &g.Detail, &g.Score)
		return g, err
	}, `SELECT g.id, g.a_id, g.b_id, g.reason, g.detail, g.score FROM contact_suggestions g
		JOIN contacts a ON a.id = g.a_id AND a.merged_into = 0 JOIN contacts b ON b.id = g.b_id AND b.merged_into = 0
		WHERE g.workspace_id = $1 AND (g.a_id = $2 OR g.b_id = $2) AND g.dismissed_at = 0 ORDER BY g.score DESC, g.id LIMIT 20`, ws, int64(c))
}

// Dismiss implements contact.Merges.
func (s *Contacts) Dismiss(ctx context.Context, ws int64, c contact.ID, id contact.SuggestionID, at time.Time) (int64, error) {
	return s.db.Exec(ctx, `UPDATE contact_suggestions SET dismissed_at = $4 WHERE workspace_id = $1 AND id = $2 AND (a_id = $3 OR b_id = $3)`,
		ws, int64(id), int64(c), db.Micros(at))
}

// CreateTag implements contact.Vocabulary.
func (s *Contacts) CreateTag(ctx context.Context, ws int64, t contact.Tag) error {
	_, err := s.db.Exec(ctx, `INSERT INTO tags (id, workspace_id, name, name_norm, color) VALUES ($1, $2, $3, $4, $5)`,
		int64(t.ID), ws, t.Name, contact.NormaliseName(t.Name), t.Color)
	return orTaken(err, contact.ErrTagTaken.WithField("name"), "tags")
}

// UpdateTag implements contact.Vocabulary.
func (s *Contacts) UpdateTag(ctx context.Context, ws int64, t contact.Tag) error {
	n, err := s.db.Exec(ctx, `UPDATE tags SET name = $3, name_norm = $4, color = $5 WHERE id = $1 AND workspace_id = $2`,
		int64(t.ID), ws, t.Name, contact.NormaliseName(t.Name), t.Color)
	return some(n, orTaken(err, contact.ErrTagTaken.WithField("name"), "tags"), contact.ErrNoTag)
}

// DeleteTag implements contact.Vocabulary.
func (s *Contacts) DeleteTag(ctx context.Context, ws int64, t contact.TagID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM tags WHERE id = $1 AND workspace_id = $2`, int64(t), ws)
}

// ListTags implements contact.Vocabulary.
func (s *Contacts) ListTags(ctx context.Context, ws int64) ([]contact.Tag, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (t contact.Tag, err error) {
		err = r.Scan(&t.ID, &t.Name, &t.Color)
		return t, err
	}, `SELECT id, name, color FROM tags WHERE workspace_id = $1 ORDER BY name_norm`, ws)
}

// CreateField implements contact.Vocabulary.
func (s *Contacts) CreateField(ctx context.Context, ws int64, f contact.Field) error {
	options, err := text(f.Options)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO contact_fields (id, workspace_id, key, label, type, options, position) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(f.ID), ws, f.Key, f.Label, string(f.Type), options, f.Position)
	return orTaken(err, contact.ErrFieldTaken.WithField("key"), "contact_fields")
}

// UpdateField implements contact.Vocabulary.
func (s *Contacts) UpdateField(ctx context.Context, ws int64, f contact.Field) error {
	options, err := text(f.Options)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE contact_fields SET label = $3, options = $4, position = $5 WHERE id = $1 AND workspace_id = $2`,
		int64(f.ID), ws, f.Label, options, f.Position)
	return some(n, err, contact.ErrNoField)
}

// DeleteField implements contact.Vocabulary.
func (s *Contacts) DeleteField(ctx context.Context, ws int64, f contact.FieldID) (int64, error) {
	return s.db.Exec(ctx, `DELETE FROM contact_fields WHERE id = $1 AND workspace_id = $2`, int64(f), ws)
}

// ListFields implements contact.Vocabulary.
func (s *Contacts) ListFields(ctx context.Context, ws int64) ([]contact.Field, error) {
	return db.All(ctx, s.db, func(r db.Scanner) (f contact.Field, err error) {
		var options string
		if err = r.Scan(&f.ID, &f.Key, &f.Label, &f.Type, &options, &f.Position); err != nil {
			return f, err
		}
		return f, value(options, &f.Options)
	}, `SELECT id, key, label, type, options, position FROM contact_fields WHERE workspace_id = $1 ORDER BY position, id`, ws)
}
