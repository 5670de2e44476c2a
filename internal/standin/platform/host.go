// Package platform is what the stand-ins for messengers have in common: how
// they listen, count, fail on command, keep a ledger and are played by
// scripts. What a messenger's own API says is in the packages beside it.
package platform

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Settings set a Host up.
type Settings struct {
	// Name is the platform's, for errors and the log.
	Name string
	// Addr is where Listen listens.
	Addr string
	// Token is what callers have to show.
	Token string
	// Logf gets what goes wrong; nil means that nobody listens.
	Logf func(string, ...any)
}

// Host is a stand-in without its API, to be embedded. Its methods may be
// called with or without a lock of the stand-in's own.
type Host struct {
	set    Settings
	ctx    context.Context //nolint:containedctx // ends the deliveries, which outlive each request
	cancel context.CancelFunc
	wg     sync.WaitGroup
	http   *http.Server
	url    string

	mu         sync.Mutex
	revoked    bool
	skew       time.Duration
	calls      map[string]int
	violations []string
}

// NewHost makes a host that is not listening yet. It is to be closed.
func NewHost(set Settings) *Host {
	if set.Logf == nil {
		set.Logf = func(string, ...any) {}
	}
	h := &Host{set: set, calls: map[string]int{}}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

// Listen serves an API until Close.
func (h *Host) Listen(api http.Handler) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(h.ctx, "tcp", h.set.Addr)
	if err != nil {
		return h.Errorf("listen: %w", err)
	}
	h.url = "http://" + ln.Addr().String()
	h.http = &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	h.wg.Go(func() {
		if err := h.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			h.set.Logf("%s stand-in: serve: %v", h.set.Name, err)
		}
	})
	return nil
}

// URL is the base address: what an adapter gets as api_url.
func (h *Host) URL() string { return h.url }

// Close stops listening and delivering and waits for both to end.
func (h *Host) Close() {
	h.cancel()
	if h.http != nil {
		_ = h.http.Close()
	}
	h.wg.Wait()
}

// Context ends with Close.
func (h *Host) Context() context.Context { return h.ctx }

// Go runs what Close waits for.
func (h *Host) Go(f func()) { h.wg.Go(f) }

// Errorf makes an error that names the stand-in.
func (h *Host) Errorf(format string, args ...any) error {
	return fmt.Errorf(h.set.Name+" stand-in: "+format, args...)
}

// Now is the stand-in's clock.
func (h *Host) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Add(h.skew)
}

// Advance moves the stand-in's clock, so that what has a term runs out.
func (h *Host) Advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.skew += d
}

// RevokeToken makes every further call fail as one with a wrong token.
func (h *Host) RevokeToken() { h.revoke(true) }

// RestoreToken makes the token valid again.
func (h *Host) RestoreToken() { h.revoke(false) }

func (h *Host) revoke(now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revoked = now
}

// Authorized says whether a token is the valid one.
func (h *Host) Authorized(token string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.revoked && token == h.set.Token
}

// Violate notes that somebody broke the specification or a rule of the
// platform.
func (h *Host) Violate(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	h.set.Logf("%s stand-in: violation: %s", h.set.Name, text)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.violations = append(h.violations, text)
}

// Violations lists everything that broke the specification or a rule of the
// platform, whoever did it. A good test ends with none.
func (h *Host) Violations() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.violations)
}

// Count counts a call of a method.
func (h *Host) Count(method string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls[strings.ToLower(method)]++
}

// Calls says how often a method was called; the names are those of
// Fault.Method.
func (h *Host) Calls(method string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[strings.ToLower(method)]
}
