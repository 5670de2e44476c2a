package fault_test

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKillPostgres is the promise on PostgreSQL: in turn the server dies, the
// database with all its processes, and both.
func TestKillPostgres(t *testing.T) {
	kills := max(number(t, "OKNO_KILLS", fewKills)/2, 3)
	pg := newCluster(t)
	pg.start()
	s := newServer(t, binary(t), t.TempDir())
	s.database = pg.url()
	w := newWorldOn(t, s)
	load := w.begin(rates{customers: 12, agents: 3})
	dice := w.dice()
	for n := range kills {
		w.live(dice)
		if n%3 != 0 {
			pg.kill()
			w.run(time.Duration(dice.IntN(1500)) * time.Millisecond) // whoever asks is refused
		}
		if n%3 != 1 {
			w.server.kill()
		}
		w.run(time.Duration(dice.IntN(300)) * time.Millisecond)
		if n%3 != 0 {
			pg.start()
		}
		if n%3 != 1 {
			w.server.start()
		}
		w.server.ready()
		w.askAgain(dice)
		if t.Failed() {
			t.Fatalf("after kill %d of %d", n+1, kills)
		}
	}
	w.judgement(load, kills)
}

// cluster is a PostgreSQL server of the test's own, with its settings as they
// are on a real one.
type cluster struct {
	t         *testing.T
	bin, home string
	attr      *syscall.SysProcAttr
	cmd       *exec.Cmd
	ended     chan struct{}
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("PostgreSQL is not installed")
		}
		t.Skip("PostgreSQL is not installed: install Debian's postgresql")
	}
	// Not t.TempDir: a socket's path may not be long, and PostgreSQL refuses
	// to run as root.
	home, err := os.MkdirTemp("", "okno-pg-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, bin: filepath.Dir(found[len(found)-1]), home: home, attr: &syscall.SysProcAttr{}}
	t.Cleanup(func() {
		c.kill()
		if t.Failed() {
			c.tail()
		}
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	c.disown()
	c.guard()
	init := exec.Command(filepath.Join(c.bin, "initdb"), "-D", c.data(), "-U", "okno", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	init.SysProcAttr, init.Dir = c.attr, "/"
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	return c
}

func (c *cluster) data() string { return filepath.Join(c.home, "data") }

func (c *cluster) url() string {
	return "postgres://okno@/postgres?host=" + url.QueryEscape(c.home)
}

// disown gives the cluster to a user who is not root.
func (c *cluster) disown() {
	c.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		c.t.Fatal(err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		c.t.Fatal(err)
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		c.t.Fatal(err)
	}
	c.attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(c.home, int(uid), int(gid)); err != nil {
		c.t.Fatal(err)
	}
}

// guard ends the cluster when this process ends in whatever way: then the
// pipe is closed.
func (c *cluster) guard() {
	c.t.Helper()
	cmd := exec.Command("/bin/sh", "-c", `cd /; read -r _; pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"; true`, "sh", c.home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.attr.Credential}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = pipe.Close()
		_ = cmd.Wait() // its answer says nothing
	})
}

// start runs the database and waits until it has recovered.
func (c *cluster) start() {
	c.t.Helper()
	log, err := os.OpenFile(filepath.Join(c.home, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the database has its own handle
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.home, "-c", "listen_addresses=", "-c", "shared_buffers=32MB")
	cmd.SysProcAttr, cmd.Dir, cmd.Stdout, cmd.Stderr = c.attr, "/", log, log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, as a rule
		close(ended)
	}()
	c.cmd, c.ended = cmd, ended
	for end := time.Now().Add(time.Minute); ; {
		ask := exec.Command(filepath.Join(c.bin, "pg_isready"), "-q", "-h", c.home, "-U", "okno")
		if ask.Run() == nil {
			return
		}
		select {
		case <-ended:
			c.t.Fatal("PostgreSQL has ended by itself")
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			c.t.Fatal("PostgreSQL does not get ready")
		}
	}
}

// kill ends the postmaster and all its children with SIGKILL.
func (c *cluster) kill() {
	if c.cmd == nil {
		return
	}
	// Stopped it makes no more children, so that none is forgotten.
	c.signal(c.cmd.Process.Pid, syscall.SIGSTOP)
	children := childrenOf(c.t, c.cmd.Process.Pid)
	for _, pid := range append(children, c.cmd.Process.Pid) {
		c.signal(pid, syscall.SIGKILL)
	}
	<-c.ended
	c.cmd = nil
}

func (c *cluster) signal(pid int, s syscall.Signal) {
	if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		c.t.Error(err)
	}
}

// childrenOf reads the kernel's list of processes.
func childrenOf(t *testing.T, parent int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "pid (name) state ppid …", and the name may hold anything.
		rest := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if len(rest) < 2 || rest[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

func (c *cluster) tail() {
	raw, err := os.ReadFile(filepath.Join(c.home, "log"))
	if err != nil {
		return
	}
	lines := bytes.Split(raw, []byte("\n"))
	c.t.Logf("PostgreSQL's last words:\n%s", bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}
