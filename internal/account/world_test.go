package account_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/id"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/storetest"
)

const token = "123456:very-secret-token"

// factory makes scripted bots.
type factory struct{ bot *bot }

func (factory) Kind() channel.Kind { return channel.Telegram }

func (factory) Form() channel.Form {
	return channel.Form{Fields: []channel.Field{
		{Name: "token", Type: channel.FieldText, Secret: true, Required: true},
		{Name: "mode", Type: channel.FieldChoice, Options: []string{"webhook", "polling"}},
		{Name: "api_url", Type: channel.FieldURL},
	}}
}

func (f factory) Open(a channel.Account) (channel.Adapter, error) {
	if a.Setting("api_url", "") == "malformed" {
		return nil, fault.New(fault.Invalid, "url.malformed").WithField("settings.api_url")
	}
	f.bot.mu.Lock()
	defer f.bot.mu.Unlock()
	f.bot.opened = append(f.bot.opened, a)
	if a.Setting("mode", "") == "polling" {
		return polling{f.bot}, nil
	}
	return hooked{f.bot}, nil
}

// bot is one platform's side.
type bot struct {
	mu         sync.Mutex
	opened     []channel.Account
	health     channel.Health
	registered int
	taken      int
	polls      []string // cursors asked with
	batches    chan []channel.Raw
}

func (b *bot) Capabilities() channel.Capabilities           { return channel.Capabilities{Text: 10} }
func (b *bot) Decode(channel.Raw) ([]channel.Update, error) { return nil, nil }
func (b *bot) Close()                                       {}
func (b *bot) Send(context.Context, channel.Outgoing) (channel.Sent, error) {
	return channel.Sent{}, nil
}

func (b *bot) Check(context.Context) channel.Health {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.health
}

func (b *bot) set(h channel.Health) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.health = h
}

type hooked struct{ *bot }

func (h hooked) Accept(r channel.Request) ([]channel.Raw, channel.Reply, error) {
	if string(r.Body) == "forged" {
		return nil, channel.Reply{}, fault.New(fault.Unauthenticated, "signature")
	}
	var out []channel.Raw
	for key := range strings.FieldsSeq(string(r.Body)) {
		out = append(out, channel.Raw{Key: key, Body: []byte(key)})
	}
	return out, channel.Reply{Status: 202}, nil
}

func (h hooked) Subscribe(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.registered++
	h.health = channel.Health{State: channel.Working, Account: "@okno_bot"}
	return nil
}

func (h hooked) Unsubscribe(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.taken++
	return nil
}

type polling struct{ *bot }

func (p polling) Poll(ctx context.Context, cursor string) ([]channel.Raw, string, error) {
	p.mu.Lock()
	p.polls = append(p.polls, cursor)
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, cursor, ctx.Err()
	case list := <-p.batches:
		return list, cursor + "+", nil
	}
}

// scrambled is a Sealer whose output holds nothing readable.
type scrambled struct{}

func (scrambled) Seal(b []byte, table string, row int64) ([]byte, error) {
	out := []byte(fmt.Sprintf("%s/%d:", table, row))
	for _, x := range b {
		out = append(out, ^x)
	}
	return out, nil
}

func (scrambled) Open(b []byte, table string, row int64) ([]byte, error) {
	rest, ok := bytes.CutPrefix(b, []byte(fmt.Sprintf("%s/%d:", table, row)))
	if !ok {
		return nil, errors.New("sealed for another place")
	}
	out := make([]byte, len(rest))
	for i, x := range rest {
		out[i] = ^x
	}
	return out, nil
}

type audit struct{ lines []string }

func (a *audit) Record(_ context.Context, _ access.Actor, action, _ string, _ int64, _ string, detail map[string]any) error {
	a.lines = append(a.lines, fmt.Sprint(action, detail))
	return nil
}

type alarm struct{ count int }

func (a *alarm) ChannelFailing(context.Context, account.Account) error { a.count++; return nil }

type world struct {
	t     *testing.T
	ctx   context.Context
	db    *db.DB
	bot   *bot
	store *store.Accounts
	inbox *store.Inbox
	reg   *account.Registry
	*account.Service
	admin  access.Actor
	box    inbox.ID
	alarm  *alarm
	audit  *audit
	mu     sync.Mutex
	now    time.Time
	woken  int
	ws     int64
	nextID func() int64
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{
			t: t, ctx: t.Context(), db: d, bot: &bot{batches: make(chan []channel.Raw), health: channel.Health{State: channel.Working, Account: "@okno_bot"}},
			store: store.NewAccounts(d, scrambled{}), inbox: store.NewInbox(d), alarm: &alarm{}, audit: &audit{},
			now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
		}
		w.nextID = id.NewSource(1, w.clock).Next
		w.ws, w.box = w.nextID(), inbox.ID(w.nextID())
		w.must(store.NewAccess(d).CreateWorkspace(w.ctx, access.Workspace{ID: access.WorkspaceID(w.ws)}))
		w.must(w.inbox.CreateInbox(w.ctx, w.ws, inbox.Inbox{ID: w.box, Name: "Продажи"}))
		w.reg = account.NewRegistry(w.store, "https://okno.example/", factory{w.bot})
		w.Service = account.NewService(account.Deps{
			Tx: d, Accounts: w.store, Updates: w.inbox, Inboxes: w.inbox, Registry: w.reg, Audit: w.audit, Alarm: w.alarm,
			Events: store.NewEvents(d, nil), Wake: func() { w.mu.Lock(); w.woken++; w.mu.Unlock() }, NewID: w.nextID, Now: w.clock,
		})
		w.admin = access.NewActor(access.User{ID: 1, Workspace: access.WorkspaceID(w.ws)}, access.Permissions())
		test(t, w)
	})
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

func (w *world) connect(settings map[string]string) (account.Account, error) {
	name := "Бот"
	return w.Connect(w.ctx, w.admin, account.Draft{Kind: channel.Telegram, Name: &name, Inbox: &w.box, Settings: settings})
}

func (w *world) pending() (keys []string) {
	w.t.Helper()
	list, err := w.inbox.PendingInbound(w.ctx, 100)
	w.must(err)
	for _, i := range list {
		keys = append(keys, i.Raw.Key)
	}
	return keys
}

func scramble(s string) []byte {
	b, _ := scrambled{}.Seal([]byte(s), "", 0)
	return b[len("/0:"):]
}

// row is everything that the database holds of an account.
func (w *world) row(ch channel.ID) string {
	w.t.Helper()
	text, err := db.One(w.ctx, w.db, func(r db.Scanner) (string, error) {
		var settings, health string
		var secrets []byte
		err := r.Scan(&settings, &health, &secrets)
		return settings + health + string(secrets), err
	}, `SELECT settings, health, secrets FROM channels WHERE id = $1`, int64(ch))
	w.must(err)
	return text
}
