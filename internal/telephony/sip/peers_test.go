package sip_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/offer"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
)

// program finds a peer of other people's making; where everything is tested
// it must be there.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed (Debian: %s)", name, pkg)
		}
		t.Skipf("%s is not installed (Debian: %s)", name, pkg)
	}
	return path
}

// usual are the timers real peers reckon with.
func usual(c *sip.Config) { c.Timers = transaction.Usual() }

// free is a UDP and TCP port that was free a moment ago.
func free(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return int(netip.MustParseAddrPort(l.Addr().String()).Port())
}

// sipp runs sipp and waits for it to be content.
func sipp(t *testing.T, args ...string) {
	t.Helper()
	run := start1(t, args...)
	if err := run.wait(); err != nil {
		t.Fatalf("sipp: %v\n%s", err, run.output())
	}
}

type process struct {
	cmd  *exec.Cmd
	out  *lockedBuffer
	done chan error
}

func (p *process) wait() error { return <-p.done }

func (p *process) output() string {
	s := p.out.String()
	if len(s) > 6000 {
		s = s[len(s)-6000:]
	}
	return s
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start1(t *testing.T, args ...string) *process {
	t.Helper()
	return spawn(t, program(t, "sipp", "sip-tester"), append(args, "-nostdin", "-timeout", "60s", "-timeout_error", "-trace_err", "-error_file", filepath.Join(t.TempDir(), "err"))...)
}

func spawn(t *testing.T, name string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cmd: exec.CommandContext(ctx, name, args...), out: &lockedBuffer{}, done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.Dir = t.TempDir()
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		p.done <- p.cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return p
}

// answerAll answers every call that comes and returns how many ended well.
func (w *world) answerAll() func() int {
	var mu sync.Mutex
	good := 0
	go func() {
		for in := range w.calls {
			e := offer.New(offer.Local{Addr: netip.MustParseAddrPort("127.0.0.1:30000"), Codecs: []offer.Codec{offer.PCMA(), offer.PCMU()}}, nil)
			in.Leg.Start(e, func(ev dialog.Event) {
				if x, ok := ev.(dialog.Ended); ok && x.ByPeer && x.Status == 200 {
					mu.Lock()
					good++
					mu.Unlock()
				}
			})
			in.Leg.Ring()
			in.Leg.Answer()
		}
	}()
	return func() int { mu.Lock(); defer mu.Unlock(); return good }
}

func loopbackTrunk(w *world, port int) {
	w.SetTrunk(trunk.Settings{
		ID: "sipp", Hosts: []string{fmt.Sprintf("127.0.0.1:%d", port)}, Domain: "op.example", User: "1000", Check: -1,
		Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	})
	w.state("sipp", trunk.Up)
}

func TestSippCallsUs(t *testing.T) {
	for kind, flag := range map[string]string{transport.UDP: "u1", transport.TCP: "t1"} {
		t.Run(kind, func(t *testing.T) {
			program(t, "sipp", "sip-tester")
			w := start(t, usual)
			loopbackTrunk(w, 9)
			good := w.answerAll()
			sipp(t, "-sn", "uac", w.Address(kind).String(), "-i", "127.0.0.1", "-t", flag, "-m", "50", "-r", "50", "-d", "100")
			waitFor(t, func() bool { return good() == 50 && w.Trunks()[0].Calls == 0 })
		})
	}
}

func TestSippRegistersAndCalls(t *testing.T) {
	for kind, flag := range map[string]string{transport.UDP: "u1", transport.TCP: "t1"} {
		t.Run(kind, func(t *testing.T) {
			program(t, "sipp", "sip-tester")
			w := start(t, usual)
			good := w.answerAll()
			// sipp signs one URI for all requests of a run, so these are two.
			for scenario, uri := range map[string]string{"register": domain, "call": "200@" + domain} {
				file, err := filepath.Abs("testdata/" + scenario + ".xml")
				if err != nil {
					t.Fatal(err)
				}
				sipp(t, "-sf", file, w.Address(kind).String(), "-i", "127.0.0.1", "-t", flag, "-m", "10", "-r", "10", "-auth_uri", uri)
			}
			waitFor(t, func() bool { return good() == 10 })
		})
	}
}

func TestWeCallSipp(t *testing.T) {
	program(t, "sipp", "sip-tester")
	w := start(t, usual)
	port := free(t)
	run := start1(t, "-sn", "uas", "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-m", "20")
	loopbackTrunk(w, port)
	waitFor(t, func() bool { return listening(port) })
	for range 20 {
		p := newParty(t)
		out := w.dial(p, sip.Out{Trunks: []string{"sipp"}, Caller: "1"})
		wait[dialog.Answered](p)
		out.Hangup(dialog.Cause{Status: 200})
		wait[dialog.Ended](p)
	}
	if err := run.wait(); err != nil {
		t.Fatalf("sipp: %v\n%s", err, run.output())
	}
}

// listening reports whether somebody has a UDP port.
func listening(port int) bool {
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return true
	}
	_ = c.Close()
	return false
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatal("it never came to that")
		}
		<-time.After(10 * time.Millisecond)
	}
}

// baresip starts a softphone that registers and answers by itself.
func baresip(t *testing.T, account string, args ...string) *process {
	t.Helper()
	path := program(t, "baresip", "baresip-core")
	dir := t.TempDir()
	modules := "/usr/lib/baresip/modules"
	conf := "poll_method epoll\nsip_listen 127.0.0.1:0\naudio_player aubridge,x\naudio_source aubridge,x\naudio_alert aubridge,y\n" +
		"ausrc_srate 8000\nauplay_srate 8000\nrtp_ports 20000-40000\nmodule_path " + modules + "\nmodule g711.so\nmodule aubridge.so\nmodule_app account.so\nmodule_app menu.so\n"
	for name, text := range map[string]string{"config": conf, "accounts": account + "\n", "contacts": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return spawn(t, path, append([]string{"-f", dir, "-s", "-t", "90"}, args...)...)
}

func TestBaresip(t *testing.T) {
	for _, kind := range []string{transport.UDP, transport.TCP} {
		t.Run(kind, func(t *testing.T) {
			w := start(t, usual)
			at := w.Address(kind)
			account := fmt.Sprintf("<sip:101@%s;transport=%s>;auth_user=101;auth_pass=pw-101;answermode=auto;regint=300", at, strings.ToLower(kind))
			phone := baresip(t, account)
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(phone.output())
				}
			})
			waitFor(t, func() bool { return len(w.Devices("101")) == 1 })
			p := newParty(t)
			leg := w.Ring(sip.Ring{Device: w.Devices("101")[0], Caller: "102", Name: "Анна", Media: p, On: p.on})
			wait[dialog.Answered](p)
			if a := p.last(); a.Send[0].Name != "PCMA" || a.Remote.Port() == 0 {
				t.Errorf("%+v", a)
			}
			for _, d := range []offer.Direction{offer.SendOnly, offer.SendRecv} {
				p.Want(d)
				leg.Renegotiate()
				if e := wait[dialog.Changed](p); e.Err != nil {
					t.Fatalf("%s: %v\n%s", d, e.Err, phone.output())
				}
				if got := p.last().Direction; got != d {
					t.Errorf("%s, want %s", got, d)
				}
			}
			leg.Hangup(dialog.Cause{Status: 200})
			wait[dialog.Ended](p)
		})
	}
}

func TestBaresipCallsUs(t *testing.T) {
	w := start(t, usual)
	at := w.Address(transport.UDP)
	account := fmt.Sprintf("<sip:101@%s>;auth_user=101;auth_pass=pw-101;regint=300", at)
	phone := baresip(t, account, "-e", "/dial sip:200@"+at.String())
	in := w.taken()
	if in.User != "101" || in.Called != "200" {
		t.Errorf("%+v", in)
	}
	p := newParty(t)
	in.Leg.Start(p, p.on)
	in.Leg.Ring()
	in.Leg.Answer()
	wait[dialog.Answered](p)
	in.Leg.Hangup(dialog.Cause{Status: 200})
	wait[dialog.Ended](p)
	_ = phone
}
