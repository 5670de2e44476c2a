package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxToken bounds a word, in runes: what is longer (a key, encoded bytes) is
// found by its beginning.
const maxToken = 40

// token is a word of a text: raw as it was written, but normalised, and the
// bytes of the text that it stands for.
type token struct {
	raw        string
	start, end int
	digits     bool // ASCII digits only
}

// tokenise cuts a text into words: runs of letters and digits. Marks and
// invisible characters inside a word belong to it and are dropped.
// Ideographs, which are written without spaces, are words of their own.
func tokenise(text string) []token {
	tokens := make([]token, 0, len(text)/8+1)
	start := -1
	end := 0
	flush := func() {
		if start >= 0 {
			if raw := normalise(text[start:end]); raw != "" {
				tokens = append(tokens, token{raw: raw, start: start, end: end, digits: allDigits(raw)})
			}
			start = -1
		}
	}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch classOf(r) {
		case inWord:
			if start < 0 {
				start = i
			}
			end = i + size
		case alone:
			flush()
			start, end = i, i+size
			flush()
		case joiner: // does not begin a word and does not end one
		case between:
			flush()
		}
		i += size
	}
	flush()
	return tokens
}

type class int

const (
	between class = iota
	inWord
	alone
	joiner
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return inWord
		}
		return between
	case r >= 'А' && r <= 'я', r == 'ё', r == 'Ё':
		return inWord
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return alone
	case unicode.IsLetter(r), unicode.IsNumber(r):
		return inWord
	case unicode.In(r, unicode.M, unicode.Cf):
		return joiner
	}
	return between
}

// normalise writes a word as it is compared: NFKC, lower case, without
// marks, ё as е, Latin letters without diacritics. Letters of the other
// alphabet that only look right are put right.
func normalise(word string) string {
	if isASCII(word) {
		return clip(strings.ToLower(word))
	}
	if plain, ok := plainRussian(word); ok {
		return clip(plain)
	}
	word = strings.ToLower(norm.NFKC.String(word))
	var b strings.Builder
	b.Grow(len(word))
	var cyrillic, latin bool
	for _, r := range word {
		switch {
		case r == 'ё':
			r = 'е'
		case r < utf8.RuneSelf:
			if classOf(r) != inWord {
				continue // ½ is 1⁄2
			}
		case unicode.Is(unicode.Latin, r):
			r, _ = utf8.DecodeRuneInString(norm.NFD.String(string(r)))
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			continue
		}
		cyrillic = cyrillic || unicode.Is(unicode.Cyrillic, r)
		latin = latin || r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	out := b.String()
	if cyrillic && latin {
		out = strings.Map(cyrillicTwin, out)
	}
	return clip(out)
}

// plainRussian is normalise for the words that most are: Russian letters
// only.
func plainRussian(word string) (string, bool) {
	out := make([]byte, 0, len(word))
	for _, r := range word {
		switch {
		case r >= 'а' && r <= 'я':
		case r >= 'А' && r <= 'Я':
			r += 'а' - 'А'
		case r == 'ё', r == 'Ё':
			r = 'е'
		default:
			return "", false
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), true
}

// cyrillicTwin returns the Cyrillic letter that looks like a Latin one.
func cyrillicTwin(r rune) rune {
	const latin, cyrillic = "aceopxykmthb", "асеорхукмтнв"
	if i := strings.IndexRune(latin, r); i >= 0 && r < utf8.RuneSelf {
		twin, _ := utf8.DecodeRuneInString(cyrillic[2*i:])
		return twin
	}
	return r
}

func clip(word string) string {
	if len(word) <= maxToken {
		return word
	}
	n := 0
	for i := range word {
		if n == maxToken {
			return word[:i]
		}
		n++
	}
	return word
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
