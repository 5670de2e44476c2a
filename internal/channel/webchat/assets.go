package webchat

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"

	"github.com/okno-hq/okno/internal/fault"
)

// assets are the widget's files, as built.
type assets struct {
	files map[string]asset
	// complete says that the widget was built.
	complete bool
}

type asset struct {
	data []byte
	// version is a hash of the bytes: an address with it may be cached for ever.
	version string
	mime    string
	// hashed says that the name itself changes with the bytes.
	hashed bool
}

const (
	scriptName = "widget.js"
	frameJS    = "frame.js"
	frameCSS   = "frame.css"
	// placeholderName stands in git for a widget that was not built.
	placeholderName = "placeholder.js"
	chunkPrefix     = "chunk-"

	mimeJS  = "text/javascript; charset=utf-8"
	mimeCSS = "text/css; charset=utf-8"
)

// loadAssets reads what the widget's build left. Names of chunks hold a hash
// of their own.
func loadAssets(from fs.FS) (assets, error) {
	out := assets{files: map[string]asset{}}
	if from == nil {
		return out, nil
	}
	names, err := fs.Glob(from, "*.*")
	if err != nil {
		return out, fault.Wrap(fault.Internal, "widget.assets_unreadable", err)
	}
	for _, name := range names {
		mime, ok := map[string]string{".js": mimeJS, ".css": mimeCSS}[path.Ext(name)]
		if !ok {
			continue
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return out, fault.Wrap(fault.Internal, "widget.assets_unreadable", err)
		}
		sum := sha256.Sum256(data)
		out.files[name] = asset{data: data, version: hex.EncodeToString(sum[:8]), mime: mime, hashed: strings.HasPrefix(name, chunkPrefix)}
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
