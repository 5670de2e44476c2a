//go:build !modernc

package sqlite

import (
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
)

const (
	driverName = "sqlite3"
	// interruptible: a cancelled context may stop a query halfway.
	interruptible = true
)

// dataSource names a database file, through a registered VFS if vfs is set.
func dataSource(path, vfs string) (string, error) {
	dsn := fileURI(path) + connectionDefaults
	if vfs != "" {
		dsn += "&vfs=" + vfs
	}
	return dsn, nil
}

// resultCode returns SQLite's extended result code and message.
func resultCode(err error) (code int, message string, ok bool) {
	if e, ok := errors.AsType[*sqlite3.Error](err); ok {
		text := e.Error()
		// "sqlite3: constraint failed: UNIQUE constraint failed: t.c"
		if _, after, found := strings.Cut(text, "constraint failed: "); found {
			text = after
		}
		return int(e.ExtendedCode()), text, true
	}
	if bare, ok := errors.AsType[sqlite3.ExtendedErrorCode](err); ok {
		return int(bare), bare.Error(), true
	}
	return 0, "", false
}
