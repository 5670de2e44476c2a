package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// builds keeps the programs that this run has built.
type builds struct {
	mu   sync.Mutex
	dir  string
	done map[string]string
}

var built = builds{done: map[string]string{}} //nolint:gochecknoglobals // one build for all tests

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if built.dir, err = os.MkdirTemp("", "okno-fault-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(built.dir) }() // at worst a file stays
	return m.Run()
}

// binary is the program under test.
func binary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("OKNO_BINARY"); path != "" {
		return path
	}
	return built.get(t, "")
}

// brokenBinary is the control: the same sources, acknowledging before the
// commit.
func brokenBinary(t *testing.T) string {
	t.Helper()
	return built.get(t, "ackfirst")
}

func (b *builds) get(t *testing.T, tag string) string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if path, ok := b.done[tag]; ok {
		return path
	}
	path := filepath.Join(b.dir, "okno"+tag)
	// As "make build" does, so that most of it is compiled already.
	cmd := exec.Command("go", "build", "-trimpath", "-tags", tag, "-o", path, "../../cmd/okno")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	b.done[tag] = path
	return path
}

// server is the program as a process that can be killed.
type server struct {
	t               *testing.T
	bin, addr, base string
	dir             string
	database        string // empty: the server's own
	log             string
	cmd             *exec.Cmd
	ended           chan struct{}
}

func newServer(t *testing.T, bin, dir string) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String() // stays the same for all starts
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, bin: bin, addr: addr, base: "http://" + addr, dir: dir, log: filepath.Join(t.TempDir(), "okno.log")}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			s.tail()
		}
	})
	return s
}

// start runs the program and waits until it serves.
func (s *server) start() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the program has its own handle
	cmd := exec.Command(s.bin, "serve", "--data-dir", s.dir, "--http-addr", s.addr, "--log-level", "warn")
	cmd.Env = append(os.Environ(),
		"OKNO_BASE_URL="+s.base, "OKNO_ALLOW_NETWORKS=127.0.0.0/8", "OKNO_DATABASE_URL="+s.database)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, as a rule
		close(ended)
	}()
	s.cmd, s.ended = cmd, ended
	s.ready()
}

// ready waits until the program serves, its database included.
func (s *server) ready() {
	s.t.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	for end := time.Now().Add(time.Minute); ; {
		resp, err := client.Get(s.base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-s.ended:
			s.t.Fatal("the server has ended by itself")
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(end) {
			s.t.Fatalf("the server does not serve: %v", err)
		}
	}
}

// kill ends the program as kill -9 does.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	<-s.ended
	s.cmd = nil
}

// tail shows what the program said last.
func (s *server) tail() {
	raw, err := os.ReadFile(s.log)
	if err != nil {
		return
	}
	lines := bytes.Split(raw, []byte("\n"))
	s.t.Logf("the server's last words:\n%s", bytes.Join(lines[max(0, len(lines)-40):], []byte("\n")))
}
