// Package search finds messages, notes, files and contacts by what is said in
// them, in any word form.
//
// An [Analyzer] turns texts and queries into the same words. An [Index] keeps
// the words of each [Document] and finds candidates, the newest first. The
// [Indexer] follows the events and keeps the index up to date, some moments
// behind the truth. [Service] searches: it compares every candidate with the
// truth before anybody sees it, so that what was deleted, edited or moved away
// is not found even while the index lags.
package search

import (
	"context"

	"github.com/okno-hq/okno/internal/fault"
)

// Kind says what a hit is.
type Kind string

// The kinds of hit. A File is an item found by the name of its file.
const (
	Message Kind = "message"
	Note    Kind = "note"
	File    Kind = "file"
	Contact Kind = "contact"
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Message, Note, File, Contact} }

// Document is what an index keeps of an item or a contact. Ids of items and
// contacts come from one source and never meet.
type Document struct {
	ID int64
	// Scope, Words and Names are words without spaces; in Words and Names
	// their order counts, and Gap is no word. Names are those of files.
	Scope, Words, Names []string
}

// Request asks an index for candidates.
type Request struct {
	// Scope is what documents must be in: one word of each list.
	Scope [][]string
	Match Match
	In    Column
	// Before is exclusive; 0 means from the newest on.
	Before int64
	Limit  int
}

// Column says which of a document's words a match looks at.
type Column int

// The columns.
const (
	Everywhere Column = iota
	InWords
	InNames
)

// State is how far the index of a workspace has come.
type State struct {
	// Cursor is the last event that the index knows of; Mark is that event's
	// own, so that the index of another database is recognised.
	Cursor int64
	Mark   string
	// Items and Contacts are where the first filling of the index has come
	// to: what is older is missing still. 0 means that nothing is missing.
	Items, Contacts int64
	// Version is that of the analyzer.
	Version int
}

// Batch is a change of the index, all or nothing.
type Batch struct {
	Workspace int64
	// From is the state that the change was made for; if the index has moved
	// on since, it is refused with ErrMoved. Nil means that there is none yet.
	From *State
	To   State
	// Put adds or replaces documents, Delete removes some if they are there.
	Put    []Document
	Delete []int64
	// Places are the inboxes that conversations' documents are filed under.
	Places map[int64]int64
}

// ErrMoved is a change of an index that somebody else has changed since.
var ErrMoved = fault.New(fault.Conflict, "search.index_moved")

// Index keeps documents. It may be lost at any time, but never half of a
// batch.
type Index interface {
	// State is false when nothing is known of the workspace.
	State(ctx context.Context, ws int64) (State, bool, error)
	Apply(ctx context.Context, b Batch) error
	// Places returns the inboxes that conversations were filed under;
	// unknown ones are left out.
	Places(ctx context.Context, conversations []int64) (map[int64]int64, error)
	// Find returns the ids of documents, the highest first.
	Find(ctx context.Context, r Request) ([]int64, error)
	// Reset forgets everything.
	Reset(ctx context.Context) error
	// Optimize makes a freshly filled index quicker.
	Optimize(ctx context.Context) error
}
