package egress_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/fault"
)

const token = "123456:AAE-secret_token"

// newClient returns a client for a stand-in on loopback.
func newClient(t *testing.T, base string, change func(*egress.Config)) *egress.Client {
	t.Helper()
	cfg := egress.Config{BaseURL: base, AllowPrivate: true, Redact: []string{token}, Timeout: 5 * time.Second}
	if change != nil {
		change(&cfg)
	}
	c, err := egress.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw serves each connection with f and closes it, for answers no HTTP
// server would give.
func raw(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String()
}

func post(c *egress.Client, out any, opts ...egress.Option) error {
	return c.JSON(context.Background(), http.MethodPost, "/bot"+token+"/sendMessage", nil, nil, map[string]string{"text": "привет"}, out, opts...)
}

// check fails unless err is an egress error of the class and reason that
// names neither token nor path.
func check(t *testing.T, err error, class egress.Class, reason egress.Reason) *egress.Error {
	t.Helper()
	e, ok := egress.AsError(err)
	if !ok {
		t.Fatalf("error = %v, want an egress.Error", err)
	}
	if e.Class != class || e.Reason != reason {
		t.Errorf("class, reason = %q, %q, want %q, %q (%v)", e.Class, e.Reason, class, reason, err)
	}
	for _, s := range []string{token, "secret_token", "sendMessage?", "/bot", "привет"} {
		if strings.Contains(err.Error(), s) || strings.Contains(fmt.Sprintf("%+v", errors.Unwrap(err)), s) {
			t.Errorf("error text reveals %q: %v", s, err)
		}
	}
	return e
}

func TestJSONRoundTrip(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.ContentLength != int64(len(body)) || len(r.TransferEncoding) != 0 {
			t.Errorf("length %d, encoding %v for %d bytes", r.ContentLength, r.TransferEncoding, len(body))
		}
		json.NewEncoder(w).Encode(map[string]any{
			"path": r.URL.EscapedPath(), "query": r.URL.RawQuery, "body": string(body),
			"type": r.Header.Get("Content-Type"), "agent": r.Header.Get("User-Agent"), "auth": r.Header.Get("Authorization"),
		})
	})
	c := newClient(t, s.URL+"/api%2Fv1/", func(cfg *egress.Config) { cfg.UserAgent = "Okno/1" })
	tests := map[string]struct {
		method, path string
		query        url.Values
		in           any
		want         map[string]string
	}{
		"json": {http.MethodPost, "/bot" + token + "/send", nil, map[string]string{"text": "<привет>"}, map[string]string{
			"path": "/api%2Fv1/bot" + token + "/send", "body": `{"text":"<привет>"}`, "type": "application/json", "agent": "Okno/1", "auth": "Bearer x",
		}},
		"form":     {http.MethodPost, "method/x?v=5", url.Values{"a": {"1 2"}}, url.Values{"message": {"a&b"}}, map[string]string{"query": "v=5&a=1+2", "body": "message=a%26b", "type": "application/x-www-form-urlencoded"}},
		"raw":      {http.MethodPut, "x", nil, json.RawMessage(`{"a": 1}`), map[string]string{"body": `{"a": 1}`}},
		"get":      {http.MethodGet, "file%20name", nil, nil, map[string]string{"path": "/api%2Fv1/file%20name", "body": "", "type": ""}},
		"no body":  {http.MethodPost, "x", nil, nil, map[string]string{"body": ""}},
		"absolute": {http.MethodPost, s.URL + "/elsewhere?sig=1", nil, nil, map[string]string{"path": "/elsewhere", "query": "sig=1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got map[string]string
			h := http.Header{"authorization": {"Bearer x"}}
			if err := c.JSON(t.Context(), tt.method, tt.path, tt.query, h, tt.in, &got); err != nil {
				t.Fatal(err)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("%s = %q, want %q", k, got[k], v)
				}
			}
		})
	}
}

func TestStatusClasses(t *testing.T) {
	tests := map[int]egress.Class{
		400: egress.Rejected, 403: egress.Rejected, 404: egress.Rejected, 409: egress.Rejected, 413: egress.Rejected,
		401: egress.Unauthorized, 429: egress.RateLimited, 408: egress.Uncertain, 425: egress.NotWritten,
		500: egress.ServerError, 502: egress.ServerError, 503: egress.ServerError,
	}
	for status, class := range tests {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"description":"bot %s was blocked"}`, token)
		})
		e := check(t, post(newClient(t, s.URL, nil), nil, egress.Operation("sendMessage")), class, "")
		if e.Status != status || e.RetryAfter != 7*time.Second || e.Operation != "sendMessage" {
			t.Errorf("%d: %+v", status, e)
		}
		var body struct{ Description string }
		if err := e.Decode(&body); err != nil || body.Description != "bot [redacted] was blocked" {
			t.Errorf("%d: body %q, %v", status, body.Description, err)
		}
		mayHave := class == egress.ServerError || class == egress.Uncertain
		if e.MayHaveHappened() != mayHave {
			t.Errorf("%d: MayHaveHappened = %v", status, !mayHave)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	e := check(t, post(newClient(t, s.URL, nil), nil), egress.RateLimited, "")
	if e.RetryAfter < 55*time.Second || e.RetryAfter > time.Minute {
		t.Errorf("RetryAfter = %s", e.RetryAfter)
	}
}

func TestNothingReachedTheOtherSide(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	check(t, post(newClient(t, closed, nil), nil), egress.NotWritten, egress.ReasonConnect)

	check(t, post(newClient(t, "http://name.invalid", nil), nil), egress.NotWritten, egress.ReasonDNS)

	plain := raw(t, func(c net.Conn) { io.WriteString(c, "220 mail ready\r\n") })
	check(t, post(newClient(t, strings.Replace(plain, "http:", "https:", 1), nil), nil), egress.NotWritten, egress.ReasonTLS)

	check(t, post(newClient(t, "http://127.0.0.1:1", func(c *egress.Config) { c.ProxyURL = closed }), nil), egress.NotWritten, egress.ReasonProxy)
	check(t, post(newClient(t, "https://127.0.0.1:1", func(c *egress.Config) {
		c.ProxyURL = strings.Replace(closed, "http://", "socks5://user:pass@", 1)
	}), nil), egress.NotWritten, egress.ReasonProxy)

	never := newClient(t, closed, func(c *egress.Config) { c.Limits.PerKey = egress.Limit{PerSecond: 0.001, Burst: 1} })
	_ = post(never, nil, egress.Key("chat")) // takes the only token
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = never.JSON(ctx, http.MethodPost, "/bot"+token, nil, nil, nil, nil, egress.Key("chat"))
	check(t, err, egress.NotWritten, egress.ReasonLimiter)

	for _, path := range []string{"/a/../b", "/%2e%2e/b", "/%zz"} {
		err = newClient(t, closed, nil).JSON(t.Context(), http.MethodPost, "/bot"+token+path, nil, nil, nil, nil)
		check(t, err, egress.NotWritten, egress.ReasonRequest)
	}
	err = newClient(t, closed, nil).JSON(t.Context(), http.MethodPost, "/bot"+token, nil, nil, make(chan int), nil)
	check(t, err, egress.NotWritten, egress.ReasonRequest)
}

func TestAnswerNeverCame(t *testing.T) {
	reset := raw(t, func(c net.Conn) {
		buf := make([]byte, 4096)
		for got := ""; !strings.Contains(got, "привет"); {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			got += string(buf[:n])
		}
	})
	check(t, post(newClient(t, reset, nil), nil), egress.Uncertain, egress.ReasonBroken)

	release := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	err := post(newClient(t, s.URL, nil), nil, egress.Within(50*time.Millisecond))
	check(t, err, egress.Uncertain, egress.ReasonTimeout)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("a timeout must read as context.DeadlineExceeded")
	}

	half := raw(t, func(c net.Conn) {
		c.Read(make([]byte, 4096))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":")
	})
	e := check(t, post(newClient(t, half, nil), nil), egress.Uncertain, egress.ReasonBroken)
	if e.Status != 200 {
		t.Errorf("status = %d", e.Status)
	}
}

func TestCallerCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	err := newClient(t, s.URL, nil).JSON(ctx, http.MethodPost, "/bot"+token, nil, nil, 1, nil)
	check(t, err, egress.Uncertain, egress.ReasonCanceled)
	err = newClient(t, s.URL, nil).JSON(ctx, http.MethodPost, "/bot"+token, nil, nil, 1, nil)
	e, _ := egress.AsError(err)
	if e == nil || e.Class != egress.NotWritten {
		t.Errorf("cancelled before the start: %v", err)
	}
}

func TestMalformedAndOversizedAnswers(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "html") {
			io.WriteString(w, "<retval>1</retval>")
			return
		}
		w.Write(bytes.Repeat([]byte(" "), 2000))
	})
	c := newClient(t, s.URL, func(c *egress.Config) { c.MaxResponse = 1000 })
	var out struct{}
	e := check(t, c.JSON(t.Context(), http.MethodPost, "/html", nil, nil, nil, &out), egress.Uncertain, egress.ReasonMalformed)
	if string(e.Body) != "<retval>1</retval>" || e.Status != 200 {
		t.Errorf("%+v", e)
	}
	var b []byte
	if err := c.JSON(t.Context(), http.MethodPost, "/html", nil, nil, nil, &b); err != nil || string(b) != "<retval>1</retval>" {
		t.Errorf("raw answer: %q, %v", b, err)
	}
	check(t, c.JSON(t.Context(), http.MethodPost, "/big", nil, nil, nil, &out), egress.TooLarge, "")
}

func TestKeptConnectionThatBreaksIsTriedAgain(t *testing.T) {
	// The first connection serves one request and breaks in the middle of the
	// second one's body, which is larger than what the kernel takes: it has
	// certainly not arrived, and a fresh connection serves it.
	var conns atomic.Int32
	base := raw(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		first := conns.Add(1) == 1
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
		if first {
			in.Peek(1)
			c.(*net.TCPConn).SetLinger(0)
		}
	})
	c := newClient(t, base, nil)
	if err := post(c, nil); err != nil {
		t.Fatal(err)
	}
	big := map[string]string{"text": strings.Repeat("x", 32<<20)}
	if err := c.JSON(t.Context(), http.MethodPost, "/bot"+token, nil, nil, big, nil); err != nil {
		t.Fatal(err)
	}
	if n := conns.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestObserve(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	var got []egress.Observation
	c := newClient(t, s.URL, func(c *egress.Config) {
		c.Observe = func(o egress.Observation) { got = append(got, o) }
	})
	_ = post(c, nil, egress.Operation("send"))
	if len(got) != 1 || got[0].Class != egress.Rejected || got[0].Status != 403 || got[0].Operation != "send" || got[0].Took <= 0 {
		t.Errorf("observed %+v", got)
	}
}

func TestCABundle(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }))
	t.Cleanup(s.Close)
	check(t, post(newClient(t, s.URL, nil), nil), egress.NotWritten, egress.ReasonCA)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := post(newClient(t, s.URL, func(c *egress.Config) { c.CABundle = bundle }), nil); err != nil {
		t.Error(err)
	}
	wrong := newClient(t, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), func(c *egress.Config) { c.CABundle = bundle })
	check(t, post(wrong, nil), egress.NotWritten, egress.ReasonTLS)
}

func TestBadSettings(t *testing.T) {
	tests := map[string]egress.Config{
		"egress.bad_base_url":  {BaseURL: "ftp://host"},
		"egress.bad_proxy_url": {ProxyURL: "socks4://u:" + token + "@host:70000"},
		"egress.bad_ca_bundle": {CABundle: []byte("no pem")},
	}
	for code, cfg := range tests {
		_, err := egress.New(cfg)
		if fault.KindOf(err) != fault.Invalid || fault.CodeOf(err) != code || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := egress.New(egress.Config{BaseURL: "http://h:" + token}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("bad port: %v", err)
	}
}

func TestRedactText(t *testing.T) {
	c := newClient(t, "http://user:hunter22@127.0.0.1", nil)
	got := c.Redact(`Post "https://api.telegram.org/bot` + url.PathEscape(token) + `/x?y=1": failed for hunter22 via socks5://u:p@proxy:1080`)
	if want := `Post "https://api.telegram.org": failed for [redacted] via socks5://proxy:1080`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
