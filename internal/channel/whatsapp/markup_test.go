package whatsapp_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/whatsapp"
)

func mark(t channel.MarkType, offset, length int) channel.Mark {
	return channel.Mark{Type: t, Offset: offset, Length: length}
}

func TestParse(t *testing.T) {
	b, i, s, c, p, q := channel.Bold, channel.Italic, channel.Strike, channel.Code, channel.Pre, channel.Quote
	tests := []struct {
		in, text string
		marks    []channel.Mark
	}{
		{"просто текст", "просто текст", nil},
		{"*важно*", "важно", []channel.Mark{mark(b, 0, 5)}},
		{"это *важно*, да", "это важно, да", []channel.Mark{mark(b, 4, 5)}},
		{"_а_ ~б~ `в`", "а б в", []channel.Mark{mark(i, 0, 1), mark(s, 2, 1), mark(c, 4, 1)}},
		{"*_оба_*", "оба", []channel.Mark{mark(i, 0, 3), mark(b, 0, 3)}},
		{"😀 *б*", "😀 б", []channel.Mark{mark(b, 3, 1)}},
		{"```a *b*\nc```", "a *b*\nc", []channel.Mark{mark(p, 0, 7)}},
		{"`a *b*`", "a *b*", []channel.Mark{mark(c, 0, 5)}},
		{"> раз\n> два\nтри", "раз\nдва\nтри", []channel.Mark{mark(q, 0, 7)}},
		{"> *раз*", "раз", []channel.Mark{mark(q, 0, 3), mark(b, 0, 3)}},
		{"a > b", "a > b", nil},
		{"2*3*4 snake_case_x", "2*3*4 snake_case_x", nil},
		{"* пункт *", "* пункт *", nil},
		{"*не\nзакрыто*", "*не\nзакрыто*", nil},
		{"**", "**", nil},
		{"***", "***", nil},
		{"``````", "``````", nil},
		{"*a", "*a", nil},
		{"a*", "a*", nil},
	}
	for _, tt := range tests {
		text, marks := whatsapp.Parse(tt.in)
		less := func(a, b channel.Mark) int { return strings.Compare(string(a.Type), string(b.Type)) }
		slices.SortFunc(marks, less)
		slices.SortFunc(tt.marks, less)
		if text != tt.text || !slices.Equal(marks, tt.marks) {
			t.Errorf("%q: %q %+v, want %q %+v", tt.in, text, marks, tt.text, tt.marks)
		}
	}
}

func TestRender(t *testing.T) {
	b, i := channel.Bold, channel.Italic
	tests := []struct {
		text  string
		marks []channel.Mark
		want  string
	}{
		{"важно", []channel.Mark{mark(b, 0, 5)}, "*важно*"},
		{"это важно ", []channel.Mark{mark(b, 3, 7)}, "это *важно* "},
		{"раз\nдва", []channel.Mark{mark(b, 0, 7)}, "*раз*\n*два*"},
		{"середина слова", []channel.Mark{mark(b, 2, 3)}, "середина слова"},
		{"a* b", []channel.Mark{mark(b, 0, 4)}, "a* b"},
		{"раз\nдва", []channel.Mark{mark(channel.Quote, 0, 7)}, "> раз\n> два"},
		{"раз\nдва", []channel.Mark{mark(channel.Pre, 0, 7), mark(b, 0, 3)}, "```раз\nдва```"},
		{"под черта", []channel.Mark{mark(channel.Underline, 0, 3), mark(channel.Spoiler, 4, 5)}, "под черта"},
		{"крест на крест", []channel.Mark{mark(b, 0, 8), mark(i, 6, 8)}, "*крест _на_* _крест_"},
		{"сайт", []channel.Mark{{Type: channel.Link, Length: 4, URL: "https://a.example/"}}, "сайт (https://a.example/)"},
		{"https://a.example/", []channel.Mark{{Type: channel.Link, Length: 18, URL: "https://a.example/"}}, "https://a.example/"},
		{"сайт и жирно", []channel.Mark{{Type: channel.Link, Length: 4, URL: "https://a.example/"}, mark(b, 7, 5)}, "сайт (https://a.example/) и *жирно*"},
		{"", []channel.Mark{mark(b, 0, 5)}, ""},
	}
	for _, tt := range tests {
		if got := whatsapp.Render(tt.text, tt.marks); got != tt.want {
			t.Errorf("%q %+v: %q, want %q", tt.text, tt.marks, got, tt.want)
		}
	}
}

// Whatever the marks, the words survive: what is read back is what was
// written, as it would be without the marks.
func TestMarksNeverCostWords(t *testing.T) {
	kinds := []channel.MarkType{
		channel.Bold, channel.Italic, channel.Strike, channel.Code, channel.Pre, channel.Quote, channel.Underline, channel.Spoiler,
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("аb1 \n*_~`>.😀-")), 0, 24, -1).Draw(t, "text")
		var marks []channel.Mark
		for range rapid.IntRange(0, 5).Draw(t, "count") {
			marks = append(marks, mark(rapid.SampledFrom(kinds).Draw(t, "kind"), rapid.IntRange(-2, 30).Draw(t, "offset"), rapid.IntRange(-2, 30).Draw(t, "length")))
		}
		want, _ := whatsapp.Parse(text)
		got, back := whatsapp.Parse(whatsapp.Render(text, marks))
		if got != want {
			t.Fatalf("%q with %+v reads back as %q", text, marks, got)
		}
		for _, m := range back {
			if m.Offset < 0 || m.Length <= 0 || m.Offset+m.Length > len([]rune(got))*2 {
				t.Fatalf("mark %+v outside of %q", m, got)
			}
		}
	})
}

// Marks over whole words without signs survive the way there and back.
func TestMarksSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[а-яa-z0-9]{1,6}`), 1, 6).Draw(t, "words")
		kinds := []channel.MarkType{channel.Bold, channel.Italic, channel.Strike, channel.Code, ""}
		var want []channel.Mark
		at := 0
		for _, w := range words {
			n := len([]rune(w))
			if k := rapid.SampledFrom(kinds).Draw(t, "kind"); k != "" {
				want = append(want, mark(k, at, n))
			}
			at += n + 1
		}
		text := strings.Join(words, " ")
		got, marks := whatsapp.Parse(whatsapp.Render(text, want))
		if got != text || !slices.Equal(marks, want) {
			t.Fatalf("%q %+v came back as %q %+v", text, want, got, marks)
		}
	})
}

// Signs without end must not be looked for again and again: that would take a
// minute here.
func TestParsingIsLinear(t *testing.T) {
	for _, unit := range []string{"*a ", "*_~", "*a* ", "_*a* ", "`", "> a\n", "> a\n\n", "```a", "*_~`a`~_* ", "* a", "*a_ "} {
		in := strings.Repeat(unit, (1<<18)/len(unit))
		start := time.Now()
		text, _ := whatsapp.Parse(in)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q took %s", unit, took)
		}
		if text == "" {
			t.Errorf("%q became nothing", unit)
		}
	}
}
