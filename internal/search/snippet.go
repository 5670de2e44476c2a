package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Part is a part of a snippet; Hit marks what was searched for.
type Part struct {
	Text string
	Hit  bool
}

const (
	// snippetRunes is how long a snippet is, leadRunes how much of it may come
	// before the first hit.
	snippetRunes = 160
	leadRunes    = 40
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// Snippet cuts out of the first text that has something of a match the place
// where it is, with the hits marked. ok is false if no text has any; then the
// snippet is the first text's beginning.
func (a *Analyzer) Snippet(m Match, texts []string) (parts []Part, ok bool) {
	phrases := m.phrases()
	first := ""
	for _, t := range texts {
		if first == "" {
			first = t
		}
		if hits := a.hits(phrases, t); len(hits) > 0 {
			return cut(t, hits), true
		}
	}
	return cut(first, nil), false
}

// hits finds what is searched for in a text, in order, without overlaps.
func (a *Analyzer) hits(phrases []Node, text string) []span {
	tokens := tokenise(text)
	stems := make([]string, len(tokens))
	for i, t := range tokens {
		stems[i] = a.stem(t.raw)
	}
	var found []span
	for _, p := range phrases {
		for i := 0; i+len(p.Words) <= len(stems); i++ {
			if begins(stems[i:], p) {
				found = append(found, span{tokens[i].start, tokens[i+len(p.Words)-1].end})
			}
		}
	}
	for _, n := range numbers(text, tokens) {
		for _, at := range numberWords(tokens, n) {
			for _, w := range at.words() {
				if slices.ContainsFunc(phrases, func(p Node) bool { return len(p.Words) == 1 && begins([]string{w}, p) }) {
					found = append(found, span{tokens[at.first].start, tokens[at.last].end})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	var out []span
	for _, s := range found {
		if n := len(out); n > 0 && s.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// begins reports whether the words begin with a phrase.
func begins(words []string, p Node) bool {
	n := len(p.Words)
	if n == 0 || len(words) < n {
		return n == 0
	}
	whole := n
	if p.Prefix {
		whole--
	}
	return slices.Equal(words[:whole], p.Words[:whole]) && (!p.Prefix || strings.HasPrefix(words[n-1], p.Words[n-1]))
}

// cut returns a window of a text with its hits marked, on one line.
func cut(text string, hits []span) []Part {
	start := 0
	if len(hits) > 0 && runes(text) > snippetRunes {
		start = back(text, hits[0].start, leadRunes)
	}
	end := forth(text, start, snippetRunes)
	var parts []Part
	add := func(s string, hit bool) {
		if s = oneLine(s); s == "" {
			return
		}
		if n := len(parts); n > 0 && parts[n-1].Hit == hit {
			parts[n-1].Text += s
			return
		}
		parts = append(parts, Part{s, hit})
	}
	if start > 0 {
		add("…", false)
	}
	at := start
	for _, h := range hits {
		if h.start >= end {
			break
		}
		stop := min(h.end, end)
		add(text[at:h.start], false)
		add(text[h.start:stop], true)
		at = stop
	}
	add(text[at:end], false)
	if end < len(text) {
		add("…", false)
	}
	return parts
}

// back goes n runes back from a place, to the beginning of a word.
func back(text string, at, n int) int {
	if runes(text[:at]) <= n {
		return 0
	}
	from := at
	for range n {
		_, size := utf8.DecodeLastRuneInString(text[:from])
		from -= size
	}
	if i := strings.IndexFunc(text[from:at], unicode.IsSpace); i >= 0 {
		_, size := utf8.DecodeRuneInString(text[from+i:])
		return from + i + size
	}
	return from
}

// forth goes n runes on from a place, back to the end of a word if one is
// near.
func forth(text string, from, n int) int {
	at := from
	for i := 0; i < n && at < len(text); i++ {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	if at == len(text) {
		return at
	}
	if i := strings.LastIndexFunc(text[from:at], unicode.IsSpace); i > (at-from)*3/4 {
		return from + i
	}
	return at
}

// oneLine makes every run of white space one space and drops what cannot be
// seen or turns the line round.
func oneLine(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			continue
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}
