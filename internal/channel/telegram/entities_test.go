package telegram_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/telegram"
)

func markTypes() []channel.MarkType {
	return []channel.MarkType{
		channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Link, channel.Spoiler,
		channel.Mention, "unknown",
	}
}

// TestEntitiesAreTakeable: whatever an editor marks, the platform gets
// entities within the text that cut no character and nest.
func TestEntitiesAreTakeable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"а", "b", " ", "😀", "👨‍👩‍👧", "\n", "e\u0301"}), 0, 12).Draw(t, "text"), "")
		encoded := utf16.Encode([]rune(text))
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) channel.Mark {
			return channel.Mark{
				Type: rapid.SampledFrom(markTypes()).Draw(t, "type"), Offset: rapid.IntRange(-3, 20).Draw(t, "offset"),
				Length: rapid.IntRange(-2, 20).Draw(t, "length"), URL: rapid.SampledFrom([]string{"https://x.example", "", "javascript:1"}).Draw(t, "url"),
			}
		}), 0, 6).Draw(t, "marks")
		got := telegram.EntitiesOf(text, list)
		bold := make([]bool, len(encoded))
		for i, e := range got {
			end := e.Offset + e.Length
			if e.Offset < 0 || e.Length <= 0 || end > len(encoded) {
				t.Fatalf("%+v outside of %d units", e, len(encoded))
			}
			for _, at := range []int{e.Offset, end} {
				if at < len(encoded) && utf16.IsSurrogate(rune(encoded[at])) && encoded[at] >= 0xDC00 {
					t.Fatalf("%+v cuts a character of %q", e, text)
				}
			}
			if e.Type == "text_link" && e.URL != "https://x.example" {
				t.Fatalf("a link to %q", e.URL)
			}
			for _, other := range got[:i] {
				otherEnd := other.Offset + other.Length
				if other.Offset < e.Offset && e.Offset < otherEnd && otherEnd < end {
					t.Fatalf("%+v and %+v overlap", other, e)
				}
			}
			if e.Type == "bold" {
				for j := e.Offset; j < end; j++ {
					bold[j] = true
				}
			}
		}
		for _, m := range list { // every marked character stays marked
			for j := max(m.Offset, 0); m.Type == channel.Bold && j < min(m.Offset+m.Length, len(encoded)); j++ {
				if !bold[j] {
					t.Fatalf("unit %d of %q is bold no longer: %+v became %+v", j, text, list, got)
				}
			}
		}
	})
}

// TestMarksRoundTrip: well-formed marks come back as they were.
func TestMarksRoundTrip(t *testing.T) {
	text := "😀 один два три"
	for _, kind := range markTypes() {
		if kind == channel.Mention || kind == "unknown" {
			continue
		}
		m := channel.Mark{Type: kind, Offset: 3, Length: 4}
		if kind == channel.Link {
			m.URL = "https://x.example/?a=1&b=2"
		}
		if got := telegram.Marks(text, telegram.EntitiesOf(text, []channel.Mark{m})); !slices.Equal(got, []channel.Mark{m}) {
			t.Errorf("%+v came back as %+v", m, got)
		}
	}
}

func TestChatKeys(t *testing.T) {
	for _, key := range []string{"501", "501:7", "bc:bc_9x:601", "bc:a:b:601", "-100123", "-100123:7", "-100123:dm:601"} {
		c, err := telegram.ParseChat(key)
		if err != nil || c.Key() != key {
			t.Errorf("%q became %q, error %v", key, c.Key(), err)
		}
	}
	for _, key := range []string{"", "0", "x", "bc:", "bc::601", "bc:x", "bc:x:", "501:", "501:x", "501:0", "1:2:3", "-1:dm:", "-1:dm:0", "9999999999999999999"} {
		if c, err := telegram.ParseChat(key); err == nil {
			t.Errorf("%q is taken as %+v", key, c)
		}
	}
}
