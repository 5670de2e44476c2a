package rtp

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// ErrNoPorts says that the range of ports is used up or still draining.
var ErrNoPorts = fault.New(fault.Unavailable, "rtp.no_ports") //nolint:gochecknoglobals // a sentinel

// ErrBadPorts says that a range of ports cannot hold one pair.
var ErrBadPorts = fault.New(fault.Invalid, "rtp.bad_ports") //nolint:gochecknoglobals // a sentinel

// Ports hands out pairs of ports, an even one for RTP and the next for RTCP
// (RFC 3550, 11). A freed pair rests for a while, so that what the former
// peer still sends does not reach the next call. Which pair is taken cannot
// be guessed.
type Ports struct {
	mu    sync.Mutex
	drain time.Duration
	now   func() time.Time
	free  []uint16 // even ports ready for use, in no order
	rest  []resting
	used  map[uint16]bool
}

type resting struct {
	port  uint16
	until time.Time
}

// NewPorts makes a pool of the pairs within low..high.
func NewPorts(low, high int, drain time.Duration, now func() time.Time) (*Ports, error) {
	low += low & 1
	if low < 1024 || high > 65535 || high < low+1 {
		return nil, ErrBadPorts.With("low", low).With("high", high)
	}
	p := &Ports{drain: drain, now: now, used: map[uint16]bool{}}
	for port := low; port+1 <= high; port += 2 {
		p.free = append(p.free, uint16(port)) //nolint:gosec // checked above
	}
	return p, nil
}

// Take returns the even port of a pair.
func (p *Ports) Take() (uint16, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
	if len(p.free) == 0 {
		return 0, ErrNoPorts
	}
	last := len(p.free) - 1
	i := rand.IntN(last + 1) //nolint:gosec // the pool is open to scanning anyway; the source lock is the protection
	port := p.free[i]
	p.free[i] = p.free[last]
	p.free = p.free[:last]
	p.used[port] = true
	return port, nil
}

// Free gives a pair back. Giving back what was not taken does nothing.
func (p *Ports) Free(port uint16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.used[port] {
		return
	}
	delete(p.used, port)
	p.rest = append(p.rest, resting{port, p.now().Add(p.drain)})
}

// Available returns how many pairs could be taken now.
func (p *Ports) Available() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake()
	return len(p.free)
}

// wake moves pairs that have rested long enough to the free ones.
func (p *Ports) wake() {
	now, n := p.now(), 0
	for n < len(p.rest) && !p.rest[n].until.After(now) {
		p.free = append(p.free, p.rest[n].port)
		n++
	}
	p.rest = append(p.rest[:0], p.rest[n:]...)
}
