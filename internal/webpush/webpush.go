// Package webpush notifies people on their devices while the workspace is
// closed: Web Push (RFC 8030), encrypted for the browser (RFC 8291), signed
// with the installation's own key (VAPID, RFC 8292).
package webpush

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

// Devices stores the devices. Its Devices returns none of a person who is
// disabled.
type Devices interface {
	SaveDevice(ctx context.Context, d access.Device) error
	RemoveDevice(ctx context.Context, u access.UserID, endpoint string) error
	// DropDevice forgets a device that is no more.
	DropDevice(ctx context.Context, d access.Device) error
	Devices(ctx context.Context, u access.UserID) ([]access.Device, error)
}

// Installation keeps facts about the installation.
type Installation interface {
	// Fact returns nil for what is not kept.
	Fact(ctx context.Context, key string) ([]byte, error)
	// KeepFact keeps a value unless there is one already, and returns the one
	// that is kept.
	KeepFact(ctx context.Context, key string, value []byte) ([]byte, error)
}

// Sealer encrypts secrets for the row they are kept in.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Sender posts requests. It keeps away from addresses inside the operator's
// network: endpoints are what browsers say.
type Sender interface {
	Do(req *http.Request) (*http.Response, error)
}

// Config has what a pusher needs.
type Config struct {
	Devices      Devices
	Installation Installation
	Sealer       Sealer
	Sender       Sender
	// Subject is how a push service reaches the operator: an https address or
	// an e-mail address. Empty means the project's page.
	Subject string
	NewID   func() int64
	Now     func() time.Time
	Logger  *slog.Logger
}

// Pusher notifies devices. It is safe for concurrent use.
type Pusher struct {
	cfg Config

	mu   sync.Mutex
	keys *keys // nil until first used
}

// The failures this package tells its users of.
var (
	ErrEndpoint = fault.New(fault.Invalid, "push.bad_endpoint")
	ErrKeys     = fault.New(fault.Invalid, "push.bad_keys")
)

const (
	defaultSubject = "https://github.com/okno-hq/okno"
	maxEndpoint    = 2048
	authSize       = 16
	// maxDevices of a person are notified, the newest ones.
	maxDevices = 10
)

// New returns a pusher.
func New(cfg Config) *Pusher {
	if !strings.HasPrefix(cfg.Subject, "https://") && (strings.Contains(cfg.Subject, ":") || !strings.Contains(cfg.Subject, "@")) {
		cfg.Subject = defaultSubject
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pusher{cfg: cfg}
}

// PublicKey returns the key that browsers subscribe with, in base64url.
func (p *Pusher) PublicKey(ctx context.Context) (string, error) {
	k, err := p.load(ctx)
	return k.Public, err
}

// Subscribe notes a device of the actor.
func (p *Pusher) Subscribe(ctx context.Context, a access.Actor, endpoint, p256dh, auth string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(endpoint) > maxEndpoint {
		return ErrEndpoint.WithField("endpoint")
	}
	point, err := decode(p256dh)
	if err != nil {
		return ErrKeys.WithField("p256dh")
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return ErrKeys.WithField("p256dh")
	}
	if secret, err := decode(auth); err != nil || len(secret) != authSize {
		return ErrKeys.WithField("auth")
	}
	return p.cfg.Devices.SaveDevice(ctx, access.Device{
		ID: p.cfg.NewID(), Workspace: a.Workspace, User: a.User, Endpoint: endpoint, P256dh: p256dh, Auth: auth, CreatedAt: p.cfg.Now().UTC(),
	})
}

// Unsubscribe forgets a device of the actor.
func (p *Pusher) Unsubscribe(ctx context.Context, a access.Actor, endpoint string) error {
	return p.cfg.Devices.RemoveDevice(ctx, a.User, endpoint)
}

// decode reads base64 of either alphabet, padded or not, as browsers and
// scripts write it.
func decode(s string) ([]byte, error) {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.DecodeString(s)
}
