// Package sip is the house's side of the telephone network: desk phones and
// softphones register here, operators' lines end here, and every call is a
// [dialog.Leg] handed to whoever decides about calls.
//
// Inside, from the wire up: message reads and writes, transport carries,
// transaction repeats and recognises, guard and digest decide who is heard,
// registrar, trunk, presence and dialog work.
package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/digest"
	"github.com/okno-hq/okno/internal/telephony/sip/guard"
	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/presence"
	"github.com/okno-hq/okno/internal/telephony/sip/registrar"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
)

// Directory knows the extensions.
type Directory interface {
	// Secret returns what is kept of an extension's password; false means that
	// there is no such extension.
	Secret(ctx context.Context, user string) (digest.Secret, bool, error)
	// MayWatch reports whether an extension may see whether another is on the
	// phone; false also if there is no such extension.
	MayWatch(ctx context.Context, watcher, user string) bool
}

// Config is what an Agent needs.
type Config struct {
	// Domain is the realm of passwords and the host of extensions' addresses.
	Domain string
	// Algorithms are those passwords are asked for by, in the order of the
	// challenges; nil means MD5 alone, which every phone takes.
	Algorithms []string
	// UDP, TCP and TLS are addresses to listen on; "" means none.
	UDP, TCP, TLS string
	// Certificates are for TLS.
	Certificates *tls.Config
	// ClientTLS is for connections to operators; nil trusts the system's roots.
	ClientTLS *tls.Config
	// PublicIP is our address as seen from outside, where that is another
	// than the socket's.
	PublicIP netip.Addr
	// Trusted are networks that are never shut out.
	Trusted []netip.Prefix
	// Product names us in User-Agent and Server.
	Product string

	Directory Directory
	// Incoming is told each new call whose sender is known. It must not wait.
	Incoming func(*Incoming)
	// Registered is told each change of an extension's devices.
	Registered func(user string, devices []registrar.Binding)
	// TrunkChanged is told each change of a trunk.
	TrunkChanged func(trunk.Status)
	// Banned is told each source that is no longer listened to.
	Banned func(guard.Ban)

	Resolver trunk.Resolver
	Timers   transaction.Timers
	// SessionExpires and MinSE are for RFC 4028; zero means 30 minutes and 90 s.
	SessionExpires, MinSE time.Duration
	Now                   func() time.Time
	Log                   *slog.Logger
}

// Agent is the whole of it.
type Agent struct {
	cfg Config

	transport *transport.Layer
	trans     *transaction.Layer
	guard     *guard.Guard
	verifier  *digest.Verifier
	registrar *registrar.Registrar
	board     *presence.Board
	dialogs   *dialog.Core
	reach     *reach

	mu       sync.Mutex
	trunks   map[string]*line
	running  context.Context //nolint:containedctx // of Run, for trunks set later
	draining bool
	work     chan struct{} // a place for each request being authenticated
	wg       sync.WaitGroup
}

// line is a trunk that runs.
type line struct {
	*trunk.Trunk
	stop context.CancelFunc
	done chan struct{}
}

// maxWork bounds the requests that wait for the directory at once.
const maxWork = 256

// New returns an agent that does nothing until Run.
func New(cfg Config) *Agent {
	cfg = cfg.withDefaults()
	a := &Agent{cfg: cfg, trunks: map[string]*line{}, work: make(chan struct{}, maxWork)}
	a.guard = guard.New(guard.Config{Now: cfg.Now, Trusted: a.trusted, Banned: cfg.Banned})
	a.verifier = digest.NewVerifier(cfg.Domain, cfg.Now, cfg.Algorithms...)
	a.transport = transport.New(transport.Config{
		Receive: a.receive, Admit: a.guard.Admit, TLS: cfg.Certificates, ClientTLS: cfg.ClientTLS, Log: cfg.Log,
	})
	a.reach = newReach(cfg.PublicIP)
	a.trans = transaction.New(transaction.Config{
		Timers: cfg.Timers, Request: a.request,
		Ack:      func(f *transport.Flow, m *message.Message) { a.dialogs.Ack(f, m) },
		Stray:    func(f *transport.Flow, m *message.Message) { a.dialogs.Stray(f, m) },
		Stranger: func(ip netip.Addr) bool { return !a.guard.Known(ip) },
		Log:      cfg.Log,
	})
	a.dialogs = dialog.New(dialog.Config{
		Transactions: a.trans, Contact: a.reach.contact, SentBy: a.reach.sentBy, Product: cfg.Product,
		SessionExpires: cfg.SessionExpires, MinSE: cfg.MinSE, Log: cfg.Log,
	})
	a.registrar = registrar.New(registrar.Config{Now: cfg.Now, Changed: cfg.Registered})
	a.board = presence.New(presence.Config{
		Transactions: a.trans, Contact: a.reach.contact, SentBy: a.reach.sentBy, Domain: cfg.Domain, Now: cfg.Now,
		May: cfg.Directory.MayWatch,
	})
	return a
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Timers == (transaction.Timers{}) {
		c.Timers = transaction.Usual()
	}
	if c.Registered == nil {
		c.Registered = func(string, []registrar.Binding) {}
	}
	if c.TrunkChanged == nil {
		c.TrunkChanged = func(trunk.Status) {}
	}
	return c
}

func (a *Agent) trusted(ip netip.Addr) bool {
	for _, p := range a.cfg.Trusted {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.trunks {
		if t.From(nil, ip) {
			return true
		}
	}
	return false
}

// Listen opens the sockets. Calls and registrations come from now on.
func (a *Agent) Listen(ctx context.Context) error {
	type socket struct {
		addr string
		open func(string) (netip.AddrPort, error)
		kind string
	}
	for _, s := range []socket{
		{a.cfg.UDP, func(x string) (netip.AddrPort, error) { return a.transport.ListenUDP(ctx, x) }, transport.UDP},
		{a.cfg.TCP, func(x string) (netip.AddrPort, error) { return a.transport.Listen(ctx, x, false) }, transport.TCP},
		{a.cfg.TLS, func(x string) (netip.AddrPort, error) { return a.transport.Listen(ctx, x, true) }, transport.TLS},
	} {
		if s.addr == "" {
			continue
		}
		local, err := s.open(s.addr)
		if err != nil {
			a.transport.Close()
			return err
		}
		a.reach.listening(s.kind, local)
		a.cfg.Log.Info("sip listening", slog.String("transport", s.kind), slog.String("address", local.String()))
	}
	return nil
}

// Address returns where a transport listens.
func (a *Agent) Address(kind string) netip.AddrPort { return a.reach.port(kind) }

// WebSocket returns the handler of SIP over WebSocket (RFC 7118). origins are
// hosts whose pages may connect beside the page's own; remote tells a
// request's true source.
func (a *Agent) WebSocket(origins []string, remote func(*http.Request) netip.AddrPort) http.Handler {
	return a.transport.WebSocket(origins, remote)
}

// Run serves until the context ends, then ends calls and registrations and
// closes everything.
func (a *Agent) Run(ctx context.Context) error {
	a.mu.Lock()
	a.running = ctx
	for _, t := range a.trunks {
		a.start(t) //nolint:contextcheck // it has the context of Run
	}
	a.mu.Unlock()
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { errs[0] = a.registrar.Run(ctx) })
	wg.Go(func() { errs[1] = a.board.Run(ctx) })
	<-ctx.Done()
	a.Drain()
	a.dialogs.Close(2 * time.Second)
	a.mu.Lock()
	lines := make([]*line, 0, len(a.trunks))
	for _, t := range a.trunks {
		lines = append(lines, t)
	}
	a.mu.Unlock()
	for _, t := range lines {
		t.stop()
		<-t.done
	}
	wg.Wait()
	a.trans.Close()
	a.transport.Close() // from here on nobody can bring new work
	a.wg.Wait()
	return errors.Join(errs[0], errs[1])
}

// Drain takes no new calls any more; those there are go on.
func (a *Agent) Drain() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.draining = true
}

func (a *Agent) isDraining() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.draining
}

// Devices returns where an extension is registered.
func (a *Agent) Devices(user string) []registrar.Binding { return a.registrar.Bindings(user) }

// Forget ends an extension's registrations, as when its password changes.
func (a *Agent) Forget(user string) { a.registrar.Unregister(user) }

// Watch says what an extension is doing, for the lamps of desk phones.
func (a *Agent) Watch(user string, calls []presence.Call) { a.board.Set(user, calls) }

// Bans lists the sources that are not listened to; Lift ends one.
func (a *Agent) Bans() []guard.Ban { return a.guard.Bans() }

// Lift ends a ban.
func (a *Agent) Lift(source netip.Prefix) { a.guard.Lift(source) }

// Legs returns how many legs there are.
func (a *Agent) Legs() int { return a.dialogs.Count() }
