package maxbot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

func start(t testing.TB, change func(*maxbot.Config)) *maxbot.Server {
	t.Helper()
	cfg := maxbot.Config{Specs: standintest.Specs(t, "max", maxbot.SpecFile), RetryDelays: []time.Duration{5 * time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond}, PerSecond: -1, PollsPerSecond: -1}
	if change != nil {
		change(&cfg)
	}
	s, err := maxbot.New(cfg)
	standintest.Start(t, s, err)
	return s
}

// hook is a bot's webhook that keeps what it gets.
type hook struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []map[string]any
	secrets []string
	status  int
}

func newHook(t testing.TB) *hook {
	t.Helper()
	h := &hook{status: http.StatusOK}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var v map[string]any
		_ = json.Unmarshal(body, &v)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies = append(h.bodies, v)
		h.secrets = append(h.secrets, r.Header.Get("X-Max-Bot-Api-Secret"))
		w.WriteHeader(h.status)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *hook) got() []map[string]any {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]map[string]any(nil), h.bodies...)
}

func settle(t testing.TB, s *maxbot.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if !s.Settle(ctx.Done()) {
		t.Fatal("updates are still on their way")
	}
}

// call makes an API call with the right token.
func call(t testing.TB, s *maxbot.Server, method, path string, query url.Values, body any) (int, map[string]any) {
	t.Helper()
	return callAs(t, s, s.Config().Token, method, path, query, body)
}

func callAs(t testing.TB, s *maxbot.Server, token, method, path string, query url.Values, body any) (int, map[string]any) {
	t.Helper()
	var in io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path+"?"+query.Encode(), in)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return do(t, req)
}

func do(t testing.TB, req *http.Request) (int, map[string]any) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, _ := io.ReadAll(resp.Body)
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		out = map[string]any{"raw": string(raw)}
	}
	return resp.StatusCode, out
}

// upload takes the first two steps and returns the token.
func upload(t testing.TB, s *maxbot.Server, kind, name string, data []byte) string {
	t.Helper()
	status, where := call(t, s, http.MethodPost, "/uploads", url.Values{"type": {kind}}, nil)
	if status != http.StatusOK {
		t.Fatalf("uploads: %d %v", status, where)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("data", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = w.Close()
	address, _ := where["url"].(string)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	status, got := do(t, req)
	if status != http.StatusOK {
		t.Fatalf("upload: %d %v", status, got)
	}
	switch kind {
	case "image":
		photos, _ := got["photos"].(map[string]any)
		for _, p := range photos {
			one, _ := p.(map[string]any)
			token, _ := one["token"].(string)
			return token
		}
	case "file":
		token, _ := got["token"].(string)
		return token
	default:
		if got["raw"] == nil {
			t.Fatalf("a %s upload is not answered in JSON: %v", kind, got)
		}
	}
	token, _ := where["token"].(string)
	return token
}
