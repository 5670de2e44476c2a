// Package egress is the one HTTP client for everything Okno sends out: to
// messengers, to webhooks of the workspace's owner, to push services.
//
// It bounds time, size and rate, goes through the configured proxy, keeps
// strangers' URLs away from private addresses, and says of each failure
// whether the request may have been carried out all the same ([Error]).
// No error text holds a URL or a configured secret.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Defaults of Config.
const (
	DefaultTimeout     = 30 * time.Second
	DefaultMaxResponse = 8 << 20
)

// Config says how a client reaches the world. The zero value works: direct,
// public addresses only.
type Config struct {
	// BaseURL is what paths are relative to, e.g. "https://api.telegram.org".
	BaseURL string
	// ProxyURL is an http, https, socks5 or socks5h proxy, with user and
	// password if it wants them. Empty means direct; the environment is not
	// asked. Names are resolved by the proxy.
	ProxyURL string
	// CABundle holds PEM certificates trusted besides the system's.
	CABundle []byte
	// Timeout bounds an exchange; for downloads the wait for each piece.
	Timeout time.Duration
	// Limits space requests out.
	Limits Limits
	// AllowPrivate permits private and loopback addresses: set it only when
	// an administrator chose the address (api_url), never for users' URLs.
	AllowPrivate bool
	// AllowPrefixes are networks permitted although they are not public.
	AllowPrefixes []netip.Prefix
	// MaxResponse bounds an answer read into memory, in bytes.
	MaxResponse int64
	// Redact lists secrets to scrub from errors: tokens in paths and headers.
	Redact []string
	// UserAgent defaults to "Okno".
	UserAgent string
	// Transport replaces the network in tests.
	Transport http.RoundTripper
	// Observe, if set, is told of each finished exchange. It must not block.
	Observe func(Observation)
}

// Observation is one exchange for metrics.
type Observation struct {
	Operation string
	Method    string
	// Class is empty on success.
	Class  Class
	Status int
	// Waited is the time spent in the limiter, Took the exchange until the
	// answer was read (downloads: until it began).
	Waited, Took time.Duration
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    *http.Client
	limiter *Limiter
	redact  *redactor
	timeout time.Duration
	max     int64
	agent   string
	observe func(Observation)
}

// New returns a client, or a fault.Invalid naming the setting at fault.
func New(cfg Config) (*Client, error) {
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	proxy, err := parseProxy(cfg.ProxyURL)
	if err != nil {
		return nil, err
	}
	roots, err := trusted(cfg.CABundle)
	if err != nil {
		return nil, err
	}
	secrets := cfg.Redact
	for _, u := range []*url.URL{base, proxy} {
		if u != nil && u.User != nil {
			if password, ok := u.User.Password(); ok {
				secrets = append(slices.Clip(secrets), password)
			}
		}
	}
	c := &Client{
		base:    base,
		limiter: NewLimiter(cfg.Limits),
		redact:  newRedactor(secrets),
		timeout: cfg.Timeout,
		max:     cfg.MaxResponse,
		agent:   cfg.UserAgent,
		observe: cfg.Observe,
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.max <= 0 {
		c.max = DefaultMaxResponse
	}
	if c.agent == "" {
		c.agent = "Okno"
	}
	if c.observe == nil {
		c.observe = func(Observation) {}
	}
	rt := cfg.Transport
	if rt == nil {
		rt = transport(cfg, proxy, roots)
	}
	if proxy != nil && !cfg.AllowPrivate {
		rt = &proxied{next: rt, guard: guardian(cfg.AllowPrefixes), resolver: net.DefaultResolver}
	}
	c.http = &http.Client{Transport: rt, CheckRedirect: redirects}
	return c, nil
}

// Close frees idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Pause holds requests of a key back, or all when key is empty; see
// [Limiter.Pause].
func (c *Client) Pause(key string, d time.Duration) { c.limiter.Pause(key, d) }

// Redact scrubs configured secrets and URLs' paths from a text that is meant
// for people, such as a platform's error description.
func (c *Client) Redact(text string) string { return c.redact.text(text) }

func transport(cfg Config, proxy *url.URL, roots *x509.CertPool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	t := &http.Transport{
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		// All requests of an HTTP/2 host share a connection: find out soon
		// when it is dead.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
	switch {
	case proxy != nil:
		t.Proxy = http.ProxyURL(proxy)
		t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				return &proxyError{status: res.StatusCode}
			}
			return nil
		}
	case !cfg.AllowPrivate:
		dialer.Control = guardian(cfg.AllowPrefixes).Safe
	}
	return t
}

func parseBase(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no base is allowed: then every address is absolute
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, fault.Invalidf("api_url", "egress.bad_base_url", "parse: %w", withoutURL(err))
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fault.Invalidf("api_url", "egress.bad_base_url", "want an http or https address")
	}
	return u, nil
}

func parseProxy(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no proxy
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, fault.Invalidf("proxy_url", "egress.bad_proxy_url", "parse: %w", withoutURL(err))
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, fault.Invalidf("proxy_url", "egress.bad_proxy_url", "scheme %q is not http, https, socks5", u.Scheme)
	}
	if u.Host == "" {
		return nil, fault.Invalidf("proxy_url", "egress.bad_proxy_url", "no host")
	}
	return u, nil
}

func trusted(bundle []byte) (*x509.CertPool, error) {
	if len(bundle) == 0 {
		return nil, nil //nolint:nilnil // nil means the system's roots
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(bundle) {
		return nil, fault.Invalidf("ca_bundle", "egress.bad_ca_bundle", "no PEM certificate found")
	}
	return pool, nil
}

// withoutURL drops what url.Parse quotes.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		// The inner error may quote a part of the address ("invalid port").
		return fmt.Errorf("malformed address (%T)", u.Err)
	}
	return err
}
