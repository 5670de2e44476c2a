// Package dialplan decides what becomes of a call: a plan is a graph that an
// admin draws (opening hours, greetings, menus, queues, people, voicemail …)
// and a [Walk] follows it, step by step, as the call reports what came of
// each. It is pure: no clock, no network, no sound.
package dialplan

import "time"

// Prompt names something to play: "prompt:ID" of the library, "tone:NAME",
// "moh:ID" for music on hold, "say:LANGUAGE:number:7" for a spoken figure.
type Prompt string

// The prompts that every installation has.
const (
	Ringback Prompt = "tone:ringback"
	BusyTone Prompt = "tone:busy"
	Beep     Prompt = "tone:beep"
	Music    Prompt = "moh:default"
)

// StepKind says what a step is.
type StepKind string

// The steps that a call can take for a plan.
const (
	StepPlay      StepKind = "play"      // play, and collect digits where Collect says so
	StepRing      StepKind = "ring"      // ring people or numbers
	StepQueue     StepKind = "queue"     // wait for an agent
	StepVoicemail StepKind = "voicemail" // record a message
	StepCallback  StepKind = "callback"  // note that the caller wants to be called
	StepLookup    StepKind = "lookup"    // ask a server of the company's
	StepHangUp    StepKind = "hang_up"   // the end
)

// Step is what a plan wants done with the caller next. The part that belongs
// to its kind is set.
type Step struct {
	Kind StepKind
	// Node is where in the plan this is, for the timeline and the simulator.
	Node NodeID
	// Answer says that the caller's line is answered first; otherwise the
	// step is heard as early media or not at all.
	Answer bool
	// Notice says that the prompts tell the caller of being recorded.
	Notice bool

	Prompts   []Prompt
	Collect   Collect
	Ring      Ring
	Queue     Enqueue
	Voicemail Voicemail
	Lookup    Lookup
	// Code is the reason of StepHangUp: "normal", "busy", "declined", "not_found".
	Code string
}

// Collect says how digits are taken while and after the prompts play. With
// Max 0 none are.
type Collect struct {
	Max int
	// First is the wait for the first digit after the prompts, Next the wait
	// between two.
	First, Next time.Duration
	// End is the digit that ends the input early, 0 for none.
	End rune
}

// TargetKind says whom a target names.
type TargetKind string

// The kinds of target.
const (
	ToUser   TargetKind = "user"   // all of a person's phones and browsers
	ToNumber TargetKind = "number" // a number outside, E.164
	ToQueue  TargetKind = "queue"
)

// Target is whom to ring.
type Target struct {
	Kind   TargetKind `json:"kind"`
	User   int64      `json:"user,omitempty,string"`
	Number string     `json:"number,omitempty"`
	Queue  int64      `json:"queue,omitempty,string"`
}

// Ring rings targets one after another, or all at once.
type Ring struct {
	Targets []Target
	// Together rings all of them at once.
	Together bool
	// For is how long each (or all) ring.
	For time.Duration
	// Hear is what the caller hears meanwhile.
	Hear Prompt
}

// Enqueue puts the caller into a queue.
type Enqueue struct {
	Queue    int64
	Priority int
	Skills   []string
	// Leave is the digit that leaves the queue, 0 for none.
	Leave rune
}

// Voicemail records what the caller says after the prompts and a beep.
type Voicemail struct {
	// User is whose mailbox it is, 0: the inbox's.
	User int64
	Max  time.Duration
	// Silence ends the recording.
	Silence time.Duration
}

// Lookup asks a server for variables.
type Lookup struct {
	URL     string
	Timeout time.Duration
	Vars    map[string]string
}

// OutcomeKind says what came of a step.
type OutcomeKind string

// The outcomes.
const (
	Done        OutcomeKind = "done"         // played to the end, message left
	Entered     OutcomeKind = "entered"      // digits are in Digits
	TimedOut    OutcomeKind = "timed_out"    // no digit came
	Talked      OutcomeKind = "talked"       // somebody answered, and has hung up
	NoAnswer    OutcomeKind = "no_answer"    // it rang in vain
	Busy        OutcomeKind = "busy"         // busy or declined
	Unavailable OutcomeKind = "unavailable"  // nobody has a phone there
	Full        OutcomeKind = "full"         // the queue takes no more
	NoAgents    OutcomeKind = "no_agents"    // nobody works in the queue
	MaxWait     OutcomeKind = "max_wait"     // waited as long as allowed
	Left        OutcomeKind = "left"         // the caller left the queue by a digit
	Found       OutcomeKind = "found"        // Vars are set
	LookupError OutcomeKind = "lookup_error" // the server did not answer
)

// Outcome is what came of a step.
type Outcome struct {
	Kind   OutcomeKind
	Digits string
	Vars   map[string]string
}
