package telegram_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

// webhooked is a stand-in that calls an endpoint which answers with status.
func webhooked(t *testing.T, status *int) (*platform, channel.Adapter) {
	t.Helper()
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(*status) }))
	t.Cleanup(endpoint.Close)
	p := newPlatform(t, kind{})
	p.hook.URL = endpoint.URL + "/hooks/telegram/1"
	a := connect(t, p, map[string]string{"username": ""}) // it is learnt by checking
	if err := a.(channel.Subscriber).Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, a
}

func TestSubscribe(t *testing.T) {
	status := 200
	p, a := webhooked(t, &status)
	hook := p.Webhook()
	if hook.URL != p.hook.URL || hook.Secret != "webhook-secret_1" || !slices.Contains(hook.Allowed, "message_reaction") || slices.Contains(hook.Allowed, "channel_post") {
		t.Errorf("%+v", hook)
	}
	if link := a.(channel.Linker).DeepLink("x"); link != "" {
		t.Errorf("before a check: %q", link)
	}
	p.SetWebhook("https://elsewhere.example/secret-path", "")
	if h := a.Check(t.Context()); h.State != channel.Failing || h.Reason != channel.ReasonWebhookMissing || !strings.Contains(h.Detail, "elsewhere.example") || strings.Contains(h.Detail, "secret-path") {
		t.Errorf("a stranger's webhook: %+v", h)
	}
	if err := a.(channel.Subscriber).Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h := a.Check(t.Context()); h.State != channel.Working || h.Account != "@okno_test_bot" {
		t.Errorf("%+v", h)
	}
	if link := a.(channel.Linker).DeepLink("x"); link != "https://t.me/okno_test_bot?start=x" {
		t.Errorf("after a check: %q", link)
	}
	if err := a.(channel.Subscriber).Unsubscribe(t.Context()); err != nil || p.Webhook().URL != "" {
		t.Errorf("unsubscribe: %v, %+v", err, p.Webhook())
	}
	bare := open(t, nil)
	if _, ok := bare.(channel.Poller); ok {
		t.Error("a bot with a webhook must not be polled")
	}
}

func TestCheckFailingWebhook(t *testing.T) {
	status := 500
	p, a := webhooked(t, &status)
	if _, err := p.SendText(standin.Post{From: 501}, "есть кто?"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(5 * time.Second); p.Webhook().LastError == ""; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("nothing was delivered")
		}
	}
	h := a.Check(t.Context())
	if h.State != channel.Failing || h.Reason != channel.ReasonWebhookFailing || h.Pending != 1 || !strings.Contains(h.LastError, "500") || h.LastErrorAt.IsZero() {
		t.Errorf("%+v", h)
	}
}

func TestCheckReasons(t *testing.T) {
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) }))
	defer html.Close()
	for name, c := range map[string]struct {
		settings map[string]string
		reason   channel.Reason
	}{
		"nobody there":       {map[string]string{"api_url": "http://127.0.0.1:1"}, channel.ReasonUnreachable},
		"unknown authority":  {map[string]string{"api_url": tls.URL}, "ca_untrusted"},
		"proxy refuses":      {map[string]string{"api_url": "https://127.0.0.1:2", "proxy_url": refusing.URL}, "proxy"},
		"not the platform":   {map[string]string{"api_url": html.URL}, channel.ReasonUnreachable},
		"a relay that isn't": {map[string]string{"api_url": refusing.URL}, channel.ReasonRejected},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			h := open(t, c.settings).Check(ctx)
			if h.State != channel.Failing || h.Reason != c.reason || strings.Contains(h.Detail, "AAHdq") || strings.Contains(h.Detail, "://") {
				t.Errorf("%+v, want failing, %s", h, c.reason)
			}
		})
	}
}

func TestCheckRateLimited(t *testing.T) {
	p, a := met(t, nil)
	p.Fail(standin.Fault{Method: "getMe", Code: 429, Description: "Too Many Requests: retry after 5", RetryAfter: 5})
	if h := a.Check(t.Context()); h.State != channel.Degraded || h.Reason != channel.ReasonRateLimited {
		t.Errorf("%+v", h)
	}
}

// TestPolling: the cursor confirms, and what is not confirmed comes again.
func TestPolling(t *testing.T) {
	p := newPlatform(t, kind{polling: true})
	a := connect(t, p, nil)
	poll := a.(channel.Poller).Poll
	if _, ok := a.(channel.Webhook); ok {
		t.Error("a polled bot must not take webhooks")
	}
	for _, text := range []string{"раз", "два"} {
		if _, err := p.SendText(standin.Post{From: 501}, text); err != nil {
			t.Fatal(err)
		}
	}
	first, cursor, err := poll(t.Context(), "")
	again, _, _ := poll(t.Context(), "")
	if err != nil || len(first) != 2 || len(again) != 2 || first[0].Key != again[0].Key || first[0].Order != "501" {
		t.Fatalf("%+v, %+v, error %v", first, again, err)
	}
	for _, e := range p.Ledger() {
		if e.Acked {
			t.Errorf("confirmed too early: %+v", e)
		}
	}
	rest, next, err := poll(t.Context(), cursor)
	if err != nil || len(rest) != 0 || next != cursor {
		t.Errorf("%d more, cursor %q after %q, error %v", len(rest), next, cursor, err)
	}
	for _, e := range p.Ledger() {
		if !e.Acked {
			t.Errorf("not confirmed: %+v", e)
		}
	}
	if _, _, err := poll(t.Context(), "nonsense"); err == nil {
		t.Error("a cursor that is none was taken")
	}
}

// TestPollingRemovesWebhook: the admin chose polling, a webhook is in the way.
func TestPollingRemovesWebhook(t *testing.T) {
	p := newPlatform(t, kind{polling: true})
	a := connect(t, p, nil)
	p.SetWebhook("http://127.0.0.1:1/", "")
	if h := a.Check(t.Context()); h.State == channel.Working || h.Reason != channel.ReasonMisconfigured {
		t.Errorf("%+v", h)
	}
	if _, err := p.SendText(standin.Post{From: 501}, "раз"); err != nil {
		t.Fatal(err)
	}
	raws, _, err := a.(channel.Poller).Poll(t.Context(), "")
	if err != nil || len(raws) != 1 || p.Webhook().URL != "" {
		t.Errorf("%d updates, error %v, webhook %q", len(raws), err, p.Webhook().URL)
	}
	if h := a.Check(t.Context()); h.State != channel.Working || h.Facts["mode"] != "polling" {
		t.Errorf("%+v", h)
	}
}

// TestPollingConflict: another program polls with the same token.
func TestPollingConflict(t *testing.T) {
	p := newPlatform(t, kind{polling: true})
	a := connect(t, p, nil)
	p.Fail(standin.Fault{Method: "getUpdates", Code: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"})
	_, _, err := a.(channel.Poller).Poll(t.Context(), "")
	if se := asSendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonMisconfigured {
		t.Errorf("%+v", se)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, cursor, err := a.(channel.Poller).Poll(ctx, "900001"); err == nil || cursor != "900001" {
		t.Errorf("cancelled: cursor %q, error %v", cursor, err)
	}
}
