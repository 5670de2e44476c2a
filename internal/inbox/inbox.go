// Package inbox is the heart of Okno: conversations with customers across
// their channels, what is said in them, and who takes care of them.
//
// Messages come in as [channel.Update]s through the [Receiver], which turns
// each into contact, conversation and item in one transaction. They go out
// through [Service.Send], which keeps the item and the job that delivers it,
// and [Deliverer], which makes one recorded attempt after another.
package inbox

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
)

// Identifiers of what this package holds.
type (
	ID             int64
	ConversationID int64
	ItemID         int64
	ChatID         int64
	FileID         int64
	NotificationID int64
	CannedID       int64
	ViewID         int64
)

// Inbox is a department's queue of conversations.
type Inbox struct {
	ID    ID
	Name  string
	Color string
	// Teams work in it; none means everybody does.
	Teams   []access.TeamID
	Hours   Hours
	Routing Routing
	// ReopenWithin is how long after resolving a customer's word reopens the
	// conversation instead of beginning a new one.
	ReopenWithin time.Duration
	// Greeting answers the first word of a new conversation, Away any first
	// word outside the hours. Empty means silence.
	Greeting, Away string
	CreatedAt      time.Time
	// ArchivedAt is when it was put away; zero while it is in use. Its
	// conversations stay, nothing new begins in it.
	ArchivedAt time.Time
	// Channels and Open are counted for lists.
	Channels, Open int
}

// RoutingMode says who gets a new conversation.
type RoutingMode string

// The modes of routing.
const (
	Manual     RoutingMode = "manual"
	RoundRobin RoutingMode = "round_robin"
	LeastBusy  RoutingMode = "least_busy"
)

// Routing is how an inbox hands out conversations.
type Routing struct {
	Mode RoutingMode `json:"mode"`
	// Capacity is how many open conversations a person is handed; 0: no limit.
	Capacity int `json:"capacity"`
	// OnlyOnline leaves out people who are away or offline.
	OnlyOnline bool `json:"only_online"`
}

// Status is where a conversation stands.
type Status string

// The statuses. Open and Pending are active: Pending waits for the customer.
const (
	Open     Status = "open"
	Pending  Status = "pending"
	Snoozed  Status = "snoozed"
	Resolved Status = "resolved"
)

// Active reports whether the conversation is to be worked on now.
func (s Status) Active() bool { return s == Open || s == Pending }

// Known reports whether s is a status.
func (s Status) Known() bool {
	return s == Open || s == Pending || s == Snoozed || s == Resolved
}

// Conversation is one piece of work with one contact in one inbox, from the
// first word to resolved, on whatever channels.
type Conversation struct {
	ID        ConversationID
	Workspace int64
	Inbox     ID
	Contact   contact.ID
	Status    Status
	Assignee  access.UserID
	Team      access.TeamID
	// SnoozedUntil is set while snoozed; zero then means until the customer
	// writes.
	SnoozedUntil time.Time
	// WaitingSince is when the customer began to wait for an answer; zero
	// when he does not.
	WaitingSince time.Time
	// Channel is the one of the customer's last message, Kinds all that were
	// used.
	Channel channel.ID
	Kinds   []channel.Kind
	Group   bool
	Title   string // groups only
	Preview Preview
	// LastItem is the newest item, LastInbound the customer's newest,
	// LastReply our newest message: what came before it counts as answered.
	LastItem, LastInbound, LastReply            ItemID
	CreatedAt, LastAt, FirstReplyAt, ResolvedAt time.Time

	// What follows depends on who looks, and is filled in for him.
	Unread    int
	Mentioned bool
	HasDraft  bool
	// DraftText begins what he has written and not sent.
	DraftText   string
	FirstUnread ItemID
}

// Preview is the last thing that happened, for lists.
type Preview struct {
	// Item is the item shown, so that the preview follows its changes.
	Item       ItemID                 `json:"item,omitempty"`
	Kind       ItemKind               `json:"kind"`
	Direction  Direction              `json:"direction,omitempty"`
	Text       string                 `json:"text,omitempty"`
	Attachment channel.AttachmentKind `json:"attachment,omitempty"`
	Duration   time.Duration          `json:"duration,omitempty"`
	Author     access.UserID          `json:"author,omitempty"`
	State      ItemState              `json:"state,omitempty"`
	At         time.Time              `json:"at"`
}

// Chat is a conversation as a platform knows it: where to write to reach the
// contact on a channel.
type Chat struct {
	ID        ChatID
	Workspace int64
	Channel   channel.ID
	Key       string
	Contact   contact.ID
	// Conversation is the latest one.
	Conversation ConversationID
	// Recipient is the person's id where platforms address people.
	Recipient string
	Group     bool
	Title     string
	// LastInboundAt starts the reply window where a platform has one.
	LastInboundAt time.Time
	// Blocked says why we may not write; empty means we may.
	Blocked   channel.Reason
	CreatedAt time.Time
}

// Draft is what an agent has begun to write.
type Draft struct {
	Text      string     `json:"text"`
	Channel   channel.ID `json:"channel,omitempty"`
	Note      bool       `json:"note,omitempty"`
	ReplyTo   ItemID     `json:"reply_to,omitempty"`
	Files     []FileID   `json:"files,omitempty"`
	UpdatedAt time.Time  `json:"-"`
}

// Notification tells one person of something that concerns him.
type Notification struct {
	ID           NotificationID
	Workspace    int64
	User         access.UserID
	Kind         NotificationKind
	Conversation ConversationID
	Item         ItemID
	By           access.UserID
	Text         string
	At, ReadAt   time.Time
}

// NotificationKind says what a notification is about.
type NotificationKind string

// The kinds of notification.
const (
	NotifyMention  NotificationKind = "mention"
	NotifyAssigned NotificationKind = "assigned"
	NotifyChannel  NotificationKind = "channel_failing"
	NotifyWebhook  NotificationKind = "webhook_paused"
)

// Canned is a reply kept ready.
type Canned struct {
	ID       CannedID
	Inbox    ID // 0: every inbox
	Shortcut string
	Title    string
	Text     string
	Files    []FileID
	// Attached is what Files are, filled in for those who read.
	Attached []File
}

// View is a saved filter of the list of conversations.
type View struct {
	ID       ViewID
	Owner    access.UserID
	Shared   bool
	Name     string
	Filter   Filter
	Position int
}
