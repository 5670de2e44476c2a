//go:build modernc

package searchindex

// loadFTS does nothing: this driver always has FTS5.
func loadFTS() {}
