package phone_test

import (
	"testing"

	"github.com/okno-hq/okno/internal/phone"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, country, want string }{
		{"8 (912) 345-67-89", "RU", "+79123456789"},
		{"+7 912 345 67 89", "RU", "+79123456789"},
		{"9123456789", "RU", "+79123456789"},
		{"79123456789", "RU", "+79123456789"},
		{"+7(912)3456789", "DE", "+79123456789"},
		{"8-495-111-22-33", "RU", "+74951112233"},
		{"030 901820", "DE", "+4930901820"},
		{"+49 30 901820", "RU", "+4930901820"},
		{"8 777 123 45 67", "KZ", "+77771234567"},
	} {
		got, err := phone.Normalise(c.raw, c.country)
		if err != nil || got != c.want {
			t.Errorf("Normalise(%q, %s) = %q, %v; want %q", c.raw, c.country, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "   ", "hello", "12", "+", "++7", "\x00", "a9123456789b9123456789a9123456789b9123456789a9123456789b9123456789"} {
		if got, err := phone.Normalise(bad, "RU"); err == nil {
			t.Errorf("Normalise(%q) = %q, want an error", bad, got)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("8 (912) 345-67-89")
	f.Add("+7912")
	f.Fuzz(func(t *testing.T, raw string) {
		n, err := phone.Normalise(raw, "RU")
		if err != nil {
			return
		}
		again, err := phone.Normalise(n, "RU")
		if err != nil || again != n {
			t.Errorf("Normalise(%q) = %q, and of that %q, %v", raw, n, again, err)
		}
	})
}
