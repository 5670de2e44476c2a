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

// TestCustomers makes a customer do everything he can; all of it validates.
func TestCustomers(t *testing.T) {
	s := start(t, nil)
	h := newHook(t)
	s.Subscribe(h.URL, "")
	s.AddGroup(-70801, "Группа")
	first, err := s.SendText(501, "жирный", maxbot.Markup{Type: "strong", From: 0, Length: 6}, maxbot.Markup{Type: "link", From: 0, Length: 6, URL: "https://a.example"})
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() (string, error){
		func() (string, error) {
			return s.SendFiles(501, "вот", maxbot.File{Kind: "image", Data: []byte("png")}, maxbot.File{Kind: "video", Data: []byte("mp4"), Seconds: 3, Width: 10, Height: 20})
		},
		func() (string, error) {
			return s.SendFiles(501, "", maxbot.File{Kind: "audio", Data: []byte("mp3"), Transcription: "текст"})
		},
		func() (string, error) {
			return s.SendFiles(501, "", maxbot.File{Kind: "file", Name: "счёт.pdf", Data: []byte("pdf")})
		},
		func() (string, error) { return s.SendSticker(501, "wave") },
		func() (string, error) { return s.SendLocation(501, 55.7, 37.6) },
		func() (string, error) { return s.SendShare(501, "https://a.example", "Сайт") },
		func() (string, error) { return s.SendContact(501, "Иван", "+79001112233") },
		func() (string, error) { return s.ShareOwnContact(501, false) },
		func() (string, error) { return s.SendReply(501, first, "ответ") },
		func() (string, error) { return s.SendForward(501, first) },
		func() (string, error) {
			return s.Send(maxbot.Incoming{From: 501, Chat: -70801, Text: "в группе"})
		},
		func() (string, error) { return "", s.SendVoice(501) },
		func() (string, error) { return "", s.EditMessage(first, "исправлено") },
		func() (string, error) { return "", s.RemoveMessage(first) },
		func() (string, error) { return "", s.StartBot(501, "qr") },
		func() (string, error) { return "", s.Mute(501, time.Now().Add(time.Hour)) },
		func() (string, error) { return "", s.Unmute(501) },
		func() (string, error) { return "", s.ClearDialog(501) },
		func() (string, error) { return "", s.StopBot(501) },
		func() (string, error) { return "", s.RemoveDialog(501) },
		func() (string, error) { return "", s.GroupEvent("bot_added", -70801, 501, "") },
		func() (string, error) { return "", s.GroupEvent("user_added", -70801, 501, "") },
		func() (string, error) {
			return "", s.GroupEvent("chat_title_changed", -70801, 501, "Новое имя")
		},
		func() (string, error) { return "", s.GroupEvent("user_removed", -70801, 501, "") },
		func() (string, error) { return "", s.GroupEvent("bot_removed", -70801, 501, "") },
	}
	for i, step := range steps {
		if _, err := step(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	settle(t, s)
	if got := len(h.got()); got != len(steps)+1 {
		t.Errorf("%d updates for %d steps", got, len(steps)+1)
	}
	if err := s.Redeliver(first); err != nil {
		t.Error(err)
	}
	settle(t, s)
	if got := len(h.got()); got != len(steps)+2 {
		t.Error("a redelivery repeats one update")
	}
	standintest.Clean(t, s)
}

func TestLedgerOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	s := start(t, func(c *maxbot.Config) { c.LedgerPath = path })
	if _, err := s.SendText(501, "первое"); err != nil {
		t.Fatal(err)
	}
	if _, got := call(t, s, http.MethodPost, "/messages", url.Values{"user_id": {"501"}}, obj{"text": "второе"}); got["message"] == nil {
		t.Fatal(got)
	}
	s.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	var last maxbot.Entry
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Direction != "out" || last.Order != 2 {
		t.Fatalf("%+v %v", last, err)
	}
	if d := s.Delivered(501); len(d) != 1 || d[0].Text != "второе" {
		t.Fatalf("%+v", d)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, nil)
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	s.Fail(maxbot.Fault{Method: "send", Status: 429, RetryAfter: 3})
	to := url.Values{"user_id": {"501"}}
	if status, got := call(t, s, http.MethodPost, "/messages", to, obj{"text": "x"}); status != 429 || got["code"] != "too.many.requests" {
		t.Fatalf("%d %v", status, got)
	}
	if status, _ := call(t, s, http.MethodPost, "/messages", to, obj{"text": "x"}); status != 200 {
		t.Fatal("the fault is used up")
	}
	if s.Calls("send") != 2 {
		t.Fatal(s.Calls("send"))
	}
	standintest.Clean(t, s)
}
