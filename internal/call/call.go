// Package call decides what happens in a voice call. A [Machine] is one
// call's state: events go in (a phone rings, answers, hangs up, a digit, a
// request of a user, time passing), commands come out (dial, answer, join,
// play, record). It has no clock, goroutine or network, so that every race
// can be replayed; the switchboard owns the machine of each call and carries
// its commands out.
package call

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/dialplan"
)

// ID identifies a call.
type ID int64

// Direction says who called whom.
type Direction string

// The directions.
const (
	In       Direction = "in"       // a customer called
	Out      Direction = "out"      // the company called a customer
	Internal Direction = "internal" // colleagues
)

// Result is what became of a call, as people count them.
type Result string

// The results. A call that is not over has none.
const (
	Answered  Result = "answered"  // the two sides spoke
	Missed    Result = "missed"    // a customer reached nobody
	VoiceMail Result = "voicemail" // … and left a message
	CallBack  Result = "callback"  // … and asked to be called
	NotTaken  Result = "no_answer" // the called one did not answer
	Engaged   Result = "busy"      // the called one was busy or declined
	Cancelled Result = "cancelled" // the caller from here gave up
	Failed    Result = "failed"    // it could not be connected
)

// Reason says why a leg or call ended.
type Reason string

// The reasons, each with the SIP status that tells it (RFC 3261 section 21).
const (
	Normal      Reason = "normal"       // hung up
	Busy        Reason = "busy"         // 486, 600
	Declined    Reason = "declined"     // 603
	NoAnswer    Reason = "no_answer"    // 408, 480, or rang as long as allowed
	GaveUp      Reason = "cancelled"    // the caller hung up before an answer, 487
	Elsewhere   Reason = "elsewhere"    // another phone answered
	Unreachable Reason = "unreachable"  // nobody registered there
	NotFound    Reason = "not_found"    // 404, 484
	Forbidden   Reason = "forbidden"    // not allowed to call there
	Congestion  Reason = "congestion"   // no trunk could carry it
	Lost        Reason = "media_lost"   // no sound came any more
	Transferred Reason = "transferred"  // handed over
	Limit       Reason = "limit"        // as long as calls may last
	Broken      Reason = "server_error" // a fault of ours or theirs
	Interrupted Reason = "interrupted"  // the server died in the call
	Shutdown    Reason = "shutdown"     // the server is stopping
)

// Side says who ended something.
type Side string

// The sides.
const (
	ByCustomer Side = "customer"
	ByAgent    Side = "agent"
	BySystem   Side = "system"
)

// Phase is what a call is doing, for the timeline and the live board.
type Phase string

// The phases.
const (
	Arriving Phase = "arriving" // nothing decided yet
	InPlan   Phase = "plan"     // greeting, menu
	Queued   Phase = "queued"
	Ringing  Phase = "ringing"
	Talking  Phase = "talking"
	OnHold   Phase = "hold"
	Parked   Phase = "parked"
	Leaving  Phase = "voicemail" // a message is being recorded
	Over     Phase = "over"
)

// Policy is what the number, queue and user allow, decided when the call
// begins or enters a queue.
type Policy struct {
	Record Recording
	// Pause says that agents may pause the recording.
	Pause bool
	// RingFor is how long somebody rings where nothing else says so.
	RingFor time.Duration
	// Longest is how long a call may last from its answer, 0 for ever.
	Longest time.Duration
	// ParkFor is how long a call stays parked until its parker is rung.
	ParkFor time.Duration
	// Music is what a caller on hold hears.
	Music dialplan.Prompt
}

// filled sets what a call cannot do without.
func (p Policy) filled() Policy {
	if p.RingFor <= 0 {
		p.RingFor = 30 * time.Second
	}
	if p.Music == "" {
		p.Music = dialplan.Music
	}
	return p
}

// Recording says when calls are recorded.
type Recording string

// The policies of recording.
const (
	RecordAlways Recording = "always"
	RecordDemand Recording = "demand" // when the agent starts it
	RecordNever  Recording = "never"
)

// Call is the state that people see.
type Call struct {
	ID        ID
	Workspace int64
	Direction Direction
	// Number is the company's number that was called or is shown.
	Number int64
	// Remote is the customer's number, E.164 where it can be, "" if withheld.
	Remote  string
	Contact contact.ID
	Phase   Phase
	// Node is the plan's node that the call is at.
	Node  dialplan.NodeID
	Queue int64
	// Slot is where it is parked.
	Slot string
	Legs []*Leg

	StartedAt, AnsweredAt, EndedAt time.Time
	// QueuedAt is when it entered the queue that it is in.
	QueuedAt time.Time
	// Waited is how long it was in queues altogether.
	Waited time.Duration
	// NoticeAt is when the caller was told of the recording.
	NoticeAt time.Time

	Result  Result
	Reason  Reason
	EndedBy Side
	// Recorded says that there is something recorded.
	Recorded bool
}

// LegID numbers a call's legs from 1.
type LegID int

// Role is what a leg's party is in the call.
type Role string

// The roles.
const (
	Customer   Role = "customer"
	Agent      Role = "agent"
	Outside    Role = "outside" // a third party, brought in by number
	Supervisor Role = "supervisor"
)

// LegState is how far a leg is.
type LegState string

// The states, in their order.
const (
	LegNew     LegState = "new"     // arrived, not answered
	LegDialing LegState = "dialing" // no answer from there yet
	LegRinging LegState = "ringing"
	LegUp      LegState = "up"
	LegEnded   LegState = "ended"
)

// Leg is one party's side of a call.
type Leg struct {
	ID     LegID
	Role   Role
	User   access.UserID
	Number string
	// Device is what answered: a browser or a phone.
	Device string
	// Arrived says that the party called us rather than we it.
	Arrived bool
	State   LegState
	// Early says that sound comes before the answer.
	Early bool
	// Away is set while its agent holds the others or consults.
	Away bool
	// Mode is how a supervisor takes part.
	Mode Mode

	StartedAt, RangAt, AnsweredAt, EndedAt time.Time
	// Held is how long this agent kept the others on hold.
	Held   time.Duration
	Reason Reason
	// EndedBy says whether the party itself ended it.
	EndedBy Side

	heldAt   time.Time
	ringTill time.Time
	recorded bool
	media    Media
}

// Alive reports whether the leg has not ended.
func (l *Leg) Alive() bool { return l.State != LegEnded }

// Mode is how somebody takes part in a room.
type Mode string

// The modes.
const (
	Talk    Mode = ""        // speaks to and hears everybody
	Listen  Mode = "listen"  // hears everybody
	Whisper Mode = "whisper" // … and is heard by agents only
	Barge   Mode = "barge"   // like Talk, and known as a supervisor
)
