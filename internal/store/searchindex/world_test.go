package searchindex_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/search"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/searchindex"
	"github.com/okno-hq/okno/internal/store/sqlite"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// world is a workspace with two inboxes, one of them a team's, and all that
// searches it.
type world struct {
	t        *testing.T
	db       *db.DB
	ids      *id.Source
	now      time.Time
	inbox    *store.Inbox
	contacts *store.Contacts
	events   *store.Events
	index    search.Index
	indexer  *search.Indexer
	service  *search.Service
	ws       int64
	team     access.TeamID
	open     inbox.ID // everybody's
	closed   inbox.ID // the team's
	all      access.Actor
	outsider access.Actor
}

func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, newWorld(t, storetest.SQLite(t, sqlite.Config{}), openLite(t, filepath.Join(t.TempDir(), "search.db"))))
	})
	t.Run("postgres", func(t *testing.T) {
		d := storetest.Postgres(t, postgres.Config{})
		test(t, newWorld(t, d, searchindex.Postgres(d)))
	})
}

func newWorld(t *testing.T, d *db.DB, x search.Index) *world {
	t.Helper()
	w := &world{
		t: t, db: d, now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), inbox: store.NewInbox(d), contacts: store.NewContacts(d),
		events: store.NewEvents(d, nil), index: x,
	}
	w.ids = id.NewSource(0, func() time.Time { return w.now })
	w.ws = w.ids.Next()
	w.team = access.TeamID(w.ids.Next())
	w.open, w.closed = inbox.ID(w.ids.Next()), inbox.ID(w.ids.Next())
	w.do(store.NewAccess(d).CreateWorkspace(t.Context(), access.Workspace{ID: access.WorkspaceID(w.ws), Name: "w"}))
	_, err := d.Exec(t.Context(), `INSERT INTO teams (id, workspace_id, name) VALUES ($1, $2, 'team')`, int64(w.team), w.ws)
	w.do(err)
	w.do(w.inbox.CreateInbox(t.Context(), w.ws, inbox.Inbox{ID: w.open, Name: "open"}))
	w.do(w.inbox.CreateInbox(t.Context(), w.ws, inbox.Inbox{ID: w.closed, Name: "closed", Teams: []access.TeamID{w.team}}))
	w.all = access.NewActor(access.User{Workspace: access.WorkspaceID(w.ws), ID: 1}, []access.Permission{access.ViewAll})
	w.outsider = access.NewActor(access.User{Workspace: access.WorkspaceID(w.ws), ID: 2}, nil)
	w.search(x)
	return w
}

// search puts an index in place.
func (w *world) search(x search.Index) {
	a := search.NewAnalyzer()
	source := searchindex.NewSource(w.db)
	w.index = x
	w.indexer = search.NewIndexer(search.IndexerDeps{Index: x, Source: source, Events: w.events, Analyzer: a, Batch: 7})
	w.service = search.NewService(search.Deps{
		Index: x, Analyzer: a, Notes: source, Now: func() time.Time { return w.now },
		Conversations: inbox.NewService(inbox.Deps{Inboxes: w.inbox, Items: w.inbox, Files: w.inbox, Lists: w.inbox}),
		Contacts:      contact.NewService(contact.Deps{Contacts: w.contacts}),
	})
}

func (w *world) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tell(e event.Event) {
	w.t.Helper()
	e.Workspace, e.At = w.ws, w.now
	w.do(w.events.Append(w.t.Context(), e))
}

func (w *world) contact(name string, change func(*contact.Contact)) contact.Contact {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	c := contact.Contact{ID: contact.ID(w.ids.Next()), Workspace: w.ws, Name: name, CreatedAt: w.now}
	if change != nil {
		change(&c)
	}
	w.do(w.contacts.CreateContact(w.t.Context(), c))
	for _, i := range c.Identities {
		i.ID, i.Contact = contact.IdentityID(w.ids.Next()), c.ID
		w.do(w.contacts.CreateIdentity(w.t.Context(), w.ws, i))
	}
	w.tell(event.Event{Type: event.ContactCreated, Contact: int64(c.ID)})
	return c
}

func (w *world) conversation(in inbox.ID, c contact.ID) inbox.Conversation {
	w.t.Helper()
	v := inbox.Conversation{ID: inbox.ConversationID(w.ids.Next()), Workspace: w.ws, Inbox: in, Contact: c, Status: inbox.Resolved, CreatedAt: w.now}
	w.do(w.inbox.CreateConversation(w.t.Context(), v))
	w.tell(event.Event{Type: event.ConversationCreated, Conversation: int64(v.ID), Inbox: int64(in), Contact: int64(c)})
	return v
}

func (w *world) say(v inbox.Conversation, text string) inbox.Item {
	return w.item(v, inbox.Item{Content: channel.Content{Text: text}})
}

func (w *world) item(v inbox.Conversation, i inbox.Item) inbox.Item {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	i.ID, i.Workspace, i.Conversation, i.Contact = inbox.ItemID(w.ids.Next()), w.ws, v.ID, v.Contact
	if i.Kind == "" {
		i.Kind = inbox.KindMessage
	}
	if i.At.IsZero() {
		i.At = w.now
	}
	i.HasFiles = len(i.Files) > 0
	w.do(w.inbox.CreateItem(w.t.Context(), i, nil))
	for _, f := range i.Files {
		f.ID, f.Workspace, f.Item, f.State = inbox.FileID(w.ids.Next()), w.ws, i.ID, inbox.FileReady
		w.do(w.inbox.CreateFile(w.t.Context(), f))
	}
	w.tell(event.Event{Type: event.ItemCreated, Item: int64(i.ID), Conversation: int64(v.ID), Inbox: int64(v.Inbox)})
	return i
}

func (w *world) change(i inbox.Item, quietly bool) {
	w.t.Helper()
	w.do(w.inbox.UpdateItem(w.t.Context(), i))
	if !quietly {
		w.tell(event.Event{Type: event.ItemUpdated, Item: int64(i.ID)})
	}
}

func (w *world) catchUp() {
	w.t.Helper()
	w.do(w.indexer.CatchUp(w.t.Context()))
	if p := w.indexer.Progress(); p.Behind != 0 || p.Filling {
		w.t.Fatalf("caught up, and yet %+v", p)
	}
}

func (w *world) hits(a access.Actor, q search.Query) []search.Hit {
	w.t.Helper()
	hits, _, err := w.service.Search(w.t.Context(), a, q)
	w.do(err)
	return hits
}

// found are the ids that a text finds.
func (w *world) found(a access.Actor, text string) []int64 {
	w.t.Helper()
	return idsOf(w.hits(a, search.Query{Text: text}))
}

func idsOf(hits []search.Hit) []int64 {
	ids := []int64{}
	for _, h := range hits {
		if h.Kind == search.Contact {
			ids = append(ids, int64(h.Contact.ID))
		} else {
			ids = append(ids, int64(h.Item.ID))
		}
	}
	return ids
}

func (w *world) expect(a access.Actor, text string, want ...int64) {
	w.t.Helper()
	if got := w.found(a, text); !slices.Equal(got, append([]int64{}, want...)) {
		w.t.Errorf("%q finds %v, want %v", text, got, want)
	}
}

// candidates are what the index itself gives for a text, whatever the truth.
func (w *world) candidates(text string, scope ...string) []int64 {
	w.t.Helper()
	m := parse(w.t, search.NewAnalyzer(), text)
	r := search.Request{Match: m, Limit: 1000, Scope: [][]string{scopeOf(w.ws)}}
	for _, s := range scope {
		r.Scope = append(r.Scope, []string{s})
	}
	ids, err := w.index.Find(w.t.Context(), r)
	w.do(err)
	return ids
}

// filedUnder is the word of scope that items of an inbox have.
func filedUnder(in inbox.ID) string {
	d, _ := search.NewAnalyzer().Document(item(1, "x"), in)
	return d.Scope[1]
}

func show(parts []search.Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// failing is an index whose changes fail now and then, before or after they
// were made: what a killed process leaves behind.
type failing struct {
	search.Index
	next func() (before, after bool)
}

func (f failing) Apply(ctx context.Context, b search.Batch) error {
	before, after := f.next()
	if before {
		return errKilled
	}
	if err := f.Index.Apply(ctx, b); err != nil {
		return err
	}
	if after {
		return errKilled
	}
	return nil
}
