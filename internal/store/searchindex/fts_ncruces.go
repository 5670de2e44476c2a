//go:build !modernc

package searchindex

import (
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/fts5"
)

// loadFTS makes FTS5, which this driver keeps apart, part of every connection
// opened from now on.
var loadFTS = sync.OnceFunc(func() { sqlite3.AutoExtension(fts5.Register) }) //nolint:gochecknoglobals // the driver's registry is the process's
