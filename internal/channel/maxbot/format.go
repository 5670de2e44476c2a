package maxbot

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// tags maps formatting to the platform's HTML:
// https://dev.max.ru/docs-api/use-cases/sending-messages/text-formatting
func tags() map[channel.MarkType]string {
	return map[channel.MarkType]string{
		channel.Bold: "b", channel.Italic: "i", channel.Underline: "u", channel.Strike: "s", channel.Code: "code",
		channel.Pre: "pre", channel.Quote: "blockquote", channel.Link: "a", channel.Mention: "a",
	}
}

// span is a mark that can be rendered, in runes.
type span struct {
	from, to  int
	tag, href string
}

// render writes a text and its marks for the platform. Without marks it is
// sent as it is, with them as HTML; format says which. Where HTML would be too
// long, the words go without decoration, but links are not lost silently.
func render(text string, marks []channel.Mark) (out, format string, err *channel.SendError) {
	if n := units(text); n > maxText {
		return "", "", refused(channel.ReasonTooBig, "the text is longer than 4000 characters")
	}
	runes := []rune(text)
	spans := spansOf(runes, marks)
	if len(spans) == 0 {
		return text, "", nil
	}
	rendered := markup2html(runes, spans)
	if units(rendered) <= maxText {
		return rendered, "html", nil
	}
	for _, s := range spans {
		if s.tag == "a" {
			return "", "", refused(channel.ReasonTooBig, "the text with its links is longer than 4000 characters")
		}
	}
	return text, "", nil
}

// spansOf keeps the marks that mean something, within the text, in runes.
func spansOf(runes []rune, marks []channel.Mark) []span {
	at := make([]int, 0, len(runes)+1) // rune by unit
	for i, r := range runes {
		for range utf16.RuneLen(r) {
			at = append(at, i)
		}
	}
	at = append(at, len(runes))
	known := tags()
	var out []span
	for _, m := range marks {
		from, to := max(m.Offset, 0), min(m.Offset+m.Length, len(at)-1)
		tag, ok := known[m.Type]
		if !ok || m.Length <= 0 || from >= to || (tag == "a" && m.URL == "") {
			continue
		}
		s := span{from: at[from], to: at[to], tag: tag}
		if tag == "a" {
			s.href = m.URL
		}
		if s.from < s.to && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	return out
}

// markup2html nests spans properly: one that overlaps another is closed and
// opened again.
func markup2html(runes []rune, spans []span) string {
	var b strings.Builder
	var open []span
	next := 0
	for i := 0; i <= len(runes); i++ {
		keep := slices.IndexFunc(open, func(s span) bool { return s.to <= i })
		var again []span
		if keep >= 0 {
			for j := len(open) - 1; j >= keep; j-- {
				b.WriteString("</" + open[j].tag + ">")
				if open[j].to > i {
					again = append([]span{open[j]}, again...)
				}
			}
			open = open[:keep]
		}
		for next < len(spans) && spans[next].from == i {
			again = append(again, spans[next])
			next++
		}
		for _, s := range again {
			b.WriteString("<" + s.tag)
			if s.href != "" {
				b.WriteString(` href="` + html.EscapeString(s.href) + `"`)
			}
			b.WriteString(">")
			open = append(open, s)
		}
		if i < len(runes) {
			b.WriteString(html.EscapeString(string(runes[i])))
		}
	}
	return b.String()
}
