package channel

import (
	"context"
	"io"
	"time"
)

// Content is what a message says, whatever the platform.
type Content struct {
	Text string `json:"text,omitempty"`
	// Marks format parts of Text.
	Marks       []Mark       `json:"marks,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Location    *Location    `json:"location,omitempty"`
	Contacts    []Card       `json:"contacts,omitempty"`
	// Buttons are rows of buttons under the message.
	Buttons [][]Button `json:"buttons,omitempty"`
	// Template is set instead of Text where the platform demands one.
	Template *Template `json:"template,omitempty"`
	// Pressed is set when the message is the press of a button of ours.
	Pressed *Button `json:"pressed,omitempty"`
	// Unsupported names the platform's type that we cannot show yet; the raw
	// update is kept.
	Unsupported string `json:"unsupported,omitempty"`
	// Forwarded names where a forwarded message came from, as shown.
	Forwarded string `json:"forwarded,omitempty"`
}

// Empty reports whether there is nothing to send.
func (c Content) Empty() bool {
	return c.Text == "" && len(c.Attachments) == 0 && c.Location == nil && len(c.Contacts) == 0 && c.Template == nil
}

// Mark formats a part of a text. Offset and Length are in UTF-16 code units,
// as browsers, Telegram and MAX count.
type Mark struct {
	Type   MarkType `json:"type"`
	Offset int      `json:"offset"`
	Length int      `json:"length"`
	URL    string   `json:"url,omitempty"` // for Link
}

// MarkType is a kind of formatting.
type MarkType string

// The formatting that at least one platform carries.
const (
	Bold      MarkType = "bold"
	Italic    MarkType = "italic"
	Underline MarkType = "underline"
	Strike    MarkType = "strike"
	Code      MarkType = "code"
	Pre       MarkType = "pre"
	Quote     MarkType = "quote"
	Link      MarkType = "link"
	Spoiler   MarkType = "spoiler"
	Mention   MarkType = "mention"
)

// AttachmentKind says how a file is shown and sent.
type AttachmentKind string

// The kinds of attachment.
const (
	Image     AttachmentKind = "image"
	Video     AttachmentKind = "video"
	Audio     AttachmentKind = "audio"
	Voice     AttachmentKind = "voice"
	Document  AttachmentKind = "document"
	Sticker   AttachmentKind = "sticker"
	Animation AttachmentKind = "animation"
)

// Attachment is a file of a message. Coming in, Ref tells the adapter how to
// fetch it; going out, the caller supplies the bytes through Outgoing.Open.
type Attachment struct {
	// FileID is Okno's id of the stored file, empty until there is one.
	FileID   string         `json:"file_id,omitempty"`
	Kind     AttachmentKind `json:"kind"`
	Name     string         `json:"name,omitempty"`
	MIME     string         `json:"mime,omitempty"`
	Size     int64          `json:"size,omitempty"` // bytes; 0: unknown
	Duration time.Duration  `json:"duration,omitempty"`
	Width    int            `json:"width,omitempty"`
	Height   int            `json:"height,omitempty"`
	// Emoji is a sticker's emoji.
	Emoji string `json:"emoji,omitempty"`
	// Transcript is the platform's own text of a voice message, if it gave one.
	Transcript string `json:"transcript,omitempty"`
	// Ref is the adapter's own reference for fetching, opaque to others.
	Ref string `json:"ref,omitempty"`
	// Unfetchable says in advance why the file cannot be fetched
	// (ReasonTooBig for a Telegram file above the download limit).
	Unfetchable Reason `json:"unfetchable,omitempty"`
}

// Location is a point on the map.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Title     string  `json:"title,omitempty"`
	Address   string  `json:"address,omitempty"`
	Live      bool    `json:"live,omitempty"`
}

// Card is a shared contact card.
type Card struct {
	Name   string   `json:"name,omitempty"`
	Phones []string `json:"phones,omitempty"`
	Emails []string `json:"emails,omitempty"`
	VCard  string   `json:"vcard,omitempty"`
	// Own is true only when the platform proves that the card is the
	// sender's own (Telegram's contact.user_id, MAX's hash): then its phone
	// identifies the contact.
	Own bool `json:"own,omitempty"`
}

// ButtonKind says what pressing a button does.
type ButtonKind string

// The kinds of button.
const (
	ButtonCallback ButtonKind = "callback" // sends Payload back
	ButtonURL      ButtonKind = "url"
	ButtonPhone    ButtonKind = "request_phone" // asks for the customer's own number
	ButtonLocation ButtonKind = "request_location"
)

// Button is one button of a message.
type Button struct {
	Kind    ButtonKind `json:"kind"`
	Text    string     `json:"text"`
	Payload string     `json:"payload,omitempty"`
	URL     string     `json:"url,omitempty"`
}

// Template is a platform-approved message with variables.
type Template struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	// Variables are the values by component and position, e.g. "body.1",
	// "header.1", "button.0".
	Variables map[string]string `json:"variables,omitempty"`
	// Body is the rendered text, shown on the timeline.
	Body string `json:"body,omitempty"`
}

// TemplateInfo describes a template that an account may use.
type TemplateInfo struct {
	Name, Language, Category, Status string
	Header, Body, Footer             string
	// Variables lists the keys of Template.Variables with an example each.
	Variables []TemplateVariable
	Buttons   []Button
}

// TemplateVariable is one blank of a template.
type TemplateVariable struct{ Key, Example string }

// Outgoing is one timeline item on its way out. One item is one platform
// message (an album counts as one): callers split before queueing.
type Outgoing struct {
	// ItemID is unique per item; adapters pass it as the idempotency key or
	// opaque data where a platform has such a thing.
	ItemID string
	Chat   string
	// Recipient is the identity's value where the platform addresses people
	// rather than chats.
	Recipient string
	Content   Content
	// ReplyTo is the platform's id of the message replied to, and ReplyQuote
	// the part quoted, if any.
	ReplyTo    string
	ReplyQuote string
	// Open returns the bytes and size of Content.Attachments[i].
	Open func(ctx context.Context, i int) (io.ReadSeekCloser, int64, error)
}

// Sent is a platform's receipt.
type Sent struct {
	// ExternalIDs are the platform's ids of the created messages, the first
	// being the one to reply to or edit (albums have several).
	ExternalIDs []string
	At          time.Time
	// Chat is set when the platform moved the chat (supergroup migration).
	Chat string
}
