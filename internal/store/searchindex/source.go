package searchindex

import (
	"context"
	"slices"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
)

// Source implements search.Source and search.Notes on the database.
type Source struct {
	db       *db.DB
	inbox    *store.Inbox
	contacts *store.Contacts
}

var _ search.Source = (*Source)(nil)

// NewSource returns the truth of a database.
func NewSource(d *db.DB) *Source {
	return &Source{db: d, inbox: store.NewInbox(d), contacts: store.NewContacts(d)}
}

// Workspaces implements search.Source.
func (s *Source) Workspaces(ctx context.Context) ([]int64, error) {
	return db.All(ctx, s.db, db.Value[int64], `SELECT id FROM workspaces ORDER BY id`)
}

// Items implements search.Source.
func (s *Source) Items(ctx context.Context, ws int64, ids []inbox.ItemID) ([]inbox.Item, error) {
	out := make([]inbox.Item, 0, len(ids))
	for chunk := range slices.Chunk(ids, mostArgs) {
		list, err := s.inbox.Items(ctx, ws, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b inbox.Item) int { return compare(int64(a.ID), int64(b.ID)) })
	return out, s.attach(ctx, out)
}

// ItemsBefore implements search.Source.
func (s *Source) ItemsBefore(ctx context.Context, ws int64, before inbox.ItemID, limit int) ([]inbox.Item, error) {
	ids, err := db.All(ctx, s.db, db.Value[inbox.ItemID], `SELECT id FROM items WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		ws, int64(before), limit)
	if err != nil {
		return nil, err
	}
	items, err := s.Items(ctx, ws, ids)
	slices.Reverse(items)
	return items, err
}

// ItemsOf implements search.Source.
func (s *Source) ItemsOf(ctx context.Context, q inbox.ItemQuery) ([]inbox.Item, error) {
	items, err := s.inbox.ListItems(ctx, q)
	if err != nil {
		return nil, err
	}
	return items, s.attach(ctx, items)
}

// attach reads the files of items that have some.
func (s *Source) attach(ctx context.Context, items []inbox.Item) error {
	at := map[inbox.ItemID]int{}
	var ids []inbox.ItemID
	for n, i := range items {
		if i.HasFiles {
			at[i.ID] = n
			ids = append(ids, i.ID)
		}
	}
	for chunk := range slices.Chunk(ids, mostArgs) {
		files, err := s.inbox.FilesOf(ctx, chunk)
		if err != nil {
			return err
		}
		for _, f := range files {
			i := &items[at[f.Item]]
			i.Files = append(i.Files, f)
		}
	}
	return nil
}

// Inboxes implements search.Source.
func (s *Source) Inboxes(ctx context.Context, ws int64, ids []inbox.ConversationID) (map[inbox.ConversationID]inbox.ID, error) {
	type place struct {
		conversation inbox.ConversationID
		inbox        inbox.ID
	}
	out := make(map[inbox.ConversationID]inbox.ID, len(ids))
	for chunk := range slices.Chunk(ids, mostArgs) {
		in, values := db.List(chunk, ws)
		list, err := db.All(ctx, s.db, func(r db.Scanner) (p place, err error) {
			err = r.Scan(&p.conversation, &p.inbox)
			return p, err
		}, `SELECT id, inbox_id FROM conversations WHERE +workspace_id = $1 AND id IN `+in, values...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.conversation] = p.inbox
		}
	}
	return out, nil
}

// Contacts implements search.Source.
func (s *Source) Contacts(ctx context.Context, ws int64, ids []contact.ID) ([]contact.Contact, error) {
	var out []contact.Contact
	for chunk := range slices.Chunk(ids, mostArgs) {
		list, err := s.contacts.Contacts(ctx, ws, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// ContactsBefore implements search.Source.
func (s *Source) ContactsBefore(ctx context.Context, ws int64, before contact.ID, limit int) ([]contact.Contact, error) {
	ids, err := db.All(ctx, s.db, db.Value[contact.ID], `SELECT id FROM contacts WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		ws, int64(before), limit)
	if err != nil {
		return nil, err
	}
	list, err := s.Contacts(ctx, ws, ids)
	slices.SortFunc(list, func(a, b contact.Contact) int { return compare(int64(b.ID), int64(a.ID)) })
	return list, err
}

// Notes implements search.Source.
func (s *Source) Notes(ctx context.Context, ws int64, ids []contact.ID) (map[contact.ID][]contact.Note, error) {
	out := map[contact.ID][]contact.Note{}
	for chunk := range slices.Chunk(ids, mostArgs) {
		in, values := db.List(chunk, ws)
		list, err := db.All(ctx, s.db, func(r db.Scanner) (n contact.Note, err error) {
			var created int64
			err = r.Scan(&n.ID, &n.Contact, &n.Author, &n.Text, &created)
			n.CreatedAt = db.Time(created)
			return n, err
		}, `SELECT id, contact_id, author_id, text, created_at FROM contact_notes WHERE workspace_id = $1 AND contact_id IN `+in+` ORDER BY id`, values...)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			out[n.Contact] = append(out[n.Contact], n)
		}
	}
	return out, nil
}
