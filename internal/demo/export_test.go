package demo

import (
	"time"

	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/inbox"
)

// OpenTwice counts the customers with two unresolved conversations in one
// inbox, of the company that a seed and a present make.
func OpenTwice(seed uint64, now time.Time) (int, error) {
	w, err := invent(seed, now)
	if err != nil {
		return 0, err
	}
	type place struct {
		who contact.ID
		box inbox.ID
	}
	open, twice := map[place]bool{}, 0
	for _, t := range w.threads {
		p := place{t.Contact, t.Inbox}
		if t.Status == inbox.Resolved {
			continue
		}
		if open[p] {
			twice++
		}
		open[p] = true
	}
	return twice, nil
}
