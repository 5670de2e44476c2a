package webchat

import (
	"bytes"
	"image"
	_ "image/gif"  // dimensions
	_ "image/jpeg" // dimensions
	_ "image/png"  // dimensions
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"
	_ "golang.org/x/image/webp" // dimensions

	"github.com/okno-hq/okno/internal/channel"
)

// File is a stored file of a visitor's chat.
type File struct {
	ID      string
	Channel channel.ID
	Visitor VisitorID
	// Key makes Put idempotent; empty: never the same.
	Key           string
	Kind          channel.AttachmentKind
	Name, MIME    string
	Size          int64
	Duration      time.Duration
	Width, Height int
	// Peaks is a recording's waveform, one byte a bar.
	Peaks []byte
}

func (f File) ref() fileRef {
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

// unknownMIME is a type that says nothing.
const unknownMIME = "application/octet-stream"

// maxDimension bounds a picture's claimed width and height.
const maxDimension = 30_000

// inlineTypes are the types a browser shows without running anything in them.
func inlineTypes() map[string]channel.AttachmentKind {
	return map[string]channel.AttachmentKind{
		"image/png": channel.Image, "image/jpeg": channel.Image, "image/webp": channel.Image,
		"image/avif": channel.Image, "image/gif": channel.Animation,
		"video/mp4": channel.Video, "video/webm": channel.Video, "video/quicktime": channel.Video,
		"audio/mpeg": channel.Audio, "audio/ogg": channel.Audio, "audio/mp4": channel.Audio,
		"audio/wav": channel.Audio, "audio/aac": channel.Audio, "audio/flac": channel.Audio, "audio/webm": channel.Audio,
	}
}

// aliases maps the sniffer's names to the ones we use.
func aliases() map[string]string {
	return map[string]string{
		"application/ogg": "audio/ogg", "audio/x-m4a": "audio/mp4", "audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac",
		"image/vnd.mozilla.apng": "image/png",
	}
}

// describe says what a file is by its first bytes; what its sender says is a
// hint for recordings only.
func describe(f File, head []byte, hint channel.AttachmentKind) File {
	mime, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	if mime == unknownMIME { // the standard library knows some that mimetype is stricter about
		mime, _, _ = strings.Cut(http.DetectContentType(head), ";")
	}
	if known, ok := aliases()[mime]; ok {
		mime = known
	}
	f.MIME, f.Kind = mime, channel.Document
	if kind, ok := inlineTypes()[mime]; ok {
		f.Kind = kind
	}
	container, isContainer := strings.CutPrefix(mime, "video/")
	switch hint {
	case channel.Voice:
		if isContainer && (container == "webm" || container == "mp4") {
			f.MIME, f.Kind = "audio/"+container, channel.Voice
		} else if slices.Contains([]string{"audio/ogg", "audio/mp4", "audio/webm"}, mime) {
			f.Kind = channel.Voice
		}
	case channel.Audio:
		if isContainer {
			f.MIME, f.Kind = "audio/"+container, channel.Audio
		}
	case channel.Document: // sent "as a file"
		f.Kind = channel.Document
	case channel.Sticker:
		if f.Kind == channel.Image {
			f.Kind = channel.Sticker
		}
	case channel.Animation:
		if f.Kind == channel.Video {
			f.Kind = channel.Animation
		}
	case channel.Image, channel.Video:
	}
	if strings.HasPrefix(f.MIME, "image/") {
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(head)); err == nil && cfg.Width <= maxDimension && cfg.Height <= maxDimension {
			f.Width, f.Height = cfg.Width, cfg.Height
		}
	}
	return f
}

// maxName bounds a file's name, in runes.
const maxName = 150

// fileName makes a stranger's file name harmless and keeps it readable.
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(line(name))
	if name == "" || strings.Trim(name, ".") == "" {
		return "file"
	}
	if r := []rune(name); len(r) > maxName {
		ext := ""
		if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i <= 10 {
			ext = name[i:]
		}
		name = string(r[:maxName-len([]rune(ext))]) + ext
	}
	return name
}
