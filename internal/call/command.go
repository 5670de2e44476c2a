package call

import (
	"slices"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/dialplan"
)

// Command is what a call wants done. Commands are carried out in order; what
// comes of them is told by events.
type Command interface{ command() }

// The commands.
type (
	// Alert tells an arrived leg's party that somebody is rung.
	Alert struct{ Leg LegID }
	// Progress lets an arrived leg's party hear sound before the answer.
	Progress struct{ Leg LegID }
	// Answer answers an arrived leg.
	Answer struct{ Leg LegID }
	// Dial rings a target. A user's devices ring together and the first one
	// that answers is the leg.
	Dial struct {
		Leg LegID
		To  dialplan.Target
		// From is shown to the party: the customer's number to an agent,
		// the company's to those outside.
		From string
	}
	// Release ends a leg in whatever state it is.
	Release struct {
		Leg    LegID
		Reason Reason
	}
	// SetMedia says what a leg hears and takes part in from now on.
	SetMedia struct {
		Leg   LegID
		Media Media
	}
	// Record starts or stops keeping what comes from a leg.
	Record struct {
		Leg LegID
		On  bool
		// Paused says that it stops because a user asked for it.
		Paused bool
	}
	// Enter puts the call into a queue.
	Enter struct{ Queue dialplan.Enqueue }
	// Leave takes it out.
	Leave struct {
		Queue int64
		// Answered is who took the call, 0 if nobody did.
		Answered access.UserID
	}
	// Refused tells the queue that an offered agent did not take the call.
	Refused struct {
		Queue  int64
		User   access.UserID
		Reason Reason
	}
	// LookUp asks a server for variables.
	LookUp struct{ Lookup dialplan.Lookup }
	// WantsCallback notes that the caller asked to be called.
	WantsCallback struct{ Queue int64 }
	// Finished says that the call is over; it is the last command.
	Finished struct{}
)

func (Alert) command()         {}
func (Progress) command()      {}
func (Answer) command()        {}
func (Dial) command()          {}
func (Release) command()       {}
func (SetMedia) command()      {}
func (Record) command()        {}
func (Enter) command()         {}
func (Leave) command()         {}
func (Refused) command()       {}
func (LookUp) command()        {}
func (WantsCallback) command() {}
func (Finished) command()      {}

// Media is what a leg hears. The zero value is silence.
type Media struct {
	// Room is whom it is joined with, 0 for nobody.
	Room int
	Mode Mode
	// Play is played once in order, Loop after it until something else is
	// set. A leg in a room hears the room instead.
	Play []dialplan.Prompt
	Loop dialplan.Prompt
	// Token comes back in [Played] when Play is through, unless it is 0.
	Token int
	// Voicemail says that what comes from the leg is a message.
	Voicemail bool
}

func (m Media) equal(o Media) bool {
	return m.Room == o.Room && m.Mode == o.Mode && m.Loop == o.Loop && m.Token == o.Token &&
		m.Voicemail == o.Voicemail && slices.Equal(m.Play, o.Play)
}
