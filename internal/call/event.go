package call

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/dialplan"
)

// Event is something that happened to a call or is asked of it.
type Event interface{ event() }

// What the switchboard reports.
type (
	// Rang says that the leg's party is being alerted; Early when sound comes
	// already.
	Rang struct {
		Leg   LegID
		Early bool
	}
	// Connected says that the leg's party has answered on a device.
	Connected struct {
		Leg    LegID
		Device string
	}
	// Ended says that the leg is gone: refused, failed, hung up, lost. A leg
	// that was told to go needs no such event.
	Ended struct {
		Leg    LegID
		Reason Reason
	}
	// Pressed is a digit that came from the leg.
	Pressed struct {
		Leg   LegID
		Digit rune
	}
	// Played says that a list of prompts is through. Token is that of the
	// [Media].
	Played struct {
		Leg   LegID
		Token int
	}
	// Silent says that the party of a voicemail has said nothing for a while.
	Silent struct{ Leg LegID }
	// LookedUp is a look-up's answer.
	LookedUp struct {
		Vars   map[string]string
		Failed bool
	}
	// Tick says that time has passed; see [Machine.Deadline].
	Tick struct{}
)

// What the queue tells.
type (
	// Offered lets the call ring these agents.
	Offered struct {
		Users []access.UserID
		For   time.Duration
	}
	// Announce tells the waiting caller something.
	Announce struct{ Prompts []dialplan.Prompt }
	// Ruled sets another policy from now on, that of the queue.
	Ruled struct{ Policy Policy }
	// Outwaited says that the queue gives the call back.
	Outwaited struct{ Outcome dialplan.OutcomeKind }
)

// What users ask. By is the asking user's leg in this call.
type (
	// Hold puts the others on hold or takes them back.
	Hold struct {
		By LegID
		On bool
	}
	// Transfer hands the call to somebody and leaves at once.
	Transfer struct {
		By LegID
		To dialplan.Target
	}
	// Consult rings somebody while the others hold.
	Consult struct {
		By LegID
		To dialplan.Target
	}
	// Finish ends a consultation.
	Finish struct {
		By  LegID
		How Finishing
	}
	// Park leaves the call at a slot for anybody to take.
	Park struct {
		By   LegID
		Slot string
	}
	// Take joins a user to a parked call: his leg has arrived, or he is rung.
	Take struct {
		User    access.UserID
		Arrived bool
		Device  string
	}
	// RecordNow starts, pauses or resumes the recording.
	RecordNow struct {
		By LegID
		On bool
	}
	// Supervise joins a supervisor, or changes how he takes part.
	Supervise struct {
		User    access.UserID
		Mode    Mode
		Arrived bool
		Device  string
	}
	// TakeOver makes the supervisor the agent; the agent is released.
	TakeOver struct{ User access.UserID }
	// HangUp ends a leg; without one, the whole call.
	HangUp struct {
		Leg    LegID
		By     Side
		Reason Reason
	}
)

// Finishing is how a consultation ends.
type Finishing string

// The ways.
const (
	Complete Finishing = "complete" // the consulted one gets the call
	Return   Finishing = "return"   // back to the held ones, the consulted one goes
	Merge    Finishing = "merge"    // all in one conference
)

func (Rang) event()      {}
func (Connected) event() {}
func (Ended) event()     {}
func (Pressed) event()   {}
func (Played) event()    {}
func (Silent) event()    {}
func (LookedUp) event()  {}
func (Tick) event()      {}
func (Offered) event()   {}
func (Announce) event()  {}
func (Ruled) event()     {}
func (Outwaited) event() {}
func (Hold) event()      {}
func (Transfer) event()  {}
func (Consult) event()   {}
func (Finish) event()    {}
func (Park) event()      {}
func (Take) event()      {}
func (RecordNow) event() {}
func (Supervise) event() {}
func (TakeOver) event()  {}
func (HangUp) event()    {}
