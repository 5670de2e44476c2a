// Package queue decides whom a waiting call rings. It is pure: every function
// looks at a snapshot of the queue, its callers and its agents, and says what
// to do; time is an argument.
package queue

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
)

// ID identifies a queue.
type ID int64

// Strategy says in what order agents are rung.
type Strategy string

// The strategies.
const (
	RingAll     Strategy = "ring_all"
	LongestIdle Strategy = "longest_idle"
	RoundRobin  Strategy = "round_robin"
	LeastCalls  Strategy = "least_calls"
	BySkill     Strategy = "skills" // the best skilled first, then the longest idle
)

// Queue is where callers wait for agents.
type Queue struct {
	ID        ID
	Workspace int64
	Name      string
	Inbox     int64
	Strategy  Strategy
	// RingFor is how long an agent rings before another one does.
	RingFor time.Duration
	// WrapUp is an agent's time after a call.
	WrapUp time.Duration
	// MaxWait is the longest wait, 0 for ever; MaxLength how many may wait,
	// 0 for any number.
	MaxWait   time.Duration
	MaxLength int
	// StayEmpty keeps callers although nobody works in the queue.
	StayEmpty bool
	// SkillsFor is how long only agents with all skills that a call needs
	// ring; after it any agent of the queue does. 0 is for ever.
	SkillsFor time.Duration
	// AnnounceEvery is the time between announcements, 0 for none.
	AnnounceEvery time.Duration
	// Position and Wait say what is announced.
	Position, Wait bool
	// Within is the service level's goal: answered in this time.
	Within time.Duration
	Music  string // what callers hear, as dialplan.Prompt names it
}

// State says what an agent is doing, as far as calls are concerned.
type State string

// The states.
const (
	Available State = "available"
	Busy      State = "busy" // on a call, or ringing
	WrapUp    State = "wrap_up"
	Paused    State = "paused"
	Away      State = "away"
	Offline   State = "offline"
)

// Agent is one member of queues, as he is now.
type Agent struct {
	User  access.UserID
	State State
	// Since is when the state began; Idle when his last call ended.
	Since, Idle time.Time
	// Till is when wrap-up ends.
	Till time.Time
	// Calls is how many he has answered today.
	Calls int
	// Full says that he has as many conversations as he may.
	Full bool
	// Skills are his levels, 1 to 10.
	Skills map[string]int
	// Level orders the agents of a queue: those of a lower one ring first.
	Level int
}

// Free reports whether an agent can be rung at a time.
func (a Agent) Free(at time.Time) bool {
	if a.Full {
		return false
	}
	return a.State == Available || a.State == WrapUp && !a.Till.IsZero() && !at.Before(a.Till)
}

// Works reports whether an agent will be free sooner or later.
func (a Agent) Works() bool {
	switch a.State {
	case Available, Busy, WrapUp:
		return true
	case Paused, Away, Offline:
	}
	return false
}

// Caller is one who waits.
type Caller struct {
	Call     int64
	Since    time.Time
	Priority int
	Skills   []string
	// Ringing are the agents rung for him now; Refused those who did not take
	// the call and when.
	Ringing []access.UserID
	Refused map[access.UserID]time.Time
	// Last is the agent who spoke with him before, rung first if free.
	Last access.UserID
	// Absent says that he has hung up and keeps his place for a call back.
	Absent bool
	// Told is when he was last told his position.
	Told time.Time
}
