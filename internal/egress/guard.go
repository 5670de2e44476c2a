package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"

	"code.dny.dev/ssrf"
)

var (
	errPrivate  = errors.New("address is not public")
	errRedirect = errors.New("redirect refused")
)

// guardian returns the check for addresses that strangers chose: only public
// ones (IANA special-purpose registries), any port.
func guardian(allowed []netip.Prefix) *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, p := range allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}

// proxied checks the target of each request, redirects included, when a proxy
// makes the connection and the dialer therefore only sees the proxy. The
// proxy resolves the name again, so an address that changes in between
// (DNS rebinding) is the proxy's to refuse.
type proxied struct {
	next     http.RoundTripper
	guard    *ssrf.Guardian
	resolver *net.Resolver
}

func (p *proxied) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := p.check(req.Context(), req.URL.Hostname()); err != nil {
		if req.Body != nil {
			err = errors.Join(err, req.Body.Close())
		}
		return nil, err
	}
	return p.next.RoundTrip(req)
}

func (p *proxied) CloseIdleConnections() {
	if c, ok := p.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (p *proxied) check(ctx context.Context, host string) error {
	addrs, err := p.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return err
	}
	for _, a := range addrs {
		if err := p.guard.SafeAddr(a.Unmap()); err != nil {
			return fmt.Errorf("%w: %w", errPrivate, err)
		}
	}
	return nil
}

// redirects follows a few redirects of reads and none of writes: a POST that
// turns into a GET, or goes to another host, is not what the caller sent.
func redirects(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if len(via) > 5 {
		return fmt.Errorf("%w: too many", errRedirect)
	}
	last := via[len(via)-1]
	if req.URL.Scheme != "https" && (req.URL.Scheme != "http" || last.URL.Scheme == "https") {
		return fmt.Errorf("%w: from %s to %s", errRedirect, last.URL.Scheme, req.URL.Scheme)
	}
	if !sameOrigin(req.URL, first.URL) {
		// The standard library drops Authorization and Cookie; platforms have
		// their own header names for tokens.
		kept := http.Header{}
		for _, name := range []string{"Accept", "Accept-Encoding", "User-Agent", "Range"} {
			if v := req.Header.Values(name); len(v) > 0 {
				kept[name] = v
			}
		}
		req.Header = kept //nolint:gosec // four harmless ones are left
	}
	req.Header.Del("Referer") // it may hold a token
	return nil
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }
