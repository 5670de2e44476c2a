// Package web holds the built workspace, so that one binary serves it.
package web

import (
	"embed"
	"io/fs"
)

// dist is what "npm run build" leaves. A placeholder page is kept in git, so
// that Go builds and tests without Node.
//
//go:embed all:dist
var dist embed.FS

// FS returns the built workspace with index.html at its root. Before the
// first "npm run build" it holds placeholder.html alone: see Built.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // only an invalid path fails, and "dist" is a valid one
		return dist
	}
	return sub
}

// Built reports whether the workspace itself was built in, not only its
// placeholder.
func Built() bool {
	info, err := fs.Stat(dist, "dist/index.html")
	return err == nil && !info.IsDir()
}
