package whatsapp

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// maxMarks bounds the work on one message; nobody formats that much by hand.
const maxMarks = 200

// span is a mark over runes rather than UTF-16 units.
type span struct {
	kind       channel.MarkType
	start, end int
}

// render writes a text with WhatsApp's markup. Markup has no escapes, so a
// mark that would not be understood (within a word, around its own sign) is
// left out: the words matter more than their weight.
func render(text string, marks []channel.Mark) string {
	text, spans := unlink(text, marks[:min(len(marks), maxMarks)])
	if len(spans) == 0 {
		return text
	}
	want, _ := parse(text)
	for {
		out := write([]rune(text), spans)
		if got, _ := parse(out); got == want {
			return out
		}
		if len(spans) == 0 {
			return text
		}
		spans = spans[:len(spans)-1]
	}
}

// unlink turns marks into spans and links into words with their address
// behind them.
func unlink(text string, marks []channel.Mark) (string, []span) {
	runes := []rune(text)
	index := make([]int, 0, len(runes)+1) // UTF-16 offset to rune
	for i, r := range runes {
		for range max(utf16.RuneLen(r), 1) {
			index = append(index, i)
		}
	}
	index = append(index, len(runes))
	var spans, links []span
	var urls []string
	for _, m := range marks {
		start := min(max(m.Offset, 0), len(index)-1)
		end := min(max(m.Offset+m.Length, start), len(index)-1)
		s := span{m.Type, index[start], index[end]}
		if s.start >= s.end {
			continue
		}
		if m.Type == channel.Link && m.URL != "" {
			links, urls = append(links, s), append(urls, m.URL)
			continue
		}
		spans = append(spans, s)
	}
	for i, l := range links {
		if string(runes[l.start:l.end]) == urls[i] {
			continue
		}
		insert := []rune(" (" + urls[i] + ")")
		runes = slices.Insert(runes, l.end, insert...)
		shift := func(s *span) {
			if s.start >= l.end {
				s.start += len(insert)
			}
			if s.end > l.end {
				s.end += len(insert)
			}
		}
		for j := range spans {
			shift(&spans[j])
		}
		for j := i + 1; j < len(links); j++ {
			shift(&links[j])
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	return string(runes), spans
}

// write puts the signs around the spans.
func write(text []rune, spans []span) string {
	var pres []span
	for _, s := range spans {
		if s.kind == channel.Pre && !slices.ContainsFunc(pres, s.touches) {
			pres = append(pres, s)
		}
	}
	var open, shut []span
	var quoted []int // starts of quoted lines
	for _, s := range spans {
		if s.kind == channel.Pre || slices.ContainsFunc(pres, s.touches) {
			continue
		}
		for _, line := range s.lines(text) {
			if s.kind == channel.Quote {
				if line.whole(text) && !slices.Contains(quoted, line.start) {
					quoted = append(quoted, line.start)
				}
				continue
			}
			open = append(open, line.fit(text, open)...)
		}
	}
	open = append(open, pres...)
	slices.SortStableFunc(open, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	var out strings.Builder
	next := 0
	for i := 0; i <= len(text); i++ {
		for len(shut) > 0 && shut[len(shut)-1].end == i {
			out.WriteString(shut[len(shut)-1].sign())
			shut = shut[:len(shut)-1]
		}
		if slices.Contains(quoted, i) {
			out.WriteString("> ")
		}
		for next < len(open) && open[next].start == i {
			out.WriteString(open[next].sign())
			shut = append(shut, open[next])
			next++
		}
		if i < len(text) {
			out.WriteRune(text[i])
		}
	}
	return out.String()
}

func (s span) sign() string {
	if s.kind == channel.Pre {
		return fence
	}
	return string(signOf(s.kind))
}

func (s span) touches(o span) bool { return s.start < o.end && o.start < s.end }

// lines cuts a span at line ends and trims spaces from each piece.
func (s span) lines(text []rune) []span {
	var out []span
	start := s.start
	for i := s.start; i <= s.end; i++ {
		if i < s.end && text[i] != '\n' {
			continue
		}
		a, b := start, i
		for a < b && unicode.IsSpace(text[a]) {
			a++
		}
		for b > a && unicode.IsSpace(text[b-1]) {
			b--
		}
		if a < b {
			out = append(out, span{s.kind, a, b})
		}
		start = i + 1
	}
	return out
}

// whole says whether a span is a line of its own.
func (s span) whole(text []rune) bool {
	return (s.start == 0 || text[s.start-1] == '\n') && (s.end == len(text) || text[s.end] == '\n')
}

// fit cuts an inline span so that it nests with those before it, and drops
// what cannot be written.
func (s span) fit(text []rune, before []span) []span {
	if signOf(s.kind) == 0 {
		return nil
	}
	pieces := []span{s}
	for _, b := range before {
		var cut []span
		for _, p := range pieces {
			cut = append(cut, p.around(b)...)
		}
		pieces = cut
	}
	var out []span
	for _, p := range pieces {
		for _, q := range p.lines(text) {
			if (q.start == 0 || !wordy(text[q.start-1])) && (q.end == len(text) || !wordy(text[q.end])) {
				out = append(out, q)
			}
		}
	}
	return out
}

// around cuts a span at the edges of an earlier one that it crosses. Nothing
// nests within code, and nothing within its like.
func (s span) around(b span) []span {
	if !s.touches(b) {
		return []span{s}
	}
	var out []span
	inner := b.kind != channel.Code && b.kind != s.kind && s.kind != channel.Code
	for _, p := range []span{{s.kind, s.start, b.start}, {s.kind, max(s.start, b.start), min(s.end, b.end)}, {s.kind, b.end, s.end}} {
		if p.start < p.end && (inner || p.end <= b.start || p.start >= b.end) {
			out = append(out, p)
		}
	}
	return out
}
