package store

import (
	"context"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/store/db"
)

const consentColumns = `id, workspace_id, contact_id, purpose, source, given_at, withdrawn_at, text, channel_id, page`

func consentValues(ws int64, id contact.ID, c contact.Consent) []any {
	return []any{int64(c.ID), ws, int64(id), c.Purpose, c.Source, db.Micros(c.GivenAt), c.Text, c.Channel, c.Page}
}

// AddConsent keeps a consent of an imported contact.
func (s *Contacts) AddConsent(ctx context.Context, ws int64, id contact.ID, newID int64, c contact.Consent) error {
	c.ID = contact.ConsentID(newID)
	_, err := s.db.Exec(ctx, `INSERT INTO consents (`+consentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)`, consentValues(ws, id, c)...)
	return err
}

// GiveConsent implements contact.Consents.
func (s *Contacts) GiveConsent(ctx context.Context, ws int64, id contact.ID, c contact.Consent) (bool, error) {
	n, err := s.db.Exec(ctx, `INSERT INTO consents (`+consentColumns+`)
		SELECT CAST($1 AS BIGINT), p.workspace_id, p.id, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS BIGINT), 0, CAST($7 AS TEXT), CAST($8 AS BIGINT), CAST($9 AS TEXT)
		FROM contacts p WHERE p.id = $3 AND p.workspace_id = $2 AND NOT EXISTS (SELECT 1 FROM consents k
			WHERE k.contact_id = $3 AND k.purpose = $4 AND k.channel_id = $8 AND k.text = $7 AND k.withdrawn_at = 0)`, consentValues(ws, id, c)...)
	return n > 0, err
}

// MoveConsents implements contact.Consents.
func (s *Contacts) MoveConsents(ctx context.Context, ws int64, ids []contact.ConsentID, to contact.ID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := s.db.Exec(ctx, `UPDATE consents SET contact_id = $1 WHERE workspace_id = $2 AND id IN `+s.db.Dialect().In(len(ids), 3),
		append([]any{int64(to), ws}, args(ids)...)...)
	return err
}

// withConsents reads what contacts agreed to.
func (s *Contacts) withConsents(ctx context.Context, in string, values []any, at map[contact.ID]*contact.Contact) error {
	type given struct {
		contact contact.ID
		consent contact.Consent
	}
	consents, err := db.All(ctx, s.db, func(r db.Scanner) (g given, err error) {
		var when int64
		c := &g.consent
		err = r.Scan(&c.ID, &g.contact, &c.Purpose, &c.Source, &when, &c.Text, &c.Channel, &c.Page)
		c.GivenAt = db.Time(when)
		return g, err
	}, `SELECT id, contact_id, purpose, source, given_at, text, channel_id, page FROM consents
		WHERE withdrawn_at = 0 AND contact_id IN `+in+` ORDER BY id`, values...)
	for _, g := range consents {
		c := at[g.contact]
		c.Consents = append(c.Consents, g.consent)
	}
	return err
}
