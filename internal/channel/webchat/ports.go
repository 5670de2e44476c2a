package webchat

import (
	"context"
	"io"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// Log is the durable record of what a visitor and the business said to each
// other. Everything the widget shows comes from it.
//
// Seq starts at 1 and grows by one or more with each new entry of a
// (channel, visitor); an entry is visible to After only when every entry with
// a smaller seq is, so that a reader who remembers the last seq misses
// nothing.
type Log interface {
	// Append commits the entry (fsync) before it returns and gives it its
	// seq. An entry with the same Key of the same channel and visitor is left
	// as it is and returned with created == false. An Edit or a Deletion
	// also replaces, in the same transaction, the Body of the entry whose Key
	// is Ref by its own, so that what was taken back is served to nobody. An
	// unknown visitor is fault.NotFound.
	Append(ctx context.Context, e Entry) (stored Entry, created bool, err error)
	// After returns up to limit entries with a seq above seq, ascending.
	After(ctx context.Context, ch channel.ID, v VisitorID, seq int64, limit int) ([]Entry, error)
	// Before returns the newest limit entries with a seq below seq (0: the
	// newest of all), ascending.
	Before(ctx context.Context, ch channel.ID, v VisitorID, seq int64, limit int) ([]Entry, error)
	// Find returns the entry with a key, or fault.NotFound.
	Find(ctx context.Context, ch channel.ID, v VisitorID, key string) (Entry, error)
}

// Intake hands what happened over to the rest of Okno.
type Intake interface {
	// Accept appends the entry as Log.Append does and ingests the raw update,
	// both in one transaction: after it returned without an error both are
	// durable, otherwise neither is. With created == false nothing changed.
	Accept(ctx context.Context, e Entry, raw channel.Raw) (stored Entry, created bool, err error)
	// Ingest commits raw updates (fsync) before it returns; one whose Key is
	// known for the channel changes nothing.
	Ingest(ctx context.Context, ch channel.ID, raws []channel.Raw) error
}

// Visitors keeps who writes in the widget.
type Visitors interface {
	// Create adds a visitor with a first token. A UserID that another visitor
	// of the channel has is fault.Conflict.
	Create(ctx context.Context, v Visitor, tokenHash []byte) error
	// ByToken finds the visitor that a token belongs to, or fault.NotFound.
	ByToken(ctx context.Context, ch channel.ID, tokenHash []byte) (Visitor, error)
	// ByUser finds the visitor with a signed UserID, or fault.NotFound; the
	// empty one is nobody's.
	ByUser(ctx context.Context, ch channel.ID, userID string) (Visitor, error)
	// Get returns a visitor, or fault.NotFound.
	Get(ctx context.Context, ch channel.ID, id VisitorID) (Visitor, error)
	// AddToken lets one more browser speak for the visitor.
	AddToken(ctx context.Context, ch channel.ID, id VisitorID, tokenHash []byte) error
	// DropToken forgets a token; an unknown one is no error.
	DropToken(ctx context.Context, ch channel.ID, tokenHash []byte) error
	// Update changes a visitor in one transaction: it reads, calls change and
	// writes, with no other writer of this visitor in between. An error of
	// change is returned as it is and nothing is written. A UserID that
	// another visitor of the channel has is fault.Conflict.
	Update(ctx context.Context, ch channel.ID, id VisitorID, change func(*Visitor) error) (Visitor, error)
}

// Files keeps uploaded files and files sent to visitors.
type Files interface {
	// Put stores the bytes durably before it returns and fills in ID
	// (unguessable) and Size. The same non-empty Key of the same channel and
	// visitor returns the earlier file, whatever the reader holds.
	Put(ctx context.Context, f File, r io.Reader) (File, error)
	// Stat describes a file, or fault.NotFound.
	Stat(ctx context.Context, ch channel.ID, id string) (File, error)
	// Open returns a file's bytes, or fault.NotFound.
	Open(ctx context.Context, ch channel.ID, id string) (File, io.ReadSeekCloser, error)
}

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
	Visitor  VisitorID        `json:"visitor"`
	Activity channel.Activity `json:"activity,omitempty"`
	// Read says that the read marks have moved.
	Read bool `json:"read,omitempty"`
}
