// Package dialog holds calls by SIP: one [Leg] is one peer's side of a call,
// whoever began it (RFC 3261 sections 12–15, 3262, 3264, 3311, 3326, 3515,
// 3891, 3892, 4028). A leg's methods never wait for the peer; what happens is
// told as events.
package dialog

import (
	"log/slog"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/message"
	"github.com/okno-hq/okno/internal/telephony/sip/transaction"
	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Config is what a Core needs.
type Config struct {
	Transactions *transaction.Layer
	// Contact is how peers reach us by a transport and local address.
	Contact func(f *transport.Flow) message.URI
	// SentBy is the host (and port) of our Via on a flow; "" means its address.
	SentBy func(f *transport.Flow) string
	// Product goes into User-Agent and Server; "" sends neither.
	Product string
	// SessionExpires is how often a call's peer must show that it is there,
	// MinSE the least we agree to (RFC 4028). Zero means 30 minutes and 90 s.
	SessionExpires, MinSE time.Duration
	Log                   *slog.Logger
}

// Core finds the leg a message belongs to.
type Core struct {
	cfg Config

	mu   sync.Mutex
	legs map[string]*Leg // Call-ID + our tag
	busy int             // goroutines at work for legs
	idle chan struct{}   // closed when there are none; nil if nobody waits
}

// New returns a core without legs.
func New(cfg Config) *Core {
	if cfg.SessionExpires <= 0 {
		cfg.SessionExpires = 30 * time.Minute
	}
	if cfg.MinSE <= 0 {
		cfg.MinSE = 90 * time.Second
	}
	if cfg.SentBy == nil {
		cfg.SentBy = func(*transport.Flow) string { return "" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Core{cfg: cfg, legs: map[string]*Leg{}}
}

// allow are the methods taken within a dialog.
const allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY"

// extensions are those we speak (RFC 3261 section 19.2).
var extensions = []string{"100rel", "replaces", "timer", "norefersub", "outbound"} //nolint:gochecknoglobals // a constant list

const supported = "100rel, replaces, timer, norefersub"

// Unsupported returns the extensions a request insists on that we do not
// speak, for a 420.
func Unsupported(req *message.Message) []string {
	var missing []string
	for _, want := range req.List("Require") {
		known := false
		for _, e := range extensions {
			known = known || e == want
		}
		if !known {
			missing = append(missing, want)
		}
	}
	return missing
}

func key(callID, localTag string) string { return callID + "\x00" + localTag }

func (c *Core) add(l *Leg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.legs[key(l.callID, l.localTag)] = l
}

func (c *Core) remove(l *Leg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.legs, key(l.callID, l.localTag))
}

func (c *Core) find(callID, localTag string) *Leg {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.legs[key(callID, localTag)]
}

// Count returns how many legs there are.
func (c *Core) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.legs)
}

// Replaced returns the leg a Replaces value names (RFC 3891 section 3).
func (c *Core) Replaced(r message.Replaces) (*Leg, bool) {
	l := c.find(r.CallID, r.ToTag)
	if l == nil || l.RemoteTag() != r.FromTag {
		return nil, false
	}
	return l, true
}

// Request takes a request that has a To tag. It reports false if no leg of
// ours is meant.
func (c *Core) Request(s *transaction.Server) bool {
	req := s.Request()
	l := c.find(req.CallID(), req.To().Tag())
	if l == nil {
		return false
	}
	l.post(func() { l.request(s) })
	return true
}

// Ack takes the ACK of a 2xx.
func (c *Core) Ack(_ *transport.Flow, m *message.Message) {
	if l := c.find(m.CallID(), m.To().Tag()); l != nil {
		l.post(func() { l.acked(m) })
	}
}

// Stray takes a response whose transaction is over: a 2xx repeated because
// its ACK was lost.
func (c *Core) Stray(_ *transport.Flow, m *message.Message) {
	if l := c.find(m.CallID(), m.From().Tag()); l != nil {
		l.post(func() { l.repeated2xx(m) })
	}
}

// Close hangs up every leg and waits until their work is done or the time is
// over.
func (c *Core) Close(wait time.Duration) {
	c.mu.Lock()
	legs := make([]*Leg, 0, len(c.legs))
	for _, l := range c.legs {
		legs = append(legs, l)
	}
	c.mu.Unlock()
	for _, l := range legs {
		l.Hangup(Cause{Status: 503, Text: "shutting down"})
	}
	c.mu.Lock()
	if c.busy == 0 {
		c.mu.Unlock()
		return
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(wait):
	}
}

// work runs a leg's queue.
func (c *Core) work(run func()) {
	c.mu.Lock()
	c.busy++
	c.mu.Unlock()
	go func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.busy--; c.busy == 0 && c.idle != nil {
				close(c.idle)
				c.idle = nil
			}
		}()
		run()
	}()
}
