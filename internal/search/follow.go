package search

import (
	"context"
	"log/slog"
	"slices"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/inbox"
)

// touched is what events say may have changed.
type touched struct {
	items         set[inbox.ItemID]
	contacts      set[contact.ID]
	conversations set[inbox.ConversationID]
	// movers are contacts whose items became another's.
	movers set[contact.ID]
}

type set[T ~int64] map[T]struct{}

func (s set[T]) add(ids ...int64) {
	for _, id := range ids {
		if id != 0 {
			s[T(id)] = struct{}{}
		}
	}
}

func (s set[T]) list() []T {
	out := make([]T, 0, len(s))
	for id := range s {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func touchedBy(list []event.Event) touched {
	t := touched{
		items: set[inbox.ItemID]{}, contacts: set[contact.ID]{}, conversations: set[inbox.ConversationID]{}, movers: set[contact.ID]{},
	}
	for _, e := range list {
		switch e.Type { //nolint:exhaustive // the others change nothing that is searched
		case event.ItemCreated, event.ItemUpdated:
			t.items.add(e.Item)
		case event.ConversationCreated, event.ConversationUpdated:
			t.conversations.add(e.Conversation)
		case event.ContactCreated, event.ContactUpdated:
			t.contacts.add(e.Contact)
		case event.ContactMerged, event.ContactUnmerged:
			t.contacts.add(e.Contact, e.Subject)
			t.movers.add(e.Contact, e.Subject)
		}
	}
	return t
}

// follow brings the index from a state over the next events.
func (x *Indexer) follow(ctx context.Context, ws int64, st State, list []event.Event) (State, error) {
	t := touchedBy(list)
	if err := x.refileMoved(ctx, ws, st, t); err != nil {
		return st, err
	}
	b := Batch{Workspace: ws, From: &st, To: st}
	last := list[len(list)-1]
	b.To.Cursor, b.To.Mark = last.ID, mark(last)
	items, err := x.d.Source.Items(ctx, ws, t.items.list())
	if err != nil {
		return st, err
	}
	if err := x.addItems(ctx, &b, items); err != nil {
		return st, err
	}
	ids := t.contacts.list()
	contacts, err := x.d.Source.Contacts(ctx, ws, ids)
	if err != nil {
		return st, err
	}
	if err := x.addContacts(ctx, &b, contacts); err != nil {
		return st, err
	}
	// What is not there any more must not be found.
	for _, id := range t.items.list() {
		b.drop(int64(id))
	}
	for _, id := range ids {
		b.drop(int64(id))
	}
	return b.To, x.apply(ctx, b)
}

// drop removes the document of an id unless the batch puts one.
func (b *Batch) drop(id int64) {
	if !slices.ContainsFunc(b.Put, func(d Document) bool { return d.ID == id }) && !slices.Contains(b.Delete, id) {
		b.Delete = append(b.Delete, id)
	}
}

func (x *Indexer) apply(ctx context.Context, b Batch) error {
	if err := x.d.Index.Apply(ctx, b); err != nil {
		return err
	}
	x.indexed.Add(uint64(len(b.Put)))
	return nil
}

// refileMoved files the items anew of conversations that went to another
// inbox, and of contacts that were merged or taken apart.
func (x *Indexer) refileMoved(ctx context.Context, ws int64, st State, t touched) error {
	ids := t.conversations.list()
	if len(ids) > 0 {
		now, err := x.d.Source.Inboxes(ctx, ws, ids)
		if err != nil {
			return err
		}
		plain := make([]int64, len(ids))
		for i, id := range ids {
			plain[i] = int64(id)
		}
		filed, err := x.d.Index.Places(ctx, plain)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if in, ok := filed[int64(id)]; ok && in != int64(now[id]) {
				if err := x.refile(ctx, st, inbox.ItemQuery{Workspace: ws, Conversation: id}); err != nil {
					return err
				}
			}
		}
	}
	for _, id := range t.movers.list() {
		if err := x.refile(ctx, st, inbox.ItemQuery{Workspace: ws, Contact: id}); err != nil {
			return err
		}
	}
	return nil
}

// refile indexes all items of a conversation or contact, in batches that
// leave the state as it is: if the process dies, they are done again.
func (x *Indexer) refile(ctx context.Context, st State, q inbox.ItemQuery) error {
	places := map[int64]int64{}
	q.After, q.Limit = 1, x.d.Batch // ids are far above
	for {
		items, err := x.d.Source.ItemsOf(ctx, q)
		if err != nil {
			return err
		}
		b := Batch{Workspace: q.Workspace, From: &st, To: st}
		now, err := x.put(ctx, &b, items)
		if err != nil {
			return err
		}
		for id, in := range now {
			if was, ok := places[int64(id)]; ok && was != int64(in) {
				in = 0 // it moved again meanwhile
			}
			places[int64(id)] = int64(in)
		}
		last := len(items) < q.Limit
		if last {
			b.Places = places // now all of them are there
		}
		if err := x.apply(ctx, b); err != nil || last {
			return err
		}
		q.After = items[len(items)-1].Place
	}
}

// addItems puts items' documents into a batch and notes where their
// conversations are filed. One that is filed elsewhere already has moved: it
// is filed nowhere until the event of it is followed.
func (x *Indexer) addItems(ctx context.Context, b *Batch, items []inbox.Item) error {
	now, err := x.put(ctx, b, items)
	if err != nil || len(now) == 0 {
		return err
	}
	ids := make([]int64, 0, len(now))
	for id := range now {
		ids = append(ids, int64(id))
	}
	filed, err := x.d.Index.Places(ctx, ids)
	if err != nil {
		return err
	}
	b.Places = make(map[int64]int64, len(now))
	for id, in := range now {
		was, ok := filed[int64(id)]
		switch {
		case !ok:
			b.Places[int64(id)] = int64(in)
		case was != int64(in):
			b.Places[int64(id)] = 0
		}
	}
	return nil
}

// put puts items' documents into a batch and returns where the conversations
// are.
func (x *Indexer) put(ctx context.Context, b *Batch, items []inbox.Item) (map[inbox.ConversationID]inbox.ID, error) {
	if len(items) == 0 {
		return nil, nil
	}
	conversations := set[inbox.ConversationID]{}
	for _, i := range items {
		conversations.add(int64(i.Conversation))
	}
	inboxes, err := x.d.Source.Inboxes(ctx, b.Workspace, conversations.list())
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if d, ok := x.d.Analyzer.Document(i, inboxes[i.Conversation]); ok {
			b.Put = append(b.Put, d)
		} else {
			b.Delete = append(b.Delete, int64(i.ID))
		}
	}
	return inboxes, nil
}

// addContacts puts contacts' documents into a batch.
func (x *Indexer) addContacts(ctx context.Context, b *Batch, list []contact.Contact) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]contact.ID, len(list))
	for n, c := range list {
		ids[n] = c.ID
	}
	notes, err := x.d.Source.Notes(ctx, b.Workspace, ids)
	if err != nil {
		return err
	}
	for _, c := range list {
		if d, ok := x.d.Analyzer.ContactDocument(c, notes[c.ID]); ok {
			b.Put = append(b.Put, d)
		} else {
			b.Delete = append(b.Delete, int64(c.ID))
		}
	}
	return nil
}

// fill adds the next batch of what is older than the index: contacts first,
// for they are few and looked for most.
func (x *Indexer) fill(ctx context.Context, ws int64, st State) (State, error) {
	b := Batch{Workspace: ws, From: &st, To: st}
	if st.Contacts != 0 {
		list, err := x.d.Source.ContactsBefore(ctx, ws, contact.ID(st.Contacts), x.d.Batch)
		if err != nil {
			return st, err
		}
		if err := x.addContacts(ctx, &b, list); err != nil {
			return st, err
		}
		b.To.Contacts = 0
		if len(list) == x.d.Batch {
			b.To.Contacts = int64(list[len(list)-1].ID)
		}
	} else {
		list, err := x.d.Source.ItemsBefore(ctx, ws, inbox.ItemID(st.Items), x.d.Batch)
		if err != nil {
			return st, err
		}
		if err := x.addItems(ctx, &b, list); err != nil {
			return st, err
		}
		b.To.Items = 0
		if len(list) == x.d.Batch {
			b.To.Items = int64(list[len(list)-1].ID)
		}
	}
	if err := x.apply(ctx, b); err != nil {
		return st, err
	}
	if !missing(b.To) {
		x.d.Log.InfoContext(ctx, "the search index is complete", slog.Int64("workspace_id", ws))
		if err := x.d.Index.Optimize(ctx); err != nil {
			return b.To, err
		}
	}
	return b.To, nil
}
