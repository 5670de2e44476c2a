package maxbot_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	standin "github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

func TestSubscriptions(t *testing.T) {
	s := start(t, nil)
	acc := account(s)
	acc.WebhookURL = "https://okno.example/hooks/max/7"
	a := open(t, acc)
	check := func(state channel.HealthState, reason channel.Reason) {
		t.Helper()
		if h := a.Check(t.Context()); h.State != state || h.Reason != reason {
			t.Errorf("%+v, want %s %s", h, state, reason)
		}
	}
	check(channel.Failing, channel.ReasonWebhookMissing)
	s.Subscribe("https://old.example/hooks/max/7", "x") // the server had another address
	s.Subscribe("https://okno.example/hooks/max/3", "x")
	s.Subscribe("https://crm.example/max", "x") // somebody else's
	check(channel.Failing, channel.ReasonWebhookMissing)
	s.Subscribe(acc.WebhookURL, "x")
	check(channel.Degraded, channel.ReasonMisconfigured)
	sub := a.(channel.Subscriber)
	for range 2 {
		if err := sub.Subscribe(t.Context()); err != nil {
			t.Fatal(err)
		}
		hooks := s.Webhooks()
		if len(hooks) != 2 || hooks[0].URL != "https://crm.example/max" || hooks[1].URL != acc.WebhookURL || len(hooks[1].Types) < 15 {
			t.Fatalf("%+v", hooks)
		}
		check(channel.Working, "")
	}
	s.Subscribe(acc.WebhookURL, hookSecret, "message_created")
	check(channel.Degraded, channel.ReasonWebhookMissing)
	s.LapseSubscriptions()
	check(channel.Failing, channel.ReasonWebhookMissing)
	if err := sub.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sub.Unsubscribe(t.Context()); err != nil || len(s.Webhooks()) != 0 {
		t.Errorf("%v %+v", err, s.Webhooks())
	}
	acc.WebhookURL = "http://okno.example/hooks/max/7" // the platform itself refuses, with status 200
	b := open(t, acc)
	if err := b.(channel.Subscriber).Subscribe(t.Context()); err == nil {
		t.Error("an address without https must be refused")
	}
	standintest.Clean(t, s)
}

func TestPollingNeedsNoWebhook(t *testing.T) {
	s := start(t, nil)
	acc := with2(account(s), "mode", "polling")
	a := open(t, acc)
	if h := a.Check(t.Context()); h.State != channel.Working || h.Account != "@okno_test_bot" {
		t.Errorf("%+v", h)
	}
	s.Subscribe("https://crm.example/max", "x")
	if h := a.Check(t.Context()); h.State != channel.Failing || h.Reason != channel.ReasonMisconfigured || !strings.Contains(h.Detail, "crm.example") {
		t.Errorf("%+v", h)
	}
	s.LapseSubscriptions()
	poll := a.(channel.Poller)
	first, cursor, err := poll.Poll(t.Context(), "")
	if err != nil || len(first) != 0 || cursor == "" {
		t.Fatalf("%d %q %v", len(first), cursor, err)
	}
	for _, text := range []string{"раз", "два"} {
		if _, err := s.SendText(501, text); err != nil {
			t.Fatal(err)
		}
	}
	raws, next, err := poll.Poll(t.Context(), cursor)
	if err != nil || len(raws) != 2 || next == cursor || raws[0].Order != raws[1].Order || raws[0].Key == raws[1].Key {
		t.Fatalf("%+v %q %v", raws, next, err)
	}
	if _, _, err := poll.Poll(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Ledger() {
		if !e.Acked {
			t.Errorf("the next cursor acknowledges %q", e.Text)
		}
	}
	s.Fail(standin.Fault{Method: "updates", Status: 429, RetryAfter: 4})
	if _, kept, err := poll.Poll(t.Context(), next); kept != next || sendError(t, err).RetryAfter.Seconds() != 4 {
		t.Errorf("%q %v", kept, err)
	}
	standintest.Clean(t, s)
}

// TestUnknownIssuer: a certificate of an issuer that is not in the bundle is
// told apart, and the bundle mends it.
func TestUnknownIssuer(t *testing.T) {
	s := start(t, nil)
	secure := httptest.NewUnstartedServer(s.Handler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	acc := account(s)
	acc.Settings["api_url"] = secure.URL
	h := open(t, acc).Check(t.Context())
	if h.State != channel.Failing || h.Reason != channel.ReasonTLS || !strings.Contains(h.Detail, "CA bundle") {
		t.Errorf("%+v", h)
	}
	acc.Settings["ca_bundle"] = pemOf(secure.Certificate().Raw)
	if h := open(t, acc).Check(t.Context()); h.Reason != channel.ReasonWebhookMissing {
		t.Errorf("%+v", h)
	}
	standintest.Clean(t, s)
}

// TestVoiceNoteArrivesAsANotice goes all the way: the stand-in plays what the
// platform does with native voice notes.
func TestVoiceNoteArrivesAsANotice(t *testing.T) {
	s := start(t, nil)
	a := open(t, account(s))
	got := make(chan channel.Update, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		raws, _, err := a.(channel.Webhook).Accept(channel.Request{Method: r.Method, Header: r.Header, Body: body})
		if err != nil {
			t.Error(err)
			return
		}
		updates, err := a.Decode(raws[0])
		if err != nil {
			t.Error(err)
			return
		}
		got <- updates[0]
	}))
	defer hook.Close()
	s.Subscribe(hook.URL, hookSecret)
	if err := s.SendVoice(501); err != nil {
		t.Fatal(err)
	}
	if u := <-got; u.Notice == nil || u.Notice.Code != "voice_not_handed_over" {
		t.Errorf("%+v", u)
	}
	standintest.Clean(t, s)
}
