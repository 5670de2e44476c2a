package webchat

import (
	"bytes"
	"image"
	_ "image/gif"  // dimensions
	_ "image/jpeg" // dimensions
	_ "image/png"  // dimensions
	"strings"

	_ "golang.org/x/image/webp" // dimensions

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/filetype"
)

// refOf is a stored file as messages hold it.
func refOf(f visitor.File) fileRef {
	r := fileRef{
		ID: f.ID, Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: f.Size,
		Duration: f.Duration.Seconds(), Width: f.Width, Height: f.Height,
	}
	for _, p := range f.Peaks {
		r.Peaks = append(r.Peaks, int(p))
	}
	return r
}

// sniffBytes is how much of a file is looked at: enough for the dimensions of
// most pictures, however long their metadata.
const sniffBytes = 64 << 10

// maxDimension bounds a picture's claimed width and height.
const maxDimension = 30_000

// describe says what a file is by its first bytes; what its sender says is a
// hint, and only where either answer is harmless.
func describe(f visitor.File, head []byte, as channel.AttachmentKind) visitor.File {
	hint := filetype.Hint{
		Name: f.Name, Voice: as == channel.Voice, Sticker: as == channel.Sticker, Animation: as == channel.Animation,
	}
	if as == channel.Voice || as == channel.Audio {
		hint.MIME = "audio/webm" // containers that may hold films as well
	}
	found := filetype.Detect(head, hint)
	f.MIME, f.Kind = found.MIME, channel.AttachmentKind(found.Kind(hint))
	if as == channel.Document { // sent "as a file"
		f.Kind = channel.Document
	}
	if strings.HasPrefix(f.MIME, "image/") {
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(head)); err == nil && cfg.Width <= maxDimension && cfg.Height <= maxDimension {
			f.Width, f.Height = cfg.Width, cfg.Height
		}
	}
	return f
}
