package queue

import (
	"slices"
	"time"
)

// Refusal is why a queue does not keep a caller.
type Refusal string

// The refusals.
const (
	Kept     Refusal = ""
	Full     Refusal = "full"
	NoAgents Refusal = "no_agents"
	TooLong  Refusal = "max_wait"
)

// Admit says whether somebody may begin to wait.
func (s Snapshot) Admit() Refusal {
	if s.Queue.MaxLength > 0 && len(s.Callers) >= s.Queue.MaxLength {
		return Full
	}
	return s.staffed()
}

// Keep says whether a caller may go on waiting.
func (s Snapshot) Keep(c Caller, at time.Time) Refusal {
	if s.Queue.MaxWait > 0 && !c.Absent && !at.Before(c.Since.Add(s.Queue.MaxWait)) {
		return TooLong
	}
	return s.staffed()
}

func (s Snapshot) staffed() Refusal {
	if s.Queue.StayEmpty || slices.ContainsFunc(s.Agents, Agent.Works) {
		return Kept
	}
	return NoAgents
}

// Position is a caller's place, 1 for the next one, 0 if he does not wait.
func (s Snapshot) Position(call int64) int {
	return slices.IndexFunc(s.Order(), func(c Caller) bool { return c.Call == call }) + 1
}

// Estimate is how long a caller at a position will wait about: each agent who
// works takes one call per handle (the average time of a call with its
// wrap-up).
func (s Snapshot) Estimate(position int, handle time.Duration) time.Duration {
	working := 0
	for _, a := range s.Agents {
		if a.Works() {
			working++
		}
	}
	if working == 0 || position <= 0 {
		return 0
	}
	return handle * time.Duration(position) / time.Duration(working)
}

// Due returns the time of the next decision that time alone brings: a wait
// that ends, a wrap-up, a refusal that is over, an announcement.
func (s Snapshot) Due(at time.Time) time.Time {
	var next time.Time
	note := func(t time.Time) {
		if t.After(at) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range s.Callers {
		if s.Queue.MaxWait > 0 {
			note(c.Since.Add(s.Queue.MaxWait))
		}
		if s.Queue.SkillsFor > 0 {
			note(c.Since.Add(s.Queue.SkillsFor))
		}
		if s.Queue.AnnounceEvery > 0 {
			note(c.Told.Add(s.Queue.AnnounceEvery))
		}
		for _, t := range c.Refused {
			note(t.Add(again))
		}
	}
	for _, a := range s.Agents {
		if a.State == WrapUp {
			note(a.Till)
		}
	}
	return next
}
