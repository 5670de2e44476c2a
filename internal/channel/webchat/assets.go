package webchat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"

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
}

const (
	scriptName = "widget.js"
	frameJS    = "frame.js"
	frameCSS   = "frame.css"
	// placeholderName stands in git for a widget that was not built.
	placeholderName = "placeholder.js"

	mimeJS  = "text/javascript; charset=utf-8"
	mimeCSS = "text/css; charset=utf-8"
)

func loadAssets(from fs.FS) (assets, error) {
	out := assets{files: map[string]asset{}, complete: true}
	if from == nil {
		out.complete = false
		return out, nil
	}
	load := func(as, name, mime string) (bool, error) {
		data, err := fs.ReadFile(from, name)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, fault.Wrap(fault.Internal, "widget.assets_unreadable", err)
		}
		sum := sha256.Sum256(data)
		out.files[as] = asset{data: data, version: hex.EncodeToString(sum[:8]), mime: mime}
		return true, nil
	}
	for name, mime := range map[string]string{scriptName: mimeJS, frameJS: mimeJS, frameCSS: mimeCSS} {
		ok, err := load(name, name, mime)
		if err != nil {
			return out, err
		}
		out.complete = out.complete && ok
	}
	if !out.complete {
		if _, err := load(scriptName, placeholderName, mimeJS); err != nil {
			return out, err
		}
	}
	return out, nil
}
