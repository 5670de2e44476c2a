package message

import (
	"strconv"
	"strings"
)

// Cookie begins every branch made after RFC 3261 (section 8.1.1.7).
const Cookie = "z9hG4bK"

// Via is one hop of a message's way back.
type Via struct {
	Transport string // upper case: UDP, TCP, TLS, WS, WSS …
	Host      string
	Port      int
	Params    Params
}

// Branch returns the branch parameter.
func (v Via) Branch() string { b, _ := v.Params.Get("branch"); return b }

// SentBy returns host[:port].
func (v Via) SentBy() string {
	if v.Port == 0 {
		return v.Host
	}
	return v.Host + ":" + strconv.Itoa(v.Port)
}

// String writes the hop.
func (v Via) String() string {
	return Version + "/" + v.Transport + " " + v.SentBy() + v.Params.String()
}

// ParseVia reads one hop.
func ParseVia(value string) (Via, error) {
	s := &scan{s: value}
	s.space()
	if !strings.EqualFold(s.while(tokenChar), "SIP") || !s.take('/') {
		return Via{}, errSyntax
	}
	if version := s.while(tokenChar); version != "2.0" || !s.take('/') {
		return Via{}, errSyntax
	}
	v := Via{Transport: strings.ToUpper(s.while(tokenChar))}
	at := s.i
	s.space()
	if v.Transport == "" || s.i == at {
		return Via{}, errSyntax
	}
	host := s.while(func(c byte) bool { return c != ';' && c != ' ' && c != '\t' && c != ',' })
	if s.take(':') { // space is allowed around the colon
		host += ":" + s.while(func(c byte) bool { return c >= '0' && c <= '9' })
	} else if strings.HasSuffix(host, ":") {
		s.space()
		host += s.while(func(c byte) bool { return c >= '0' && c <= '9' })
	}
	var err error
	if v.Host, v.Port, err = parseHostPort(host); err != nil {
		return Via{}, err
	}
	if v.Params, err = s.params(); err != nil {
		return Via{}, err
	}
	if !s.end() {
		return Via{}, errSyntax
	}
	return v, nil
}

func parseCSeq(v string) (uint32, string, error) {
	num, method, ok := strings.Cut(strings.TrimSpace(v), " ")
	method = strings.TrimSpace(method)
	n, err := strconv.ParseUint(num, 10, 32)
	if !ok || err != nil || !digits(num) || n > 1<<31-1 || !isToken(method) {
		return 0, "", errSyntax
	}
	return uint32(n), method, nil
}

// Replaces is what a Replaces field names (RFC 3891).
type Replaces struct {
	CallID, ToTag, FromTag string
	EarlyOnly              bool
}

// ParseReplaces reads a Replaces value.
func ParseReplaces(v string) (Replaces, bool) {
	id, rest, _ := strings.Cut(v, ";")
	s := &scan{s: ";" + rest}
	params, err := s.params()
	r := Replaces{CallID: strings.TrimSpace(id), EarlyOnly: params.Has("early-only")}
	r.ToTag, _ = params.Get("to-tag")
	r.FromTag, _ = params.Get("from-tag")
	return r, err == nil && s.end() && r.CallID != "" && r.ToTag != "" && r.FromTag != ""
}

// String writes the value.
func (r Replaces) String() string {
	s := r.CallID + ";to-tag=" + r.ToTag + ";from-tag=" + r.FromTag
	if r.EarlyOnly {
		s += ";early-only"
	}
	return s
}

// Challenge is a scheme with its parameters, as in WWW-Authenticate and
// Authorization (RFC 7616).
type Challenge struct {
	Scheme string // "Digest"
	Params Params
}

// ParseChallenge reads "Scheme name=value, …".
func ParseChallenge(v string) (Challenge, bool) {
	scheme, rest, _ := strings.Cut(strings.TrimSpace(v), " ")
	c := Challenge{Scheme: scheme}
	if !isToken(scheme) {
		return c, false
	}
	for _, item := range splitList(rest) {
		s := &scan{s: strings.TrimSpace(item)}
		name := s.while(tokenChar)
		if name == "" || !s.take('=') {
			return c, false
		}
		var value string
		if !s.end() && s.s[s.i] == '"' {
			var err error
			if value, err = s.quoted(); err != nil {
				return c, false
			}
		} else {
			value = s.while(func(b byte) bool { return b > ' ' && b < 0x7f })
		}
		if s.space(); !s.end() {
			return c, false
		}
		c.Params = append(c.Params, Param{strings.ToLower(name), value})
	}
	return c, len(c.Params) > 0
}

// String writes the value.
func (c Challenge) String() string {
	parts := make([]string, len(c.Params))
	for i, p := range c.Params {
		parts[i] = p.Name + "=" + p.Value
	}
	return c.Scheme + " " + strings.Join(parts, ", ")
}
