package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/app"
	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// serveEnv holds the settings of a process that only serves.
const serveEnv = "OKNO_TEST_SERVE"

// TestServeAsAProcess is the server in a process of its own, for the tests
// below, which start it.
func TestServeAsAProcess(t *testing.T) {
	raw := os.Getenv(serveEnv)
	if raw == "" {
		t.Skip("started by other tests")
	}
	var cfg config.Config
	if err := json.Unmarshal([]byte(raw), &cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	a, err := app.New(ctx, cfg, slog.New(slog.NewTextHandler(os.Stderr, nil)), "test")
	if err != nil {
		t.Fatal(err)
	}
	err = a.Run(ctx)
	if cerr := a.Close(); cerr != nil {
		t.Error(cerr)
	}
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
}

// process is a server in a process of its own.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	addr string
	mu   sync.Mutex
	said bytes.Buffer
	done chan struct{}
}

// Write keeps what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func start(t *testing.T, cfg config.Config) *process {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPAddr = l.Addr().String()
	cfg.BaseURL, cfg.LogLevel, cfg.EventDays, cfg.InboundDays = "http://"+cfg.HTTPAddr, "info", 1, 1
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, addr: cfg.HTTPAddr, done: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-test.run=^TestServeAsAProcess$", "-test.timeout=20m") //nolint:gosec // this very program
	p.cmd.Env = append(os.Environ(), serveEnv+"="+string(raw))
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended is in its state
	}()
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	return p
}

// end sends a signal and waits for the process's end.
func (p *process) end(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // it may have ended
	<-p.done
}

// ask gets a page: its status, 0 for none, and its text.
func (p *process) ask(path string) (int, string) {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.addr+path, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(b)
}

// becomes waits until a page has a status, while the process runs.
func (p *process) becomes(path string, status int) {
	p.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; {
		got, body := p.ask(path)
		if got == status {
			return
		}
		select {
		case <-p.done:
			p.t.Fatalf("it ended: %s", p.output())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s is %d %q, want %d: %s", path, got, body, status, p.output())
		}
	}
}

// takeover bounds how long a process that stands by may take. It is fifteen
// seconds on a machine that has time for it.
const takeover = 40 * time.Second

// TestStandbyTakesOver: of two processes on one PostgreSQL database one works
// and one stands by; when the first is killed, the second takes over.
func TestStandbyTakesOver(t *testing.T) {
	url := storetest.PostgresURL(t)
	key := strings.Repeat("QUFB", 10) + "QUE=" // 32 bytes
	begin := func() *process {
		return start(t, config.Config{DataDir: t.TempDir(), DatabaseURL: url, SecretKey: key})
	}
	first := begin()
	first.becomes("/readyz", http.StatusOK)
	second := begin()
	second.becomes("/readyz", http.StatusServiceUnavailable)
	if status, _ := second.ask("/healthz"); status != http.StatusOK {
		t.Errorf("standing by, it does not say that it is alive: %d", status)
	}
	if status, body := second.ask("/api/v1/setup"); status != http.StatusServiceUnavailable || !strings.Contains(body, "standby") {
		t.Errorf("standing by, it works: %d %s", status, body)
	}
	if status, _ := first.ask("/api/v1/setup"); status != http.StatusOK {
		t.Errorf("the first does not work: %d", status)
	}
	killed := time.Now()
	first.end(syscall.SIGKILL)
	second.becomes("/readyz", http.StatusOK)
	took := time.Since(killed)
	t.Logf("taken over after %s", took.Round(time.Millisecond))
	if took > takeover {
		t.Errorf("taken over after %s only", took)
	}
	third := begin()
	third.becomes("/readyz", http.StatusServiceUnavailable)
	second.end(syscall.SIGTERM)
	if !second.cmd.ProcessState.Success() {
		t.Errorf("stopped as it should be, it failed: %s", second.output())
	}
	third.becomes("/readyz", http.StatusOK)
}

// TestSecondProcessIsRefused: a data directory with SQLite is one process's;
// the second says what to do, and a killed one leaves nothing in the way.
func TestSecondProcessIsRefused(t *testing.T) {
	cfg := config.Config{DataDir: t.TempDir()}
	first := start(t, cfg)
	first.becomes("/readyz", http.StatusOK)
	second := start(t, cfg)
	<-second.done
	if second.cmd.ProcessState.Success() {
		t.Fatal("the second started")
	}
	for _, word := range []string{"another okno (process ", cfg.DataDir, "--data-dir", "OKNO_DATABASE_URL"} {
		if !strings.Contains(second.output(), word) {
			t.Errorf("it does not say %q: %s", word, second.output())
		}
	}
	first.becomes("/readyz", http.StatusOK)
	first.end(syscall.SIGKILL)
	start(t, cfg).becomes("/readyz", http.StatusOK)
}
