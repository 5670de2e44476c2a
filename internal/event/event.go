// Package event lists everything that can happen in a workspace and how it
// is told: by reference, after the commit, in one increasing order per
// workspace. An event says what changed; the state itself is read where it
// is needed, so that nothing erased lives on in events.
package event

import (
	"context"
	"time"
)

// Type names a kind of event. Scripts and webhooks rely on the names.
type Type string

// The types of event.
const (
	ItemCreated         Type = "item.created"
	ItemUpdated         Type = "item.updated"
	ConversationCreated Type = "conversation.created"
	ConversationUpdated Type = "conversation.updated"
	ContactCreated      Type = "contact.created"
	ContactUpdated      Type = "contact.updated"
	ContactMerged       Type = "contact.merged"
	ContactUnmerged     Type = "contact.unmerged"
	ChannelCreated      Type = "channel.created"
	ChannelUpdated      Type = "channel.updated"
	ChannelDeleted      Type = "channel.deleted"
	UserUpdated         Type = "user.updated"
	TeamUpdated         Type = "team.updated"
	InboxUpdated        Type = "inbox.updated"
	TagUpdated          Type = "tag.updated"
	CannedUpdated       Type = "canned.updated"
	FieldUpdated        Type = "field.updated"
	ViewUpdated         Type = "view.updated"
	WorkspaceUpdated    Type = "workspace.updated"
	NotificationCreated Type = "notification.created"
)

// Types lists every type, for documentation and validation.
func Types() []Type {
	return []Type{
		ItemCreated, ItemUpdated, ConversationCreated, ConversationUpdated,
		ContactCreated, ContactUpdated, ContactMerged, ContactUnmerged,
		ChannelCreated, ChannelUpdated, ChannelDeleted, UserUpdated, TeamUpdated, InboxUpdated,
		TagUpdated, CannedUpdated, FieldUpdated, ViewUpdated, WorkspaceUpdated, NotificationCreated,
	}
}

// Event is one fact. The ids that apply are set, the others zero.
type Event struct {
	// ID grows by one with every event of the workspace.
	ID        int64
	Workspace int64
	Type      Type
	At        time.Time

	Conversation, Item, Contact int64
	Inbox, Channel, User        int64
	// Subject is the id of what changed when none of the above is: a tag, a
	// team, a notification.
	Subject int64
	// Actor is the user who caused it, 0 for customers and the system.
	Actor int64
}

// Log appends events inside the caller's transaction, and so tells of them
// only if it commits.
type Log interface {
	Append(ctx context.Context, events ...Event) error
}

// Reader reads a workspace's events in order.
type Reader interface {
	// After returns up to limit events after an id.
	After(ctx context.Context, workspace, after int64, limit int) ([]Event, error)
	// Last returns the id of the newest event, 0 if there is none.
	Last(ctx context.Context, workspace int64) (int64, error)
}
