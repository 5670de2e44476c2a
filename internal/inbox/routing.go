package inbox

import (
	"cmp"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
)

// Candidate is somebody a conversation could be handed to.
type Candidate struct {
	User     access.UserID
	Presence access.Presence
	// Capacity is his own limit of open conversations, 0: the inbox's.
	Capacity int
	// Open is how many he has, LastAssigned when he got the last one.
	Open         int
	LastAssigned time.Time
	// Knows says that he spoke with this contact last.
	Knows bool
}

// Pick chooses who gets a conversation: nobody (0) if routing is manual or
// everybody is away or full. Who knows the contact goes first; otherwise the
// one whose last conversation lies furthest back (round robin) or who has the
// fewest open ones (least busy).
func (r Routing) Pick(candidates []Candidate) access.UserID {
	if r.Mode == Manual || r.Mode == "" {
		return 0
	}
	free := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool {
		if c.Presence == access.Offline || (r.OnlyOnline && c.Presence != access.Online) {
			return true
		}
		limit := c.Capacity
		if limit == 0 {
			limit = r.Capacity
		}
		return limit > 0 && c.Open >= limit
	})
	if len(free) == 0 {
		return 0
	}
	best := slices.MinFunc(free, func(a, b Candidate) int {
		if a.Knows != b.Knows {
			if a.Knows {
				return -1
			}
			return 1
		}
		if r.Mode == LeastBusy && a.Open != b.Open {
			return cmp.Compare(a.Open, b.Open)
		}
		if c := a.LastAssigned.Compare(b.LastAssigned); c != 0 {
			return c
		}
		return cmp.Compare(a.User, b.User)
	})
	return best.User
}
