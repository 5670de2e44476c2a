//go:build modernc

package sqlite

import (
	"errors"
	"strings"

	"modernc.org/sqlite"
)

const (
	driverName = "sqlite"
	// interruptible is off: this driver has a history of connections that
	// stay interrupted after a cancelled query.
	interruptible = false
)

func dataSource(path, vfs string) (string, error) {
	if vfs != "" {
		return "", errors.New("sqlite: this build has no registered VFS")
	}
	return fileURI(path) + connectionDefaults, nil
}

// resultCode returns SQLite's extended result code and message.
func resultCode(err error) (code int, message string, ok bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, "", false
	}
	// "constraint failed: UNIQUE constraint failed: t.c (2067)"
	text := strings.TrimPrefix(e.Error(), "constraint failed: ")
	if i := strings.LastIndex(text, " ("); i > 0 {
		text = text[:i]
	}
	return e.Code(), text, true
}
