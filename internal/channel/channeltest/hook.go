package channeltest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// maxHookBody bounds a webhook request in tests.
const maxHookBody = 16 << 20

// Hook plays Okno's webhook endpoint: it asks the adapter to accept each
// request, keeps the raw updates and answers.
type Hook struct {
	// URL is the address to give to the stand-in.
	URL string

	mu       sync.Mutex
	adapter  channel.Webhook
	requests []channel.Request
	refuse   int
	refused  []channel.Raw
	errs     []error
	raws     chan channel.Raw
}

// NewHook starts an endpoint that lives as long as the test.
func NewHook(t testing.TB) *Hook {
	t.Helper()
	h := &Hook{raws: make(chan channel.Raw, 4096)}
	server := httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(server.Close)
	h.URL = server.URL + "/hooks/test/1"
	return h
}

func (h *Hook) attach(a channel.Webhook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.adapter = a
}

// refuseNext answers the next n deliveries with 503, as when the database is
// away.
func (h *Hook) refuseNext(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = n
}

func (h *Hook) refusedRaws() []channel.Raw {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]channel.Raw(nil), h.refused...)
}

// last returns the newest accepted delivery.
func (h *Hook) last() (channel.Request, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) == 0 {
		return channel.Request{}, false
	}
	return h.requests[len(h.requests)-1], true
}

func (h *Hook) errors() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]error(nil), h.errs...)
}

func (h *Hook) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxHookBody))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.adapter == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	req := channel.Request{Method: r.Method, Query: r.URL.Query(), Header: r.Header, Body: body}
	raws, reply, err := h.adapter.Accept(req)
	if err != nil {
		h.errs = append(h.errs, err)
		if fault.KindOf(err) == fault.Unauthenticated {
			w.WriteHeader(http.StatusUnauthorized)
		} else {
			w.WriteHeader(http.StatusInternalServerError)
		}
		return
	}
	if h.refuse > 0 && len(raws) > 0 {
		h.refuse--
		h.refused = append(h.refused, raws...)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if len(raws) > 0 {
		h.requests = append(h.requests, req)
	}
	for _, raw := range raws {
		raw.ReceivedAt = time.Now()
		h.raws <- raw
	}
	if reply.ContentType != "" {
		w.Header().Set("Content-Type", reply.ContentType)
	}
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = w.Write(reply.Body)
}
