package channel

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Reason is a stable code for why something did not work, translated for
// people by the workspace under reasons.<code>.
type Reason string

// The reasons. An adapter maps every platform error to one of them and keeps
// the platform's words in Detail.
const (
	ReasonBlocked        Reason = "blocked"         // the customer blocked us or stopped the bot
	ReasonChatGone       Reason = "chat_gone"       // no such chat, or we were removed from it
	ReasonTokenRevoked   Reason = "token_revoked"   // credentials no longer valid
	ReasonTooBig         Reason = "too_big"         // file or text above the platform's limit
	ReasonWindowClosed   Reason = "window_closed"   // only templates may be sent now
	ReasonRateLimited    Reason = "rate_limited"    // the platform asks us to slow down
	ReasonUnsupported    Reason = "unsupported"     // the platform does not take this content
	ReasonRecipient      Reason = "recipient"       // not on this platform, not allowed to be written to
	ReasonTemplate       Reason = "template"        // template missing, paused or wrong variables
	ReasonMedia          Reason = "media"           // file refused or could not be processed
	ReasonReplyGone      Reason = "reply_gone"      // the message replied to is gone
	ReasonTooOld         Reason = "too_old"         // too old to edit or delete
	ReasonNoPermission   Reason = "no_permission"   // we may not write here
	ReasonExpired        Reason = "expired"         // a link or media id that lives no longer
	ReasonPlatformDown   Reason = "platform_down"   // the platform answered 5xx
	ReasonUnreachable    Reason = "unreachable"     // network, DNS, proxy
	ReasonTLS            Reason = "tls"             // certificate not trusted or expired
	ReasonBilling        Reason = "billing"         // account unpaid or over its quota
	ReasonRejected       Reason = "rejected"        // any other definite refusal
	ReasonNoAnswer       Reason = "no_answer"       // no answer after the request was written: uncertain
	ReasonWebhookFailing Reason = "webhook_failing" // the platform cannot deliver to us
	ReasonWebhookMissing Reason = "webhook_missing" // our subscription lapsed or points elsewhere
	ReasonMisconfigured  Reason = "misconfigured"   // a setting is missing or wrong
)

// Outcome says what became of a send that did not succeed.
type Outcome int

// The outcomes of a failed send.
const (
	// Failed: definitely not delivered, and trying again will not help.
	Failed Outcome = iota
	// Retry: definitely not delivered, and it may work later.
	Retry
	// Uncertain: it may have been delivered; never resent blindly.
	Uncertain
)

// SendError is the error of Send, Edit, Delete, React and the rest.
type SendError struct {
	Outcome Outcome
	Reason  Reason
	// Detail is the platform's own words, without secrets or URLs.
	Detail string
	// RetryAfter is the platform's wish; WholeAccount says that it concerns
	// every chat of the account.
	RetryAfter   time.Duration
	WholeAccount bool
	// Chat is the chat's new key if the platform answered with a migration.
	Chat  string
	Cause error
}

// Error implements error for the log; it holds no secret.
func (e *SendError) Error() string {
	return fmt.Sprintf("channel: %s: %s", e.Reason, e.Detail)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// Target names an existing message of ours or the customer's.
type Target struct {
	Chat, Recipient, ExternalID string
	// Media says that the message carries attachments (Telegram edits a
	// caption, not a text).
	Media bool
	// SentAt is when it was sent, for platforms with time limits.
	SentAt time.Time
	// ExternalIDs are all ids of an album.
	ExternalIDs []string
}

// Editor can change a sent message's text and buttons.
type Editor interface {
	Edit(context.Context, Target, Content) error
}

// Deleter can delete a sent message for the customer.
type Deleter interface {
	Delete(context.Context, Target) error
}

// Reactor can react to a message; an empty emoji takes the reaction back.
type Reactor interface {
	React(ctx context.Context, t Target, emoji string) error
}

// Activity is what the agent is seen doing.
type Activity string

// The activities that platforms show.
const (
	TypingText     Activity = "typing"
	RecordingVoice Activity = "recording"
	SendingFile    Activity = "sending_file"
)

// Typer can show the customer that someone is typing.
type Typer interface {
	ShowActivity(ctx context.Context, t Target, a Activity) error
}

// ReadMarker can show the customer that his message was read.
type ReadMarker interface {
	MarkRead(ctx context.Context, t Target) error
}

// PressAnswerer must be told of every button press (platforms show a
// spinner until then); text is shown to the customer if not empty.
type PressAnswerer interface {
	AnswerPress(ctx context.Context, answerID, text string) error
}

// Media is a fetched file.
type Media struct {
	Body io.ReadCloser
	Size int64 // -1: unknown
	Name string
	MIME string
}

// MediaFetcher fetches attachments and pictures by their reference. A
// *SendError with ReasonExpired or ReasonTooBig is definite; Retry asks for
// another try.
type MediaFetcher interface {
	Fetch(ctx context.Context, ref string) (Media, error)
}

// Profile is what a platform tells about a person when asked.
type Profile struct {
	Name, Username, Phone, AvatarRef string
}

// Profiler can look a person up.
type Profiler interface {
	Profile(ctx context.Context, chat string, p Person) (Profile, error)
}

// TemplateLister lists the templates of an account.
type TemplateLister interface {
	Templates(context.Context) ([]TemplateInfo, error)
}

// Reconciler can look at the platform's own history to settle an uncertain
// send: found with its receipt, or surely not there.
type Reconciler interface {
	Reconcile(ctx context.Context, o Outgoing, since time.Time) (sent Sent, found bool, err error)
}

// Linker makes deep links into the chat, for QR codes and migration.
type Linker interface {
	DeepLink(payload string) string
}
