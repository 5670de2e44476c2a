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
	defaultLocale  = "ru"
	defaultCountry = "RU"
)

// NormaliseEmail returns the form addresses are compared in.
func NormaliseEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func checkEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	addr, err := mail.ParseAddress(email)
	if err != nil || addr.Address != email || len(email) > maxEmail || !strings.Contains(email, "@") {
		return "", fault.New(fault.Invalid, "user.bad_email").WithField("email")
	}
	return email, nil
}

// CheckName trims a name that people see and refuses empty, endless and
// invisible ones.
func CheckName(field, name string) (string, error) {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		// Control characters and direction overrides would let a name pretend
		// to be another.
		if unicode.IsControl(r) || (unicode.Is(unicode.Cf, r) && r != '\u200d') {
			return -1
		}
		return r
	}, name))
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
