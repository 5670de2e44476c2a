package dialplan

import "time"

// NodeID names a node of a plan.
type NodeID string

// PlanID identifies a plan.
type PlanID int64

// Plan is a graph of nodes that a call to a number follows.
type Plan struct {
	ID        PlanID          `json:"id,string"`
	Workspace int64           `json:"-"`
	Name      string          `json:"name"`
	Start     NodeID          `json:"start"`
	Nodes     map[NodeID]Node `json:"nodes"`
}

// NodeKind says what a node does.
type NodeKind string

// The kinds of node.
const (
	NodeHours     NodeKind = "hours"     // working hours: open, closed, holiday
	NodePlay      NodeKind = "play"      // a greeting, the notice of recording
	NodeMenu      NodeKind = "menu"      // digits
	NodeRing      NodeKind = "ring"      // people, together or in turn
	NodeForward   NodeKind = "forward"   // a number outside
	NodeQueue     NodeKind = "queue"     // wait for an agent
	NodeVoicemail NodeKind = "voicemail" // leave a message
	NodeCallback  NodeKind = "callback"  // be called back
	NodeLookup    NodeKind = "lookup"    // ask a server for variables
	NodeSwitch    NodeKind = "switch"    // by a variable's value
	NodeSet       NodeKind = "set"       // language, priority, variables
	NodeHangUp    NodeKind = "hang_up"
)

// Exit names a way out of a node: one of the constants, a menu's digits
// ("1", "12", "*"), or a switch's case ("case:VIP").
type Exit string

// The exits.
const (
	ExitNext        Exit = "next"
	ExitOpen        Exit = "open"
	ExitClosed      Exit = "closed"
	ExitHoliday     Exit = "holiday" // closed where it leads nowhere
	ExitTimeout     Exit = "timeout"
	ExitInvalid     Exit = "invalid" // as timeout where it leads nowhere
	ExitNoAnswer    Exit = "no_answer"
	ExitBusy        Exit = "busy"        // as no_answer where it leads nowhere
	ExitUnavailable Exit = "unavailable" // as no_answer where it leads nowhere
	ExitMaxWait     Exit = "max_wait"
	ExitNoAgents    Exit = "no_agents" // as max_wait where it leads nowhere
	ExitFull        Exit = "full"      // as max_wait where it leads nowhere
	ExitLeft        Exit = "left"      // the digit that leaves the queue
	ExitAccepted    Exit = "accepted"
	ExitDeclined    Exit = "declined"
	ExitFound       Exit = "found"
	ExitError       Exit = "error"
	ExitElse        Exit = "else"
	ExitAfter       Exit = "after" // when those who talked have hung up
)

// ExitCase is the exit of a switch for a value.
func ExitCase(value string) Exit { return Exit("case:" + value) }

// Speech is what is played, by language; "" is for all others.
type Speech map[string][]Prompt

// in returns the prompts for a language.
func (s Speech) in(language string) []Prompt {
	if p, ok := s[language]; ok {
		return p
	}
	return s[""]
}

// Node is one box of the plan. The part of its kind is set.
type Node struct {
	Kind  NodeKind        `json:"kind"`
	Title string          `json:"title,omitempty"`
	Next  map[Exit]NodeID `json:"next,omitempty"`
	// X and Y are where the editor draws it.
	X int `json:"x"`
	Y int `json:"y"`

	// Hours is the inbox whose working hours count (hours).
	Hours int64 `json:"hours,omitempty,string"`
	// Speech is played first (play, menu, voicemail, callback, hang_up).
	Speech Speech `json:"speech,omitempty"`
	// Notice says that Speech tells of the recording (play).
	Notice bool `json:"notice,omitempty"`
	// Early plays without answering the line (play, hang_up).
	Early bool `json:"early,omitempty"`

	Menu      *Menu      `json:"menu,omitempty"`
	Ring      *RingNode  `json:"ring,omitempty"`
	Queue     *QueueNode `json:"queue,omitempty"`
	Voicemail *Mailbox   `json:"voicemail,omitempty"`
	Callback  *Callback  `json:"callback,omitempty"`
	Lookup    *Asking    `json:"lookup,omitempty"`
	Switch    string     `json:"switch,omitempty"` // the variable
	Set       *Setting   `json:"set,omitempty"`
	Code      string     `json:"code,omitempty"` // the reason (hang_up)
}

// Menu takes digits.
type Menu struct {
	// Tries is how often it is played, 1 to 10.
	Tries int `json:"tries"`
	// Seconds is the wait for the first digit.
	Seconds int `json:"seconds"`
	// Extensions lets callers dial a colleague's number directly.
	Extensions bool `json:"extensions,omitempty"`
	// Wrong is played before the menu is repeated.
	Wrong Speech `json:"wrong,omitempty"`
}

// RingNode rings people, or forwards to a number.
type RingNode struct {
	// LastAgent rings who spoke with the contact last, Owner whose contact or
	// deal it is, before the targets.
	LastAgent bool     `json:"last_agent,omitempty"`
	Owner     bool     `json:"owner,omitempty"`
	Targets   []Target `json:"targets,omitempty"`
	Together  bool     `json:"together,omitempty"`
	// Seconds is how long each, or all together, ring: 5 to 300.
	Seconds int    `json:"seconds"`
	Hear    Prompt `json:"hear,omitempty"`
}

// QueueNode waits in a queue.
type QueueNode struct {
	Queue    int64    `json:"queue,string"`
	Priority int      `json:"priority,omitempty"`
	Skills   []string `json:"skills,omitempty"`
	// Leave is the digit that leaves it.
	Leave string `json:"leave,omitempty"`
}

// Mailbox takes a message.
type Mailbox struct {
	User int64 `json:"user,omitempty,string"`
	// Seconds is the longest message: 5 to 600.
	Seconds int `json:"seconds"`
}

// Callback offers to call back.
type Callback struct {
	// Digit accepts.
	Digit string `json:"digit"`
	// Thanks is played then.
	Thanks Speech `json:"thanks,omitempty"`
}

// Asking is a look-up.
type Asking struct {
	URL string `json:"url"`
	// Seconds is the longest wait: 1 to 10.
	Seconds int `json:"seconds"`
}

// Setting changes what the rest of the plan sees.
type Setting struct {
	Language string            `json:"language,omitempty"`
	Vars     map[string]string `json:"vars,omitempty"`
}

// HoursState says whether a business is open at a time.
type HoursState string

// The states.
const (
	Open    HoursState = "open"
	Closed  HoursState = "closed"
	Holiday HoursState = "holiday"
)

// World answers what a plan cannot know by itself. Its answers are those of
// the moment in which the call began.
type World interface {
	// Hours tells whether an inbox works at a time.
	Hours(inbox int64, at time.Time) HoursState
	// Extension finds whose internal number the digits are.
	Extension(digits string) (Target, bool)
}

// Facts is what is known of a caller.
type Facts struct {
	// Number is the caller's in E.164, "" if withheld; Called is ours.
	Number, Called string
	Contact        int64
	Name           string
	Language       string
	// LastAgent spoke with the contact last, Owner is whose it is; 0: nobody.
	LastAgent, Owner int64
}
