package egress_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/egress"
)

func TestRequester(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ok", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Signature") != "s" || r.ContentLength != int64(len(body)) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	})
	mux.HandleFunc("POST /busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "later")
	})
	mux.Handle("POST /away", http.RedirectHandler("/ok", http.StatusTemporaryRedirect))
	server := httptest.NewServer(mux)
	defer server.Close()

	open, err := egress.New(egress.Config{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	post := func(c *egress.Client, path string) (*http.Response, error) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Signature", "s")
		return c.Requester("webhook").Do(req)
	}
	for path, want := range map[string]struct {
		status      int
		body, retry string
	}{"/ok": {201, "body", ""}, "/busy": {429, "later", "7"}, "/away": {307, "", ""}, "/none": {404, "404 page not found\n", ""}} {
		res, err := post(open, path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			t.Error(err)
		}
		if res.StatusCode != want.status || string(body) != want.body || res.Header.Get("Retry-After") != want.retry {
			t.Errorf("%s: %d, %q, Retry-After %q", path, res.StatusCode, body, res.Header.Get("Retry-After"))
		}
	}
	guarded, err := egress.New(egress.Config{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := post(guarded, "/ok")
	if err == nil {
		_ = res.Body.Close()
	}
	if e, ok := errors.AsType[*egress.Error](err); !ok || e.Reason != egress.ReasonPrivate {
		t.Errorf("a private address: %v", err)
	}
}
