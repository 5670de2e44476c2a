package maxbot_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

type obj = map[string]any

func TestSpecificationIsWanted(t *testing.T) {
	if _, err := maxbot.New(maxbot.Config{Specs: t.TempDir()}); err == nil {
		t.Fatal("a stand-in without a specification must say so")
	}
	s, err := maxbot.New(maxbot.Config{Unvalidated: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

// TestRecordedUpdatesValidate checks the amended schemas against what the
// vendor recorded.
func TestRecordedUpdatesValidate(t *testing.T) {
	s := start(t, nil)
	h := newHook(t)
	s.Subscribe(h.URL, "")
	files, err := filepath.Glob(filepath.Join(standintest.Specs(t, "max", maxbot.SpecFile), "recorded", "webhook.*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded updates: %v", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckUpdate(raw); err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
	if s.CheckUpdate([]byte(`{"update_type":"message_created","timestamp":1}`)) == nil {
		t.Error("an update without its message must not validate")
	}
	if s.CheckUpdate([]byte(`{"update_type":"poll_created","timestamp":1}`)) == nil {
		t.Error("an unknown type must not validate")
	}
}

func TestToken(t *testing.T) {
	s := start(t, nil)
	if status, got := callAs(t, s, "wrong", http.MethodGet, "/me", nil, nil); status != 401 || got["code"] != "verify.token" {
		t.Fatalf("%d %v", status, got)
	}
	if status, got := call(t, s, http.MethodGet, "/me", nil, nil); status != 200 || got["username"] != "okno_test_bot" {
		t.Fatalf("%d %v", status, got)
	}
	standintest.Clean(t, s)
	if status, _ := callAs(t, s, "Bearer "+s.Config().Token, http.MethodGet, "/me", nil, nil); status != 401 {
		t.Fatalf("a Bearer token must be refused: %d", status)
	}
	if status, _ := call(t, s, http.MethodGet, "/me", url.Values{"access_token": {s.Config().Token}}, nil); status != 401 {
		t.Fatalf("a token in the address must be refused: %d", status)
	}
	if len(s.Violations()) != 2 {
		t.Fatalf("violations: %q", s.Violations())
	}
}

func TestSubscriptionsAccumulate(t *testing.T) {
	s := start(t, nil)
	a, b := newHook(t), newHook(t)
	for _, body := range []obj{{"url": a.URL, "secret": "secret-a"}, {"url": b.URL, "update_types": []string{"bot_started"}}} {
		if _, got := call(t, s, http.MethodPost, "/subscriptions", nil, body); got["success"] != true {
			t.Fatal(got)
		}
	}
	for _, bad := range []obj{{"url": "http://example.org/x"}, {"url": "https://example.org:8443/x"}, {"url": a.URL, "update_types": []string{"nonsense"}}} {
		if _, got := call(t, s, http.MethodPost, "/subscriptions", nil, bad); got["success"] != false {
			t.Fatalf("%v: %v", bad, got)
		}
	}
	if _, got := call(t, s, http.MethodGet, "/subscriptions", nil, nil); len(got["subscriptions"].([]any)) != 2 {
		t.Fatal(got)
	}
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	if err := s.StartBot(501, "campaign"); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if got := a.got(); len(got) != 2 || a.secrets[0] != "secret-a" {
		t.Fatalf("first webhook: %v %v", got, a.secrets)
	}
	if got := b.got(); len(got) != 1 || got[0]["payload"] != "campaign" || b.secrets[0] != "" {
		t.Fatalf("second webhook: %v", got)
	}
	if _, got := call(t, s, http.MethodDelete, "/subscriptions", url.Values{"url": {b.URL}}, nil); got["success"] != true {
		t.Fatal(got)
	}
	if len(s.Webhooks()) != 1 {
		t.Fatal(s.Webhooks())
	}
	standintest.Clean(t, s)
	if status, _ := call(t, s, http.MethodPost, "/subscriptions", nil, obj{"url": a.URL, "secret": "four"}); status != 400 || len(s.Violations()) != 1 {
		t.Fatalf("a short secret breaks the schema: %d %q", status, s.Violations())
	}
}

func TestRetriesThenUnsubscribes(t *testing.T) {
	s := start(t, func(c *maxbot.Config) {
		c.RetryDelays = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond, time.Millisecond, time.Millisecond, 5 * time.Millisecond, time.Second, time.Second}
	})
	h := newHook(t)
	s.Subscribe(h.URL, "")
	h.answer(http.StatusInternalServerError)
	if _, err := s.SendText(501, "раз"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(h.got()) >= 3 })
	h.answer(http.StatusOK)
	settle(t, s)
	if e := s.Ledger()[0]; !e.Acked || e.Attempts < 4 {
		t.Fatalf("%+v", e)
	}
	h.answer(http.StatusInternalServerError)
	s.Advance(8 * time.Hour)
	if _, err := s.SendText(501, "два"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return len(s.Webhooks()) == 0 })
	standintest.Clean(t, s)
}

func waitFor(t testing.TB, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
		<-time.After(2 * time.Millisecond)
	}
}

func TestLongPoll(t *testing.T) {
	s := start(t, nil)
	for _, text := range []string{"раз", "два", "три"} {
		if _, err := s.SendText(501, text); err != nil {
			t.Fatal(err)
		}
	}
	_, got := call(t, s, http.MethodGet, "/updates", nil, nil)
	if n := len(got["updates"].([]any)); n != 1 {
		t.Fatalf("without a marker only the last update comes, got %d", n)
	}
	marker := int64(got["marker"].(float64))
	_, got = call(t, s, http.MethodGet, "/updates", url.Values{"marker": {itoa(marker - 3)}, "limit": {"2"}}, nil)
	if n := len(got["updates"].([]any)); n != 2 || int64(got["marker"].(float64)) != marker-1 {
		t.Fatal(got)
	}
	_, got = call(t, s, http.MethodGet, "/updates", url.Values{"marker": {itoa(marker)}, "timeout": {"0"}}, nil)
	if n := len(got["updates"].([]any)); n != 0 {
		t.Fatal(got)
	}
	for _, e := range s.Ledger() {
		if !e.Acked {
			t.Errorf("a later marker acknowledges %q", e.Text)
		}
	}
	h := newHook(t)
	s.Subscribe(h.URL, "")
	_, got = call(t, s, http.MethodGet, "/updates", url.Values{"marker": {"1"}, "timeout": {"0"}}, nil)
	if n := len(got["updates"].([]any)); n != 0 {
		t.Fatal("a webhook leaves nothing to poll")
	}
	standintest.Clean(t, s)
}

func itoa(n int64) string { b, _ := json.Marshal(n); return string(b) }

func TestMessages(t *testing.T) {
	s := start(t, nil)
	if status, got := call(t, s, http.MethodPost, "/messages", url.Values{"user_id": {"501"}}, obj{"text": "x"}); status != 404 || got["code"] != "chat.not.found" {
		t.Fatalf("nobody may write first: %d %v", status, got)
	}
	first, err := s.SendText(501, "привет")
	if err != nil {
		t.Fatal(err)
	}
	chat := url.Values{"chat_id": {itoa(s.Dialog(501))}}
	_, got := call(t, s, http.MethodPost, "/messages", chat, obj{
		"text": `<b>Да</b> &amp; <a href="https://okno.example/">сюда</a> 👋<i>!</i>`, "format": "html", "link": obj{"type": "reply", "mid": first},
		"attachments": []obj{{"type": "inline_keyboard", "payload": obj{"buttons": [][]obj{{{"type": "callback", "text": "Ок", "payload": "ok"}}}}}},
	})
	id := got["message"].(obj)["body"].(obj)["mid"].(string)
	msg, _ := s.Message(id)
	if msg.Text != "Да & сюда 👋!" || msg.ReplyTo != first || len(msg.Markup) != 3 || msg.Markup[2].From != 12 {
		t.Fatalf("%+v", msg)
	}
	cb, err := s.PressButton(501, id, "ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, got := call(t, s, http.MethodPost, "/answers", url.Values{"callback_id": {cb}}, obj{"notification": "Принято"}); got["success"] != true {
		t.Fatal(got)
	}
	if p, _ := s.Pressed(cb); !p.Answered || p.Notification != "Принято" {
		t.Fatalf("%+v", p)
	}
	one := url.Values{"message_id": {id}}
	if _, got := call(t, s, http.MethodPut, "/messages", one, obj{"text": "**Нет**", "format": "markdown"}); got["success"] != true {
		t.Fatal(got)
	}
	if msg, _ := s.Message(id); msg.Text != "Нет" || len(msg.Attachments) != 1 {
		t.Fatalf("%+v", msg)
	}
	if _, got := call(t, s, http.MethodGet, "/messages", chat, nil); len(got["messages"].([]any)) != 2 {
		t.Fatal(got)
	}
	if _, got := call(t, s, http.MethodDelete, "/messages", one, nil); got["success"] != true {
		t.Fatal(got)
	}
	if status, _ := call(t, s, http.MethodGet, "/messages/"+id, nil, nil); status != 404 {
		t.Fatalf("a deleted message is gone: %d", status)
	}
	if err := s.StopBot(501); err != nil {
		t.Fatal(err)
	}
	if status, got := call(t, s, http.MethodPost, "/messages", chat, obj{"text": "x"}); status != 403 || !strings.Contains(got["message"].(string), "error.dialog.suspended") {
		t.Fatalf("%d %v", status, got)
	}
	standintest.Clean(t, s)
}

func TestLimits(t *testing.T) {
	s := start(t, func(c *maxbot.Config) { c.PerSecond = 30 })
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	to := url.Values{"user_id": {"501"}}
	row := func(n int, kind string) []obj {
		var out []obj
		for range n {
			out = append(out, obj{"type": kind, "text": "x", "payload": "x", "url": "https://a.example"})
		}
		return out
	}
	keyboard := func(rows ...[]obj) obj {
		return obj{"text": "x", "attachments": []obj{{"type": "inline_keyboard", "payload": obj{"buttons": rows}}}}
	}
	for name, body := range map[string]obj{
		"long text":    {"text": strings.Repeat("я", 4001)},
		"empty":        {"text": ""},
		"wide row":     keyboard(row(8, "callback")),
		"wide links":   keyboard(row(4, "link")),
		"unknown type": {"attachments": []obj{{"type": "hologram"}}},
		"two files":    {"attachments": []obj{{"type": "file", "payload": obj{"token": "a"}}, {"type": "file", "payload": obj{"token": "b"}}}},
		"no token":     {"attachments": []obj{{"type": "video", "payload": obj{}}}},
	} {
		before := len(s.Violations())
		if status, got := call(t, s, http.MethodPost, "/messages", to, body); status != 400 || len(s.Violations()) == before {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
	limited := 0
	for range 40 {
		if status, _ := call(t, s, http.MethodGet, "/me", nil, nil); status == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("more than 30 calls in a second must be refused")
	}
}

func TestUploads(t *testing.T) {
	s := start(t, func(c *maxbot.Config) { c.NotReady = 50 * time.Millisecond })
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	to := url.Values{"user_id": {"501"}}
	for _, kind := range []string{"image", "video", "audio", "file"} {
		token := upload(t, s, kind, "имя.bin", []byte("bytes of "+kind))
		body := obj{"attachments": []obj{{"type": kind, "payload": obj{"token": token}}}}
		status, got := call(t, s, http.MethodPost, "/messages", to, body)
		if status != 400 || got["code"] != "attachment.not.ready" {
			t.Fatalf("%s: %d %v", kind, status, got)
		}
		waitFor(t, func() bool { status, got = call(t, s, http.MethodPost, "/messages", to, body); return status == 200 })
		a := got["message"].(obj)["body"].(obj)["attachments"].([]any)[0].(obj)
		payload := a["payload"].(obj)
		if kind == "video" {
			_, v := call(t, s, http.MethodGet, "/videos/"+payload["token"].(string), nil, nil)
			if v["urls"].(obj)["mp4_720"] == nil {
				t.Fatal(v)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, payload["url"].(string), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if status, got := do(t, req); status != 200 || got["raw"] != "bytes of "+kind {
			t.Fatalf("%s: %d %v", kind, status, got)
		}
	}
	standintest.Clean(t, s)
}
