package search

import "slices"

// Node is a part of a query. With Words it is a phrase: the words one after
// another, of the last one only the beginning if Prefix is set. Otherwise it
// is Any or All of its parts.
type Node struct {
	Words  []string
	Prefix bool
	Any    []Node
	All    []Node
}

// Match says what a document must have, all of it, and what it must not have,
// any of it. Without anything to have it matches nothing.
type Match struct {
	All  []Node
	None []Node
}

// Empty reports whether nothing is searched for.
func (m Match) Empty() bool { return len(m.All) == 0 }

// bag is a document's words with their places, for trying a match on it.
type bag struct {
	columns []map[string][]int
}

func bagOf(columns ...[]string) bag {
	b := bag{columns: make([]map[string][]int, len(columns))}
	for i, c := range columns {
		at := make(map[string][]int, len(c))
		for n, w := range c {
			if w != Gap {
				at[w] = append(at[w], n)
			}
		}
		b.columns[i] = at
	}
	return b
}

// Matches reports whether a document with these columns is found: the
// definition that the indexes must agree with.
func (m Match) Matches(columns ...[]string) bool {
	if m.Empty() {
		return false
	}
	b := bagOf(columns...)
	for _, n := range m.All {
		if !b.has(n) {
			return false
		}
	}
	return !slices.ContainsFunc(m.None, b.has)
}

func (b bag) has(n Node) bool {
	switch {
	case len(n.Words) > 0:
		return slices.ContainsFunc(b.columns, func(c map[string][]int) bool { return hasPhrase(c, n.Words, n.Prefix) })
	case len(n.Any) > 0:
		return slices.ContainsFunc(n.Any, b.has)
	}
	for _, k := range n.All {
		if !b.has(k) {
			return false
		}
	}
	return len(n.All) > 0
}

func hasPhrase(at map[string][]int, words []string, prefix bool) bool {
	last := words[len(words)-1]
	if prefix {
		for w, places := range at {
			if len(w) >= len(last) && w[:len(last)] == last && endsAt(at, words[:len(words)-1], places) {
				return true
			}
		}
		return false
	}
	return endsAt(at, words[:len(words)-1], at[last])
}

// endsAt reports whether the words stand right before one of the places.
func endsAt(at map[string][]int, words []string, places []int) bool {
	for _, p := range places {
		ok := true
		for i, w := range words {
			if !slices.Contains(at[w], p-len(words)+i) {
				ok = false
				break
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// phrases lists the phrases of what a document must have.
func (m Match) phrases() []Node {
	var out []Node
	var walk func(Node)
	walk = func(n Node) {
		if len(n.Words) > 0 {
			out = append(out, n)
			return
		}
		for _, k := range n.Any {
			walk(k)
		}
		for _, k := range n.All {
			walk(k)
		}
	}
	for _, n := range m.All {
		walk(n)
	}
	return out
}
