package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/phone"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type phones struct{}

func (phones) Normalise(raw, country string) (string, error) { return phone.Normalise(raw, country) }
func (phones) Display(e164 string) string                    { return phone.Display(e164) }
func (phones) Digits(raw string) string                      { return phone.Digits(raw) }

// auditor writes audit lines through the store.
type auditor struct {
	store *store.Access
	newID func() int64
	now   func() time.Time
}

func (a auditor) Record(ctx context.Context, who access.Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error {
	return a.store.Record(ctx, access.Entry{
		ID: a.newID(), Workspace: who.Workspace, At: a.now(), User: who.User, Action: action, TargetType: targetType,
		TargetID: targetID, TargetName: targetName, Detail: detail,
	})
}

// world is a workspace with everything behind it: real storage, made-up
// platforms.
type world struct {
	t      *testing.T
	ctx    context.Context
	db     *db.DB
	clock  *clock
	newID  func() int64
	ws     int64
	access *store.Access
	store  *store.Inbox
	people *store.Contacts
	events *store.Events

	contacts *contact.Service
	service  *inbox.Service
	receiver *inbox.Receiver
	deliver  *inbox.Deliverer
	timer    *inbox.Clock
	deps     inbox.Deps

	jobs     *jobs
	shelf    *shelf
	live     *live
	accounts *accounts

	admin, anna, boris access.Actor // boris belongs to no team
	sales              access.TeamID
	box                inbox.ID // of the team sales: Anna's
	tg, wa             channel.ID
	telegram, whatsapp *line
	raws               int
}

// each runs a test in a fresh world on every database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{
		t: t, ctx: t.Context(), db: d, clock: &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)},
		access: store.NewAccess(d), store: store.NewInbox(d), people: store.NewContacts(d), events: store.NewEvents(d, nil),
		jobs: &jobs{db: d}, shelf: &shelf{blobs: map[string][]byte{}, kinds: map[string]channel.AttachmentKind{}}, live: &live{},
		accounts: &accounts{lines: map[channel.ID]channel.Adapter{}, off: map[channel.ID]bool{}},
	}
	w.newID = id.NewSource(1, w.clock.Now).Next
	audit := auditor{w.access, w.newID, w.clock.Now}
	w.contacts = contact.NewService(contact.Deps{
		Tx: d, Contacts: w.people, Identities: w.people, Notes: w.people, Consents: w.people, Merges: w.people, Vocabulary: w.people,
		Phones: phones{}, Countries: w.access, Audit: audit, Events: w.events, NewID: w.newID, Now: w.clock.Now,
	})
	w.deps = inbox.Deps{
		Tx: d, Inboxes: w.store, Conversations: w.store, Lists: w.store, Chats: w.store, Items: w.store, Receipts: w.store,
		Editions: w.store, Attempts: w.store, Files: w.store, Uploads: w.store, Marks: w.store, Notifications: w.store, Shelf: w.store, Mover: w.store,
		Intake: w.store, Accounts: w.accounts, Contacts: w.contacts, Jobs: w.jobs, Library: w.shelf, Live: w.live, Audit: audit,
		Events: w.events, NewID: w.newID, Now: w.clock.Now,
	}
	w.service, w.receiver = inbox.NewService(w.deps), inbox.NewReceiver(w.deps)
	w.deliver, w.timer = inbox.NewDeliverer(w.deps), inbox.NewClock(w.deps)
	w.contacts.SetWork(w.service)
	w.settle()
	return w
}

// settle makes the company: two inboxes' worth of people and two channels.
func (w *world) settle() {
	w.t.Helper()
	w.ws = w.newID()
	ws := access.WorkspaceID(w.ws)
	w.must(w.access.CreateWorkspace(w.ctx, access.Workspace{
		ID: ws, Name: "Ромашка", Locale: "ru", Timezone: "Europe/Moscow", Country: "RU", CreatedAt: w.clock.Now(),
	}))
	roles := map[access.RoleKey]access.RoleID{}
	for _, key := range access.RoleKeys() {
		roles[key] = access.RoleID(w.newID())
		w.must(w.access.CreateRole(w.ctx, ws, access.Role{ID: roles[key], Key: key, Name: string(key), Permissions: key.Default()}))
	}
	user := func(name string, role access.RoleKey) access.User {
		u := access.User{
			ID: access.UserID(w.newID()), Workspace: ws, Email: name + "@example.com", Name: name, Role: roles[role], RoleKey: role,
			PasswordHash: "x", Locale: "ru", Presence: access.Online, Settings: access.DefaultSettings(), CreatedAt: w.clock.Now(),
		}
		w.must(w.access.CreateUser(w.ctx, u))
		return u
	}
	admin, anna, boris := user("admin", access.Admin), user("anna", access.Agent), user("boris", access.Agent)
	w.sales = access.TeamID(w.newID())
	w.must(w.db.Write(w.ctx, func(ctx context.Context) error {
		return w.access.CreateTeam(ctx, ws, access.Team{ID: w.sales, Name: "Продажи", Users: []access.UserID{anna.ID}})
	}))
	anna.Teams = []access.TeamID{w.sales}
	w.admin = access.NewActor(admin, access.Admin.Default())
	w.anna, w.boris = access.NewActor(anna, access.Agent.Default()), access.NewActor(boris, access.Agent.Default())
	box := inbox.DefaultInbox("Europe/Moscow")
	box.Name, box.Teams = "Продажи", []access.TeamID{w.sales}
	made, err := w.service.SaveInbox(w.ctx, w.admin, box)
	w.must(err)
	w.box = made.ID
	everything := channel.Capabilities{
		Text: 4096, Caption: 1024, Album: 10, AlbumKinds: []channel.AttachmentKind{channel.Image, channel.Video},
		Attachments: map[channel.AttachmentKind]channel.FileLimit{
			channel.Image: {MaxBytes: 1000}, channel.Video: {}, channel.Document: {MaxBytes: 1000}, channel.Voice: {MIME: []string{"audio/ogg"}},
		},
		Location: true, Contact: true, Reply: true, Edit: true, Delete: true, DeleteWithin: 48 * time.Hour, React: true,
		Reactions: []string{"👍", "❤"}, Typing: true, MarkRead: true, Delivered: true, Read: true,
		Buttons: channel.ButtonLimit{Max: 2, Text: 20, Payload: 64, Message: 100, Kinds: []channel.ButtonKind{channel.ButtonCallback}},
	}
	w.telegram = &line{can: everything, means: map[string][]channel.Update{}}
	windowed := everything
	windowed.Window, windowed.Template, windowed.StartFirst, windowed.Edit = 24*time.Hour, true, true, false
	w.whatsapp = &line{can: windowed, means: map[string][]channel.Update{}}
	w.tg, w.wa = w.connect(channel.Telegram, w.box, w.telegram), w.connect(channel.WhatsApp, w.box, w.whatsapp)
}

// connect adds a channel.
func (w *world) connect(kind channel.Kind, box inbox.ID, l channel.Adapter) channel.ID {
	w.t.Helper()
	ch := channel.ID(w.newID())
	acc := account.Account{ID: ch, Workspace: w.ws, Inbox: box, Kind: kind, Name: string(kind), Enabled: true, CreatedAt: w.clock.Now()}
	w.must(store.NewAccounts(w.db, plain{}).CreateAccount(w.ctx, acc))
	w.accounts.list = append(w.accounts.list, inbox.Account{ID: ch, Workspace: w.ws, Inbox: box, Kind: kind, Name: acc.Name, Enabled: true})
	w.accounts.lines[ch] = l
	return ch
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// is fails the test unless err is want.
func (w *world) is(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("got %v, want %v", err, want)
	}
}

// irina is the customer that most tests are about.
func irina() channel.Person {
	return channel.Person{ID: "501", Name: "Ирина Котова", Username: "irina", Language: "ru"}
}

// from is an update in a person's own chat.
func from(p channel.Person) channel.Update {
	return channel.Update{Chat: channel.Chat{Key: p.ID}, Sender: p}
}

// said is a message of a person.
func said(p channel.Person, external, text string) channel.Update {
	u := from(p)
	u.Message = &channel.Message{ExternalID: external, Content: channel.Content{Text: text}}
	return u
}

// hand hands over updates as one delivery each, without working them off.
func (w *world) hand(ch channel.ID, updates ...channel.Update) {
	w.t.Helper()
	for _, u := range updates {
		w.raws++
		key := "raw" + strconv.Itoa(w.raws)
		l := w.line(ch)
		l.mu.Lock()
		l.means[key] = []channel.Update{u}
		l.mu.Unlock()
		w.raw(ch, key, key)
	}
}

func (w *world) line(ch channel.ID) *line {
	switch l := w.accounts.lines[ch].(type) {
	case *line:
		return l
	case looker:
		return l.line
	}
	w.t.Fatal("no such line")
	return nil
}

func (w *world) raw(ch channel.ID, key, body string) {
	w.t.Helper()
	_, err := w.store.AppendInbound(w.ctx, w.ws, ch, []channel.Raw{{Key: key, Order: key, Body: []byte(body), ReceivedAt: w.clock.Now()}}, w.newID)
	w.must(err)
}

// step works everything off that was handed over.
func (w *world) step() {
	w.t.Helper()
	for {
		n, err := w.receiver.Step(w.ctx)
		w.must(err)
		if n == 0 {
			return
		}
	}
}

// comes hands updates over and works them off; none may fail.
func (w *world) comes(ch channel.ID, updates ...channel.Update) {
	w.t.Helper()
	w.hand(ch, updates...)
	w.step()
	failed, err := w.store.FailedInbound(w.ctx, w.ws, ch, 0, 10)
	w.must(err)
	for _, f := range failed {
		if f.State == inbox.InboundFailed {
			w.t.Fatalf("update failed: %s", f.Error)
		}
	}
}

// all lists every conversation of the workspace, the latest first.
func (w *world) all() []inbox.Conversation {
	w.t.Helper()
	list, err := w.service.List(w.ctx, w.admin, inbox.Filter{Status: inbox.AnyStatus}, inbox.Page{Limit: 1000})
	w.must(err)
	return list
}

// only is the one conversation there is.
func (w *world) only() inbox.Conversation {
	w.t.Helper()
	list := w.all()
	if len(list) != 1 {
		w.t.Fatalf("%d conversations, want 1", len(list))
	}
	return list[0]
}

// timeline is everything in a conversation, the oldest first.
func (w *world) timeline(c inbox.ConversationID) []inbox.Item {
	w.t.Helper()
	s, err := w.service.Timeline(w.ctx, w.admin, c, inbox.Around{Limit: 1000})
	w.must(err)
	return s.Items
}

// texts are a conversation's items in short.
func (w *world) texts(c inbox.ConversationID) []string {
	w.t.Helper()
	var out []string
	for _, i := range w.timeline(c) {
		switch {
		case i.Kind == inbox.KindEvent:
			out = append(out, "("+i.Event.Type+")")
		case i.Direction == inbox.Out:
			out = append(out, "> "+i.Content.Text)
		default:
			out = append(out, i.Content.Text)
		}
	}
	return out
}

func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if g, x := fmt.Sprint(got), fmt.Sprint(want); g != x {
		w.t.Fatalf("%s: got %s, want %s", what, g, x)
	}
}

// item reads an item as it is stored.
func (w *world) item(i inbox.ItemID) inbox.Item {
	w.t.Helper()
	got, err := w.store.Item(w.ctx, w.ws, i)
	w.must(err)
	return got
}

// send is Anna's answer.
func (w *world) send(c inbox.ConversationID, l inbox.Letter) inbox.Item {
	w.t.Helper()
	i, err := w.service.Send(w.ctx, w.anna, c, l)
	w.must(err)
	return i
}

func text(s string) inbox.Letter { return inbox.Letter{Content: channel.Content{Text: s}} }

// run carries out the send jobs that are waiting, in order.
func (w *world) run() {
	w.t.Helper()
	for _, j := range w.jobs.take(inbox.JobSend) {
		w.must(w.deliver.Send(w.ctx, j.Workspace, inbox.ItemID(j.Subject)))
	}
}

// audit lists the actions in the audit log, the newest first.
func (w *world) audit() []string {
	w.t.Helper()
	list, err := w.access.ListAudit(w.ctx, access.WorkspaceID(w.ws), access.AuditFilter{Limit: 100})
	w.must(err)
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.Action
	}
	return out
}

// told counts the events of a type.
func (w *world) told(t event.Type) int {
	w.t.Helper()
	list, err := w.events.After(w.ctx, w.ws, 0, 100000)
	w.must(err)
	n := 0
	for _, e := range list {
		if e.Type == t {
			n++
		}
	}
	return n
}
