package contact_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/phone"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

type phones struct{}

func (phones) Normalise(raw, country string) (string, error) { return phone.Normalise(raw, country) }
func (phones) Display(e164 string) string                    { return phone.Display(e164) }
func (phones) Digits(raw string) string                      { return phone.Digits(raw) }

// work moves conversations through the real storage.
type work struct{ store *store.Inbox }

func (w work) MoveWork(ctx context.Context, ws int64, from, to contact.ID) (json.RawMessage, error) {
	return w.store.Move(ctx, ws, from, to)
}

func (w work) MoveWorkBack(ctx context.Context, ws int64, from, to contact.ID, moved json.RawMessage) error {
	return w.store.MoveBack(ctx, ws, from, to, moved)
}

type auditor struct {
	store *store.Access
	newID func() int64
}

func (a auditor) Record(ctx context.Context, who access.Actor, action, targetType string, target int64, name string, detail map[string]any) error {
	return a.store.Record(ctx, access.Entry{
		ID: a.newID(), Workspace: who.Workspace, User: who.User, Action: action, TargetType: targetType, TargetID: target, TargetName: name, Detail: detail,
	})
}

// world is a workspace with real storage.
type world struct {
	t      *testing.T
	ctx    context.Context
	db     *db.DB
	ws     int64
	newID  func() int64
	access *store.Access
	store  *store.Contacts
	inbox  *store.Inbox
	*contact.Service
	admin, agent access.Actor
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w := &world{
		t: t, ctx: t.Context(), db: d, newID: id.NewSource(1, func() time.Time { return now }).Next,
		access: store.NewAccess(d), store: store.NewContacts(d), inbox: store.NewInbox(d),
	}
	w.ws = w.newID()
	ws := access.WorkspaceID(w.ws)
	w.must(w.access.CreateWorkspace(w.ctx, access.Workspace{ID: ws, Country: "RU"}))
	role := access.RoleID(w.newID())
	w.must(w.access.CreateRole(w.ctx, ws, access.Role{ID: role, Key: access.Admin, Permissions: access.Permissions()}))
	user := access.User{ID: access.UserID(w.newID()), Workspace: ws, Email: "a@example.com", Role: role}
	w.must(w.access.CreateUser(w.ctx, user))
	w.admin, w.agent = access.NewActor(user, access.Permissions()), access.NewActor(user, access.Agent.Default())
	w.Service = contact.NewService(contact.Deps{
		Tx: d, Contacts: w.store, Identities: w.store, Notes: w.store, Consents: w.store, Merges: w.store, Vocabulary: w.store, Work: work{w.inbox},
		Phones: phones{}, Countries: w.access, Audit: auditor{w.access, w.newID}, Events: store.NewEvents(d, nil), NewID: w.newID,
		Now: func() time.Time { return now },
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if g, x := fmt.Sprint(got), fmt.Sprint(want); g != x {
		w.t.Fatalf("%s: got %s, want %s", what, g, x)
	}
}

// meet resolves a person of a messenger.
func (w *world) meet(p contact.Person) contact.Resolved {
	w.t.Helper()
	r, err := w.Resolve(w.ctx, w.ws, p)
	w.must(err)
	return r
}

func (w *world) create(n contact.NewContact) contact.Contact {
	w.t.Helper()
	c, err := w.Create(w.ctx, w.admin, n)
	w.must(err)
	return c
}

// values are a contact's addresses.
func values(c contact.Contact) (out []string) {
	for _, i := range c.Identities {
		out = append(out, i.Value)
	}
	return out
}

func (w *world) audit() (out []string) {
	w.t.Helper()
	list, err := w.access.ListAudit(w.ctx, access.WorkspaceID(w.ws), access.AuditFilter{Limit: 200})
	w.must(err)
	for _, e := range list {
		out = append(out, e.Action)
	}
	return out
}

var _ inbox.Mover = (*store.Inbox)(nil)
