// Package channeltest is the one suite that every channel passes, against a
// stand-in of its platform: what a customer does arrives whole and once, what
// an agent sends is what the customer sees, and whatever goes wrong is said
// truthfully.
//
// A channel's test gives a [Platform]; what the platform lacks is skipped by
// the adapter's channel.Capabilities or by [ErrLacks], never by its name:
//
//	func TestContract(t *testing.T) {
//		channeltest.Run(t, func(t *testing.T) channeltest.Platform { return newPlatform(t) })
//	}
package channeltest

import (
	"errors"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// Platform is a running stand-in with one account and two customers. A fresh
// one is made for each case.
type Platform interface {
	// Factory and Account connect an adapter to the stand-in. The suite opens
	// it, and puts itself between the two where the account has an "api_url"
	// setting. With a Hook, Account.WebhookURL is its URL.
	Factory() channel.Factory
	Account() channel.Account
	// Hook is where the stand-in sends its webhooks, made with NewHook; nil
	// when the adapter polls.
	Hook() *Hook
	// Do lets a customer act, or returns ErrLacks. It returns the external id
	// of the message that came of it, if one did.
	Do(Action) (string, error)
	// Seen lists what the customer (0 or 1) sees of ours, oldest first,
	// deleted messages left out.
	Seen(customer int) ([]Seen, error)
	// Break makes the platform fail in its own words from now on, or returns
	// ErrLacks. Faults of the network are the suite's own.
	Break(Fault) error
	// Violations lists whatever broke the published specification.
	Violations() []string
}

// Observer is implemented by platforms that tell what passes without leaving
// a message.
type Observer interface {
	// SawTyping says whether a customer was shown that we are typing.
	SawTyping(customer int) bool
	// SawRead says whether a customer was shown that we read his message.
	SawRead(customer int, id string) bool
	// SawReaction is our reaction that a customer sees on a message, if any.
	SawReaction(customer int, id string) string
}

// BodySigner is implemented by platforms whose webhook signature covers the
// body: a changed body must be refused.
type BodySigner interface{ SignsBody() bool }

// SilentBlocker is implemented by platforms whose webhooks do not tell that a
// customer blocked us; it shows only when we send.
type SilentBlocker interface{ BlocksSilently() bool }

// ErrLacks says that the platform has no such thing.
var ErrLacks = errors.New("the platform has no such thing")

// Verb is what a customer does.
type Verb string

// The verbs; the fields of Action that each one reads.
const (
	Write      Verb = "write"       // Text, Marks
	Reply      Verb = "reply"       // Text, To
	Forward    Verb = "forward"     // Text: somebody else's words
	SendFiles  Verb = "send_files"  // Files, Text as the caption; several are an album
	SendPlace  Verb = "send_place"  // Location
	SendCard   Verb = "send_card"   // Card: somebody else's
	SharePhone Verb = "share_phone" // Card: the customer's own, proven by the platform
	EditText   Verb = "edit_text"   // To, Text
	Delete     Verb = "delete"      // To
	React      Verb = "react"       // To, Emoji ("" takes it back)
	Press      Verb = "press"       // To, Payload
	Type       Verb = "type"
	Read       Verb = "read"  // everything of ours
	Start      Verb = "start" // Payload: a deep link's
	Block      Verb = "block"
	Unblock    Verb = "unblock"
	// SendUnknown is a message of a type that nobody knows yet, Surprise an
	// update of such a type.
	SendUnknown Verb = "send_unknown"
	Surprise    Verb = "surprise"
)

// Action is one thing that a customer does.
type Action struct {
	Verb     Verb
	Customer int // 0 or 1
	Text     string
	Marks    []channel.Mark
	Files    []File
	Location channel.Location
	Card     channel.Card
	To       string // external id of the message acted on
	Emoji    string
	Payload  string
}

// File is a file on its way.
type File struct {
	Kind channel.AttachmentKind
	// Name is kept by documents only on most platforms.
	Name, MIME string
	Data       []byte
}

// Seen is a message of ours as the customer sees it: markup resolved into
// plain text and marks.
type Seen struct {
	ID       string
	Text     string
	Marks    []channel.Mark
	Files    []File
	Location *channel.Location
	Cards    []channel.Card
	// Buttons are all buttons in reading order.
	Buttons []channel.Button
	ReplyTo string
	// Template is the name of the template, if it was one.
	Template string
}

// FaultKind is a way for the platform to fail.
type FaultKind string

// The faults that only the platform can word.
const (
	// Busy is a rate limit with Fault.RetryAfter.
	Busy FaultKind = "busy"
	// Revoked is a token that is valid no longer.
	Revoked FaultKind = "revoked"
	// Lapsed is our webhook subscription ended by the platform.
	Lapsed FaultKind = "lapsed"
	// Expired makes every file that customers sent impossible to fetch.
	Expired FaultKind = "expired"
	// Outage is the platform's own answer that it is out of order and took
	// nothing.
	Outage FaultKind = "outage"
	// FailLater takes the next message and reports it failed afterwards.
	FailLater FaultKind = "fail_later"
)

// Fault is how the platform fails.
type Fault struct {
	Kind       FaultKind
	RetryAfter time.Duration
}
