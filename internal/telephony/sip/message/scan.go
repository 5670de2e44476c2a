package message

import (
	"errors"
	"strings"
)

var errSyntax = errors.New("syntax") //nolint:gochecknoglobals // a sentinel

// tokenChar reports whether c may be in a token (RFC 3261 section 25.1).
func tokenChar(c byte) bool {
	return alnum(c) || strings.IndexByte("-.!%*_+`'~", c) >= 0
}

func alnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isToken(s string) bool { return s != "" && every(s, tokenChar) }

func every(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	return s != "" && every(s, func(c byte) bool { return c >= '0' && c <= '9' })
}

// scan walks over a field's value whose folding has been undone.
type scan struct {
	s string
	i int
}

func (s *scan) space() {
	for s.i < len(s.s) && (s.s[s.i] == ' ' || s.s[s.i] == '\t') {
		s.i++
	}
}

func (s *scan) end() bool { return s.i >= len(s.s) }

// take consumes c with the space allowed around separators.
func (s *scan) take(c byte) bool {
	at := s.i
	s.space()
	if s.i < len(s.s) && s.s[s.i] == c {
		s.i++
		s.space()
		return true
	}
	s.i = at
	return false
}

func (s *scan) while(ok func(byte) bool) string {
	start := s.i
	for s.i < len(s.s) && ok(s.s[s.i]) {
		s.i++
	}
	return s.s[start:s.i]
}

// quoted consumes a quoted string, quotes included, and returns it as written.
func (s *scan) quoted() (string, error) {
	if s.end() || s.s[s.i] != '"' {
		return "", errSyntax
	}
	start := s.i
	for s.i++; s.i < len(s.s); s.i++ {
		switch c := s.s[s.i]; {
		case c == '\\':
			if s.i++; s.i >= len(s.s) || s.s[s.i] > 0x7f {
				return "", errSyntax
			}
		case c == '"':
			s.i++
			return s.s[start:s.i], nil
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", errSyntax
		}
	}
	return "", errSyntax
}

// params consumes ";name[=value]…" to the end of the value.
func (s *scan) params() (Params, error) {
	var all Params
	for s.take(';') {
		name := s.while(tokenChar)
		if name == "" {
			return nil, errSyntax
		}
		p := Param{Name: strings.ToLower(name)}
		if s.take('=') {
			var err error
			if p.Value, err = s.paramValue(); err != nil {
				return nil, err
			}
		}
		all = append(all, p)
	}
	return all, nil
}

func (s *scan) paramValue() (string, error) {
	if s.i < len(s.s) && s.s[s.i] == '"' {
		return s.quoted()
	}
	v := s.while(func(c byte) bool { return tokenChar(c) || c == '[' || c == ']' || c == ':' })
	if v == "" {
		return "", errSyntax
	}
	return v, nil
}

// splitList cuts a value at the commas that are outside quotes and brackets.
func splitList(v string) []string {
	if strings.IndexByte(v, ',') < 0 {
		return []string{v}
	}
	var parts []string
	start, inQuote, inAngle := 0, false, false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case inQuote && c == '\\':
			i++
		case c == '"' && !inAngle:
			inQuote = !inQuote
		case inQuote:
		case c == '<':
			inAngle = true
		case c == '>':
			inAngle = false
		case c == ',' && !inAngle:
			parts = append(parts, v[start:i])
			start = i + 1
		}
	}
	return append(parts, v[start:])
}

// Param is one parameter; Value is as written, with quotes if it had any.
type Param struct{ Name, Value string }

// Params are the parameters of a field or URI in order; names are lower case.
type Params []Param

// Get returns a parameter's value without quotes and whether it is there.
func (p Params) Get(name string) (string, bool) {
	for i := range p {
		if p[i].Name == name {
			return Unquote(p[i].Value), true
		}
	}
	return "", false
}

// Has reports whether a parameter is there.
func (p Params) Has(name string) bool { _, ok := p.Get(name); return ok }

// With returns a copy in which a parameter has a value.
func (p Params) With(name, value string) Params {
	c := append(Params(nil), p...)
	for i := range c {
		if c[i].Name == name {
			c[i].Value = value
			return c
		}
	}
	return append(c, Param{name, value})
}

// Without returns a copy without a parameter.
func (p Params) Without(name string) Params {
	var c Params
	for _, q := range p {
		if q.Name != name {
			c = append(c, q)
		}
	}
	return c
}

// String writes ";name=value…".
func (p Params) String() string {
	var b strings.Builder
	for _, q := range p {
		b.WriteByte(';')
		b.WriteString(q.Name)
		if q.Value != "" {
			b.WriteByte('=')
			b.WriteString(q.Value)
		}
	}
	return b.String()
}

// Unquote returns the text of a quoted string, or s itself.
func Unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Quote writes a quoted string; what cannot be in one is left out.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7f {
			continue
		}
		if c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteByte('"')
	return b.String()
}
