package egress

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is a token bucket: PerSecond on average, Burst at once. A zero
// PerSecond means no limit; a zero Burst means 1.
type Limit struct {
	PerSecond float64
	Burst     int
}

func (l Limit) bucket() *rate.Limiter {
	if l.PerSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(l.PerSecond), max(l.Burst, 1))
}

// Limits configures a [Limiter].
type Limits struct {
	// Overall bounds all requests together, PerKey those of one key
	// (normally a chat).
	Overall, PerKey Limit
	// ForKey, if set, may give a key its own limit (groups are slower).
	ForKey func(key string) (Limit, bool)
}

// sweepEvery is how often idle keys are looked for, as a side effect of use.
const sweepEvery = 30 * time.Second

// Limiter spaces requests out. Waiters of one key go in order and only the
// first of them competes for the overall limit, so a key with a thousand
// waiters delays another key by one request and not by a thousand. It needs
// no goroutine and forgets idle keys.
type Limiter struct {
	limits  Limits
	overall *rate.Limiter

	mu          sync.Mutex
	keys        map[string]*lane
	pausedUntil time.Time
	changed     chan struct{} // closed and replaced when a pause changes
	swept       time.Time
}

// lane is one key's place in the limiter.
type lane struct {
	turn        chan struct{} // capacity 1: held by the waiter in front
	bucket      *rate.Limiter
	users       int // waiters now; guarded by Limiter.mu
	pausedUntil time.Time
}

// NewLimiter returns a limiter.
func NewLimiter(limits Limits) *Limiter {
	return &Limiter{
		limits:  limits,
		overall: limits.Overall.bucket(),
		keys:    make(map[string]*lane),
		changed: make(chan struct{}),
		swept:   time.Now(),
	}
}

// Wait blocks until a request of the key may go. The empty key has no limit
// of its own. It fails when ctx ends, or at once if ctx's deadline comes
// before the key's turn could.
func (l *Limiter) Wait(ctx context.Context, key string) error {
	ln := l.enter(key)
	defer l.leave(ln)
	select {
	case ln.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for turn: %w", ctx.Err())
	}
	defer func() { <-ln.turn }()
	for {
		if err := l.waitPause(ctx, ln); err != nil {
			return err
		}
		if err := ln.bucket.Wait(ctx); err != nil {
			return fmt.Errorf("wait for key: %w", deadline(ctx, err))
		}
		if err := l.overall.Wait(ctx); err != nil {
			return fmt.Errorf("wait for account: %w", deadline(ctx, err))
		}
		if until, _ := l.pause(ln); !until.After(time.Now()) {
			return nil
		}
	}
}

// Pause holds a key back for d, or everything when key is empty: what a
// platform asks for with 429. A pause never shortens an earlier one.
func (l *Limiter) Pause(key string, d time.Duration) {
	until := time.Now().Add(d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if key == "" {
		if until.After(l.pausedUntil) {
			l.pausedUntil = until
		}
	} else if ln := l.lane(key); until.After(ln.pausedUntil) {
		ln.pausedUntil = until
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// Keys returns the number of keys remembered.
func (l *Limiter) Keys() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.keys)
}

func (l *Limiter) waitPause(ctx context.Context, ln *lane) error {
	for {
		until, changed := l.pause(ln)
		d := time.Until(until)
		if d <= 0 {
			return nil
		}
		if end, ok := ctx.Deadline(); ok && end.Before(until) {
			return fmt.Errorf("paused for %s: %w", d.Round(time.Millisecond), context.DeadlineExceeded)
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("paused: %w", ctx.Err())
		}
		timer.Stop()
	}
}

// pause returns when the lane may go, and a channel closed when that changes.
func (l *Limiter) pause(ln *lane) (time.Time, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.pausedUntil
	if ln.pausedUntil.After(until) {
		until = ln.pausedUntil
	}
	return until, l.changed
}

func (l *Limiter) enter(key string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	ln := l.lane(key)
	ln.users++
	return ln
}

func (l *Limiter) leave(ln *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln.users--
}

func (l *Limiter) lane(key string) *lane {
	ln, ok := l.keys[key]
	if !ok {
		limit := l.limits.PerKey
		if key == "" {
			limit = Limit{}
		} else if l.limits.ForKey != nil {
			if own, ok := l.limits.ForKey(key); ok {
				limit = own
			}
		}
		ln = &lane{turn: make(chan struct{}, 1), bucket: limit.bucket()}
		l.keys[key] = ln
	}
	return ln
}

// sweep forgets keys that nobody waits for and whose bucket is full again: a
// new lane would behave the same.
func (l *Limiter) sweep() {
	now := time.Now()
	if now.Sub(l.swept) < sweepEvery {
		return
	}
	l.swept = now
	for key, ln := range l.keys {
		full := ln.bucket.Limit() == rate.Inf || ln.bucket.TokensAt(now) >= float64(ln.bucket.Burst())
		if ln.users == 0 && full && !ln.pausedUntil.After(now) {
			delete(l.keys, key)
		}
	}
}

// deadline gives rate's "would exceed context deadline", which has no type,
// the meaning it has.
func deadline(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
}
