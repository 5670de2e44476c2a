package channel

import "time"

// Update is one thing that happened on a platform. Exactly one of the
// pointers is set, besides Chat, At and Sender which apply to all.
type Update struct {
	Chat   Chat
	At     time.Time // the platform's time; zero: unknown
	Sender Person    // zero for updates about the account itself

	Message   *Message
	Edit      *Edit
	Deletion  *Deletion
	Reaction  *Reaction
	Status    *Status
	Press     *Press
	Start     *Start
	Reach     *Reach
	Typing    *Typing
	Migration *Migration
	// PersonChanged tells of a new identity for a known person (WhatsApp's
	// changed number or business-scoped id).
	PersonChanged *PersonChanged
	// Notice is about the channel itself and is shown to its people.
	Notice *Notice
	// Access changes what we may do in the chat (a Telegram business
	// connection that lost can_reply).
	Access *Access
}

// Chat is a conversation as the platform knows it.
type Chat struct {
	// Key is unique within the account, e.g. "501", "bc:bc_9x:601",
	// "-100123:7" (group topic).
	Key   string
	Group bool
	Title string // groups only
}

// Person is who did it, as far as the platform says.
type Person struct {
	// ID is the platform's user id; Scope is empty when ids are global on the
	// platform, otherwise what they are relative to (a WhatsApp portfolio).
	ID, Scope string
	Name      string
	Username  string
	// Phone is set only if the platform vouches for it.
	Phone string
	Email string
	// SaysPhone and SaysEmail are what he says of himself; nobody vouches
	// for them.
	SaysPhone, SaysEmail string

	Language string
	// AvatarRef tells the adapter how to fetch the picture; it changes when
	// the picture does.
	AvatarRef string
	Bot       bool
	// Consent is what he agreed to on the platform, if it asks for such a
	// thing; it is told with everything he does.
	Consent *Consent
}

// Consent is a permission that a person gave.
type Consent struct {
	// Text is what he agreed to, Page where.
	Text, Page string
	At         time.Time
}

// Message is a new message.
type Message struct {
	// ExternalID is unique within the chat (ChatScoped) or the account.
	ExternalID string
	Content    Content
	// Own marks a message written by the business outside Okno (the owner's
	// phone); Echo marks the platform's copy of what Okno itself sent.
	Own, Echo bool
	// ReplyTo is the external id of the message replied to, ReplyText what
	// the platform says it was (for messages older than Okno).
	ReplyTo, ReplyText string
	// Album groups the messages of one album.
	Album string
	// Source is where the customer came from, if this message says (an ad
	// referral).
	Source string
}

// Edit replaces a message's content.
type Edit struct {
	ExternalID string
	Content    Content
}

// Deletion removes messages.
type Deletion struct{ ExternalIDs []string }

// Reaction is the full set of a person's reactions to a message: an empty
// list means they were taken back.
type Reaction struct {
	ExternalID string
	Emoji      []string
}

// DeliveryState is how far an outgoing message got.
type DeliveryState string

// The states a platform may report.
const (
	StateSent      DeliveryState = "sent"
	StateDelivered DeliveryState = "delivered"
	StateRead      DeliveryState = "read"
	StateFailed    DeliveryState = "failed"
)

// Status reports on an outgoing message. With UpTo the state holds for every
// outgoing message of the chat up to and including ExternalID.
type Status struct {
	ExternalID string
	// ItemID is [Outgoing.ItemID] where the platform gives back what was sent
	// along: it settles an uncertain send whose ExternalID never arrived.
	ItemID string
	State  DeliveryState
	UpTo   bool
	Reason Reason // for StateFailed
	Detail string
}

// Press is a press of one of our buttons.
type Press struct {
	// AnswerID is what PressAnswerer wants; ExternalID the message pressed.
	AnswerID, ExternalID string
	Button               Button
}

// Start is a customer opening the chat, perhaps through a deep link.
type Start struct{ Payload string }

// Reach tells whether the customer can still be written to.
type Reach struct {
	Blocked bool
	Reason  Reason
}

// Typing says the customer is writing; it is not stored.
type Typing struct{ Text string }

// Migration says a chat now goes by another key.
type Migration struct{ To string }

// PersonChanged links a person's new identity to the old one.
type PersonChanged struct{ Old Person }

// Notice is something an admin or the agents of the channel should see.
type Notice struct {
	// Code is stable: "voice_not_handed_over", "template_status" …
	Code   string
	Detail string
}

// Access says whether we may write in the chat.
type Access struct {
	CanReply bool
	Reason   Reason
}
