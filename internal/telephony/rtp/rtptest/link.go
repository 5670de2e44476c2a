// Package rtptest is test equipment for sound over UDP: bad links, in real
// time as a proxy and in simulated time, and a peer that sends and hears.
package rtptest

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Impairment says how bad a link is.
type Impairment struct {
	Loss      float64       // part of the packets that is lost, 0..1
	Duplicate float64       // part that comes twice
	Delay     time.Duration // of every packet
	Jitter    time.Duration // up to this much more, evenly spread; reorders unless Ordered
	Ordered   bool          // nothing overtakes
	Reorder   float64       // part that is held back by ReorderBy
	ReorderBy time.Duration
}

// Link decides what becomes of each packet, the same for the same seed.
type Link struct {
	mu   sync.Mutex
	imp  Impairment
	rand *rand.Rand
	last time.Time
}

// NewLink makes a link.
func NewLink(imp Impairment, seed uint64) *Link {
	return &Link{imp: imp, rand: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // to be repeatable
}

// Set changes the link from now on.
func (l *Link) Set(imp Impairment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.imp = imp
}

// Carry returns when the copies of a packet sent now arrive: none if it is lost.
func (l *Link) Carry(now time.Time) []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rand.Float64() < l.imp.Loss {
		return nil
	}
	at := []time.Time{l.arrival(now)}
	if l.rand.Float64() < l.imp.Duplicate {
		at = append(at, l.arrival(now))
	}
	return at
}

func (l *Link) arrival(now time.Time) time.Time {
	at := now.Add(l.imp.Delay)
	if l.imp.Jitter > 0 {
		at = at.Add(time.Duration(l.rand.Int64N(int64(l.imp.Jitter))))
	}
	if l.rand.Float64() < l.imp.Reorder {
		at = at.Add(l.imp.ReorderBy)
	}
	if l.imp.Ordered && at.Before(l.last) {
		at = l.last
	}
	l.last = at
	return at
}
