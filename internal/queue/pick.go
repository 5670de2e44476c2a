package queue

import (
	"cmp"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
)

// again is when somebody who did not take a call is rung for it again.
const again = 20 * time.Second

// Snapshot is a queue with everything that a decision needs.
type Snapshot struct {
	Queue   Queue
	Callers []Caller
	Agents  []Agent
	// Next is where round robin goes on: the agent rung last.
	Next access.UserID
}

// Offer rings agents for a caller.
type Offer struct {
	Call  int64
	Users []access.UserID
}

// Order returns the callers in the order in which they are served: by
// priority, then who has waited longest.
func (s Snapshot) Order() []Caller {
	out := slices.Clone(s.Callers)
	slices.SortStableFunc(out, func(a, b Caller) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), a.Since.Compare(b.Since), cmp.Compare(a.Call, b.Call))
	})
	return out
}

// Offers says whom to ring for whom now. No agent is offered twice, none who
// is not free, and no caller before one who is served earlier and could have
// had the same agent.
func (s Snapshot) Offers(at time.Time) []Offer {
	var out []Offer
	taken := map[access.UserID]bool{}
	for _, c := range s.Callers {
		for _, u := range c.Ringing {
			taken[u] = true
		}
	}
	last := s.Next
	for _, c := range s.Order() {
		if len(c.Ringing) > 0 && s.Queue.Strategy != RingAll {
			continue
		}
		users := s.pick(c, at, taken, last)
		if len(users) == 0 {
			continue
		}
		for _, u := range users {
			taken[u] = true
			last = u
		}
		out = append(out, Offer{Call: c.Call, Users: users})
	}
	return out
}

// pick chooses for one caller.
func (s Snapshot) pick(c Caller, at time.Time, taken map[access.UserID]bool, last access.UserID) []access.UserID {
	var free []Agent
	for _, a := range s.Agents {
		refused, did := c.Refused[a.User]
		if !a.Free(at) || taken[a.User] || (did && at.Before(refused.Add(again))) || !s.skilled(a, c, at) {
			continue
		}
		free = append(free, a)
	}
	if len(free) == 0 {
		return nil
	}
	if s.Queue.Strategy != RingAll && c.Last != 0 && slices.ContainsFunc(free, func(a Agent) bool { return a.User == c.Last }) {
		return []access.UserID{c.Last}
	}
	s.sort(free, c, last)
	if s.Queue.Strategy != RingAll {
		return []access.UserID{free[0].User}
	}
	var all []access.UserID
	for _, a := range free {
		if a.Level == free[0].Level {
			all = append(all, a.User)
		}
	}
	return all
}

// sort puts whom to ring first at the front.
func (s Snapshot) sort(free []Agent, c Caller, last access.UserID) {
	idle := func(a, b Agent) int { return cmp.Or(a.Idle.Compare(b.Idle), cmp.Compare(a.User, b.User)) }
	by := idle
	switch s.Queue.Strategy {
	case LeastCalls:
		by = func(a, b Agent) int { return cmp.Or(cmp.Compare(a.Calls, b.Calls), idle(a, b)) }
	case RoundRobin:
		// Those after the one rung last come first.
		turn := func(a Agent) int {
			if a.User > last {
				return 0
			}
			return 1
		}
		by = func(a, b Agent) int { return cmp.Or(cmp.Compare(turn(a), turn(b)), cmp.Compare(a.User, b.User)) }
	case BySkill:
		by = func(a, b Agent) int { return cmp.Or(cmp.Compare(b.level(c), a.level(c)), idle(a, b)) }
	case RingAll, LongestIdle:
	}
	slices.SortFunc(free, func(a, b Agent) int { return cmp.Or(cmp.Compare(a.Level, b.Level), by(a, b)) })
}

// skilled reports whether an agent may be rung for a caller.
func (s Snapshot) skilled(a Agent, c Caller, at time.Time) bool {
	if s.Queue.SkillsFor > 0 && !at.Before(c.Since.Add(s.Queue.SkillsFor)) {
		return true
	}
	return !slices.ContainsFunc(c.Skills, func(k string) bool { return a.Skills[k] == 0 })
}

// level is how well an agent's skills suit a caller.
func (a Agent) level(c Caller) int {
	sum := 0
	for _, k := range c.Skills {
		sum += a.Skills[k]
	}
	return sum
}
