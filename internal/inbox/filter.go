package inbox

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
)

// Scope narrows a list to whose conversations it shows.
type Scope string

// The scopes.
const (
	Mine       Scope = "mine"
	Unassigned Scope = "unassigned"
	Everybody  Scope = "all"
	Mentions   Scope = "mentions"
)

// StatusFilter is a status, or one of the groups below.
type StatusFilter string

// Groups of statuses.
const (
	ActiveOnly StatusFilter = "active" // open and pending
	AnyStatus  StatusFilter = "any"
)

// Sort orders a list.
type Sort string

// The orders.
const (
	ByRecent  Sort = "recent"  // the latest first
	ByWaiting Sort = "waiting" // who waits longest first
)

// Filter says which conversations a list shows. Zero fields do not narrow it.
type Filter struct {
	Scope    Scope         `json:"scope,omitempty"`
	Status   StatusFilter  `json:"status,omitempty"`
	Inbox    ID            `json:"inbox_id,omitempty"`
	Kind     channel.Kind  `json:"channel_kind,omitempty"`
	Team     access.TeamID `json:"team_id,omitempty"`
	Assignee access.UserID `json:"assignee_id,omitempty"`
	Tag      contact.TagID `json:"tag_id,omitempty"`
	Unread   bool          `json:"unread,omitempty"`
	Waiting  bool          `json:"waiting,omitempty"`
	Sort     Sort          `json:"sort,omitempty"`
}

// Normalise fills in defaults and refuses what does not exist.
func (f Filter) Normalise() (Filter, error) {
	bad := func(field string) error {
		return fault.New(fault.Invalid, "filter.unknown_value").WithField(field)
	}
	switch f.Scope {
	case "":
		f.Scope = Everybody
	case Mine, Unassigned, Everybody, Mentions:
	default:
		return f, bad("scope")
	}
	switch f.Status {
	case "":
		f.Status = ActiveOnly
	case ActiveOnly, AnyStatus, StatusFilter(Open), StatusFilter(Pending), StatusFilter(Snoozed), StatusFilter(Resolved):
	default:
		return f, bad("status")
	}
	switch f.Sort {
	case "":
		f.Sort = ByRecent
	case ByRecent, ByWaiting:
	default:
		return f, bad("sort")
	}
	return f, nil
}

// Seen is who looks at a list: what he may see and whose marks count.
type Seen struct {
	Workspace int64
	User      access.UserID
	// Inboxes he may see; nil means all.
	Inboxes []ID
}

// Page is a place in a list.
type Page struct {
	// After is the last row seen: its sort time and id.
	AfterTime time.Time
	AfterID   ConversationID
	Limit     int
}

// Counts are the numbers beside the tabs.
type Counts struct {
	Mine, Unassigned, All, Mentions, Unread int
	ByView                                  map[ViewID]int
}
