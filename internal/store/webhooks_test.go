package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/webhook"
)

func TestWebhookDelivers(t *testing.T) {
	eachPost(t, func(p *post) {
		p.happen(event.Event{Type: event.ItemCreated}) // before there is anybody to tell
		w, secret := p.add(event.ItemCreated, event.ContactCreated)
		p.clock.Store(time.Now().UnixMicro()) // the library looks at the real clock
		p.receiver.answers(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("ok\x00\xff", 5000))
		})
		p.happen(event.Event{Type: event.ItemCreated}, event.Event{Type: event.UserUpdated}, event.Event{Type: event.ContactCreated, Contact: 404},
			event.Event{Type: event.ContactCreated})
		if err := p.follower.Pass(p.Context()); err != nil {
			p.Fatal(err)
		}
		p.wait("two requests", func() bool {
			list := p.log(w.ID)
			return len(list) == 2 && list[0].State == webhook.Delivered && list[1].State == webhook.Delivered
		})
		got := p.receiver.requests()
		if len(got) != 2 {
			p.Fatalf("%d requests", len(got))
		}
		check, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			p.Fatal(err)
		}
		for _, r := range got {
			if err := check.Verify([]byte(r.body), r.header); err != nil {
				p.Errorf("the reference library: %v", err)
			}
			if err := check.Verify([]byte(r.body+" "), r.header); err == nil {
				p.Error("a changed body passes")
			}
			var body struct {
				Type      event.Type
				Timestamp time.Time
				Data      struct{ Type event.Type }
			}
			if err := json.Unmarshal([]byte(r.body), &body); err != nil || body.Data.Type != body.Type || body.Timestamp.IsZero() || r.header.Get("Content-Type") != "application/json" {
				p.Errorf("body %s: %v", r.body, err)
			}
		}
		d := p.log(w.ID)[0]
		if d.Type != event.ContactCreated || d.Status != 200 || d.Attempts != 1 || len(d.Response) != 4096 || d.Took <= 0 || !d.NextAt.IsZero() {
			p.Errorf("log: %+v", d)
		}
		if got[0].header.Get("Webhook-Id") == got[1].header.Get("Webhook-Id") {
			p.Error("two messages with the same id")
		}
	})
}

// Several followers at once, and passes that are repeated, make one delivery
// of each event.
func TestWebhookExactlyOnce(t *testing.T) {
	eachPost(t, func(p *post) {
		w, _ := p.add()
		const n = 450
		list := make([]event.Event, n)
		for i := range list {
			list[i] = event.Event{Type: event.ItemCreated, Workspace: int64(p.admin.Workspace), At: p.now()}
		}
		if err := p.events.Append(p.Context(), list...); err != nil {
			p.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				f := webhook.NewFollower(p.deps)
				for range 4 {
					if err := f.Pass(p.Context()); err != nil {
						p.Error(err)
					}
				}
			})
		}
		wg.Wait()
		p.wait("all requests", func() bool { return len(p.receiver.requests()) >= n })
		var ids, bodies []string
		for _, r := range p.receiver.requests() {
			ids, bodies = append(ids, r.header.Get("Webhook-Id")), append(bodies, r.body)
		}
		slices.Sort(ids)
		slices.Sort(bodies)
		if len(slices.Compact(ids)) != n || len(slices.Compact(bodies)) != n {
			p.Errorf("%d requests for %d events", len(p.receiver.requests()), n)
		}
		p.wait("everything is written down", func() bool {
			left, err := p.store.PendingDeliveries(p.Context(), w.ID, 0, 10)
			return err == nil && len(left) == 0
		})
	})
}

func TestWebhookRetriesOverADay(t *testing.T) {
	eachPost(t, func(p *post) {
		w, _ := p.add()
		p.receiver.answers(status(http.StatusInternalServerError))
		start := p.now()
		p.happen(event.Event{Type: event.ItemCreated})
		var at []time.Duration
		d := p.attempted(w.ID, 1)
		for n := 2; n <= 8; n++ {
			if d.State != webhook.Pending || d.Status != 500 || d.NextAt.IsZero() {
				p.Fatalf("after %d attempts: %+v", n-1, d)
			}
			at = append(at, d.NextAt.Sub(start))
			p.clock.Store(d.NextAt.UnixMicro())
			d = p.attempted(w.ID, n)
		}
		want := []time.Duration{5 * time.Second, 5*time.Minute + 5*time.Second, 35 * time.Minute, 155 * time.Minute, 455 * time.Minute, 1055 * time.Minute, 1895 * time.Minute}
		for i := range want {
			if at[i] < want[i] || at[i] > want[i]+want[i]/8+time.Second {
				p.Errorf("attempt %d after %v, want %v", i+2, at[i], want[i])
			}
		}
		if d.State != webhook.Failed || !d.NextAt.IsZero() {
			p.Errorf("in the end: %+v", d)
		}
		ids := map[string]bool{}
		for _, r := range p.receiver.requests() {
			ids[r.header.Get("Webhook-Id")] = true
		}
		if len(ids) != 1 {
			p.Errorf("webhook-id changes between attempts: %v", ids)
		}
		// Failing for more than a day: given up, and its owner knows.
		if w = p.hook(w.ID); w.Active() || w.PausedReason != webhook.ReasonFailing || !w.FailingSince.Equal(start) {
			p.Errorf("webhook: %+v", w)
		}
		if len(p.told) != 1 || p.told[0].ID != w.ID || p.told[0].CreatedBy != p.admin.User {
			p.Errorf("told: %+v", p.told)
		}
		// Nothing is posted while it is paused; afterwards it goes on.
		p.receiver.answers(nil)
		before := len(p.receiver.requests())
		p.happen(event.Event{Type: event.ItemUpdated})
		if _, err := p.hooks.Replay(p.Context(), p.admin, w.ID, d.ID); !errors.Is(err, webhook.ErrInactive) {
			p.Errorf("replay while paused: %v", err)
		}
		if w, err := p.hooks.Resume(p.Context(), p.admin, w.ID); err != nil || !w.Active() || !w.FailingSince.IsZero() {
			p.Errorf("Resume = %+v, %v", w, err)
		}
		p.happen(event.Event{Type: event.ItemCreated})
		p.wait("delivery after resume", func() bool { return p.log(w.ID)[0].State == webhook.Delivered })
		if n := len(p.receiver.requests()) - before; n != 1 {
			p.Errorf("%d requests after the pause", n)
		}
		entries, err := p.ListAudit(p.Context(), p.admin, access.AuditFilter{Action: "webhook.paused"})
		if err != nil || len(entries) != 1 || strings.Contains(fmt.Sprint(entries[0]), "token=abc") {
			p.Errorf("audit: %+v, %v", entries, err)
		}
	})
}

func TestWebhookRecovers(t *testing.T) {
	eachPost(t, func(p *post) {
		w, _ := p.add()
		p.receiver.answers(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		})
		p.happen(event.Event{Type: event.ItemCreated})
		d := p.attempted(w.ID, 1)
		if wait := d.NextAt.Sub(p.now()); wait != time.Hour {
			p.Errorf("tried again after %v", wait)
		}
		if p.hook(w.ID).FailingSince.IsZero() {
			p.Error("failing since: not noted")
		}
		p.receiver.answers(nil)
		// Replay does not wait for the hour.
		if _, err := p.hooks.Replay(p.Context(), p.admin, w.ID, d.ID); err != nil {
			p.Fatal(err)
		}
		d = p.attempted(w.ID, 2)
		if d.State != webhook.Delivered || !p.hook(w.ID).FailingSince.IsZero() {
			p.Errorf("after the replay: %+v", d)
		}
		// The attempt that was planned meanwhile does nothing any more.
		p.pass(2 * time.Hour)
		p.wait("the planned attempt", func() bool {
			var left int
			err := p.db.QueryRow(p.Context(), `SELECT count(*) FROM jobs`).Scan(&left)
			return err == nil && left == 0
		})
		if n := len(p.receiver.requests()); n != 2 {
			p.Errorf("%d requests", n)
		}
		if _, err := p.hooks.Replay(p.Context(), p.admin, w.ID, d.ID); err != nil {
			p.Fatal(err)
		}
		p.wait("a replay of what was delivered", func() bool { return len(p.receiver.requests()) == 3 })
		got := p.receiver.requests()
		if got[2].header.Get("Webhook-Id") != got[0].header.Get("Webhook-Id") || got[2].body != got[0].body {
			p.Error("a replay differs from what was sent first")
		}
	})
}

func TestWebhookGoneAndRedirects(t *testing.T) {
	eachPost(t, func(p *post) {
		w, _ := p.add()
		p.receiver.answers(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		})
		p.happen(event.Event{Type: event.ItemCreated})
		if d := p.attempted(w.ID, 1); d.Status != 307 || d.State != webhook.Pending || len(p.receiver.requests()) != 1 {
			p.Errorf("redirected: %+v, %d requests", d, len(p.receiver.requests()))
		}
		p.receiver.answers(status(http.StatusGone))
		p.happen(event.Event{Type: event.ItemCreated})
		if d := p.attempted(w.ID, 1); d.Status != 410 || d.State != webhook.Failed {
			p.Errorf("gone: %+v", d)
		}
		if w = p.hook(w.ID); w.Enabled || w.Active() || w.PausedReason != webhook.ReasonGone || len(p.told) != 1 {
			p.Errorf("webhook: %+v, told %d", w, len(p.told))
		}
		// The first delivery was left; it is taken up again.
		p.receiver.answers(nil)
		if _, err := p.hooks.Resume(p.Context(), p.admin, w.ID); err != nil {
			p.Fatal(err)
		}
		p.wait("what was left", func() bool { return p.log(w.ID)[1].State == webhook.Delivered })
	})
}

func TestWebhookNetworkError(t *testing.T) {
	eachPost(t, func(p *post) {
		w, _ := p.add()
		p.receiver.CloseClientConnections()
		p.receiver.Close()
		d, err := p.hooks.Test(p.Context(), p.admin, w.ID)
		if err != nil || d.State != webhook.Failed || d.Status != 0 || d.Error == "" || strings.Contains(d.Error, "token=abc") {
			p.Errorf("Test = %+v, %v", d, err)
		}
		if w = p.hook(w.ID); !w.FailingSince.IsZero() {
			p.Error("a test counts as a failure")
		}
		if list := p.log(w.ID); len(list) != 1 || list[0].Type != webhook.TypeTest {
			p.Errorf("log: %+v", list)
		}
	})
}

// One slow receiver gets few requests at a time.
func TestWebhookConcurrency(t *testing.T) {
	eachPost(t, func(p *post) {
		p.add()
		var mu sync.Mutex
		running, most := 0, 0
		release := make(chan struct{})
		p.receiver.answers(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			<-release
			mu.Lock()
			running--
			mu.Unlock()
		})
		p.happen(slices.Repeat([]event.Event{{Type: event.ItemCreated}}, 40)...)
		p.wait("several requests at once", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return running >= 3
		})
		close(release)
		p.wait("all requests", func() bool { return len(p.receiver.requests()) == 40 })
		mu.Lock()
		defer mu.Unlock()
		if most > 4 {
			p.Errorf("%d requests at the same time", most)
		}
	})
}

func TestWebhookRotate(t *testing.T) {
	eachPost(t, func(p *post) {
		w, old := p.add()
		fresh, err := p.hooks.Rotate(p.Context(), p.admin, w.ID)
		if err != nil || fresh == old || !strings.HasPrefix(fresh, "whsec_") {
			p.Fatalf("Rotate = %q, %v", fresh, err)
		}
		verify := func(secret string) error {
			d, err := p.hooks.Test(p.Context(), p.admin, w.ID)
			if err != nil || d.State != webhook.Delivered {
				p.Fatalf("Test = %+v, %v", d, err)
			}
			check, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				p.Fatal(err)
			}
			got := p.receiver.requests()
			last := got[len(got)-1]
			return check.VerifyIgnoringTimestamp([]byte(last.body), last.header)
		}
		if err := errors.Join(verify(old), verify(fresh)); err != nil {
			p.Errorf("on the first day: %v", err)
		}
		p.pass(25 * time.Hour)
		if verify(old) == nil {
			p.Error("the former secret is good after a day")
		}
		if err := verify(fresh); err != nil {
			p.Error(err)
		}
		stored := p.hook(w.ID)
		if strings.Contains(string(stored.Sealed), strings.TrimPrefix(fresh, "whsec_")) {
			p.Error("the secret lies open in the database")
		}
	})
}

func TestWebhookManaging(t *testing.T) {
	eachPost(t, func(p *post) {
		ctx := p.Context()
		agent, _ := p.hire("petr@example.com", p.role(access.Agent))
		for _, bad := range []string{"", "ftp://example.com", "javascript:alert(1)", "example.com/hook", "https://", "https://user:pw@example.com/", "http:///x", "https://" + strings.Repeat("a", 3000)} {
			if _, _, err := p.hooks.Create(ctx, p.admin, webhook.Draft{URL: &bad}); !errors.Is(err, webhook.ErrURL) {
				p.Errorf("Create(%.30q) = %v", bad, err)
			}
		}
		w, _ := p.add()
		unknown := []event.Type{"item.exploded"}
		_, err := p.hooks.Update(ctx, p.admin, w.ID, webhook.Draft{Events: &unknown})
		p.wants("an unknown event", err, webhook.ErrUnknownEvent)
		off := false
		if w, err = p.hooks.Update(ctx, p.admin, w.ID, webhook.Draft{Enabled: &off}); err != nil || w.Active() {
			p.Errorf("Update = %+v, %v", w, err)
		}
		p.happen(event.Event{Type: event.ItemCreated})

		_, _, created := p.hooks.Create(ctx, agent, webhook.Draft{URL: &p.receiver.URL})
		_, listed := p.hooks.List(ctx, agent)
		_, got := p.hooks.Get(ctx, agent, w.ID)
		_, updated := p.hooks.Update(ctx, agent, w.ID, webhook.Draft{})
		_, resumed := p.hooks.Resume(ctx, agent, w.ID)
		_, rotated := p.hooks.Rotate(ctx, agent, w.ID)
		_, tested := p.hooks.Test(ctx, agent, w.ID)
		_, logged := p.hooks.ListDeliveries(ctx, agent, w.ID, 0, 0)
		_, replayed := p.hooks.Replay(ctx, agent, w.ID, 1)
		for what, err := range map[string]error{
			"create": created, "list": listed, "get": got, "update": updated, "resume": resumed, "rotate": rotated, "test": tested,
			"log": logged, "replay": replayed, "delete": p.hooks.Delete(ctx, agent, w.ID),
		} {
			p.wants("an agent's "+what, err, access.ErrDenied)
		}
		eve := p.admin
		eve.Workspace++
		_, err = p.hooks.Get(ctx, eve, w.ID)
		p.wants("another workspace", err, webhook.ErrNotFound)
		p.wants("another workspace's delete", p.hooks.Delete(ctx, eve, w.ID), webhook.ErrNotFound)

		if list := p.log(w.ID); len(list) != 0 {
			p.Errorf("a disabled webhook was told of %v", list)
		}
		if _, err := p.hooks.Test(ctx, p.admin, w.ID); err != nil {
			p.Fatal(err)
		}
		if n, err := p.hooks.Forget(ctx); n != 0 || err != nil {
			p.Errorf("Forget = %d, %v", n, err)
		}
		p.pass(31 * 24 * time.Hour)
		if n, err := p.hooks.Forget(ctx); n != 1 || err != nil {
			p.Errorf("Forget after a month = %d, %v", n, err)
		}
		if err := p.hooks.Delete(ctx, p.admin, w.ID); err != nil {
			p.Fatal(err)
		}
		_, err = p.hooks.Get(ctx, p.admin, w.ID)
		p.wants("a deleted webhook", err, webhook.ErrNotFound)
	})
}
