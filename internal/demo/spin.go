package demo

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// dice is the one source of chance, so that a seed makes one company.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, 0x7574726f))} //nolint:gosec // it invents people, it keeps no secrets
}

// chance is true in a share of cases.
func (d dice) chance(share float64) bool { return d.Float64() < share }

// between is a number from a to b, both possible.
func (d dice) between(a, b int) int { return a + d.IntN(b-a+1) }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// weighted picks an index by weight.
func (d dice) weighted(weights []int) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	n := d.IntN(total)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return len(weights) - 1
}

// spin makes one text of a template: choices in braces are taken by chance,
// facts and phrases are looked up.
func (d dice) spin(template string, facts func(name string) string, phrases func(name string) string) string {
	s := spinner{d, facts, phrases, template, 0}
	return tidy(s.sequence(true))
}

type spinner struct {
	d       dice
	facts   func(string) string
	phrases func(string) string
	in      string
	at      int
}

// sequence reads up to the end of the text, or of a choice.
func (s *spinner) sequence(top bool) string {
	var out strings.Builder
	for s.at < len(s.in) {
		switch c := s.in[s.at]; {
		case c == '{':
			s.at++
			out.WriteString(s.braces())
		case !top && (c == '|' || c == '}'):
			return out.String()
		default:
			out.WriteByte(c)
			s.at++
		}
	}
	return out.String()
}

// braces reads what follows an opening brace, and the closing one.
func (s *spinner) braces() string {
	if s.at < len(s.in) && (s.in[s.at] == '$' || s.in[s.at] == '%') {
		kind := s.in[s.at]
		name, _, _ := strings.Cut(s.in[s.at+1:], "}")
		s.at += len(name) + 2
		if kind == '$' {
			return s.facts(name)
		}
		return s.d.spin(s.phrases(name), s.facts, s.phrases)
	}
	var choices []string
	for s.at < len(s.in) {
		choices = append(choices, s.sequence(false))
		if s.at >= len(s.in) {
			break
		}
		end := s.in[s.at] == '}'
		s.at++
		if end {
			break
		}
	}
	if len(choices) == 0 {
		return ""
	}
	return pick(s.d, choices)
}

// tidy mends the blanks that empty choices leave.
func tidy(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' }), " ")
	return strings.NewReplacer(" .", ".", " ,", ",", " ?", "?", " !", "!", ".!", "!", "!.", "!", "?.", "?", "..", ".", "!,", "!").Replace(s)
}

// casual is how people type on the go.
func (d dice) casual(s string) string {
	if !d.chance(0.22) {
		return s
	}
	r := []rune(strings.TrimRight(s, "."))
	if len(r) > 1 && unicode.IsUpper(r[0]) && unicode.IsLower(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}
