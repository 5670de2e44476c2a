// Package account looks after the connected accounts: the bots, numbers and
// widgets through which customers write. It connects them, keeps their
// adapters open, takes in what their platforms hand over, and watches that
// they work.
package account

import (
	"context"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/inbox"
)

// Account is a connected account.
type Account struct {
	ID        channel.ID
	Workspace int64
	Inbox     inbox.ID
	Kind      channel.Kind
	Name      string
	Enabled   bool
	// Settings are in the clear; Secrets are sealed where they are stored and
	// never leave this package but to adapters.
	Settings map[string]string
	Secrets  map[string]string
	// Hook is the secret that the platform proves itself with.
	Hook          string
	Health        Health
	LastInboundAt time.Time
	CreatedAt     time.Time
}

// Health is what the last check found, and since when it is so.
type Health struct {
	State     channel.HealthState `json:"state"`
	Reason    channel.Reason      `json:"reason,omitempty"`
	Detail    string              `json:"detail,omitempty"`
	Since     time.Time           `json:"since"`
	CheckedAt time.Time           `json:"checked_at"`
	Account   string              `json:"account,omitempty"`
	Pending   int                 `json:"pending,omitempty"`
	Facts     map[string]string   `json:"facts,omitempty"`
	// Failures counts bad checks in a row: one alone is not worth an alarm.
	Failures int `json:"failures,omitempty"`
	// Told says that people have been notified of it.
	Told bool `json:"told,omitempty"`
}

// The failures this package tells its users of.
var (
	ErrNotFound = fault.New(fault.NotFound, "channel.not_found")
	ErrKind     = fault.New(fault.Invalid, "channel.unknown_kind")
	ErrDisabled = fault.New(fault.Unavailable, "channel.disabled")
	ErrSetting  = fault.New(fault.Invalid, "channel.unknown_setting")
	ErrRequired = fault.New(fault.Invalid, "channel.required")
	ErrNoTempl  = fault.New(fault.Invalid, "channel.no_templates")
	ErrNoLink   = fault.New(fault.Invalid, "channel.no_link")
	ErrNoUpdate = fault.New(fault.NotFound, "inbound.not_found")
)

// Transactor runs work in one transaction, which travels in the context.
type Transactor interface {
	Write(ctx context.Context, fn func(ctx context.Context) error) error
	// Join makes fn a part of the transaction of ctx, with which it fails, or
	// is a Write where there is none.
	Join(ctx context.Context, fn func(ctx context.Context) error) error
	AfterCommit(ctx context.Context, fn func())
}

// Accounts stores accounts. A lookup that finds nothing is ErrNotFound;
// deleted ones are not found.
type Accounts interface {
	CreateAccount(ctx context.Context, a Account) error
	UpdateAccount(ctx context.Context, a Account) error
	SetHealth(ctx context.Context, id channel.ID, h Health) error
	DeleteAccount(ctx context.Context, ws int64, id channel.ID, at time.Time) error
	Account(ctx context.Context, id channel.ID) (Account, error)
	// AllAccounts lists every workspace's.
	AllAccounts(ctx context.Context) ([]Account, error)
	Cursor(ctx context.Context, id channel.ID) (string, error)
	SetCursor(ctx context.Context, id channel.ID, cursor string) error
}

// Updates stores raw updates.
type Updates interface {
	AppendInbound(ctx context.Context, ws int64, ch channel.ID, list []channel.Raw, newID func() int64) (fresh int64, err error)
	MarkInbound(ctx context.Context, ch channel.ID, at time.Time) error
	FailedInbound(ctx context.Context, ws int64, ch channel.ID, before int64, limit int) ([]inbox.Inbound, error)
	ReplayInbound(ctx context.Context, ws int64, ch channel.ID, id int64) (int64, error)
}

// Inboxes checks that an inbox exists.
type Inboxes interface {
	Inbox(ctx context.Context, ws int64, id inbox.ID) (inbox.Inbox, error)
}

// Auditor writes the audit log inside the caller's transaction.
type Auditor interface {
	Record(ctx context.Context, a access.Actor, action, targetType string, targetID int64, targetName string, detail map[string]any) error
}

// Alarm tells the people in charge that an account began to fail.
type Alarm interface {
	ChannelFailing(ctx context.Context, a Account) error
}
