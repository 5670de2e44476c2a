package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/store/db"
)

// Contacts keeps customers.
type Contacts struct{ db *db.DB }

// NewContacts returns the store.
func NewContacts(d *db.DB) *Contacts { return &Contacts{d} }

const contactColumns = `c.id, c.workspace_id, c.name, c.named_by, c.company, c.locale, c.source, c.avatar_file_id, c.avatar_ref, c.fields,
	c.blocked, c.merged_into, c.created_at, c.updated_at, c.last_seen_at`

func scanContact(r db.Scanner) (contact.Contact, error) { return contactRow(r) }

// contactRow scans the columns above, and more behind them.
func contactRow(r db.Scanner, more ...any) (c contact.Contact, err error) {
	var (
		fields                 string
		created, updated, seen int64
	)
	err = r.Scan(append([]any{
		&c.ID, &c.Workspace, &c.Name, &c.NamedBy, &c.Company, &c.Locale, &c.Source, &c.AvatarFile, &c.AvatarRef, &fields,
		&c.Blocked, &c.MergedInto, &created, &updated, &seen,
	}, more...)...)
	if err != nil {
		return c, err
	}
	c.CreatedAt, c.UpdatedAt, c.LastSeenAt = db.Time(created), db.Time(updated), db.Time(seen)
	c.Fields = map[string]any{}
	return c, value(fields, &c.Fields)
}

// CreateContact implements contact.Contacts.
func (s *Contacts) CreateContact(ctx context.Context, c contact.Contact) error {
	fields, err := text(c.Fields)
	if err != nil {
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO contacts (id, workspace_id, name, name_norm, named_by, company, locale, source, avatar_file_id,
			avatar_ref, fields, blocked, merged_into, created_at, updated_at, last_seen_at, company_norm)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		int64(c.ID), c.Workspace, c.Name, contact.NormaliseName(c.Name), c.NamedBy, c.Company, c.Locale, c.Source, c.AvatarFile,
		c.AvatarRef, fields, c.Blocked, int64(c.MergedInto), db.Micros(c.CreatedAt), db.Micros(c.UpdatedAt), db.Micros(c.LastSeenAt),
		contact.NormaliseName(c.Company))
	return err
}

// UpdateContact implements contact.Contacts.
func (s *Contacts) UpdateContact(ctx context.Context, c contact.Contact) error {
	fields, err := text(c.Fields)
	if err != nil {
		return err
	}
	n, err := s.db.Exec(ctx, `UPDATE contacts SET name = $3, name_norm = $4, named_by = $5, company = $6, locale = $7, source = $8,
			avatar_file_id = $9, avatar_ref = $10, fields = $11, blocked = $12, merged_into = $13, updated_at = $14, last_seen_at = $15, company_norm = $16
		WHERE id = $1 AND workspace_id = $2`,
		int64(c.ID), c.Workspace, c.Name, contact.NormaliseName(c.Name), c.NamedBy, c.Company, c.Locale, c.Source,
		c.AvatarFile, c.AvatarRef, fields, c.Blocked, int64(c.MergedInto), db.Micros(c.UpdatedAt), db.Micros(c.LastSeenAt), contact.NormaliseName(c.Company))
	return some(n, err, contact.ErrNotFound)
}

// SeenContact implements contact.Contacts.
func (s *Contacts) SeenContact(ctx context.Context, id contact.ID, at time.Time) error {
	_, err := s.db.Exec(ctx, `UPDATE contacts SET last_seen_at = $2 WHERE id = $1`, int64(id), db.Micros(at))
	return err
}

// Contact implements contact.Contacts. Inside a write it locks the contact.
func (s *Contacts) Contact(ctx context.Context, ws int64, id contact.ID) (contact.Contact, error) {
	c, err := db.One(ctx, s.db, scanContact, `SELECT `+contactColumns+` FROM contacts c WHERE id = $1 AND workspace_id = $2`+
		forUpdate(s.db.InWrite(ctx), s.db.Dialect()), int64(id), ws)
	if err != nil {
		return c, orElse(err, contact.ErrNotFound)
	}
	list := []contact.Contact{c}
	err = s.complete(ctx, list)
	return list[0], err
}

// Contacts implements contact.Contacts.
func (s *Contacts) Contacts(ctx context.Context, ws int64, ids []contact.ID) ([]contact.Contact, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	in, values := db.List(ids, ws)
	list, err := db.All(ctx, s.db, scanContact, `SELECT `+contactColumns+` FROM contacts c WHERE +workspace_id = $1 AND id IN `+in, values...)
	if err != nil {
		return nil, err
	}
	return list, s.complete(ctx, list)
}

// complete reads what belongs to contacts.
func (s *Contacts) complete(ctx context.Context, list []contact.Contact) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[contact.ID]*contact.Contact, len(list))
	ids := make([]contact.ID, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	in, values := db.List(ids)
	identities, err := db.All(ctx, s.db, scanIdentity, `SELECT `+identityColumns+` FROM identities i WHERE i.contact_id IN `+in+` ORDER BY i.id`, values...)
	if err != nil {
		return err
	}
	for _, i := range identities {
		c := at[i.Contact]
		c.Identities = append(c.Identities, i)
	}
	type tagged struct {
		contact contact.ID
		tag     contact.TagID
	}
	tags, err := db.All(ctx, s.db, func(r db.Scanner) (t tagged, err error) {
		err = r.Scan(&t.contact, &t.tag)
		return t, err
	}, `SELECT contact_id, tag_id FROM contact_tags WHERE contact_id IN `+in+` ORDER BY tag_id`, values...)
	if err != nil {
		return err
	}
	for _, t := range tags {
		c := at[t.contact]
		c.Tags = append(c.Tags, t.tag)
	}
	return s.withConsents(ctx, in, values, at)
}

// ListContacts implements contact.Contacts.
func (s *Contacts) ListContacts(ctx context.Context, ws int64, q contact.Query) ([]contact.Contact, error) {
	where, values := []string{`workspace_id = $1`, `merged_into = 0`}, []any{ws}
	arg := func(v any) string {
		values = append(values, v)
		return "$" + strconv.Itoa(len(values))
	}
	if q.Before != 0 {
		where = append(where, `id < `+arg(int64(q.Before)))
	}
	if q.NameNorm != "" {
		where = append(where, `name_norm = `+arg(q.NameNorm))
	}
	if q.Tag != 0 {
		where = append(where, `id IN (SELECT contact_id FROM contact_tags WHERE tag_id = `+arg(int64(q.Tag))+`)`)
	}
	switch {
	case q.Digits != "":
		where = append(where, `id IN (SELECT contact_id FROM identities WHERE workspace_id = $1 AND value LIKE `+arg("%"+q.Digits+"%")+`)`)
	case q.Text != "":
		like := arg("%" + escapeLike(q.Text) + "%")
		where = append(where, `(name_norm LIKE `+like+` ESCAPE '\' OR company_norm LIKE `+like+` ESCAPE '\' OR id IN (SELECT contact_id FROM identities
			WHERE workspace_id = $1 AND find_norm LIKE `+like+` ESCAPE '\'))`)
	}
	list, err := db.All(ctx, s.db, scanContact, `SELECT `+contactColumns+` FROM contacts c WHERE `+strings.Join(where, ` AND `)+
		` ORDER BY id DESC LIMIT `+arg(q.Limit), values...)
	if err != nil {
		return nil, err
	}
	return list, s.complete(ctx, list)
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// SetTags implements contact.Contacts.
func (s *Contacts) SetTags(ctx context.Context, ws int64, id contact.ID, tags []contact.TagID) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM contact_tags WHERE contact_id = $1`, int64(id)); err != nil {
		return err
	}
	for _, t := range tags {
		if _, err := s.db.Exec(ctx, `INSERT INTO contact_tags (workspace_id, contact_id, tag_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			ws, int64(id), int64(t)); err != nil {
			return err
		}
	}
	return nil
}

// FindOwner implements contact.Identities.
func (s *Contacts) FindOwner(ctx context.Context, ws int64, kind contact.IdentityKind, scope, v string) (contact.Contact, contact.Identity, error) {
	lock := ""
	if s.db.InWrite(ctx) && s.db.Dialect() == db.Postgres {
		lock = ` FOR UPDATE OF c`
	}
	type found struct {
		contact  contact.Contact
		identity contact.Identity
	}
	f, err := db.One(ctx, s.db, func(r db.Scanner) (f found, err error) {
		var created int64
		f.contact, err = contactRow(r, &f.identity.ID, &f.identity.Contact, &f.identity.Kind, &f.identity.Scope, &f.identity.Value,
			&f.identity.Display, &f.identity.Verified, &created)
		f.identity.CreatedAt = db.Time(created)
		return f, err
	}, `SELECT `+contactColumns+`, `+identityColumns+` FROM identities i JOIN contacts c ON c.id = i.contact_id
		WHERE i.workspace_id = $1 AND i.kind = $2 AND i.scope = $3 AND i.value = $4`+lock, ws, string(kind), scope, v)
	return f.contact, f.identity, orElse(err, contact.ErrNoIdentity)
}

const identityColumns = `i.id, i.contact_id, i.kind, i.scope, i.value, i.display, i.verified, i.created_at`

func scanIdentity(r db.Scanner) (i contact.Identity, err error) {
	var created int64
	err = r.Scan(&i.ID, &i.Contact, &i.Kind, &i.Scope, &i.Value, &i.Display, &i.Verified, &created)
	i.CreatedAt = db.Time(created)
	return i, err
}

// findable is what an identity is looked for by.
func findable(i contact.Identity) string { return contact.NormaliseName(i.Display + " " + i.Value) }

// CreateIdentity implements contact.Identities.
func (s *Contacts) CreateIdentity(ctx context.Context, ws int64, i contact.Identity) error {
	_, err := s.db.Exec(ctx, `INSERT INTO identities (id, workspace_id, contact_id, kind, scope, value, display, verified, created_at, find_norm)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		int64(i.ID), ws, int64(i.Contact), string(i.Kind), i.Scope, i.Value, i.Display, i.Verified, db.Micros(i.CreatedAt), findable(i))
	return orTaken(err, contact.ErrIdentityTaken, "identities")
}

// UpdateIdentity implements contact.Identities.
func (s *Contacts) UpdateIdentity(ctx context.Context, ws int64, i contact.Identity) error {
	n, err := s.db.Exec(ctx, `UPDATE identities SET contact_id = $3, display = $4, verified = $5, find_norm = $6 WHERE id = $1 AND workspace_id = $2`,
		int64(i.ID), ws, int64(i.Contact), i.Display, i.Verified, findable(i))
	return some(n, err, contact.ErrNoIdentity)
}

// DeleteIdentity implements contact.Identities.
func (s *Contacts) DeleteIdentity(ctx context.Context, ws int64, id contact.IdentityID) error {
	n, err := s.db.Exec(ctx, `DELETE FROM identities WHERE id = $1 AND workspace_id = $2`, int64(id), ws)
	return some(n, err, contact.ErrNoIdentity)
}

// FindIdentity implements contact.Identities.
func (s *Contacts) FindIdentity(ctx context.Context, ws int64, kind contact.IdentityKind, scope, v string) (contact.Identity, error) {
	i, err := db.One(ctx, s.db, scanIdentity, `SELECT `+identityColumns+` FROM identities i
		WHERE workspace_id = $1 AND kind = $2 AND scope = $3 AND value = $4`, ws, string(kind), scope, v)
	return i, orElse(err, contact.ErrNoIdentity)
}

// MoveIdentities implements contact.Identities.
func (s *Contacts) MoveIdentities(ctx context.Context, ws int64, ids []contact.IdentityID, to contact.ID) error {
	if len(ids) == 0 {
		return nil
	}
	in, values := db.List(ids, int64(to), ws)
	_, err := s.db.Exec(ctx, `UPDATE identities SET contact_id = $1 WHERE workspace_id = $2 AND id IN `+in, values...)
	return err
}
