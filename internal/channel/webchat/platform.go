// Package webchat is the chat on the business's own website: the platform
// (sessions, a durable log per visitor, files, live connections, the HTTP
// protocol of the widget) and the channel adapter over it.
//
// It knows neither SQL nor the inbox: what must be durable goes through the
// ports of package visitor.
package webchat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// Deps are what a platform stands on.
type Deps struct {
	Channels Channels
	Log      visitor.Log
	Visitors visitor.Store
	Intake   visitor.Intake
	Files    visitor.Files
	// Assets holds widget.js, frame.js and frame.css; without them the
	// placeholder.js takes the script's place and says so.
	Assets fs.FS
	// Key signs the addresses of files; at least 32 random bytes.
	Key []byte
	// BaseURL is the public address, if known.
	BaseURL string
	// Transient is told what passes without leaving a trace: a visitor
	// typing. It must not block.
	Transient func(ctx context.Context, ch channel.ID, u channel.Update)
	// Author returns the name that a visitor sees over the agent's message
	// for an item. Optional.
	Author func(ctx context.Context, itemID string) (string, error)
	// Voice converts recordings. Optional.
	Voice VoiceConverter
	// Broadcast hands a signal to the other nodes, which call Deliver.
	// Optional.
	Broadcast func(Signal)
	// ClientIP tells whose request it is, behind proxies. Optional.
	ClientIP func(*http.Request) string
	// Limits of requests; the zero value means DefaultLimits.
	Limits Limits
	Logger *slog.Logger
	// Now is the clock. Optional.
	Now func() time.Time
}

// Platform serves the widgets of all channels.
type Platform struct {
	deps    Deps
	base    site
	hub     *hub
	limits  limiters
	assets  assets
	handler http.Handler
	// ctx ends when the platform closes; live connections watch it.
	ctx    context.Context //nolint:containedctx // the platform's own life, not a call's
	cancel context.CancelFunc
	live   sync.WaitGroup
	mu     sync.Mutex
	closed bool
}

// minKey is the least length of Deps.Key, in bytes.
const minKey = 32

// New makes a platform.
func New(d Deps) (*Platform, error) {
	if len(d.Key) < minKey {
		return nil, fault.Invalidf("key", "widget.key_too_short", "the key has %d bytes, want at least %d", len(d.Key), minKey)
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Transient == nil {
		d.Transient = func(context.Context, channel.ID, channel.Update) {}
	}
	if d.ClientIP == nil {
		d.ClientIP = remoteHost
	}
	if d.Limits == (Limits{}) {
		d.Limits = DefaultLimits()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	p := &Platform{deps: d, hub: newHub(), limits: newLimiters(d.Limits, d.Now)}
	if d.BaseURL != "" {
		base, err := parseSite(d.BaseURL)
		if err != nil {
			return nil, fault.Invalidf("base_url", "widget.base_url_invalid", "base URL: %w", err)
		}
		p.base = base
	}
	var err error
	if p.assets, err = loadAssets(d.Assets); err != nil {
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.handler = p.routes()
	return p, nil
}

// Handler serves /widget.js and everything below /widget/.
func (p *Platform) Handler() http.Handler { return p.handler }

// Deliver hands a signal of another node to this node's widgets.
func (p *Platform) Deliver(s Signal) { p.hub.publish(s) }

// signal tells everybody's widgets.
func (p *Platform) signal(s Signal) {
	p.hub.publish(s)
	if p.deps.Broadcast != nil {
		p.deps.Broadcast(s)
	}
}

// Close ends the live connections and waits for them.
func (p *Platform) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.live.Wait()
}

// enter registers a live connection; leave must be called if it returns true.
func (p *Platform) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.live.Add(1)
	return true
}

func (p *Platform) leave() { p.live.Done() }

// now is the time of an entry: in UTC and in microseconds, as it is stored.
func (p *Platform) now() time.Time { return p.deps.Now().UTC().Truncate(time.Microsecond) }

// built says whether the widget itself is there.
func (p *Platform) built() bool { return p.assets.complete }

// sign is the platform's signature of a text, short enough for an address.
func (p *Platform) sign(text string) string {
	mac := hmac.New(sha256.New, p.deps.Key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// quote returns the quote of an entry, or nil if there is no such message.
func (p *Platform) quote(ctx context.Context, ch channel.ID, v visitor.ID, key string) (*quote, error) {
	e, err := p.deps.Log.Find(ctx, ch, v, key)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil //nolint:nilnil // absence is an answer here
	}
	if err != nil {
		return nil, err
	}
	if e.Kind != visitor.Message || len(e.Body) == 0 {
		return nil, nil //nolint:nilnil // as above
	}
	return quoteOf(e)
}
