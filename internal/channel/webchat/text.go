package webchat

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// Limits of what a visitor types.
const (
	MaxText  = 10_000 // UTF-16 units of a message
	maxField = 120    // runes of a name
)

// units is a text's length in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// clean makes a typed text valid: no broken UTF-8, no control characters but
// line breaks and tabs, no overrides of the writing direction (which make a
// text read differently from what it is). Joiners and marks stay: emoji and
// scripts need them.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == '\uFEFF':
			return -1
		}
		return r
	}, s)
}

// line is clean for what is one line.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, clean(s))
}

// blank says whether nothing of a text can be seen.
func blank(s string) bool {
	for _, r := range s {
		if unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Mn, r) {
			switch r {
			case '\u115F', '\u1160', '\u3164', '\uFFA0', '\u2800': // letters that are drawn as nothing
				continue
			}
			return false
		}
	}
	return true
}

// shorten cuts a text to n runes.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// cleanProfile checks and tidies what a visitor says of himself.
func cleanProfile(p visitor.Profile) (visitor.Profile, error) {
	p.Name, p.Phone, p.Email = strings.TrimSpace(line(p.Name)), strings.TrimSpace(line(p.Phone)), strings.TrimSpace(line(p.Email))
	if blank(p.Name) {
		p.Name = ""
	}
	if utf8.RuneCountInString(p.Name) > maxField {
		return p, fault.New(fault.Invalid, "widget.name_too_long").WithField("name").With("limit", maxField)
	}
	if p.Phone != "" {
		digits := 0
		for _, r := range p.Phone {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case !strings.ContainsRune("+-() .\u00a0", r):
				return p, fault.New(fault.Invalid, "widget.phone_invalid").WithField("phone")
			}
		}
		if digits < 5 || digits > 15 || len(p.Phone) > 40 {
			return p, fault.New(fault.Invalid, "widget.phone_invalid").WithField("phone")
		}
	}
	if p.Email != "" {
		a, err := mail.ParseAddress(p.Email)
		if err != nil || a.Address != p.Email || len(p.Email) > 254 || !strings.Contains(p.Email[strings.LastIndexByte(p.Email, '@'):], ".") {
			return p, fault.New(fault.Invalid, "widget.email_invalid").WithField("email")
		}
	}
	return p, nil
}
