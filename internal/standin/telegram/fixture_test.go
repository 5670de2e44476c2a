package telegram_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/telegram"
)

// start runs a stand-in. Violations fail the test unless it looks at them
// itself.
func start(t testing.TB, change func(*telegram.Config)) *telegram.Server {
	t.Helper()
	cfg := telegram.Config{Specs: standintest.Specs(t, "telegram", telegram.SpecFile), RetryDelays: []time.Duration{10 * time.Millisecond}}
	if change != nil {
		change(&cfg)
	}
	s, err := telegram.New(cfg)
	standintest.Start(t, s, err)
	return s
}

type object = map[string]any

// answer is what a method answered.
type answer struct {
	Status      int
	OK          bool
	Result      json.RawMessage
	Code        int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	}
}

func post(t testing.TB, address string, body any) (int, []byte) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out
}

func call(t testing.TB, s *telegram.Server, method string, params object) answer {
	t.Helper()
	status, raw := post(t, s.URL()+"/bot"+s.Config().Token+"/"+method, params)
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%s: %v in %s", method, err, raw)
	}
	a.Status = status
	if a.OK != (status == http.StatusOK) || (!a.OK && a.Code != status) {
		t.Errorf("%s: status %d with %s", method, status, raw)
	}
	return a
}

func refused(t testing.TB, a answer, code int, words string) {
	t.Helper()
	if a.Code != code || !strings.Contains(a.Description, words) {
		t.Errorf("answered %d %q, want %d %q", a.Code, a.Description, code, words)
	}
}

func say(t testing.TB, s *telegram.Server, p telegram.Post, text string) int {
	t.Helper()
	id, err := s.SendText(p, text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// endpoint is a bot's webhook that keeps what it gets.
type endpoint struct {
	*httptest.Server
	mu      sync.Mutex
	updates []object
	secrets []string
	// refuse says for an update whether to answer with an error.
	refuse func(object) bool
	came   chan struct{}
}

func newEndpoint(t testing.TB) *endpoint {
	t.Helper()
	e := &endpoint{came: make(chan struct{}, 1000)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		var u object
		_ = json.Unmarshal(raw, &u) // raw updates need not be JSON
		if e.refuse != nil && e.refuse(u) {
			w.WriteHeader(http.StatusServiceUnavailable)
		} else {
			e.updates = append(e.updates, u)
		}
		e.secrets = append(e.secrets, r.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
		e.came <- struct{}{}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) refuses(f func(object) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuse = f
}

// texts waits for n updates and returns their messages' texts.
func (e *endpoint) texts(t testing.TB, n int) []string {
	t.Helper()
	for {
		e.mu.Lock()
		var out []string
		for _, u := range e.updates {
			text := ""
			if msg, ok := u["message"].(object); ok {
				text, _ = msg["text"].(string)
			}
			out = append(out, text)
		}
		e.mu.Unlock()
		if len(out) >= n {
			return out
		}
		select {
		case <-e.came:
		case <-time.After(5 * time.Second):
			t.Fatalf("%d updates came, want %d: %q", len(out), n, out)
		}
	}
}
