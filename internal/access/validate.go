package access

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/fault"
)

// Limits of what people type.
const (
	maxName        = 120
	maxEmail       = 254
	minPassword    = 8
	maxPassword    = 1024
	maxCapacity    = 10000
	maxTokenName   = 120
	maxAuditPage   = 200
	defaultLocale  = "ru"
	defaultCountry = "RU"
)

// NormaliseEmail returns the form addresses are compared in.
func NormaliseEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func checkEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	addr, err := mail.ParseAddress(email)
	if err != nil || addr.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, unseen) {
		return "", fault.New(fault.Invalid, "user.bad_email").WithField("email")
	}
	return email, nil
}

// visible drops what cannot be seen and would let a name pretend to be
// another: control characters, direction overrides, zero-width characters. A
// name of nothing else becomes empty.
func visible(name string) string {
	runes := []rune(strings.ToValidUTF8(name, ""))
	out := make([]rune, 0, len(runes))
	seen := false
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r) || r == '\u2800':
			r = ' ' // all kinds of space look alike; so do line breaks in a list
		case r == zeroWidthJoiner:
			// It belongs within an emoji of several (family, profession) and
			// after a virama, and would be unseen elsewhere.
			if len(out) == 0 || i+1 == len(runes) || !unicode.In(out[len(out)-1], unicode.S, unicode.M) || unseen(runes[i+1]) {
				continue
			}
		case unseen(r):
			continue
		case !unicode.Is(unicode.M, r):
			seen = true
		}
		if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		out = append(out, r)
	}
	if !seen {
		return ""
	}
	return strings.TrimSpace(string(out))
}

const zeroWidthJoiner = '\u200d'

// unseen reports whether a character leaves no trace on the screen.
func unseen(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0', '\u2800':
		return true
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

// CheckName trims a name that people see and refuses empty, endless and
// invisible ones.
func CheckName(field, name string) (string, error) {
	name = visible(name)
	if name == "" {
		return "", fault.New(fault.Invalid, "name.empty").WithField(field)
	}
	if utf8.RuneCountInString(name) > maxName {
		return "", fault.New(fault.Invalid, "name.too_long").WithField(field).With("limit", maxName)
	}
	return name, nil
}

func checkPassword(password, email string) error {
	n := utf8.RuneCountInString(password)
	if n < minPassword {
		return ErrWeakPassword.WithField("password").With("limit", minPassword)
	}
	if len(password) > maxPassword {
		return fault.New(fault.Invalid, "user.password_too_long").WithField("password").With("limit", maxPassword)
	}
	if NormaliseEmail(password) == NormaliseEmail(email) {
		return ErrWeakPassword.WithField("password").With("limit", minPassword)
	}
	return nil
}

func checkLocale(locale string) (string, error) {
	switch locale {
	case "ru", "en":
		return locale, nil
	case "":
		return defaultLocale, nil
	}
	return "", fault.New(fault.Invalid, "locale.unknown").WithField("locale")
}

func checkTimezone(tz string) (string, error) {
	if tz == "" {
		return "Europe/Moscow", nil
	}
	if _, err := time.LoadLocation(tz); err != nil || tz == "Local" {
		return "", fault.New(fault.Invalid, "timezone.unknown").WithField("timezone")
	}
	return tz, nil
}

func checkCountry(c string) (string, error) {
	if c == "" {
		return defaultCountry, nil
	}
	if len(c) != 2 || c != strings.ToUpper(c) {
		return "", fault.New(fault.Invalid, "country.unknown").WithField("country")
	}
	return c, nil
}

func checkPermissions(ps []Permission) ([]Permission, error) {
	out := make([]Permission, 0, len(ps))
	for _, known := range Permissions() {
		for _, p := range ps {
			if p == known {
				out = append(out, p)
				break
			}
		}
	}
	for _, p := range ps {
		if !p.Known() {
			return nil, fault.New(fault.Invalid, "role.unknown_permission").WithField("permissions").With("permission", string(p))
		}
	}
	return out, nil
}

// Check says whether the settings are ones that exist.
func (s Settings) Check() error {
	if s.SendBy != "enter" && s.SendBy != "ctrl_enter" {
		return fault.New(fault.Invalid, "settings.unknown_value").WithField("send_by")
	}
	if s.Theme != "system" && s.Theme != "light" && s.Theme != "dark" {
		return fault.New(fault.Invalid, "settings.unknown_value").WithField("theme")
	}
	return nil
}
