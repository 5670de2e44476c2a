// Package bench measures the figures of docs/performance.md on the whole
// server: real HTTP, real sockets, a real database with every write on disk.
// "make bench" runs it; nothing here passes or fails by a figure.
package bench_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// setting reads a number from the environment.
func setting(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return def
}

// world is a running server with departments, each with a Telegram bot and
// some agents.
type world struct {
	app    *app.App
	base   string
	client *http.Client
	admin  access.Actor
	depts  []dept
}

type dept struct {
	channel account.Account
	tokens  []string // of its agents
}

// each runs a benchmark on both databases.
func each(b *testing.B, depts, agents int, run func(b *testing.B, w *world)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { run(b, newWorld(b, "", depts, agents)) })
	b.Run("postgres", func(b *testing.B) { run(b, newWorld(b, storetest.PostgresURL(b), depts, agents)) })
}

func newWorld(b *testing.B, database string, depts, agents int) *world {
	b.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(b.Context(), "tcp", "127.0.0.1:0")
	must(b, err)
	addr := l.Addr().String()
	must(b, l.Close())
	cfg := config.Config{
		DataDir: b.TempDir(), HTTPAddr: addr, BaseURL: "http://" + addr, DatabaseURL: database, EventDays: 30, InboundDays: 30,
	}
	must(b, cfg.Validate())
	a, err := app.New(b.Context(), cfg, slog.New(slog.DiscardHandler), "bench")
	must(b, err)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := a.Run(ctx); err != nil {
			b.Errorf("run: %v", err)
		}
	})
	b.Cleanup(func() {
		stop()
		wg.Wait()
		if err := a.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	w := &world{app: a, base: cfg.BaseURL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
	w.waitReady(b)
	w.fill(b, depts, agents)
	return w
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (w *world) waitReady(b *testing.B) {
	b.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		res, err := w.client.Get(w.base + "/readyz") //nolint:noctx // a probe
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond) //nolint:forbidigo // between probes
	}
	b.Fatal("the server did not become ready")
}

func (w *world) fill(b *testing.B, depts, agents int) {
	b.Helper()
	ctx := b.Context()
	_, u, _, err := w.app.Access.Setup(ctx, access.SetupRequest{
		WorkspaceName: "Bench", Name: "Admin", Email: "admin@bench.example", Password: "a long password", WithoutSession: true,
	})
	must(b, err)
	w.admin = access.NewActor(u, access.Permissions())
	roles, err := w.app.Access.ListRoles(ctx, w.admin)
	must(b, err)
	agent := roles[slices.IndexFunc(roles, func(r access.Role) bool { return r.Key == access.Agent })].ID
	for d := range depts {
		w.depts = append(w.depts, w.dept(b, d, agents, agent))
	}
}

// dept makes a department. Its people come past the slow hashing of
// passwords: they log in with tokens.
func (w *world) dept(b *testing.B, n, agents int, role access.RoleID) dept {
	b.Helper()
	ctx := b.Context()
	var out dept
	var users []access.UserID
	must(b, w.app.DB.Write(ctx, func(ctx context.Context) error {
		users, out.tokens = nil, nil
		for i := range agents {
			u := access.User{
				ID: access.UserID(w.app.NewID()), Workspace: w.admin.Workspace, Email: fmt.Sprintf("a%d-%d@bench.example", n, i),
				Name: fmt.Sprintf("Agent %d-%d", n, i), Role: role, PasswordHash: "none", Locale: "en", Presence: access.Online, CreatedAt: time.Now(),
			}
			if err := w.app.Stores.Access.CreateUser(ctx, u); err != nil {
				return err
			}
			secret := fmt.Sprintf("okt_bench-%d-%d", n, i)
			hash := sha256.Sum256([]byte(secret))
			if err := w.app.Stores.Access.CreateToken(ctx, access.Token{
				ID: access.TokenID(w.app.NewID()), Workspace: u.Workspace, User: u.ID, Name: "bench", CreatedAt: time.Now(),
			}, hash[:]); err != nil {
				return err
			}
			users, out.tokens = append(users, u.ID), append(out.tokens, secret)
		}
		return nil
	}))
	box := inbox.DefaultInbox("Europe/Moscow")
	box.Name = fmt.Sprintf("Dept %d", n)
	if len(users) > 0 {
		team, err := w.app.Access.CreateTeam(ctx, w.admin, box.Name, users)
		must(b, err)
		box.Teams = []access.TeamID{team.ID}
	}
	box, err := w.app.Inbox.SaveInbox(ctx, w.admin, box)
	must(b, err)
	name := "Bot " + strconv.Itoa(n)
	out.channel, err = w.app.Accounts.Connect(ctx, w.admin, account.Draft{
		Kind: channel.Telegram, Name: &name, Inbox: &box.ID,
		// Nothing listens there: only what comes in is measured.
		Settings: map[string]string{"token": fmt.Sprintf("%d:AAtestAAtestAAtestAAtestAAtestAAtest", 100000+n), "api_url": "http://127.0.0.1:1"},
	})
	must(b, err)
	return out
}

// deliver hands a customer's message over as Telegram does, and returns when
// the server has acknowledged it.
func (w *world) deliver(d dept, update, chat int, text string) error {
	body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private","first_name":"Ирина"},`+
		`"from":{"id":%d,"is_bot":false,"first_name":"Ирина","language_code":"ru"},"text":%q}}`,
		update, update, time.Now().Unix(), chat, chat, text)
	req, err := http.NewRequest(http.MethodPost, w.base+"/hooks/telegram/"+strconv.FormatInt(int64(d.channel.ID), 10), bytes.NewReader([]byte(body))) //nolint:noctx // ends by itself
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", d.channel.Hook)
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", res.StatusCode)
	}
	return nil
}

// quantiles reports p50 and p99 of times, in milliseconds.
func quantiles(b *testing.B, name string, list []time.Duration) {
	b.Helper()
	if len(list) == 0 {
		return
	}
	slices.Sort(list)
	at := func(q float64) float64 {
		return float64(list[min(int(q*float64(len(list))), len(list)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), name+"-p50-ms")
	b.ReportMetric(at(0.99), name+"-p99-ms")
}
