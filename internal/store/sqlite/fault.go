package sqlite

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/store/db"
)

// Result codes, https://sqlite.org/rescode.html.
const (
	codePerm       = 3
	codeBusy       = 5
	codeLocked     = 6
	codeNoMem      = 7
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeIO         = 10
	codeFull       = 13
	codeCantOpen   = 14
	codeConstraint = 19

	codeForeignKey = codeConstraint | 3<<8
	codePrimaryKey = codeConstraint | 6<<8
	codeUnique     = codeConstraint | 8<<8
	codeRowID      = codeConstraint | 10<<8
)

// mapFault names a driver's error in the words of package db.
func mapFault(err error) error {
	code, message, ok := resultCode(err)
	if !ok {
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return db.ErrUnavailable.Because(err)
		}
		return fault.Wrap(fault.Internal, "store.internal", err)
	}
	switch code & 0xff {
	case codePerm, codeBusy, codeLocked, codeNoMem, codeReadOnly, codeInterrupt, codeIO, codeFull, codeCantOpen:
		return db.ErrUnavailable.Because(fmt.Errorf("sqlite: code %d: %w", code, err))
	case codeConstraint:
		switch code {
		case codeUnique, codePrimaryKey, codeRowID:
			return db.NewConflict(unique(message), err)
		case codeForeignKey:
			return db.NewConflict(db.ConflictError{Foreign: true}, err)
		}
	}
	return fault.Wrap(fault.Internal, "store.internal", fmt.Errorf("sqlite: code %d: %w", code, err))
}

// unique reads "UNIQUE constraint failed: t.a, t.b" or "UNIQUE constraint
// failed: index 'name'".
func unique(message string) db.ConflictError {
	if _, after, found := strings.Cut(message, "constraint failed: "); found {
		message = after
	}
	if name, ok := strings.CutPrefix(message, "index '"); ok {
		return db.ConflictError{Constraint: strings.TrimSuffix(name, "'")}
	}
	var c db.ConflictError
	for part := range strings.SplitSeq(message, ", ") {
		table, column, ok := strings.Cut(part, ".")
		if !ok {
			continue
		}
		c.Table = table
		c.Columns = append(c.Columns, column)
	}
	return c
}
