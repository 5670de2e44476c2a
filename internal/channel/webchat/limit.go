package webchat

import (
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Rate allows Burst at once and one more every Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// Limits bounds what strangers may ask for.
type Limits struct {
	// Requests, Sessions and Sockets are per address. Sockets counts the
	// opening of live connections.
	Requests, Sessions, Sockets Rate
	// Messages, Uploads and Signals (typing, read marks) are per visitor.
	Messages, Uploads, Signals Rate
	// UploadBytes is what one visitor may upload per day.
	UploadBytes int64
	// Live is how many live connections a visitor may hold.
	Live int
}

// DefaultLimits suit a site whose visitors may share an office's address.
func DefaultLimits() Limits {
	return Limits{
		Requests: Rate{Every: 50 * time.Millisecond, Burst: 600}, Sessions: Rate{Every: 10 * time.Second, Burst: 60},
		Sockets:  Rate{Every: time.Second, Burst: 120},
		Messages: Rate{Every: time.Second, Burst: 30}, Uploads: Rate{Every: 5 * time.Second, Burst: 30},
		Signals: Rate{Every: 200 * time.Millisecond, Burst: 60}, UploadBytes: 1 << 30, Live: 12,
	}
}

type limiters struct {
	requests, sessions, sockets, messages, uploads, signals *limiter
	bytes                                                   *limiter
}

const (
	day        = 24 * time.Hour
	byteUnit   = 64 << 10 // uploads are counted in these
	maxLimited = 100_000
)

func newLimiters(l Limits, now func() time.Time) limiters {
	mk := func(r Rate) *limiter { return newLimiter(r, maxLimited, now) }
	perDay := max(int(l.UploadBytes/byteUnit), 1)
	return limiters{
		requests: mk(l.Requests), sessions: mk(l.Sessions), sockets: mk(l.Sockets),
		messages: mk(l.Messages), uploads: mk(l.Uploads), signals: mk(l.Signals),
		bytes: mk(Rate{Every: day / time.Duration(perDay), Burst: perDay}),
	}
}

// limiter spaces out the events of each key by the generic cell rate
// algorithm: one time per key, no goroutine. Keys whose time has passed are
// as good as unknown and forgotten; when strangers fill it all the same, new
// keys share one allowance rather than memory.
type limiter struct {
	rate Rate
	most int
	now  func() time.Time

	mu    sync.Mutex
	next  map[string]time.Time // theoretical arrival time
	swept time.Time
}

func newLimiter(r Rate, most int, now func() time.Time) *limiter {
	return &limiter{rate: r, most: most, now: now, next: map[string]time.Time{}}
}

// sweepEvery is how often idle keys are forgotten, as a side effect of use.
const sweepEvery = time.Minute

// take spends n of a key's allowance, or says when there is enough again.
func (l *limiter) take(key string, n int) error {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > sweepEvery {
		l.swept = now
		for k, t := range l.next {
			if t.Before(now) {
				delete(l.next, k)
			}
		}
	}
	if _, known := l.next[key]; !known && len(l.next) >= l.most {
		key = "" // everybody new together
	}
	at := l.next[key]
	if at.Before(now) {
		at = now
	}
	at = at.Add(l.rate.Every * time.Duration(n))
	if wait := at.Sub(now) - l.rate.Every*time.Duration(l.rate.Burst); wait > 0 {
		return fault.New(fault.RateLimited, "widget.rate_limited").After(max(wait, time.Second))
	}
	l.next[key] = at
	return nil
}
