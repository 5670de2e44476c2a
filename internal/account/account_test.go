package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/account"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

func TestConnectChangeDelete(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, s := range map[string]map[string]string{
			"no token": {}, "unknown": {"token": token, "colour": "red"}, "choice": {"token": token, "mode": "carrier pigeon"},
			"malformed": {"token": token, "api_url": "malformed"},
		} {
			_, err := w.connect(s)
			if fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), token) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		w.bot.set(channel.Health{State: channel.Failing, Reason: channel.ReasonWebhookMissing})
		a, err := w.connect(map[string]string{"token": token})
		w.must(err)
		w.same("registered", []any{a.Health.State, a.Health.Account, w.bot.registered}, []any{channel.Working, "@okno_bot", 1})
		opened := w.bot.opened[len(w.bot.opened)-1]
		w.same("adapter's view", []any{opened.Secrets["token"], opened.WebhookURL, opened.WebhookSecret != ""},
			[]any{token, fmt.Sprintf("https://okno.example/hooks/telegram/%d", a.ID), true})
		row := w.row(a.ID)
		if strings.Contains(row, token) || strings.Contains(row, a.Hook) {
			t.Errorf("secrets in the clear: %s", row)
		}
		if log := fmt.Sprint(w.audit.lines); strings.Contains(log, token) {
			t.Errorf("secrets in the audit log: %s", log)
		}
		// A change leaves what it does not name.
		name := "Бот 2"
		a, err = w.Update(w.ctx, w.admin, a.ID, account.Draft{Name: &name})
		w.must(err)
		w.same("kept", []any{a.Name, a.Secrets["token"]}, []any{name, token})
		off := false
		a, err = w.Update(w.ctx, w.admin, a.ID, account.Draft{Enabled: &off})
		w.must(err)
		w.same("off", []any{a.Health.State, w.bot.taken}, []any{channel.Disabled, 1})
		_, err = w.reg.Adapter(w.ctx, a.ID)
		if !errors.Is(err, account.ErrDisabled) {
			t.Errorf("got %v", err)
		}
		w.must(w.Delete(w.ctx, w.admin, a.ID))
		_, err = w.Get(w.ctx, w.admin, a.ID)
		if !errors.Is(err, account.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if row := w.row(a.ID); strings.Contains(row, string(scramble(token))) {
			t.Error("a deleted account keeps its secrets")
		}
		// Another process reads the same.
		again := account.NewRegistry(w.store, "", factory{w.bot})
		list, err := again.List(w.ctx, w.ws)
		w.must(err)
		w.same("accounts", len(list), 0)
		agent := access.NewActor(access.User{ID: 2, Workspace: access.WorkspaceID(w.ws)}, access.Agent.Default())
		_, err = w.Connect(w.ctx, agent, account.Draft{})
		if !errors.Is(err, access.ErrDenied) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAccept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, err := w.connect(map[string]string{"token": token})
		w.must(err)
		request := func(body string) channel.Request { return channel.Request{Method: "POST", Body: []byte(body)} }
		for range 2 { // delivered twice
			reply, err := w.Accept(w.ctx, channel.Telegram, a.ID, request("u1 u2"))
			w.must(err)
			w.same("reply", reply.Status, 202)
		}
		w.same("kept", w.pending(), []string{"u1", "u2"})
		w.same("woken", w.woken, 2)
		for name, x := range map[string]struct {
			kind channel.Kind
			id   channel.ID
			body string
			want fault.Kind
		}{
			"wrong kind": {channel.MAX, a.ID, "u3", fault.NotFound}, "unknown": {channel.Telegram, a.ID + 1, "u3", fault.NotFound},
			"forged": {channel.Telegram, a.ID, "forged", fault.Unauthenticated},
		} {
			if _, err := w.Accept(w.ctx, x.kind, x.id, request(x.body)); fault.KindOf(err) != x.want {
				t.Errorf("%s: got %v", name, err)
			}
		}
		got, err := w.Get(w.ctx, w.admin, a.ID)
		w.must(err)
		w.same("last inbound", got.LastInboundAt.Equal(w.clock()), true)
		off := false
		_, err = w.Update(w.ctx, w.admin, a.ID, account.Draft{Enabled: &off})
		w.must(err)
		if _, err := w.Accept(w.ctx, channel.Telegram, a.ID, request("u4")); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("off: got %v", err)
		}
		w.same("kept", w.pending(), []string{"u1", "u2"})
	})
}

func TestPollingCommitsItsCursorWithTheUpdates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, err := w.connect(map[string]string{"token": token, "mode": "polling"})
		w.must(err)
		ctx, cancel := context.WithCancel(w.ctx)
		done := make(chan error, 1)
		go func() { done <- w.Polls(ctx) }()
		w.bot.batches <- []channel.Raw{{Key: "p1", Body: []byte("x")}}
		w.bot.batches <- []channel.Raw{{Key: "p1", Body: []byte("x")}, {Key: "p2", Body: []byte("x")}}
		w.bot.batches <- nil // the second batch is committed once the third is asked for
		cancel()
		w.must(<-done)
		w.same("kept", w.pending(), []string{"p1", "p2"})
		cursor, err := w.store.Cursor(w.ctx, a.ID)
		w.must(err)
		if !strings.HasPrefix(cursor, "++") {
			t.Errorf("cursor %q", cursor)
		}
		w.same("asked with", w.bot.polls[:3], []string{"", "+", "++"})
	})
}

func TestAlarmOnceAfterThreeBadChecks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, err := w.connect(map[string]string{"token": token})
		w.must(err)
		check := func(h channel.Health) account.Health {
			w.bot.set(h)
			w.pass(10 * time.Minute)
			ctx, cancel := context.WithCancel(w.ctx)
			done := make(chan error, 1)
			go func() { done <- w.Watch(ctx) }()
			for {
				got, err := w.Get(w.ctx, w.admin, a.ID)
				w.must(err)
				if got.Health.CheckedAt.Equal(w.clock()) {
					cancel()
					w.must(<-done)
					return got.Health
				}
			}
		}
		bad := channel.Health{State: channel.Failing, Reason: channel.ReasonTokenRevoked, Detail: "Unauthorized"}
		first := check(bad)
		w.same("first", []any{first.State, first.Failures, w.alarm.count}, []any{channel.Failing, 1, 0})
		check(bad)
		third := check(bad)
		w.same("third", []any{third.Failures, third.Since.Equal(first.Since), w.alarm.count}, []any{3, true, 1})
		check(bad)
		w.same("told once", w.alarm.count, 1)
		well := check(channel.Health{State: channel.Working})
		w.same("well", []any{well.Failures, well.Since.After(first.Since), well.Account}, []any{0, true, "@okno_bot"})
		for range 3 {
			check(bad)
		}
		w.same("told again", w.alarm.count, 2)
		// What was found outlives the process.
		stored, err := w.store.Account(w.ctx, a.ID)
		w.must(err)
		w.same("stored", []any{stored.Health.State, stored.Health.Detail}, []any{channel.Failing, "Unauthorized"})
	})
}
