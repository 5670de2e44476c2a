package sip

import (
	"slices"
	"sync"

	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
)

// Outbound is a call to an outside number, by whichever trunk carries it.
type Outbound struct {
	a *Agent
	o Out

	mu      sync.Mutex
	rest    []tryable
	leg     *dialog.Leg
	current *line
	rang    bool
	gaveUp  *dialog.Cause
	why     error
}

// Leg returns the leg in use. It can change until the called one's phone rings.
func (b *Outbound) Leg() *dialog.Leg {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leg
}

// Trunk returns the line in use.
func (b *Outbound) Trunk() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current == nil {
		return ""
	}
	return b.current.Settings().ID
}

// Hangup ends the call, also if the next trunk was just to be tried.
func (b *Outbound) Hangup(cause dialog.Cause) {
	b.mu.Lock()
	b.gaveUp = &cause
	leg := b.leg
	b.mu.Unlock()
	if leg != nil {
		leg.Hangup(cause)
	}
}

// next tries the next server and reports false if there is none.
func (b *Outbound) next() bool {
	var notes []func()
	defer func() { // without the lock: who is told may ask us
		for _, tell := range notes {
			tell()
		}
	}()
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.rest) > 0 && b.gaveUp == nil {
		x := b.rest[0]
		b.rest = b.rest[1:]
		release, err := x.t.Acquire()
		if err != nil {
			b.why = err
			notes = append(notes, func() { x.t.Note(err.Error()) })
			b.skip(x.t)
			continue
		}
		b.current = x.t
		var leg *dialog.Leg
		x.call.On = func(e dialog.Event) { b.event(x, e) }
		leg = b.a.dialogs.Dial(x.call)
		leg.OnEnd(release)
		b.leg = leg
		if b.o.Chosen != nil {
			b.o.Chosen(x.t.Settings().ID)
		}
		return true
	}
	return false
}

// skip leaves out the other servers of a trunk.
func (b *Outbound) skip(t *line) {
	b.rest = slices.DeleteFunc(b.rest, func(y tryable) bool { return y.t == t })
}

// event passes on what happens, but for the end of a try that is followed by
// another.
func (b *Outbound) event(x tryable, e dialog.Event) {
	switch e := e.(type) {
	case dialog.Ringing:
		b.mu.Lock()
		b.rang = true
		b.mu.Unlock()
	case dialog.Ended:
		if b.again(x, e) {
			text := e.Text
			if text == "" {
				text = "call failed"
			}
			x.t.Note(text)
			if b.next() {
				return
			}
		}
	}
	if b.o.On != nil {
		b.o.On(e)
	}
}

// again reports whether a try's end calls for the next trunk: no sign of life,
// broken or congested, or it does not want us (but not the called one).
func (b *Outbound) again(x tryable, e dialog.Ended) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rang || b.gaveUp != nil {
		return false
	}
	silent := e.Status == 408
	switch {
	case silent:
		x.t.Failed(x.call.Flow)
	case e.ByPeer && e.Status >= 500 && e.Status < 600:
	case e.ByPeer && (e.Status == 401 || e.Status == 407):
		b.skip(x.t)
	default:
		return false
	}
	return true
}
