package whatsapp

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// WhatsApp has no formatting entities: customers and businesses write
// *bold*, _italic_, ~strike~, `code`, ```pre``` and "> quote":
// https://faq.whatsapp.com/539178204879377

const fence = "```"

// signOf is the character around a formatted part.
func signOf(t channel.MarkType) rune {
	switch t {
	case channel.Bold:
		return '*'
	case channel.Italic:
		return '_'
	case channel.Strike:
		return '~'
	case channel.Code:
		return '`'
	case channel.Underline, channel.Pre, channel.Quote, channel.Link, channel.Spoiler, channel.Mention:
	}
	return 0
}

func markOf(sign rune) channel.MarkType {
	switch sign {
	case '*':
		return channel.Bold
	case '_':
		return channel.Italic
	case '~':
		return channel.Strike
	case '`':
		return channel.Code
	}
	return ""
}

// wordy characters next to a sign on its outer side make it an ordinary
// character: snake_case, 2*3*4.
func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// units is a text's length in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// reader turns markup into text and marks.
type reader struct {
	out   strings.Builder
	at    int // length of out in UTF-16 units
	marks []channel.Mark
	quote int    // index of the latest quote among marks, -1: none
	open  string // the signs that the text being read is within
}

// parse reads WhatsApp's markup.
func parse(s string) (string, []channel.Mark) {
	if !strings.ContainsAny(s, "*_~`>") {
		return s, nil
	}
	p := &reader{quote: -1}
	p.blocks(s)
	slices.SortStableFunc(p.marks, outerFirst)
	return p.out.String(), p.marks
}

func outerFirst(a, b channel.Mark) int {
	return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
}

func (p *reader) emit(s string) {
	p.out.WriteString(s)
	p.at += units(s)
}

func (p *reader) mark(t channel.MarkType, start int) {
	if p.at > start {
		p.marks = append(p.marks, channel.Mark{Type: t, Offset: start, Length: p.at - start})
	}
}

// blocks cuts out the fenced parts, which may span lines.
func (p *reader) blocks(s string) {
	for {
		before, rest, ok := strings.Cut(s, fence)
		inside, after, closed := strings.Cut(rest, fence)
		if !ok || !closed || strings.TrimSpace(inside) == "" {
			p.lines(s)
			return
		}
		p.lines(before)
		start := p.at
		p.emit(inside)
		p.mark(channel.Pre, start)
		s = after
	}
}

// lines reads quotes, which begin at a line's start.
func (p *reader) lines(s string) {
	first := p.at == 0 || strings.HasSuffix(p.out.String(), "\n")
	for i, line := range strings.SplitAfter(s, "\n") {
		body, newline := strings.CutSuffix(line, "\n")
		quoted, ok := strings.CutPrefix(body, "> ")
		if ok && (i > 0 || first) && strings.TrimSpace(quoted) != "" {
			p.quotes(quoted)
		} else {
			p.inline([]rune(body))
		}
		if newline {
			p.emit("\n")
		}
	}
}

// quotes reads a quoted line; neighbouring ones are one quote.
func (p *reader) quotes(line string) {
	start := p.at
	p.inline([]rune(line))
	if p.quote >= 0 {
		if m := &p.marks[p.quote]; m.Offset+m.Length == start-1 {
			m.Length = p.at - m.Offset
			return
		}
	}
	p.quote = len(p.marks)
	p.mark(channel.Quote, start)
}

// inline reads the parts within a line. It stays linear whatever is typed: a
// sign is not looked for within its like, nor again once it has no end.
func (p *reader) inline(s []rune) {
	plain, endless := 0, p.open
	for i := 0; i < len(s); i++ {
		kind := markOf(s[i])
		if kind == "" || strings.ContainsRune(endless, s[i]) || (i > 0 && (wordy(s[i-1]) || s[i-1] == s[i])) {
			continue
		}
		end := closing(s, i)
		if end < 0 {
			continue
		}
		if end == len(s) {
			endless += string(s[i])
			continue
		}
		p.emit(string(s[plain:i]))
		start := p.at
		if kind == channel.Code {
			p.emit(string(s[i+1 : end]))
		} else {
			outside := p.open
			p.open += string(s[i])
			p.inline(s[i+1 : end])
			p.open = outside
		}
		p.mark(kind, start)
		i, plain = end, end+1
	}
	p.emit(string(s[plain:]))
}

// closing finds the sign that ends the part opened at i: -1 if i opens
// nothing, len(s) if no such sign comes any more.
func closing(s []rune, i int) int {
	sign := s[i]
	if i+2 >= len(s) || unicode.IsSpace(s[i+1]) || s[i+1] == sign {
		return -1
	}
	for j := i + 2; j < len(s); j++ {
		if s[j] == sign && !unicode.IsSpace(s[j-1]) && (j+1 == len(s) || (!wordy(s[j+1]) && s[j+1] != sign)) {
			return j
		}
	}
	return len(s)
}
