package webhook

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/event"
)

// Transactor runs work in one transaction; the transaction travels in the
// context that fn gets.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
}

// Webhooks stores webhooks. A lookup that finds nothing is ErrNotFound;
// inside a write it keeps others from changing what it found.
type Webhooks interface {
	CreateWebhook(ctx context.Context, w Webhook) error
	UpdateWebhook(ctx context.Context, w Webhook) error
	DeleteWebhook(ctx context.Context, ws int64, id ID) error
	Webhook(ctx context.Context, ws int64, id ID) (Webhook, error)
	ListWebhooks(ctx context.Context, ws int64) ([]Webhook, error)
	// ActiveWorkspaces are those with an active webhook.
	ActiveWorkspaces(ctx context.Context) ([]int64, error)
	// LockFollower makes transactions that move the workspace's cursor wait
	// for one another.
	LockFollower(ctx context.Context, ws int64) error
}

// Deliveries stores deliveries. A lookup that finds nothing is ErrNoDelivery;
// inside a write it keeps others from changing what it found.
type Deliveries interface {
	// CreateDelivery reports whether it is new: an event comes to a webhook
	// once.
	CreateDelivery(ctx context.Context, d Delivery) (bool, error)
	UpdateDelivery(ctx context.Context, d Delivery) error
	Delivery(ctx context.Context, ws int64, id DeliveryID) (Delivery, error)
	// ListDeliveries returns the newest before an id (0: of all).
	ListDeliveries(ctx context.Context, ws int64, w ID, before DeliveryID, limit int) ([]Delivery, error)
	// PendingDeliveries returns the oldest unfinished after an id.
	PendingDeliveries(ctx context.Context, w ID, after DeliveryID, limit int) ([]Delivery, error)
	// ForgetDeliveries removes some that were made before a time.
	ForgetDeliveries(ctx context.Context, before time.Time, limit int) (int64, error)
}

// Log is the event log with a place kept in it.
type Log interface {
	event.Reader
	Cursor(ctx context.Context, ws int64, follower string) (int64, error)
	SetCursor(ctx context.Context, ws int64, follower string, last int64) error
}

// Render writes an event as the API shows it. A nil result means that there
// is nothing left to tell.
type Render func(ctx context.Context, e event.Event) (json.RawMessage, error)

// Job is work to be done after the transaction, surely.
type Job struct {
	Kind      JobKind
	Workspace int64
	// OrderKey keeps jobs with the same key from running at the same time.
	OrderKey string
	Work     Work
	RunAt    time.Time
}

// JobKind names a kind of job.
type JobKind string

// The kinds of job.
const (
	// JobDeliver makes an attempt.
	JobDeliver JobKind = "webhook.deliver"
	// JobRetry waits for the next attempt's time. It has no order key: one
	// that waits for hours must not hold up others.
	JobRetry JobKind = "webhook.retry"
)

// Work is what a job is about. Attempt counts those made before.
type Work struct {
	Webhook  ID         `json:"webhook"`
	Delivery DeliveryID `json:"delivery"`
	Attempt  int        `json:"attempt"`
}

// Jobs keeps jobs inside the caller's transaction.
type Jobs interface {
	Enqueue(ctx context.Context, j Job) error
}

// Sender posts requests. It follows no redirect, and it keeps away from
// addresses inside the operator's network.
type Sender interface {
	Do(req *http.Request) (*http.Response, error)
}

// Sealer encrypts secrets for the row they are kept in.
type Sealer interface {
	Seal(plain []byte, row string) ([]byte, error)
	Open(sealed []byte, row string) ([]byte, error)
}

// Notifier tells a webhook's owner, inside the transaction, that it was
// paused.
type Notifier interface {
	WebhookPaused(ctx context.Context, w Webhook) error
}

// Auditor writes the audit log inside the transaction.
type Auditor interface {
	Record(ctx context.Context, a access.Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error
}
