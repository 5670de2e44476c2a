package visitor

import (
	"context"
	"io"

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
	After(ctx context.Context, ch channel.ID, v ID, seq int64, limit int) ([]Entry, error)
	// Before returns the newest limit entries with a seq below seq (0: the
	// newest of all), ascending.
	Before(ctx context.Context, ch channel.ID, v ID, seq int64, limit int) ([]Entry, error)
	// Find returns the entry with a key, or fault.NotFound.
	Find(ctx context.Context, ch channel.ID, v ID, key string) (Entry, error)
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

// Store keeps who writes in the widget.
type Store interface {
	// Create adds a visitor with a first token. A UserID that another visitor
	// of the channel has is fault.Conflict.
	Create(ctx context.Context, v Visitor, tokenHash []byte) error
	// ByToken finds the visitor that a token belongs to, or fault.NotFound.
	ByToken(ctx context.Context, ch channel.ID, tokenHash []byte) (Visitor, error)
	// ByUser finds the visitor with a signed UserID, or fault.NotFound; the
	// empty one is nobody's.
	ByUser(ctx context.Context, ch channel.ID, userID string) (Visitor, error)
	// Get returns a visitor, or fault.NotFound.
	Get(ctx context.Context, ch channel.ID, id ID) (Visitor, error)
	// AddToken lets one more browser speak for the visitor.
	AddToken(ctx context.Context, ch channel.ID, id ID, tokenHash []byte) error
	// DropToken forgets a token; an unknown one is no error.
	DropToken(ctx context.Context, ch channel.ID, tokenHash []byte) error
	// Update changes a visitor in one transaction: it reads, calls change and
	// writes, with no other writer of this visitor in between. An error of
	// change is returned as it is and nothing is written. A UserID that
	// another visitor of the channel has is fault.Conflict.
	Update(ctx context.Context, ch channel.ID, id ID, change func(*Visitor) error) (Visitor, error)
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
