// Package transaction repeats what gets lost, recognises what comes twice and
// times out what is never answered (RFC 3261 section 17, RFC 6026).
package transaction

import (
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Timers are the base values all others follow from (RFC 3261 section 17.1.1.1).
type Timers struct{ T1, T2, T4 time.Duration }

// Usual are the timers of RFC 3261.
func Usual() Timers {
	return Timers{T1: 500 * time.Millisecond, T2: 4 * time.Second, T4: 5 * time.Second}
}

// Config is what a Layer needs. The functions are called without locks, from
// the reader of a socket or a timer, and must not wait.
type Config struct {
	Timers Timers
	// Request is told each new request but ACK and CANCEL. Whoever takes it
	// answers it by Respond.
	Request func(*Server)
	// Ack is told the ACK of a 2xx.
	Ack func(*transport.Flow, *message.Message)
	// Stray is told a response that no transaction waits for, as a 2xx
	// repeated after its transaction's end.
	Stray func(*transport.Flow, *message.Message)
	// Stranger reports a source that is not told that there is nothing to
	// cancel; nil means nobody is.
	Stranger func(netip.Addr) bool
	// Tag makes the tag of answers the layer gives itself.
	Tag func() string
	// MaxServers bounds the transactions that can be under way; more requests
	// are answered 503. Zero means 20,000.
	MaxServers int
	Log        *slog.Logger
}

// Layer matches messages to transactions.
type Layer struct {
	cfg Config

	mu      sync.Mutex
	servers map[string]*Server
	pending map[string]string // merge key → key of a server transaction without final answer
	clients map[string]*Client
	closed  bool
}

// New returns a layer without transactions.
func New(cfg Config) *Layer {
	if cfg.Timers == (Timers{}) {
		cfg.Timers = Usual()
	}
	if cfg.MaxServers <= 0 {
		cfg.MaxServers = 20000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Layer{cfg: cfg, servers: map[string]*Server{}, pending: map[string]string{}, clients: map[string]*Client{}}
}

// Timers returns the timers in force.
func (l *Layer) Timers() Timers { return l.cfg.Timers }

// Receive takes a valid message off the wire.
func (l *Layer) Receive(f *transport.Flow, m *message.Message) {
	if m.IsRequest() {
		l.request(f, m)
		return
	}
	via, _ := m.TopVia()
	_, method := m.CSeq()
	l.mu.Lock()
	c := l.clients[via.Branch()+" "+method]
	l.mu.Unlock()
	if c != nil {
		c.receive(m)
		return
	}
	if l.cfg.Stray != nil && len(m.All("Via")) == 1 {
		l.cfg.Stray(f, m)
	}
}

// serverKey names the transaction a request belongs to (RFC 3261 section
// 17.2.3); ACK and CANCEL name that of their INVITE.
func serverKey(f *transport.Flow, m *message.Message, method string) string {
	via, _ := m.TopVia()
	if len(via.Branch()) > len(message.Cookie) && via.Branch()[:len(message.Cookie)] == message.Cookie {
		return via.Branch() + " " + via.SentBy() + " " + method
	}
	// RFC 2543 knew no branch.
	n, _ := m.CSeq()
	return m.CallID() + " " + m.From().Tag() + " " + strconv.FormatUint(uint64(n), 10) + " " + via.SentBy() + " " + f.Remote().String() + " " + m.URI.String() + " " + method
}

func (l *Layer) request(f *transport.Flow, m *message.Message) {
	markSource(f, m)
	method := m.Method
	if method == message.Ack {
		method = message.Invite
	}
	key := serverKey(f, m, method)
	l.mu.Lock()
	s := l.servers[key]
	closed := l.closed
	l.mu.Unlock()
	switch {
	case closed:
	case m.Method == message.Ack:
		if (s == nil || !s.ack()) && l.cfg.Ack != nil {
			l.cfg.Ack(f, m)
		}
	case s != nil:
		s.repeat()
	case m.Method == message.Cancel:
		l.cancel(f, m, key)
	default:
		l.begin(f, m, key)
	}
}

func (l *Layer) begin(f *transport.Flow, m *message.Message, key string) {
	s := newServer(l, f, m, key)
	merge := ""
	if m.To().Tag() == "" && m.Method != message.Cancel {
		merge = m.CallID() + " " + m.From().Tag() + " " + m.Get("CSeq")
	}
	l.mu.Lock()
	full := len(l.servers) >= l.cfg.MaxServers
	_, merged := l.pending[merge]
	merged = merged && merge != ""
	if _, again := l.servers[key]; again {
		l.mu.Unlock()
		return
	}
	if !full {
		l.servers[key] = s
		if merge != "" && !merged {
			l.pending[merge] = key
			s.merge = merge
		}
	}
	l.mu.Unlock()
	switch {
	case full:
		_ = s.target().Send(message.NewResponse(m, 503, "", l.tag()).Bytes())
	case merged: // the same request by another way (RFC 3261 section 8.2.2.2)
		s.Reply(482)
	default:
		l.cfg.Request(s)
	}
}

func (l *Layer) cancel(f *transport.Flow, m *message.Message, key string) {
	invite := l.find(serverKey(f, m, message.Invite))
	if invite == nil && l.cfg.Stranger != nil && l.cfg.Stranger(f.Remote().Addr()) {
		return
	}
	s := newServer(l, f, m, key)
	l.mu.Lock()
	l.servers[key] = s
	l.mu.Unlock()
	if invite == nil {
		s.Reply(481)
		return
	}
	s.Reply(200)
	invite.cancelled(m)
}

func (l *Layer) find(key string) *Server {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.servers[key]
}

func (l *Layer) tag() string {
	if l.cfg.Tag == nil {
		return NewTag()
	}
	return l.cfg.Tag()
}

// Counts returns how many transactions there are, for tests and metrics.
func (l *Layer) Counts() (servers, clients int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.servers), len(l.clients)
}

// Close ends every transaction without a word to anybody.
func (l *Layer) Close() {
	l.mu.Lock()
	l.closed = true
	servers, clients := l.servers, l.clients
	l.servers, l.clients, l.pending = map[string]*Server{}, map[string]*Client{}, map[string]string{}
	l.mu.Unlock()
	for _, s := range servers {
		s.end()
	}
	for _, c := range clients {
		c.stop(ErrClosed)
	}
}
