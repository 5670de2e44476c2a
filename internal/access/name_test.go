package access_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

func TestCheckName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Анна Петрова", "Анна Петрова"},
		{"  Анна \t  Петрова\n", "Анна Петрова"},
		{"Анна\u2028Петрова", "Анна Петрова"},
		{"Анна\u00a0Петрова", "Анна Петрова"},
		{"\u202eавортеП\u202c Анна", "авортеП Анна"},
		{"\u2066Анна\u2069", "Анна"},
		{"А\u200bн\u200cн\u2060а\ufeff", "Анна"},
		{"Анна\u200d", "Анна"},
		{"Ан\u200dна", "Анна"},
		{"Анна\u3164", "Анна"},
		{"Анна\u2800Петрова", "Анна Петрова"},
		{"А\x00н\x1bна\u0085", "Анна"},
		{"Анна\xff", "Анна"},
		{"Семья 👩\u200d👩\u200d👧", "Семья 👩\u200d👩\u200d👧"},
		{"क्\u200dष", "क्\u200dष"},
		{"علي", "علي"},
		{"Zoë ❤️", "Zoë ❤️"},
		{strings.Repeat("я", 120), strings.Repeat("я", 120)},
	} {
		got, err := access.CheckName("name", c.in)
		if err != nil || got != c.want {
			t.Errorf("CheckName(%q) = %q, %v, want %q", c.in, got, err, c.want)
		}
	}
	for in, code := range map[string]string{
		"": "name.empty", " \t\n": "name.empty", "\u200b\u200d\u2060": "name.empty", "\u202e": "name.empty",
		"\u3164\u3164": "name.empty", "\u2800": "name.empty", "\ufe0f": "name.empty", "\u200d\u0301": "name.empty",
		strings.Repeat("я", 121): "name.too_long", strings.Repeat("x", 100_000): "name.too_long",
	} {
		if got, err := access.CheckName("name", in); fault.CodeOf(err) != code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("CheckName(%.20q) = %q, %v, want %s", in, got, err, code)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"Анна", "👩\u200d👧", "\u202ex", "\u200d", "a\u0301", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, err := access.CheckName("name", in)
		if err != nil {
			return
		}
		if !utf8.ValidString(name) || strings.TrimSpace(name) != name || name == "" {
			t.Errorf("CheckName(%q) = %q", in, name)
		}
		for _, r := range name {
			if r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("CheckName(%q) keeps %U", in, r)
			}
		}
		if again, err := access.CheckName("name", name); err != nil || again != name {
			t.Errorf("CheckName(%q) = %q, and of that %q, %v", in, name, again, err)
		}
	})
}

func TestPermissions(t *testing.T) {
	seen := map[access.Permission]bool{}
	for _, p := range access.Permissions() {
		if seen[p] || !p.Known() {
			t.Errorf("permission %s: twice, or not known", p)
		}
		seen[p] = true
	}
	// Each built-in role allows what the lesser one does.
	keys := access.RoleKeys()
	for i := 1; i < len(keys); i++ {
		a := access.NewActor(access.User{}, keys[i].Default())
		for _, p := range keys[i-1].Default() {
			if err := a.Require(p); err != nil {
				t.Errorf("%s may not %s, but %s may", keys[i], p, keys[i-1])
			}
		}
	}
	for _, p := range access.Permissions() {
		if err := (access.Actor{}).Require(p); fault.KindOf(err) != fault.Denied {
			t.Errorf("nobody may %s: %v", p, err)
		}
	}
}
