package visitor

import (
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// File is a stored file of a visitor's chat.
type File struct {
	ID      string
	Channel channel.ID
	Visitor ID
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
