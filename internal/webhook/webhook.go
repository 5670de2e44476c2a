// Package webhook tells other programs what happens in a workspace: each
// event is posted to the addresses its admins gave, signed after Standard
// Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md),
// tried for more than a day, and kept in a log from which it can be sent
// again.
package webhook

import (
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
	"github.com/okno-hq/okno/internal/fault"
)

// Identifiers of what this package holds.
type (
	ID         int64
	DeliveryID int64
)

// Webhook is an address that events are posted to.
type Webhook struct {
	ID        ID
	Workspace int64
	URL       string
	// Events are the types posted; none means all.
	Events  []event.Type
	Enabled bool
	// PausedAt and PausedReason are set when the address was given up.
	PausedAt     time.Time
	PausedReason Reason
	// FailingSince is the first failure after the last success.
	FailingSince time.Time
	CreatedBy    access.UserID
	CreatedAt    time.Time
	// Sealed holds the signing secrets, encrypted.
	Sealed []byte
}

// Reason says why a webhook was paused.
type Reason string

// The reasons.
const (
	ReasonFailing Reason = "failing" // nothing but failures for a day
	ReasonGone    Reason = "gone"    // the receiver answered 410 Gone
)

// Active reports whether events are posted.
func (w Webhook) Active() bool { return w.Enabled && w.PausedAt.IsZero() }

// Wants reports whether events of a type are posted.
func (w Webhook) Wants(t event.Type) bool {
	return w.Active() && (len(w.Events) == 0 || slices.Contains(w.Events, t))
}

// State is how far a delivery has come.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// TypeTest is the type of the event that tries a webhook out. It is no event
// of the workspace.
const TypeTest event.Type = "webhook.test"

// Delivery is one event for one webhook.
type Delivery struct {
	ID        DeliveryID
	Workspace int64
	Webhook   ID
	// Event is 0 for a test.
	Event int64
	Type  event.Type
	// Message is the webhook-id header: the same on every try and replay, so
	// that the receiver can tell what it knows already.
	Message string
	// Request is the body.
	Request []byte
	State   State
	// Attempts were made so far, since the last replay.
	Attempts int
	// Status, Error, Response and Took are the last attempt's. Status is 0
	// when no answer came; Response is the beginning of its body.
	Status   int
	Error    string
	Response []byte
	Took     time.Duration
	// NextAt is when it is tried again, zero when it is not.
	NextAt    time.Time
	CreatedAt time.Time
}

// The failures this package tells its users of.
var (
	ErrNotFound     = fault.New(fault.NotFound, "webhook.not_found")
	ErrNoDelivery   = fault.New(fault.NotFound, "webhook.no_delivery")
	ErrURL          = fault.New(fault.Invalid, "webhook.bad_url")
	ErrUnknownEvent = fault.New(fault.Invalid, "webhook.unknown_event")
	ErrTooMany      = fault.New(fault.Conflict, "webhook.too_many")
	ErrInactive     = fault.New(fault.Conflict, "webhook.paused")
)
