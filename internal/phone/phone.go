// Package phone reads telephone numbers as people write them and returns the
// one form they are compared and dialled in: E.164.
package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/okno-hq/okno/internal/fault"
)

// ErrMalformed says that a text is not a telephone number.
var ErrMalformed = fault.New(fault.Invalid, "phone.malformed")

// maxInput bounds what is looked at; the longest number written with
// brackets, spaces and an extension is far shorter.
const maxInput = 64

// Normalise reads a number written nationally for a country (ISO 3166) or
// internationally, and returns it as E.164: "8 (912) 345-67-89",
// "+7 912 345-67-89" and "9123456789" are all "+79123456789" in Russia.
func Normalise(raw, country string) (string, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > maxInput {
		return "", ErrMalformed
	}
	n, err := phonenumbers.Parse(raw, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		// International numbers are often written without the plus.
		if d := Digits(raw); !strings.HasPrefix(raw, "+") && len(d) >= 10 {
			if m, err2 := phonenumbers.Parse("+"+d, ""); err2 == nil && phonenumbers.IsValidNumber(m) {
				return phonenumbers.Format(m, phonenumbers.E164), nil
			}
		}
		return "", ErrMalformed.Because(err)
	}
	if !phonenumbers.IsValidNumber(n) && !strings.HasPrefix(raw, "+") {
		if d := Digits(raw); len(d) >= 10 {
			if m, err := phonenumbers.Parse("+"+d, ""); err == nil && phonenumbers.IsValidNumber(m) {
				n = m
			}
		}
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// Display writes an E.164 number for people: "+7 912 345-67-89".
func Display(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// Digits keeps the ASCII digits of a text.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
