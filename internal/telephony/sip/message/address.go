package message

import (
	"net/netip"
	"strconv"
	"strings"
)

// URI is a sip or sips URI (RFC 3261 section 19.1), or one of another scheme
// of which only scheme and the rest are known.
type URI struct {
	Scheme   string // lower case
	User     string // as written, escapes included
	Password string
	Host     string // lower case; IPv6 in brackets
	Port     int    // 0: none
	Params   Params
	Headers  string // after the question mark, as written
	Opaque   string // all after the colon for schemes other than sip and sips
}

// IsSIP reports whether the scheme is sip or sips.
func (u URI) IsSIP() bool { return u.Scheme == "sip" || u.Scheme == "sips" }

// Clone returns a copy.
func (u URI) Clone() URI { u.Params = append(Params(nil), u.Params...); return u }

// Name returns the user part with its escapes undone.
func (u URI) Name() string { return Unescape(u.User) }

// String writes the URI.
func (u URI) String() string {
	if !u.IsSIP() {
		return u.Scheme + ":" + u.Opaque
	}
	var b strings.Builder
	b.WriteString(u.Scheme)
	b.WriteByte(':')
	if u.User != "" {
		b.WriteString(u.User)
		if u.Password != "" {
			b.WriteString(":" + u.Password)
		}
		b.WriteByte('@')
	}
	b.WriteString(u.HostPort())
	b.WriteString(u.Params.String())
	if u.Headers != "" {
		b.WriteString("?" + u.Headers)
	}
	return b.String()
}

// HostPort returns host or host:port.
func (u URI) HostPort() string {
	if u.Port == 0 {
		return u.Host
	}
	return u.Host + ":" + strconv.Itoa(u.Port)
}

// Header returns one of the URI's headers with its escapes undone, as
// Replaces in a Refer-To.
func (u URI) Header(name string) string {
	for h := range strings.SplitSeq(u.Headers, "&") {
		k, v, _ := strings.Cut(h, "=")
		if strings.EqualFold(Unescape(k), name) {
			return Unescape(v)
		}
	}
	return ""
}

func userChar(c byte) bool {
	return alnum(c) || strings.IndexByte("-_.!~*'()&=+$,;?/%", c) >= 0
}

// ParseURI reads a URI that is the whole of s.
func ParseURI(s string) (URI, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || !every(scheme, func(c byte) bool { return alnum(c) || c == '+' || c == '-' || c == '.' }) {
		return URI{}, errSyntax
	}
	u := URI{Scheme: strings.ToLower(scheme)}
	if !u.IsSIP() {
		u.Opaque = rest
		if rest == "" || strings.ContainsAny(rest, " \t<>\"") {
			return URI{}, errSyntax
		}
		return u, nil
	}
	if at := strings.IndexByte(rest, '@'); at >= 0 {
		user, password, _ := strings.Cut(rest[:at], ":")
		if user == "" || !every(user, userChar) || !every(password, userChar) || !escapesOK(user) || !escapesOK(password) {
			return URI{}, errSyntax
		}
		u.User, u.Password = user, password
		rest = rest[at+1:]
	}
	rest, u.Headers, _ = strings.Cut(rest, "?")
	hostport, params, has := strings.Cut(rest, ";")
	var err error
	if u.Host, u.Port, err = parseHostPort(hostport); err != nil {
		return URI{}, err
	}
	if has {
		if u.Params, err = uriParams(params); err != nil {
			return URI{}, err
		}
	}
	if !every(u.Headers, func(c byte) bool { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' }) || !escapesOK(u.Headers) {
		return URI{}, errSyntax
	}
	return u, nil
}

func uriParams(s string) (Params, error) {
	var all Params
	for p := range strings.SplitSeq(s, ";") {
		k, v, _ := strings.Cut(p, "=")
		if k == "" || !every(k, paramChar) || !every(v, paramChar) || !escapesOK(k) || !escapesOK(v) {
			return nil, errSyntax
		}
		all = append(all, Param{strings.ToLower(Unescape(k)), v})
	}
	return all, nil
}

func paramChar(c byte) bool {
	return alnum(c) || strings.IndexByte("-_.!~*'()[]/:&+$%", c) >= 0
}

func escapesOK(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) || !hexDigit(s[i+1]) || !hexDigit(s[i+2]) {
			return false
		}
		i += 2
	}
	return true
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// Unescape undoes %hh; what is no escape stays.
func Unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexDigit(s[i+1]) && hexDigit(s[i+2]) {
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(n))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}

// Escape writes a user part, or a header's value within a URI.
func Escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; alnum(c) || strings.IndexByte("-_.!~*'()+", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
		}
	}
	return b.String()
}

func parseHostPort(s string) (string, int, error) {
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, errSyntax
		}
		if ip, err := netip.ParseAddr(s[1:end]); err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", 0, errSyntax
		}
		host, port = s[:end+1], s[end+1:]
		if port != "" && port[0] != ':' {
			return "", 0, errSyntax
		}
		port = strings.TrimPrefix(port, ":")
		if port == "" && len(s) > end+1 {
			return "", 0, errSyntax
		}
	} else if h, p, ok := strings.Cut(s, ":"); ok {
		host, port = h, p
		if p == "" {
			return "", 0, errSyntax
		}
	}
	if host == "" || host[0] != '[' && !every(host, func(c byte) bool { return alnum(c) || c == '-' || c == '.' || c == '_' }) {
		return "", 0, errSyntax
	}
	if port == "" {
		return strings.ToLower(host), 0, nil
	}
	if !digits(port) {
		return "", 0, errSyntax
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", 0, errSyntax
	}
	return strings.ToLower(host), int(n), nil
}

// Address is a name-addr or addr-spec with parameters, as From, To, Contact
// and Route hold.
type Address struct {
	Display string // without quotes
	URI     URI
	Params  Params
}

// Tag returns the tag parameter.
func (a Address) Tag() string { t, _ := a.Params.Get("tag"); return t }

// WithTag returns a copy with a tag.
func (a Address) WithTag(tag string) Address { a.Params = a.Params.With("tag", tag); return a }

// String writes the address with brackets.
func (a Address) String() string {
	s := "<" + a.URI.String() + ">" + a.Params.String()
	if a.Display != "" {
		return Quote(a.Display) + " " + s
	}
	return s
}

// ParseAddress reads one address that is the whole of v.
func ParseAddress(v string) (Address, error) {
	s := &scan{s: v}
	s.space()
	var a Address
	bracketed := false
	if !s.end() && s.s[s.i] == '"' {
		q, err := s.quoted()
		if err != nil {
			return a, err
		}
		a.Display = Unquote(q)
		s.space()
		bracketed = true
	} else if lt := strings.IndexByte(s.s[s.i:], '<'); lt >= 0 {
		name := strings.TrimSpace(s.s[s.i : s.i+lt])
		for word := range strings.FieldsSeq(name) {
			if !isToken(word) {
				return a, errSyntax
			}
		}
		a.Display = name
		s.i += lt
		bracketed = true
	}
	var uri string
	if bracketed {
		if s.end() || s.s[s.i] != '<' {
			return a, errSyntax
		}
		end := strings.IndexByte(s.s[s.i:], '>')
		if end < 0 {
			return a, errSyntax
		}
		uri = s.s[s.i+1 : s.i+end]
		s.i += end + 1
	} else {
		// Without brackets everything after ; belongs to the field, and the
		// URI may hold neither , nor ? nor ; (RFC 3261 section 20).
		uri = s.while(func(c byte) bool { return c != ';' && c != ' ' && c != '\t' })
		if strings.ContainsAny(uri, "?,") {
			return a, errSyntax
		}
	}
	var err error
	if a.URI, err = ParseURI(uri); err != nil {
		return a, err
	}
	if a.Params, err = s.params(); err != nil {
		return a, err
	}
	s.space()
	if !s.end() {
		return a, errSyntax
	}
	return a, nil
}
