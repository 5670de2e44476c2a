package db

import (
	"strconv"
	"strings"
)

// Dialect is the SQL a database speaks, with the fragments that differ.
type Dialect int

// The dialects.
const (
	SQLite Dialect = iota + 1
	Postgres
)

// String names the dialect: "sqlite" or "postgres".
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "sqlite"
	case Postgres:
		return "postgres"
	default:
		return "unknown"
	}
}

// ForUpdate is the clause at a SELECT's end that locks its rows until the
// transaction ends. SQLite's writes never overlap and need none.
func (d Dialect) ForUpdate() string {
	if d == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// ForUpdateSkipLocked is ForUpdate that leaves out rows locked by others.
func (d Dialect) ForUpdateSkipLocked() string {
	if d == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// In is the list of n placeholders for IN, beginning at number from:
// In(2, 3) is "($3, $4)". An empty list matches nothing: "(NULL)".
func (d Dialect) In(n, from int) string {
	if n <= 0 {
		return "(NULL)"
	}
	var b strings.Builder
	list(&b, n, from)
	return b.String()
}

// Values is the text after VALUES for rows of cols placeholders each,
// beginning at number from: Values(2, 2, 1) is "($1, $2), ($3, $4)".
// Both databases take at least 32,000 placeholders a statement.
func (d Dialect) Values(rows, cols, from int) string {
	var b strings.Builder
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		list(&b, cols, from+r*cols)
	}
	return b.String()
}

func list(b *strings.Builder, n, from int) {
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	b.WriteByte(')')
}

// List is the text for IN of ids that stand behind other values of a query,
// and all values together. It is filled up with the last id to a power of
// two, so that lists of any length make few statements to be prepared.
func List[T ~int64](ids []T, before ...any) (in string, values []any) {
	if len(ids) == 0 {
		return "(NULL)", before
	}
	n := 1
	for n < len(ids) {
		n *= 2
	}
	values = make([]any, 0, len(before)+n)
	values = append(values, before...)
	for i := range n {
		values = append(values, int64(ids[min(i, len(ids)-1)]))
	}
	return Dialect(0).In(n, len(before)+1), values
}
