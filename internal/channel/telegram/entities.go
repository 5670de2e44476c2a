package telegram

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// kindsOfMark pairs the platform's names with ours, first match counting in
// either direction.
func kindsOfMark() []struct {
	entity string
	mark   channel.MarkType
} {
	return []struct {
		entity string
		mark   channel.MarkType
	}{
		{"bold", channel.Bold},
		{"italic", channel.Italic},
		{"underline", channel.Underline},
		{"strikethrough", channel.Strike},
		{"spoiler", channel.Spoiler},
		{"code", channel.Code},
		{"pre", channel.Pre},
		{"blockquote", channel.Quote},
		{"expandable_blockquote", channel.Quote},
		{"text_link", channel.Link},
		{"mention", channel.Mention},
		{"text_mention", channel.Mention},
	}
}

// marks turns entities into marks, both counted in UTF-16 units. What lies
// outside of the text is cut off; links that the platform only guessed
// (url, email, phone_number) are left to the workspace's own eye.
func marks(text string, entities []entity) []channel.Mark {
	if len(entities) == 0 {
		return nil
	}
	n, kinds := units(text), kindsOfMark()
	var out []channel.Mark
	for _, e := range entities {
		for _, k := range kinds {
			if k.entity != e.Type {
				continue
			}
			m := channel.Mark{Type: k.mark, Offset: e.Offset, Length: e.Length}
			if k.mark == channel.Link {
				m.URL = safeLink(e.URL)
			}
			if clamp(&m, n) && (k.mark != channel.Link || m.URL != "") {
				out = append(out, m)
			}
			break
		}
	}
	return out
}

func units(text string) int {
	n := 0
	for _, r := range text {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// clamp cuts a mark to a text of n units and says whether anything is left.
func clamp(m *channel.Mark, n int) bool {
	if m.Offset < 0 || m.Length <= 0 || m.Offset >= n {
		return false
	}
	m.Length = min(m.Length, n-m.Offset)
	return true
}

// safeLink lets pass what a browser may open.
func safeLink(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "tg", "mailto", "tel":
		return link
	}
	return ""
}

// entitiesOf turns marks into entities that the platform takes as they are:
// within the text, not cutting a character in two, and each either inside of
// another or beside it.
func entitiesOf(text string, list []channel.Mark) []entity {
	encoded := utf16.Encode([]rune(text))
	low := func(i int) bool { return i < len(encoded) && encoded[i] >= 0xDC00 && encoded[i] <= 0xDFFF }
	var open []entity
	for _, m := range list {
		if m.Offset < 0 { // from a sloppy editor: what is inside still counts
			m.Length += m.Offset
			m.Offset = 0
		}
		if !clamp(&m, len(encoded)) {
			continue
		}
		e := entity{Type: entityOf(m), Offset: m.Offset, Length: m.Length}
		if low(e.Offset) {
			e.Offset--
			e.Length++
		}
		if low(e.Offset + e.Length) {
			e.Length++
		}
		if m.Type == channel.Link {
			e.URL = m.URL
		}
		if e.Type != "" {
			open = append(open, e)
		}
	}
	return nested(open)
}

// entityOf names a mark in the platform's words; "" if it has none, as for
// mentions, which need no mark, and for links that lead nowhere.
func entityOf(m channel.Mark) string {
	if m.Type == channel.Mention || m.Type == channel.Link && safeLink(m.URL) == "" {
		return ""
	}
	for _, k := range kindsOfMark() {
		if k.mark == m.Type {
			return k.entity
		}
	}
	return ""
}

// nested splits entities that overlap without one containing the other.
func nested(todo []entity) []entity {
	order := func(a, b entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	}
	slices.SortStableFunc(todo, order)
	var out, around []entity
	for len(todo) > 0 {
		e := todo[0]
		todo = todo[1:]
		for len(around) > 0 && end(around[len(around)-1]) <= e.Offset {
			around = around[:len(around)-1]
		}
		if len(around) > 0 {
			if limit := end(around[len(around)-1]); end(e) > limit {
				rest := e
				rest.Offset, rest.Length = limit, end(e)-limit
				e.Length = limit - e.Offset
				at, _ := slices.BinarySearchFunc(todo, rest, order)
				todo = slices.Insert(todo, at, rest)
			}
		}
		out = append(out, e)
		around = append(around, e)
	}
	return out
}

func end(e entity) int { return e.Offset + e.Length }
