// Package store keeps what the features know in an SQL database. There is one
// type per feature and one text per query, for SQLite and PostgreSQL alike;
// the transaction travels in the context (see package db).
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/okno-hq/okno/internal/store/db"
)

// orElse replaces "no such row" by the feature's own error.
func orElse(err, missing error) error {
	if errors.Is(err, db.ErrNotFound) {
		return missing
	}
	return err
}

// orTaken replaces a conflict on the table's columns by the feature's own
// error.
func orTaken(err error, taken error, table string, columns ...string) error {
	if c, ok := errors.AsType[*db.ConflictError](err); ok && c.Table == table && !c.Foreign {
		if len(columns) == 0 || c.On(table, columns...) {
			return taken
		}
	}
	return err
}

// orInUse replaces a foreign key's refusal by the feature's own error.
func orInUse(err, inUse error) error {
	if c, ok := errors.AsType[*db.ConflictError](err); ok && c.Foreign {
		return inUse
	}
	return err
}

// some reports a missing row for an UPDATE or DELETE that met none.
func some(n int64, err, missing error) error {
	if err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}

// insertRows inserts rows of as many values each, several with a statement:
// insert is the text before VALUES. Few different numbers of rows make few
// different statements to prepare.
func insertRows(ctx context.Context, d *db.DB, insert string, rows [][]any) error {
	for _, most := range []int{32, 8, 1} {
		for len(rows) >= most {
			if _, err := d.Exec(ctx, insert+` VALUES `+d.Dialect().Values(most, len(rows[0]), 1), slices.Concat(rows[:most]...)...); err != nil {
				return err
			}
			rows = rows[most:]
		}
	}
	return nil
}

// args are ids as arguments of a query.
func args[T ~int64](ids []T) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// text writes a value as JSON text.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("store: encode: %w", err)
	}
	return string(b), nil
}

// value reads what text wrote; an empty text leaves v as it is.
func value(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("store: decode: %w", err)
	}
	return nil
}

// forUpdate locks the rows of a SELECT inside a write transaction.
func forUpdate(inWrite bool, d db.Dialect) string {
	if inWrite {
		return d.ForUpdate()
	}
	return ""
}
