package sip

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
)

// SetTrunk adds a trunk or replaces the one of the same id.
func (a *Agent) SetTrunk(s trunk.Settings) {
	t := trunk.New(trunk.Config{
		Transport: a.transport, Transactions: a.trans, Resolver: a.cfg.Resolver, Contact: a.reach.contact, SentBy: a.reach.sentBy,
		Product: a.cfg.Product, Changed: a.cfg.TrunkChanged, Now: a.cfg.Now, Log: a.cfg.Log,
	}, s)
	l := &line{Trunk: t, stop: func() {}, done: make(chan struct{})}
	a.mu.Lock()
	old := a.trunks[s.ID]
	a.trunks[s.ID] = l
	if a.running != nil && a.running.Err() == nil {
		a.start(l)
	} else {
		close(l.done)
	}
	a.mu.Unlock()
	if old != nil {
		old.stop()
	}
}

// start runs a trunk; a.mu is held.
func (a *Agent) start(l *line) {
	ctx, stop := context.WithCancel(a.running)
	l.stop, l.done = stop, make(chan struct{})
	done := l.done
	a.wg.Go(func() {
		defer close(done)
		defer stop()
		_ = l.Run(ctx) // it ends only with its context
	})
}

// RemoveTrunk ends a trunk; calls by it go on.
func (a *Agent) RemoveTrunk(id string) {
	a.mu.Lock()
	l := a.trunks[id]
	delete(a.trunks, id)
	a.mu.Unlock()
	if l != nil {
		l.stop()
	}
}

// Trunks returns how each trunk is.
func (a *Agent) Trunks() []trunk.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]trunk.Status, 0, len(a.trunks))
	for _, t := range a.trunks {
		all = append(all, t.Status())
	}
	slices.SortFunc(all, func(x, y trunk.Status) int {
		if x.ID < y.ID {
			return -1
		}
		return 1
	})
	return all
}

// Choice is a trunk a destination can be called by.
type Choice struct {
	Trunk    string
	Priority int // the lower the earlier
	Weight   int // share of the calls among those of one priority
}

// Order puts trunks into the order to try them: by priority, by chance after
// their weights within one, those known to be down at the end.
func (a *Agent) Order(choices []Choice) []string {
	up := map[string]bool{}
	for _, s := range a.Trunks() {
		up[s.ID] = s.State == trunk.Up || s.State == trunk.Starting
	}
	left := slices.Clone(choices)
	var good, bad []string
	for len(left) > 0 {
		least := left[0].Priority
		for _, c := range left {
			least = min(least, c.Priority)
		}
		total := 0
		for _, c := range left {
			if c.Priority == least {
				total += max(c.Weight, 1)
			}
		}
		pick := rand.IntN(total) //nolint:gosec // chance, no secret
		i := slices.IndexFunc(left, func(c Choice) bool {
			if c.Priority != least {
				return false
			}
			pick -= max(c.Weight, 1)
			return pick < 0
		})
		if up[left[i].Trunk] {
			good = append(good, left[i].Trunk)
		} else {
			bad = append(bad, left[i].Trunk)
		}
		left = slices.Delete(left, i, i+1)
	}
	return append(good, bad...)
}
