package fault_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/telegram"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

// TestOutage: messengers are away, then break in the middle of requests, then
// ask for patience. What agents wrote meanwhile is sent once, in its order; a
// day of that is a matter of the clock, see TestDayOfOutage in internal/inbox.
func TestOutage(t *testing.T) {
	var gates []*gate
	w := newWorldWith(t, newServer(t, binary(t), t.TempDir()), func(p platform) platform {
		if p.kind() == "webchat" {
			return p // it is the server itself
		}
		g := newGate(t, p.settings()["api_url"])
		gates = append(gates, g)
		return gated{p, g}
	})
	load := w.begin(rates{customers: 3})
	w.until(time.Minute, "customers to write", func() bool { return w.taken() > 30 })
	load.end()
	w.quiet(time.Minute)
	a := &agent{world: w, client: w.agents[0], stop: load.stop, of: 1, dice: w.dice()}
	a.share()

	for _, g := range gates {
		g.close()
	}
	a.writeToAll()
	w.until(time.Minute, "messages to wait for their platforms", func() bool { return w.held() >= len(a.mine)/2 })
	w.server.kill()
	w.server.start()
	a.writeToAll()
	w.run(2 * time.Second) // the pauses between tries begin with two seconds
	for _, g := range gates {
		g.open()
	}
	w.quiet(2 * time.Minute)
	v := w.compare()
	if arrived := v.states["sent"] + v.states["delivered"] + v.states["read"]; arrived < v.accepted*4/5 {
		t.Errorf("of %d messages %d were sent after the outage: %v", v.accepted, arrived, v.states)
	}

	for _, p := range w.platforms {
		if p, ok := p.(gated); ok {
			p.stumble()
		}
	}
	a.writeToAll()
	w.quiet(2 * time.Minute)
	w.retryAfter(a)
	w.quiet(2 * time.Minute)

	v = w.compare()
	w.violations()
	t.Logf("seed %d: %s", w.seed, v.summary())
	for _, fault := range v.faults {
		t.Error(fault)
	}
}

// writeToAll writes to every customer.
func (a *agent) writeToAll() {
	for _, c := range a.mine {
		a.sent++
		a.reply(c, time.Time{})
	}
}

// held counts the messages that are to be tried again.
func (w *world) held() int {
	items, err := w.timeline()
	if err != nil {
		return 0
	}
	n := 0
	for _, i := range items {
		if i.State == "queued" && i.RetryAt != "" {
			n++
		}
	}
	return n
}

// restraint is what the platforms ask for.
const restraint = 5 * time.Second

// retryAfter wants nothing to arrive before a platform's time is over.
func (w *world) retryAfter(a *agent) {
	w.t.Helper()
	before := w.reachedKeys()
	begun := time.Now()
	for _, p := range w.platforms {
		if p, ok := p.(gated); ok {
			p.restrain(int(restraint / time.Second))
		}
	}
	var mine []string // one conversation of each platform
	for _, kind := range []string{"telegram", "whatsapp", "max"} {
		var page struct{ Items []struct{ ID string } }
		w.must(w.admin.do("GET", "/conversations?status=any&limit=1&channel_kind="+kind, nil, &page))
		if len(page.Items) == 0 {
			w.t.Fatalf("no conversation of %s", kind)
		}
		mine = append(mine, page.Items[0].ID)
	}
	for _, c := range mine {
		a.sent++
		a.reply(c, time.Time{})
	}
	w.until(time.Minute, "messages to arrive", func() bool {
		now := w.reachedKeys()
		if len(now) > len(before) && time.Since(begun) < restraint-500*time.Millisecond {
			w.t.Errorf("%v arrived %s after a platform had asked for %s", now[len(before):], time.Since(begun), restraint)
			return true
		}
		return len(now) >= len(before)+len(mine)
	})
}

func (w *world) reachedKeys() []string {
	var out []string
	for _, p := range w.platforms {
		if _, ok := p.(gated); !ok {
			continue
		}
		for _, l := range p.ledger() {
			if l.reached && !l.in {
				out = append(out, l.text)
			}
		}
	}
	return slices.Clip(out)
}

// gated is a platform behind a gate.
type gated struct {
	platform
	gate *gate
}

func (g gated) settings() map[string]string {
	out := g.platform.settings()
	out["api_url"] = "http://" + g.gate.addr
	return out
}

// stumble makes a few sends go wrong in ways that leave their outcome open.
func (g gated) stumble() {
	for range 2 {
		switch p := g.platform.(type) {
		case telegramSide:
			p.s.Fail(telegram.Fault{Method: "sendMessage", Code: 502})
			p.s.Fail(telegram.Fault{Method: "sendMessage", DropAfter: true})
			p.s.Fail(telegram.Fault{Method: "sendMessage", DropBefore: true})
		case whatsappSide:
			p.s.Fail(whatsapp.Fault{Method: "messages", Status: 503, Code: 131000})
			p.s.Fail(whatsapp.Fault{Method: "messages", DropAfter: true})
			p.s.Fail(whatsapp.Fault{Method: "messages", DropBefore: true})
		case maxSide:
			p.s.Fail(maxbot.Fault{Method: "send", Status: 503, Code: "internal.error"})
			p.s.Fail(maxbot.Fault{Method: "send", DropAfter: true})
			p.s.Fail(maxbot.Fault{Method: "send", DropBefore: true})
		}
	}
}

// restrain answers the next send with 429 and Retry-After.
func (g gated) restrain(seconds int) {
	switch p := g.platform.(type) {
	case telegramSide:
		p.s.ClearFaults()
		p.s.Fail(telegram.Fault{Method: "sendMessage", Code: http.StatusTooManyRequests, RetryAfter: seconds})
		p.s.Fail(telegram.Fault{Method: "sendPhoto", Code: http.StatusTooManyRequests, RetryAfter: seconds})
	case whatsappSide:
		p.s.ClearFaults()
		p.s.Fail(whatsapp.Fault{Method: "messages", Status: http.StatusTooManyRequests, Code: 80007, RetryAfter: seconds})
	case maxSide:
		p.s.ClearFaults()
		p.s.Fail(maxbot.Fault{Method: "send", Status: http.StatusTooManyRequests, Code: "too.many.requests", RetryAfter: seconds})
	}
}

// gate is the way to a platform: closed, nobody can connect.
type gate struct {
	t      *testing.T
	addr   string
	proxy  http.Handler
	server *http.Server
	done   chan struct{}
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, addr: "127.0.0.1:0", proxy: &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // hang up as the platform did
	}}
	g.open()
	t.Cleanup(g.close)
	return g
}

func (g *gate) open() {
	g.t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.addr = ln.Addr().String() // the same from now on
	server, done := &http.Server{Handler: g.proxy, ReadHeaderTimeout: time.Minute}, make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			g.t.Error(err)
		}
	}()
	g.server, g.done = server, done
}

func (g *gate) close() {
	if g.server == nil {
		return
	}
	if err := g.server.Close(); err != nil {
		g.t.Error(err)
	}
	<-g.done
	g.server = nil
}
