// Package widget embeds the built website widget.
package widget

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Assets returns the built files: widget.js, frame.js and frame.css, or only
// placeholder.js where the widget was not built.
func Assets() (fs.FS, error) { return fs.Sub(dist, "dist") }
