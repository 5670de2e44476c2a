package trunk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/transport"
)

// Resolver looks up names; net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// target is one server of an operator.
type target struct {
	name string // as in its certificate
	addr netip.AddrPort
	bad  time.Time // until then others are tried first
}

// lookAgain is how long what DNS said is kept.
const lookAgain = time.Minute

// lookup returns the operator's servers, those that failed lately last
// (RFC 3263: SRV by priority and weight, else addresses).
func (t *Trunk) lookup(ctx context.Context) ([]target, error) {
	now := t.cfg.Now()
	t.mu.Lock()
	have, looked := t.targets, t.looked
	t.mu.Unlock()
	var err error
	if len(have) == 0 || now.Sub(looked) >= lookAgain {
		var found []target
		if found, err = t.resolve(ctx); len(found) > 0 {
			for i := range found {
				for _, old := range have {
					if old.addr == found[i].addr {
						found[i].bad = old.bad
					}
				}
			}
			have = found
			t.mu.Lock()
			t.targets, t.looked = found, now
			t.mu.Unlock()
		} // else what was known still holds
	}
	out := slices.Clone(have)
	slices.SortStableFunc(out, func(a, b target) int {
		switch x, y := a.bad.After(now), b.bad.After(now); {
		case x == y:
			return 0
		case x:
			return 1
		default:
			return -1
		}
	})
	return out, err
}

// failed puts a server behind the others for a while.
func (t *Trunk) failed(addr netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.targets {
		if t.targets[i].addr == addr {
			t.targets[i].bad = t.cfg.Now().Add(2 * time.Minute)
		}
	}
	if t.flow != nil && t.flow.Remote() == addr {
		t.flow = nil
	}
}

// Failed notes that a call got no answer by a flow.
func (t *Trunk) Failed(f *transport.Flow) { t.failed(f.Remote()) }

func splitHost(s string) (string, int) {
	if host, port, err := net.SplitHostPort(s); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			return host, int(n)
		}
	}
	return strings.Trim(s, "[]"), 0
}

func (t *Trunk) resolve(ctx context.Context) ([]target, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var all []target
	var errs error
	for _, h := range t.set.Hosts {
		found, err := t.resolveHost(ctx, h)
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", h, err))
		}
		all = append(all, found...)
	}
	return all, errs
}

func (t *Trunk) resolveHost(ctx context.Context, h string) ([]target, error) {
	host, port := splitHost(h)
	def := 5060
	if t.set.kind() == transport.TLS {
		def = 5061
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if port == 0 {
			port = def
		}
		return []target{{name: host, addr: netip.AddrPortFrom(ip.Unmap(), uint16(port))}}, nil //nolint:gosec // 16 bits
	}
	if port != 0 {
		return t.addresses(ctx, host, host, port)
	}
	service, proto := "sip", strings.ToLower(t.set.kind())
	if t.set.kind() == transport.TLS {
		service, proto = "sips", "tcp"
	}
	_, srv, err := t.cfg.Resolver.LookupSRV(ctx, service, proto, host)
	if err != nil || len(srv) == 0 {
		return t.addresses(ctx, host, host, def)
	}
	var all []target
	var errs error
	for _, s := range srv {
		found, err := t.addresses(ctx, host, strings.TrimSuffix(s.Target, "."), int(s.Port))
		errs = errors.Join(errs, err)
		all = append(all, found...)
	}
	return all, errs
}

func (t *Trunk) addresses(ctx context.Context, name, host string, port int) ([]target, error) {
	ips, err := t.cfg.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var all []target
	for _, ip := range ips {
		all = append(all, target{name: name, addr: netip.AddrPortFrom(ip.Unmap(), uint16(port))}) //nolint:gosec // 16 bits
	}
	slices.SortStableFunc(all, func(a, b target) int { // IPv4 first: operators' IPv6 is seldom tried
		switch x, y := a.addr.Addr().Is4(), b.addr.Addr().Is4(); {
		case x == y:
			return 0
		case x:
			return -1
		default:
			return 1
		}
	})
	return all, nil
}
