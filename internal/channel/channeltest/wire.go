package channeltest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// failure is how the network between adapter and platform fails.
type failure int

const (
	none     failure = iota
	gateway          // a proxy's error page; the platform got nothing
	silent           // the request is taken and never answered
	cut              // the connection breaks before the platform got it
	lost             // the platform does it, but the answer is lost
	nonsense         // the platform does it, but the answer is not its own
)

// wire stands between the adapter and the stand-in.
type wire struct {
	URL     string
	forward http.Handler
	over    chan struct{}

	mu       sync.Mutex
	failure  failure
	requests int
}

// newWire starts a wire to an address.
func newWire(t testing.TB, address string) *wire {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatalf("the account's api_url: %v", err)
	}
	w := &wire{over: make(chan struct{}), forward: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}}
	server := httptest.NewServer(w)
	t.Cleanup(func() {
		close(w.over) // requests that were never answered end
		server.Close()
	})
	w.URL = server.URL
	return w
}

// fails sets how every further request fails.
func (w *wire) fails(f failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failure = f
}

// count is how many requests came.
func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests
}

// ServeHTTP implements http.Handler.
func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.requests++
	f := w.failure
	w.mu.Unlock()
	switch f {
	case none:
		w.forward.ServeHTTP(rw, r)
	case gateway:
		rw.Header().Set("Content-Type", "text/html")
		rw.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(rw, "<html><h1>502 Bad Gateway</h1></html>")
	case silent:
		_, _ = io.Copy(io.Discard, r.Body) // only then the caller's end is noticed
		select {
		case <-r.Context().Done():
		case <-w.over:
		}
	case cut:
		_, _ = io.Copy(io.Discard, r.Body)
		hangUp(rw)
	case lost:
		w.forward.ServeHTTP(httptest.NewRecorder(), r)
		hangUp(rw)
	case nonsense:
		w.forward.ServeHTTP(httptest.NewRecorder(), r)
		_, _ = io.WriteString(rw, "<html>Sign in to the hotel's network</html>")
	}
}

func hangUp(rw http.ResponseWriter) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
