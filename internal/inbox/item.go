package inbox

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
)

// ItemKind says what an item of the timeline is.
type ItemKind string

// The kinds of item. Calls and voicemail have their place and are filled by
// telephony.
const (
	KindMessage   ItemKind = "message"
	KindNote      ItemKind = "note"
	KindEvent     ItemKind = "event"
	KindCall      ItemKind = "call"
	KindVoicemail ItemKind = "voicemail"
)

// Direction says which way a message or call went; notes and events have none.
type Direction string

// The directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// ItemState is how far an outgoing message got.
type ItemState string

// The states, in the order in which a message passes through them.
const (
	StateScheduled ItemState = "scheduled"
	StateQueued    ItemState = "queued"
	StateSending   ItemState = "sending"
	StateSent      ItemState = "sent"
	StateDelivered ItemState = "delivered"
	StateRead      ItemState = "read"
	StateFailed    ItemState = "failed"
	StateUncertain ItemState = "uncertain" // it may have been delivered
	StateCancelled ItemState = "cancelled"
)

// rank orders the states that platforms report, which come out of order.
func (s ItemState) rank() int {
	switch s {
	case StateSent:
		return 1
	case StateDelivered:
		return 2
	case StateRead:
		return 3
	case StateScheduled, StateQueued, StateSending, StateFailed, StateUncertain, StateCancelled:
	}
	return 0
}

// AuthorType says what sort of author an item has.
type AuthorType string

// The types of author.
const (
	ByUser    AuthorType = "user"
	ByContact AuthorType = "contact"
	BySystem  AuthorType = "system" // greetings, away messages
	ByDevice  AuthorType = "device" // the owner's own phone
)

// Author is who said it: a user's or contact's id, 0 otherwise.
type Author struct {
	Type AuthorType
	ID   int64
}

// Item is one thing on the timeline.
type Item struct {
	ID           ItemID
	Workspace    int64
	Conversation ConversationID
	// Contact is whose timeline it is on.
	Contact   contact.ID
	Channel   channel.ID
	Chat      ChatID
	Kind      ItemKind
	Direction Direction
	Author    Author
	// Content is without attachments: those are Files.
	Content channel.Content
	Files   []File
	// HasFiles says that there are files to read.
	HasFiles bool
	// External is the platform's id of the message, the first of an album.
	External string
	// ReplyTo is the item replied to; ReplyExternal and ReplyText stand in
	// for messages that Okno does not have.
	ReplyTo                  ItemID
	ReplyExternal, ReplyText string
	Album                    string
	State                    ItemState
	Reason                   channel.Reason
	Detail                   string
	// ClientID is the sender's own id of it: the same one again is the same
	// item.
	ClientID  string
	Event     *Happening
	Reactions []Reaction
	Mentions  []access.UserID
	// Place is where it stands on the timeline, among ids: at its own (also if
	// 0) unless it was sent later than it was written.
	Place ItemID
	// At is the platform's time, CreatedAt ours.
	At, CreatedAt, ScheduledAt, RetryAt, EditedAt, DeletedAt time.Time
	DeletedBy                                                AuthorType
}

// Happening is what an item of kind event tells.
type Happening struct {
	Type string            `json:"type"`
	User access.UserID     `json:"user,omitempty"`
	Data map[string]string `json:"data,omitempty"`
}

// Reaction is one emoji on an item.
type Reaction struct {
	Emoji string        `json:"emoji"`
	By    AuthorType    `json:"by"`
	User  access.UserID `json:"user,omitempty"`
}

// Edition is what an item said before it was changed.
type Edition struct {
	At      time.Time
	Content channel.Content
}

// FileState says whether a file's bytes are here.
type FileState string

// The states of a file.
const (
	FilePending FileState = "pending"
	FileReady   FileState = "ready"
	FileFailed  FileState = "failed"
	FileExpired FileState = "expired" // the platform has it no longer
)

// File is a file of an item, or one uploaded and not sent yet.
type File struct {
	ID         FileID
	Workspace  int64
	Item       ItemID // 0: not sent yet
	Position   int
	User       access.UserID // who uploaded it; 0: a customer
	Kind       channel.AttachmentKind
	Name, MIME string
	Size       int64
	Duration   time.Duration
	Width      int
	Height     int
	Peaks      []byte
	Emoji      string
	Transcript string
	SHA256     []byte
	// BlobKey and ThumbKey are where the bytes are stored.
	BlobKey, ThumbKey string
	Channel           channel.ID
	// Ref is how the channel's adapter fetches it.
	Ref       string
	State     FileState
	Reason    channel.Reason
	CreatedAt time.Time
}

// Attempt is one try to hand an item to its platform.
type Attempt struct {
	ID         int64
	Item       ItemID
	StartedAt  time.Time
	FinishedAt time.Time
	Outcome    Outcome
	Reason     channel.Reason
	Detail     string
}

// Outcome is how an attempt ended; empty while it is under way, or when the
// process died in it.
type Outcome string

// The outcomes.
const (
	OutcomeSent      Outcome = "sent"
	OutcomeFailed    Outcome = "failed"
	OutcomeRetry     Outcome = "retry"
	OutcomeUncertain Outcome = "uncertain"
)

// previewRunes is how much of a text lists show.
const previewRunes = 160

// Brief is how a text begins, on one line, as lists show it.
func Brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > previewRunes {
		return string([]rune(s)[:previewRunes-1]) + "…"
	}
	return s
}

// PreviewOf returns how lists show an item as the last thing.
func PreviewOf(i Item) Preview {
	p := Preview{Item: i.ID, Kind: i.Kind, Direction: i.Direction, State: i.State, At: i.At}
	if i.Author.Type == ByUser {
		p.Author = access.UserID(i.Author.ID)
	}
	c := i.Content
	switch {
	case c.Text != "":
		p.Text = c.Text
	case c.Template != nil:
		p.Text = c.Template.Body
	case c.Location != nil:
		p.Text = strings.TrimSpace("📍 " + c.Location.Title)
	case len(c.Contacts) > 0:
		p.Text = "👤 " + c.Contacts[0].Name
	}
	p.Text = Brief(p.Text)
	if len(i.Files) > 0 {
		p.Attachment, p.Duration = i.Files[0].Kind, i.Files[0].Duration
		if p.Text == "" {
			p.Text = i.Files[0].Transcript
			if i.Files[0].Kind == channel.Document {
				p.Text = i.Files[0].Name
			}
		}
	}
	return p
}

// MarshalContent writes what is stored of a content: all but attachments.
func MarshalContent(c channel.Content) ([]byte, error) {
	c.Attachments = nil
	return json.Marshal(c)
}
