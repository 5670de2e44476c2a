package visitor

import (
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// EntryKind says what an entry of the log is.
type EntryKind string

// The kinds of entry.
const (
	Message  EntryKind = "message"
	Edit     EntryKind = "edit"     // Body is the whole new body of Ref
	Deletion EntryKind = "deletion" // Body is empty; so becomes that of Ref
	Reaction EntryKind = "reaction" // by the business; an empty emoji takes it back
	Press    EntryKind = "press"    // the visitor pressed a button of Ref
)

// Entry is one line of a visitor's log.
type Entry struct {
	Channel channel.ID
	Visitor ID
	Seq     int64
	// Key is unique within the channel and visitor; for messages it is the
	// external id that the workspace knows.
	Key  string
	Kind EntryKind
	// Own marks what the business wrote.
	Own bool
	// Ref is the key of the entry that this one is about.
	Ref string
	// Author is the agent's name as shown to the visitor, if known.
	Author string
	At     time.Time
	// Body is JSON, as the website chat writes it; empty for deleted messages.
	Body []byte
}
