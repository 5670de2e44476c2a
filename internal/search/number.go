package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Telephone numbers are kept as two more words each, so that every formatting
// and every end of a number finds it: forwards, for a number being typed, and
// backwards, whose prefixes are the last digits. Their first rune, of the
// private use area, is in no text's words.
const (
	forwards  = "\uE010"
	backwards = "\uE011"
)

const (
	// A number has so many digits; the upper bound leaves room for cards,
	// accounts and parcels, which people write in groups as well.
	minNumber, maxNumber = 7, 20
	// minDigits is how many digits of a number find it.
	minDigits = 4
	// longestRun is where a run is cut off: nobody writes such numbers.
	longestRun = 200
	// mostGap is how many characters may separate groups of digits.
	mostGap = 3
)

// number is a run of groups of digits, from one token to another (inclusive).
type number struct {
	first, last int
	digits      string
}

// numbers finds the runs of digit groups in a text's tokens.
func numbers(text string, tokens []token) []number {
	var out []number
	for i := 0; i < len(tokens); i++ {
		if !tokens[i].digits {
			continue
		}
		n := number{first: i, last: i, digits: tokens[i].raw}
		for n.last+1 < len(tokens) && len(n.digits) < longestRun && tokens[n.last+1].digits && binds(text[tokens[n.last].end:tokens[n.last+1].start]) {
			n.last++
			n.digits += tokens[n.last].raw
		}
		out = append(out, n)
		i = n.last
	}
	return out
}

// binds reports whether what is between two groups of digits leaves them one
// number.
func binds(gap string) bool {
	n := 0
	for _, r := range gap {
		if n++; n > mostGap || !strings.ContainsRune(" \u00a0\u202f\u2009-\u2010\u2011\u2013().", r) {
			return false
		}
	}
	return n > 0
}

// numberWords are the words that a run of digit groups is found by, one list
// per number in it.
func numberWords(tokens []token, n number) []numberAt {
	var out []numberAt
	if l := len(n.digits); l >= minNumber && l <= maxNumber {
		out = append(out, numberAt{n.first, n.last, canonical(n.digits)})
	}
	if n.first == n.last {
		return out
	}
	// A telephone number beside another number: "12.05 8 912 345-67-89".
	for i := n.first; i <= n.last; i++ {
		digits := ""
		for j := i; j <= n.last && len(digits) < 11; j++ {
			digits += tokens[j].raw
			whole := i == n.first && j == n.last
			if !whole && (len(digits) == 11 && (digits[0] == '7' || digits[0] == '8') || len(digits) == 10 && digits[0] == '9') {
				out = append(out, numberAt{i, j, canonical(digits)})
			}
		}
	}
	return out
}

// numberAt is a number and the tokens that it is written in.
type numberAt struct {
	first, last int
	digits      string
}

func (n numberAt) words() []string {
	return []string{forwards + n.digits, backwards + reversed(n.digits)}
}

// canonical drops what people write before the same number differently: the
// Russian 8 or 7, the international 00.
func canonical(digits string) string {
	switch {
	case len(digits) == 11 && (digits[0] == '7' || digits[0] == '8'):
		return digits[1:]
	case len(digits) > 11 && strings.HasPrefix(digits, "00"):
		return canonical(digits[2:])
	}
	return digits
}

// numberQuery finds numbers by digits in a query: by their beginning or by
// their end. It is nil for too few digits.
func numberQuery(digits string) []Node {
	if len(digits) < minDigits || len(digits) > maxNumber {
		return nil
	}
	fronts := []string{canonical(digits)}
	if front := digits[1:]; len(digits) < 11 && len(front) >= minDigits && (digits[0] == '7' || digits[0] == '8') {
		fronts = append(fronts, front)
	}
	if !slices.Contains(fronts, digits) {
		fronts = append(fronts, digits)
	}
	nodes := make([]Node, 0, len(fronts)+1)
	for _, f := range fronts {
		nodes = append(nodes, Node{Words: []string{forwards + f}, Prefix: true})
	}
	return append(nodes, Node{Words: []string{backwards + reversed(canonical(digits))}, Prefix: true})
}

func reversed(s string) string {
	b := []byte(s) // ASCII digits
	slices.Reverse(b)
	return string(b)
}

func runes(s string) int { return utf8.RuneCountInString(s) }
