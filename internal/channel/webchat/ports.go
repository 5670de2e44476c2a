package webchat

import (
	"context"
	"io"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
)

// Channels knows the widgets that are set up.
type Channels interface {
	// Account returns an enabled account of kind Webchat, or fault.NotFound.
	Account(ctx context.Context, ch channel.ID) (channel.Account, error)
	// Hours says whether somebody is there to answer.
	Hours(ctx context.Context, ch channel.ID) (Hours, error)
}

// Hours is the state of a channel's working hours.
type Hours struct {
	Open bool
	// OpensAt is when it opens next, if closed; zero: unknown.
	OpensAt time.Time
	// Online says that an agent is present right now.
	Online bool
}

// VoiceConverter makes a browser's recording into OGG/Opus, what messengers
// and the workspace take for a true voice message.
type VoiceConverter interface {
	// Convert reads a recording of a MIME type ("audio/webm", "audio/mp4").
	// The caller closes the body. Bytes that are no such recording are
	// fault.Invalid.
	Convert(ctx context.Context, mime string, r io.Reader) (body io.ReadCloser, size int64, err error)
}

// Signal is something fleeting for a visitor's open widgets: a wake-up ("the
// log has grown"), typing or a read mark. The truth is in the log; a signal
// that gets lost delays, and loses nothing.
type Signal struct {
	Channel  channel.ID       `json:"channel"`
	Visitor  visitor.ID       `json:"visitor"`
	Activity channel.Activity `json:"activity,omitempty"`
	// Read says that the read marks have moved.
	Read bool `json:"read,omitempty"`
}
