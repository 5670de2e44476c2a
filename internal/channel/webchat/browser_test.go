package webchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/demo/shop"
)

// serveEnv makes the test binary a server instead: the path of its state.
const serveEnv = "OKNO_WEBCHAT_TEST_SERVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(serveEnv); path != "" {
		fmt.Fprintln(os.Stderr, serve(path, os.Getenv("ADDR"), os.Getenv("SITE")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const chromium = "/usr/bin/chromium"

// TestBrowser drives the built widget in a real browser, on a page with the
// strictest policy, against a server process that is killed now and then.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("not with -short")
	}
	root, err := filepath.Abs("../../../widget")
	if err != nil {
		t.Fatal(err)
	}
	for _, need := range []string{filepath.Join(root, "dist", "widget.js"), filepath.Join(root, "node_modules", "playwright-core"), chromium} {
		if _, err := os.Stat(need); errors.Is(err, fs.ErrNotExist) {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is missing: run npm ci and npm run build in widget/, and install chromium", need)
			}
			t.Skipf("%s is missing: run npm ci and npm run build in widget/, and install chromium", need)
		}
	}
	depend(t, root)
	s := newServerProcess(t)
	cmd := exec.CommandContext(t.Context(), "node", "e2e/browser.mjs")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "OKNO="+s.url, "SITE="+s.site, "CONTROL="+s.control.URL, "CHROMIUM="+chromium)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the browser's test failed: %v", err)
	}
}

// depend reads what only the browser uses, so that a cached result of this
// test does not outlive a change of it.
func depend(t *testing.T, root string) {
	t.Helper()
	for _, pattern := range []string{"dist/*", "e2e/*"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"ONLY", "SCREENS", "TRACE"} { // choices of who looks on
		if v := os.Getenv(name); v != "" {
			t.Logf("%s=%s", name, v)
		}
	}
}

// serverProcess is the server that gets killed, and what outlives it: the
// site's page and the control of both.
type serverProcess struct {
	t         *testing.T
	addr, url string
	site      string
	state     string
	control   *httptest.Server
	mu        sync.Mutex
	cmd       *exec.Cmd
}

func newServerProcess(t *testing.T) *serverProcess {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &serverProcess{t: t, addr: l.Addr().String(), url: "http://" + l.Addr().String(), state: filepath.Join(t.TempDir(), "state.json")}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.HandlerFunc(s.servePage))
	t.Cleanup(site.Close)
	_, port, err := net.SplitHostPort(site.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.site = "http://localhost:" + port
	mux := http.NewServeMux()
	mux.HandleFunc("POST /kill", func(http.ResponseWriter, *http.Request) { s.kill() })
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.start(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	s.control = httptest.NewServer(mux)
	t.Cleanup(func() { s.control.Close(); s.kill() })
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// servePage is the site: nothing is allowed but our origin, not even a style
// attribute or markup from a string.
func (s *serverProcess) servePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(
		"default-src 'none'; script-src %[1]s; connect-src %[1]s; frame-src %[1]s; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'", s.url))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang=%q><head><title>Shop</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Shop</h1><p>A page with a strict policy.</p><p><a href="#ask" data-okno-open>Ask</a></p></main>
<script src="%s/widget.js" data-channel=%q async></script></body></html>`, or(q.Get("lang"), "ru"), s.url, or(q.Get("channel"), "7"))
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (s *serverProcess) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill() // kill -9; it may be dead already
	_ = s.cmd.Wait()         // it was killed
	s.cmd = nil
}

func (s *serverProcess) start() error {
	s.kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self) //nolint:noctx // it ends by kill
	cmd.Env = append(os.Environ(), serveEnv+"="+s.state, "ADDR="+s.addr, "SITE="+s.site)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd = cmd
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		conn, err := net.DialTimeout("tcp", s.addr, time.Second)
		if err == nil {
			return conn.Close()
		}
		<-time.After(10 * time.Millisecond)
	}
	return errors.New("the server does not start")
}

// serve is the killed process's life.
func serve(path, addr, site string) error {
	accounts := []channel.Account{}
	for id, settings := range map[channel.ID][]string{
		7:  {"title_ru", "Кофейня «Утро»", "title_en", "Morning Coffee", "greeting_ru", "Здравствуйте! Поможем выбрать кофемашину и зерно.\nЧто вас интересует?", "greeting_en", "Hello! Which coffee machine are you looking for?", "proactive_ru", "Подобрать кофемашину под ваш бюджет?", "proactive_delay", "1"},
		8:  {"title_ru", "Кофейня «Утро»", "consent", "true", "consent_ru", "Согласен на обработку персональных данных", "consent_url", "https://shop.example/policy", "ask_name", "optional", "ask_phone", "required", "color", "#0d9488"},
		9:  {"title_ru", "Кофейня «Утро»", "color", "#f5c518", "position", "left", "max_file_mb", "1"},
		10: {"title_ru", "Кофейня «Утро»", "theme", "dark"},
		11: {"title_ru", "Утро", "greeting_ru", "Здравствуйте! Поможем выбрать кофемашину и зерно.", "proactive_ru", "Подобрать кофемашину под ваш бюджет?", "proactive_delay", "1", "color", "#a9481f"},
	} {
		sites := site
		if id == 10 { // seen from the same site, a frame keeps its own storage
			sites = strings.Replace(site, "localhost", "127.0.0.1", 1)
		}
		a := widgetAccount(append(settings, "sites", sites)...)
		a.ID = id
		accounts = append(accounts, a)
	}
	m, err := openMemory(path, accounts...)
	if err != nil {
		return err
	}
	assets := os.DirFS("../../../widget/dist")
	d := deps(m)
	d.Assets = assets
	d.Channels = closedNine{m}
	d.Limits = webchat.DefaultLimits()
	d.Limits.Messages = webchat.Rate{Every: 10 * time.Millisecond, Burst: 1000}
	d.Author = func(context.Context, string) (string, error) { return "Анна Козлова", nil }
	typed := make(chan channel.Update, 1000)
	d.Transient = func(_ context.Context, _ channel.ID, u channel.Update) { typed <- u }
	p, err := webchat.New(d)
	if err != nil {
		return err
	}
	c := &control{memory: m, platform: p, typed: typed}
	mux := http.NewServeMux()
	mux.Handle("/", p.Handler())
	demo, err := shop.New(shop.Config{Channel: 11})
	if err != nil {
		return err
	}
	mux.Handle("/demo/", http.StripPrefix(shop.Prefix, demo))
	mux.HandleFunc("POST /control/{act}", c.serve)
	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: patience}
	return server.ListenAndServe()
}

// closedNine has channel 9 closed until tomorrow.
type closedNine struct{ *memory }

func (c closedNine) Hours(ctx context.Context, ch channel.ID) (webchat.Hours, error) {
	if ch == 9 {
		return webchat.Hours{OpensAt: time.Now().Add(14 * time.Hour).Truncate(time.Hour)}, nil
	}
	return c.memory.Hours(ctx, ch)
}

// control lets the browser's test be the agent.
type control struct {
	memory   *memory
	platform *webchat.Platform
	typed    chan channel.Update
}

// order is what the agent is to do in the newest visitor's chat, or in Chat.
type order struct {
	Channel  channel.ID
	Chat     string
	ID       string // item or external id
	Content  channel.Content
	ReplyTo  string
	Emoji    string
	Activity channel.Activity
	Files    []struct {
		Kind channel.AttachmentKind
		Name string
		Data []byte
	}
}

func (c *control) serve(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out, err := c.do(r.Context(), r.PathValue("act"), o)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (c *control) do(ctx context.Context, act string, o order) (any, error) {
	account, err := c.memory.Account(ctx, o.Channel)
	if err != nil {
		return nil, err
	}
	opened, err := c.platform.Factory().Open(account)
	if err != nil {
		return nil, err
	}
	a := opened.(full)
	if o.Chat == "" {
		c.memory.set(func(m *memory) {
			for _, v := range m.state.Visitors {
				if v.Channel == o.Channel {
					o.Chat = string(v.ID)
				}
			}
		})
	}
	target := channel.Target{Chat: o.Chat, ExternalID: o.ID}
	switch act {
	case "send":
		out := channel.Outgoing{ItemID: o.ID, Chat: o.Chat, Content: o.Content, ReplyTo: o.ReplyTo}
		for _, f := range o.Files {
			out.Content.Attachments = append(out.Content.Attachments, channel.Attachment{Kind: f.Kind, Name: f.Name, Size: int64(len(f.Data))})
		}
		out.Open = func(_ context.Context, i int) (io.ReadSeekCloser, int64, error) {
			return closer{bytes.NewReader(o.Files[i].Data)}, int64(len(o.Files[i].Data)), nil
		}
		return a.Send(ctx, out)
	case "edit":
		return nil, a.Edit(ctx, target, o.Content)
	case "delete":
		return nil, a.Delete(ctx, target)
	case "react":
		return nil, a.React(ctx, target, o.Emoji)
	case "activity":
		return nil, a.ShowActivity(ctx, target, o.Activity)
	case "read":
		return nil, a.MarkRead(ctx, target)
	case "typed":
		return len(c.typed), nil
	case "updates": // of one channel, decoded, in order
		out := []channel.Update{}
		c.memory.mu.Lock()
		defer c.memory.mu.Unlock()
		for _, r := range c.memory.state.Raws {
			if r.Channel != o.Channel {
				continue
			}
			u, err := a.Decode(r.Raw)
			if err != nil {
				return nil, err
			}
			out = append(out, u...)
		}
		return out, nil
	}
	return nil, fmt.Errorf("no act %q", act)
}
