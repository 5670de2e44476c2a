// Package channel is the contract between Okno and the messengers: what a
// connected account can do, what comes in from it and what goes out to it.
//
// The required interface is small ([Adapter]); everything a platform may or
// may not have (editing, reactions, typing, templates …) is an optional
// interface that an adapter implements or not. [Capabilities] tells the
// composer which of them it may offer, with the limits that apply.
package channel

import (
	"context"
	"time"
)

// ID identifies one connected account within Okno.
type ID int64

// Kind names a platform. It is also the path element of its webhooks.
type Kind string

// The kinds known today. Phone lines join the list with telephony.
const (
	Telegram Kind = "telegram"
	WhatsApp Kind = "whatsapp"
	MAX      Kind = "max"
	Webchat  Kind = "webchat"
	Phone    Kind = "phone"
	Email    Kind = "email"
)

// Account is a connected account as an adapter needs it: settings in the
// clear, secrets decrypted, and where the outside world reaches us.
type Account struct {
	ID   ID
	Kind Kind
	Name string
	// Settings holds the values of the fields that [Factory.Form] names;
	// absent means the field's default.
	Settings map[string]string
	// Secrets holds the values of the secret fields. Never log them.
	Secrets map[string]string
	// WebhookURL is the public address that receives this account's updates:
	// base URL + /hooks/{kind}/{id}. Empty when no base URL is known.
	WebhookURL string
	// WebhookSecret is made by Okno per account and never changes by itself.
	WebhookSecret string
}

// Setting returns a setting or secret by its field name, or def when unset.
func (a Account) Setting(name, def string) string {
	if v, ok := a.Settings[name]; ok && v != "" {
		return v
	}
	if v, ok := a.Secrets[name]; ok && v != "" {
		return v
	}
	return def
}

// Factory makes adapters of one kind.
type Factory interface {
	Kind() Kind
	// Form describes the settings an admin fills in, in order.
	Form() Form
	// Open makes an adapter for an account. It does no network I/O: a wrong
	// token shows in Check, a malformed setting is a fault.Invalid here.
	Open(Account) (Adapter, error)
}

// Form describes a kind's settings for the guided connection.
type Form struct {
	Fields []Field
}

// Field is one setting of a channel. Its label and help are translated by the
// workspace under channels.<kind>.<name>.
type Field struct {
	Name     string
	Type     FieldType
	Secret   bool
	Required bool
	Advanced bool // folded away: api_url, proxy_url, ca_bundle …
	Default  string
	Options  []string // for Choice
}

// FieldType says how a field is entered and validated.
type FieldType string

// The types of field.
const (
	FieldText   FieldType = "text"
	FieldURL    FieldType = "url"
	FieldChoice FieldType = "choice"
	FieldBool   FieldType = "bool"
	FieldPEM    FieldType = "pem"
	FieldList   FieldType = "list" // one value per line
)

// Adapter is one connected account's line to its platform. Its methods are
// safe for concurrent use. It holds no state that matters: everything durable
// is Okno's.
type Adapter interface {
	Capabilities() Capabilities
	// Decode turns one raw update into what happened. It does no I/O and must
	// accept whatever a platform or a stranger sends: what it does not know
	// becomes an Update with Unsupported set; an error means the bytes are
	// not this platform's format at all, and the raw update is kept visible.
	Decode(Raw) ([]Update, error)
	// Send delivers one outgoing item with exactly one platform call that
	// creates a message (uploads before it do not count). Errors are
	// *SendError.
	Send(context.Context, Outgoing) (Sent, error)
	// Check asks the platform whether the account works.
	Check(context.Context) Health
	// Close frees idle connections.
	Close()
}

// Raw is one update as the platform handed it over, before any meaning.
type Raw struct {
	// Key is the platform's own id of the delivery; with the channel it is
	// unique, so that the same delivery again changes nothing.
	Key string
	// Order groups updates that must be worked off one after another,
	// normally the chat.
	Order string
	Body  []byte
	// ReceivedAt is when it reached us.
	ReceivedAt time.Time
}

// Webhook is implemented by adapters whose platform calls us.
type Webhook interface {
	// Accept proves that the request is the platform's and splits it into raw
	// updates, cheaply. A fault.Unauthenticated error means a bad signature.
	// The reply is sent only after the updates are committed.
	Accept(Request) ([]Raw, Reply, error)
}

// Subscriber is implemented by webhook adapters that can register our
// address with the platform.
type Subscriber interface {
	// Subscribe registers Account.WebhookURL and removes stale registrations
	// of ours. It is idempotent.
	Subscribe(context.Context) error
	// Unsubscribe removes our registration, before polling or deletion.
	Unsubscribe(context.Context) error
}

// Request is a webhook request: method, query, headers (canonical names) and
// the exact body.
type Request struct {
	Method string
	Query  map[string][]string
	Header map[string][]string
	Body   []byte
}

// Reply is what the platform expects in answer; the zero value is 200 with
// an empty body.
type Reply struct {
	Status      int
	ContentType string
	Body        []byte
}

// Poller is implemented by adapters that can fetch updates themselves.
type Poller interface {
	// Poll waits up to the platform's long-poll time for updates after the
	// cursor. The returned cursor is committed together with the updates; the
	// next call with it acknowledges them to the platform.
	Poll(ctx context.Context, cursor string) (updates []Raw, next string, err error)
}

// Health is what Check found.
type Health struct {
	State HealthState
	// Reason is a stable code when not working ("token_revoked",
	// "webhook_failing", "webhook_missing", "unreachable", "tls",
	// "proxy", "ca_untrusted", "rate_limited" …).
	Reason Reason
	// Detail is the platform's own words, safe to show to an admin.
	Detail string
	// Account names what we are connected to: "@okno_bot", "+7 900 111-22-33".
	Account string
	// Pending is the number of updates waiting at the platform, if it tells.
	Pending int
	// LastError and LastErrorAt are the platform's last failed delivery to us.
	LastError   string
	LastErrorAt time.Time
	// Facts are platform-specific extras to show ("quality": "GREEN").
	Facts map[string]string
}

// HealthState says whether a channel works.
type HealthState string

// The states a channel can be in.
const (
	Working  HealthState = "working"
	Degraded HealthState = "degraded" // messages flow, but something needs a hand
	Failing  HealthState = "failing"
	Unknown  HealthState = "unknown" // never checked
	Disabled HealthState = "disabled"
)

// Capabilities says what an account can do and its limits, for the composer
// and for validation before queueing. Zero limits mean "no limit known".
type Capabilities struct {
	// Text is the maximum length of a text in UTF-16 units, Caption of a text
	// that goes with attachments.
	Text, Caption int
	// Marks lists the formatting that survives.
	Marks []MarkType
	// Attachments maps each kind that can be sent to its limits.
	Attachments map[AttachmentKind]FileLimit
	// Album is the largest number of attachments in one message (1: no
	// albums); AlbumKinds are those that may share one.
	Album      int
	AlbumKinds []AttachmentKind
	Location   bool
	Contact    bool
	Reply      bool
	Edit       bool
	EditWithin time.Duration // how old a message may be; zero: any age
	Delete     bool
	// DeleteWithin is how old a message may be; zero: any age.
	DeleteWithin time.Duration
	React        bool
	Reactions    []string // the allowed emoji; empty: any
	Typing       bool
	MarkRead     bool
	Delivered    bool // the platform reports delivery
	Read         bool // the platform reports reading
	// Buttons limits a message's buttons.
	Buttons  ButtonLimit
	Template bool
	// Window is how long after the customer's last message free text is
	// allowed; zero: always.
	Window time.Duration
	// StartFirst says whether the business may write to someone who has never
	// written.
	StartFirst bool
}

// FileLimit bounds one kind of attachment.
type FileLimit struct {
	MaxBytes int64
	MIME     []string // allowed types, "audio/*" style patterns; empty: any
}

// ButtonLimit bounds the buttons of one message.
type ButtonLimit struct {
	Max, Text, Payload int
	// Message is the maximum length of the text of a message with buttons, in
	// UTF-16 units, where it is less than without; zero: as without.
	Message int
	Kinds   []ButtonKind
}

// TextLimit is the maximum length of a message's text; zero: no limit known.
func (c Capabilities) TextLimit(files, buttons bool) int {
	limit := c.Text
	if files && c.Caption > 0 {
		limit = c.Caption
	}
	if buttons && c.Buttons.Message > 0 && (limit == 0 || c.Buttons.Message < limit) {
		limit = c.Buttons.Message
	}
	return limit
}
