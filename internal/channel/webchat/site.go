package webchat

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/okno-hq/okno/internal/fault"
)

// site is one allowed place for a widget: an origin, or with any the hosts
// below one ("https://*.shop.example").
type site struct {
	scheme, host string // host with its port, lower case
	any          bool
}

// parseSite reads "https://shop.example", "shop.example" (https) or
// "https://*.shop.example"; paths are ignored.
func parseSite(s string) (site, error) {
	bad := fault.New(fault.Invalid, "channel.site_invalid").WithField("sites").With("site", s)
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return site{}, bad
	}
	out := site{scheme: u.Scheme, host: strings.ToLower(u.Host)}
	out.host, out.any = strings.CutPrefix(out.host, "*.")
	out.host = strings.TrimSuffix(out.host, defaultPort(out.scheme))
	// The host goes into a header: letters, digits, dots, dashes, a port, or an IPv6 address.
	if out.host == "" || strings.Trim(out.host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != "" || strings.HasPrefix(out.host, ".") {
		return site{}, bad
	}
	return out, nil
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return ":80"
	}
	return ":443"
}

// String is the site as a source expression of a content security policy.
func (s site) String() string {
	if s.any {
		return s.scheme + "://*." + s.host
	}
	return s.scheme + "://" + s.host
}

// holds says whether an origin belongs to the site.
func (s site) holds(o site) bool {
	if s.scheme != o.scheme {
		return false
	}
	if s.any {
		return strings.HasSuffix(o.host, "."+s.host)
	}
	return s.host == o.host
}

// allowed says whether pages of an origin may hold the widget: those of the
// channel's sites, and our own (the demo shop, the preview).
func (s settings) allowed(origin string, own []site) bool {
	o, err := parseSite(origin)
	if err != nil || o.any || !strings.Contains(origin, "://") {
		return false
	}
	for _, list := range [][]site{s.sites, own} {
		for _, one := range list {
			if one.holds(o) {
				return true
			}
		}
	}
	return false
}

// own are the origins that this request's server has: the configured one and
// the one it was asked under.
func (p *Platform) own(r *http.Request) []site {
	out := make([]site, 0, 3)
	if p.base.host != "" {
		out = append(out, p.base)
	}
	host := strings.ToLower(r.Host)
	for _, scheme := range []string{"https", "http"} {
		if s, err := parseSite(scheme + "://" + host); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// sameOrigin refuses what a browser sends from another site's page. A request
// without an Origin is no browser's, or a plain GET.
func (p *Platform) sameOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		if v := r.Header.Get("Sec-Fetch-Site"); v == "cross-site" || v == "same-site" {
			return fault.New(fault.Denied, "widget.origin_not_allowed")
		}
		return nil
	}
	if (settings{}).allowed(origin, p.own(r)) {
		return nil
	}
	return fault.New(fault.Denied, "widget.origin_not_allowed")
}
