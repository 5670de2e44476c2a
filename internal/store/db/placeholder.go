package db

import (
	"strconv"
	"strings"
)

// Numbered rewrites a query's $N placeholders to ?N and returns the highest
// N. SQLite drivers give names like $2 numbers in order of appearance, so
// that "$2 … $1" would silently be bound the wrong way round. Literals,
// quoted names and comments are left alone.
func Numbered(query string) (rewritten string, highest int) {
	var b strings.Builder
	b.Grow(len(query))
	for i := 0; i < len(query); {
		end := skip(query, i)
		if end > i {
			b.WriteString(query[i:end])
			i = end
			continue
		}
		if query[i] != '$' || (i > 0 && word(query[i-1])) {
			b.WriteByte(query[i])
			i++
			continue
		}
		end = i + 1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(query[i+1 : end])
		if err != nil {
			b.WriteByte('$')
			i++
			continue
		}
		highest = max(highest, n)
		b.WriteByte('?')
		b.WriteString(query[i+1 : end])
		i = end
	}
	return b.String(), highest
}

func word(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// skip returns the end of the literal, quoted name or comment that begins at
// i, or i.
func skip(query string, i int) int {
	rest := query[i:]
	switch {
	case rest[0] == '\'' || rest[0] == '"':
		if end := strings.IndexByte(rest[1:], rest[0]); end >= 0 {
			return i + end + 2 // a doubled quote begins the next literal: same result
		}
		return len(query)
	case strings.HasPrefix(rest, "--"):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			return i + end
		}
		return len(query)
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest[2:], "*/"); end >= 0 {
			return i + end + 4
		}
		return len(query)
	}
	return i
}
