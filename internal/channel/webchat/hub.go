package webchat

import (
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
)

// hub wakes the live connections of visitors. It holds nothing durable.
type hub struct {
	mu       sync.Mutex
	visitors map[visitorKey]map[*listener]struct{}
	// missed holds what nobody heard, for a widget between two polls.
	missed map[visitorKey]missed
}

// missed is an activity that came while nobody listened.
type missed struct {
	activity channel.Activity
	at       time.Time
}

// missedFor is how long a missed activity is still worth telling: less than
// a widget shows one.
const missedFor = 4 * time.Second

type visitorKey struct {
	channel channel.ID
	visitor visitor.ID
}

// listener is one live connection's ear. A slow listener misses activities,
// never a wake-up: that one stays set until it is heard.
type listener struct {
	wake     chan struct{}         // capacity 1
	activity chan channel.Activity // capacity 1: the newest counts
}

func newHub() *hub {
	return &hub{visitors: map[visitorKey]map[*listener]struct{}{}, missed: map[visitorKey]missed{}}
}

// listen registers a listener until stop is called.
func (h *hub) listen(ch channel.ID, v visitor.ID) (l *listener, stop func()) {
	key := visitorKey{ch, v}
	l = &listener{wake: make(chan struct{}, 1), activity: make(chan channel.Activity, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.visitors[key] == nil {
		h.visitors[key] = map[*listener]struct{}{}
	}
	h.visitors[key][l] = struct{}{}
	if m, ok := h.missed[key]; ok {
		delete(h.missed, key)
		if time.Since(m.at) < missedFor {
			l.activity <- m.activity
		}
	}
	return l, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.visitors[key], l)
		if len(h.visitors[key]) == 0 {
			delete(h.visitors, key)
		}
	}
}

// listening is the number of a visitor's live connections.
func (h *hub) listening(ch channel.ID, v visitor.ID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.visitors[visitorKey{ch, v}])
}

// publish tells a visitor's listeners; it never blocks.
func (h *hub) publish(s Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := visitorKey{s.Channel, s.Visitor}
	if len(h.visitors[key]) == 0 {
		h.miss(key, s)
	}
	for l := range h.visitors[key] {
		if s.Activity != "" {
			select {
			case l.activity <- s.Activity:
			default:
			}
			continue
		}
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// miss keeps an activity for the next listener; a wake-up ends it, as what
// was being typed has come.
func (h *hub) miss(key visitorKey, s Signal) {
	for k, m := range h.missed {
		if k == key || time.Since(m.at) >= missedFor {
			delete(h.missed, k)
		}
	}
	if s.Activity != "" {
		h.missed[key] = missed{s.Activity, time.Now()}
	}
}
