package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/russian"
)

// Version says how texts are cut and stemmed. An index made by another
// version is made anew.
const Version = 1

// mostRemembered bounds the memory of stems.
const mostRemembered = 1 << 16

// Analyzer turns texts and queries into the words that are compared. It is
// safe for concurrent use and remembers stems.
type Analyzer struct {
	mu    sync.RWMutex
	stems map[string]string
}

// NewAnalyzer returns an analyzer.
func NewAnalyzer() *Analyzer { return &Analyzer{stems: make(map[string]string)} }

// stem returns what a normalised word's forms have in common: by the Snowball
// stemmers, Russian for Cyrillic and English for Latin. Words with digits,
// and other alphabets, stay as they are.
func (a *Analyzer) stem(word string) string {
	a.mu.RLock()
	s, ok := a.stems[word]
	a.mu.RUnlock()
	if ok {
		return s
	}
	s = stem(word)
	a.mu.Lock()
	if len(a.stems) >= mostRemembered {
		clear(a.stems)
	}
	a.stems[word] = s
	a.mu.Unlock()
	return s
}

func stem(word string) string {
	switch scriptOf(word) {
	case cyrillic:
		return withoutFleeting(russian.Stem(word, true))
	case latin:
		return english.Stem(word, true)
	case otherScript:
	}
	return word
}

type script int

const (
	otherScript script = iota
	latin
	cyrillic
)

func scriptOf(word string) script {
	found := otherScript
	for _, r := range word {
		switch {
		case r >= '0' && r <= '9':
			return otherScript
		case r >= 'a' && r <= 'z':
			if found == otherScript {
				found = latin
			}
		case unicode.Is(unicode.Cyrillic, r):
			found = cyrillic
		default:
			return otherScript
		}
	}
	return found
}

// withoutFleeting takes the fleeting vowel out of a Russian stem, which the
// stemmer leaves in: звонок and звонка, скидка and скидок, продавец and
// продавца, копейка and копеек are one word each.
func withoutFleeting(s string) string {
	if s == "денег" {
		return "деньг"
	}
	const letter = 2 // bytes of a Cyrillic letter
	if len(s) < 4*letter {
		return s
	}
	end := s[len(s)-2*letter:]
	if end != "ок" && end != "ек" && end != "ец" {
		return s
	}
	head := s[:len(s)-2*letter]
	before, _ := utf8.DecodeLastRuneInString(head)
	last := end[letter:]
	if !strings.ContainsRune("аеиоуыэюя", before) {
		return head + last
	}
	if end == "ек" {
		return head + "й" + last
	}
	return s
}

// completions are endings that a word still being typed may get.
func completions(word string) []string {
	switch scriptOf(word) {
	case cyrillic:
		return strings.Fields(russianEndings)
	case latin:
		return strings.Fields(englishEndings)
	case otherScript:
	}
	return nil
}

const (
	russianEndings = `а я ы и у ю е о й ь м х в к ц т л н г ам ами ми ах ов ев ей ой ый ий ая ое ые ого ому ым ых ную ный ная ные
		ть ться ся ли ла ло ет ют ит ат ешь ишь ость ости ок ек ец`
	englishEndings = `s es ed d ing ng g ly y er ers r ment ation ion n al ies e`
)
