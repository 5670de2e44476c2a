package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Copy writes a copy of a database file, of one moment, while others use it.
// The target must not exist.
func Copy(ctx context.Context, from, to string) (err error) {
	source := fileURI(from) + "?mode=ro"
	d, err := sql.Open(driverName, source)
	if err != nil {
		return fmt.Errorf("sqlite: copy: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if _, err := d.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return fmt.Errorf("sqlite: copy: %w", err)
	}
	return nil
}
