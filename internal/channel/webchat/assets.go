package webchat

import (
	"io/fs"
	"path"

	"github.com/okno-hq/okno/internal/asset"
	"github.com/okno-hq/okno/internal/fault"
)

// assets are the widget's files, as built.
type assets struct {
	files map[string]*asset.File
	// complete says that the widget was built.
	complete bool
}

const (
	scriptName = "widget.js"
	frameJS    = "frame.js"
	frameCSS   = "frame.css"
	// placeholderName stands in git for a widget that was not built.
	placeholderName = "placeholder.js"
	chunkPrefix     = "chunk-"
)

// loadAssets reads what the widget's build left. Names of chunks hold a hash
// of their own.
func loadAssets(from fs.FS) (assets, error) {
	out := assets{files: map[string]*asset.File{}}
	if from == nil {
		return out, nil
	}
	names, err := fs.Glob(from, "*.*")
	if err != nil {
		return out, fault.Wrap(fault.Internal, "widget.assets_unreadable", err)
	}
	for _, name := range names {
		if e := path.Ext(name); e != ".js" && e != ".css" {
			continue
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return out, fault.Wrap(fault.Internal, "widget.assets_unreadable", err)
		}
		out.files[name] = asset.New(name, data)
	}
	out.complete = true
	for _, name := range []string{scriptName, frameJS, frameCSS} {
		_, ok := out.files[name]
		out.complete = out.complete && ok
	}
	if !out.complete {
		if stand, ok := out.files[placeholderName]; ok {
			out.files[scriptName] = stand
		}
	}
	return out, nil
}

// version is what an address of a file ends with, so that it may be cached.
func (a assets) version(name string) string {
	if f, ok := a.files[name]; ok {
		return f.Version
	}
	return ""
}
