package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/fault"
)

// Limits of what people search for.
const (
	maxText = 500 // runes
	maxTerm = 32  // words
	// minPrefix is from how many letters on a word being typed finds longer
	// ones.
	minPrefix = 3
)

// Faults of this package.
var (
	ErrTooLong  = fault.New(fault.Invalid, "search.too_long").WithField("q").With("limit", maxText)
	ErrTooMany  = fault.New(fault.Invalid, "search.too_many_words").WithField("q").With("limit", maxTerm)
	ErrBadKind  = fault.New(fault.Invalid, "search.bad_kind").WithField("kind")
	ErrBadSort  = fault.New(fault.Invalid, "search.bad_sort").WithField("sort")
	ErrBadTimes = fault.New(fault.Invalid, "search.bad_times").WithField("to")
	// ErrBadCursor is a cursor that no search has given out.
	ErrBadCursor = fault.New(fault.Invalid, "cursor.malformed").WithField("cursor")
)

// Parse reads a query as people type it. Every word must be there, in any
// form; "words in quotes" one after another; a word with a minus before it
// must not be there. The last word, unless a space follows, may be unfinished.
// Telephone numbers are found in any formatting and by their last digits.
func (a *Analyzer) Parse(text string) (Match, error) {
	if runes(text) > maxText {
		return Match{}, ErrTooLong
	}
	var m Match
	terms := 0
	for _, p := range split(text) {
		tokens := tokenise(p.text)
		if terms += len(tokens); terms > maxTerm {
			return Match{}, ErrTooMany
		}
		var nodes []Node
		switch {
		case len(tokens) == 0:
			continue
		case p.quoted:
			nodes = []Node{a.phrase(tokens, p.open)}
		default:
			nodes = a.nodes(p.text, tokens, p.open && tokens[len(tokens)-1].end == len(p.text))
		}
		if p.minus {
			// What a minus takes away must be there as a whole.
			m.None = append(m.None, Node{All: nodes})
		} else {
			m.All = append(m.All, nodes...)
		}
	}
	return m, nil
}

// piece is a part of a query: words without quotes, or what quotes hold.
type piece struct {
	text          string
	quoted, minus bool
	// open means that the query ends with it: its last word may be unfinished.
	open bool
}

// split cuts a query into its pieces.
func split(text string) []piece {
	var out []piece
	plain := -1 // where the current words without quotes began
	flush := func(end int) {
		if plain >= 0 {
			out = append(out, piece{text: text[plain:end], open: end == len(text)})
			plain = -1
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		start := i
		minus := r == '-' && startsWord(text[i+size:])
		if minus {
			i += size
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		closing := closer(r)
		if closing == "" && !minus {
			if plain < 0 {
				plain = start
			}
			i = wordEnd(text, i)
			continue
		}
		flush(start)
		p := piece{minus: minus, quoted: closing != ""}
		if p.quoted {
			i += size
			n := strings.IndexAny(text[i:], closing)
			p.open = n < 0
			if n < 0 {
				p.text, i = text[i:], len(text)
			} else {
				_, size := utf8.DecodeRuneInString(text[i+n:])
				p.text, i = text[i:i+n], i+n+size
			}
		} else {
			end := wordEnd(text, i)
			p.text, i = text[i:end], end
		}
		p.open = p.open && !minus
		out = append(out, p)
	}
	flush(len(text))
	return out
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && (classOf(r) == inWord || classOf(r) == alone || closer(r) != "")
}

// closer returns the quotes that end what a quote begins, empty for others.
func closer(r rune) string {
	switch r {
	case '"':
		return `"`
	case '«':
		return "»"
	case '“', '„':
		return "”“"
	}
	return ""
}

func wordEnd(text string, from int) int {
	if n := strings.IndexFunc(text[from:], unicode.IsSpace); n >= 0 {
		return from + n
	}
	return len(text)
}

// nodes reads words without quotes. Words joined by anything but spaces
// (an e-mail address, a file's name) must stand together.
func (a *Analyzer) nodes(text string, tokens []token, open bool) []Node {
	var out []Node
	runs := numbers(text, tokens)
	for i := 0; i < len(tokens); {
		end := i + 1
		for end < len(tokens) && !spaced(text[tokens[end-1].end:tokens[end].start]) {
			end++
		}
		if n := slices.IndexFunc(runs, func(r number) bool { return r.first == i }); n >= 0 {
			r := runs[n]
			whole := r.last+1 >= end && (r.last+1 == len(tokens) || spaced(text[tokens[r.last].end:tokens[r.last+1].start]))
			if len(r.digits) >= minNumber || whole && len(r.digits) >= minDigits && r.first == r.last {
				out = append(out, a.number(text, tokens, r, open))
				i = r.last + 1
				continue
			}
		}
		// A number in the middle of joined words begins a part of its own.
		for j := i + 1; j < end; j++ {
			if slices.ContainsFunc(runs, func(r number) bool { return r.first == j && len(r.digits) >= minNumber }) {
				end = j
			}
		}
		out = append(out, a.phrase(tokens[i:end], open && end == len(tokens)))
		i = end
	}
	return out
}

func spaced(gap string) bool { return strings.ContainsFunc(gap, unicode.IsSpace) }

// number is found as it is written, or as a telephone number.
func (a *Analyzer) number(text string, tokens []token, r number, open bool) Node {
	var words []Node
	for i := r.first; i <= r.last; {
		end := i + 1
		for end <= r.last && !spaced(text[tokens[end-1].end:tokens[end].start]) {
			end++
		}
		words = append(words, a.phrase(tokens[i:end], open && end == len(tokens)))
		i = end
	}
	as := numberQuery(r.digits)
	if len(as) == 0 {
		return Node{All: words}
	}
	return Node{Any: append([]Node{{All: words}}, as...)}
}

// phrase is words one after another, the last of them possibly unfinished.
func (a *Analyzer) phrase(tokens []token, open bool) Node {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = a.stem(t.raw)
	}
	whole := Node{Words: words}
	last := len(words) - 1
	raw := tokens[last].raw
	if !open || runes(raw) < minPrefix {
		return whole
	}
	with := func(w string, prefix bool) Node {
		return Node{Words: append(slices.Clone(words[:last]), w), Prefix: prefix}
	}
	ways := []Node{with(raw, true)}
	if !strings.HasPrefix(words[last], raw) {
		ways = append(ways, whole)
	}
	// "заказанн" does not begin "заказа", which заказанный becomes: try what
	// the word may end as.
	seen := []string{words[last]}
	for _, ending := range completions(raw) {
		s := a.stem(clip(raw + ending))
		if !strings.HasPrefix(s, raw) && !slices.Contains(seen, s) {
			seen = append(seen, s)
			ways = append(ways, with(s, false))
		}
	}
	if len(ways) == 1 {
		return ways[0]
	}
	return Node{Any: ways}
}
