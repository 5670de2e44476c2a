package whatsapp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// hook is a business's webhook that keeps what it gets.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
	signs  []string
	status int
	token  string
}

func newHook(t testing.TB) *hook {
	t.Helper()
	h := &hook{status: http.StatusOK, token: "verify-me"}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if r.URL.Query().Get("hub.verify_token") != h.token || r.URL.Query().Get("hub.mode") != "subscribe" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
			return
		}
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bodies = append(h.bodies, body)
		h.signs = append(h.signs, r.Header.Get("X-Hub-Signature-256"))
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

func (h *hook) got() [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([][]byte(nil), h.bodies...)
}

// items flattens notifications to their messages, statuses and the like.
func (h *hook) items(t testing.TB) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, body := range h.got() {
		var p struct {
			Entry []struct {
				Changes []struct {
					Field string
					Value map[string]json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(body, &p); err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Entry {
			for _, c := range e.Changes {
				for _, list := range []string{"messages", "statuses", "user_id_update", "message_echoes", "calls"} {
					var items []map[string]any
					if raw, ok := c.Value[list]; ok {
						if err := json.Unmarshal(raw, &items); err != nil {
							t.Fatal(err)
						}
					}
					for _, i := range items {
						i["_list"] = list
						out = append(out, i)
					}
				}
			}
		}
	}
	return out
}

// start runs a stand-in with a webhook and fails the test on violations.
func start(t *testing.T, change func(*whatsapp.Config)) (*whatsapp.Server, *hook) {
	t.Helper()
	h := newHook(t)
	cfg := whatsapp.Config{Specs: standintest.Specs(t, "whatsapp", whatsapp.SpecFile), WebhookURL: h.URL, RetryDelays: []time.Duration{5 * time.Millisecond}}
	if change != nil {
		change(&cfg)
	}
	s, err := whatsapp.New(cfg)
	standintest.Start(t, s, err)
	return s, h
}

func settle(t *testing.T, s *whatsapp.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if !s.Settle(ctx.Done()) {
		t.Fatalf("webhooks not delivered: %+v", s.Webhook())
	}
}

// call makes a Graph call and returns status and decoded answer.
func call(t *testing.T, s *whatsapp.Server, method, path string, body any) (int, map[string]any) {
	t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/v23.0/"+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Config().Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

// code is the platform's error code of an answer.
func code(answer map[string]any) int {
	e, _ := answer["error"].(map[string]any)
	n, _ := e["code"].(float64)
	return int(n)
}

func upload(t *testing.T, s *whatsapp.Server, name, mime string, data []byte) (int, map[string]any) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("messaging_product", "whatsapp")
	_ = w.WriteField("type", mime)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {mime}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v23.0/"+s.Config().PhoneNumberID+"/media", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Config().Token)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}
