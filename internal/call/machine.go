package call

import (
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/dialplan"
	"github.com/okno-hq/okno/internal/fault"
)

// Plan decides the steps of an inbound call; a [dialplan.Walk] is one.
type Plan interface {
	Begin(at time.Time) dialplan.Step
	Next(came dialplan.Outcome, at time.Time) dialplan.Step
}

// Start is how a call begins.
type Start struct {
	ID        ID
	Workspace int64
	Direction Direction
	Number    int64
	Remote    string
	Contact   contact.ID
	Policy    Policy
	// Plan is what an inbound call follows.
	Plan Plan
	// By is who calls, for calls out and internal ones. His leg has Arrived
	// from Device; otherwise his phones are rung first.
	By      access.UserID
	Arrived bool
	Device  string
	// To is whom he calls; From is the number shown there.
	To   dialplan.Target
	From string
}

// Machine is one call. It belongs to one goroutine.
type Machine struct {
	call   Call
	policy Policy
	plan   Plan
	target dialplan.Target
	shown  string

	now time.Time
	out []Command

	stage   stage
	ring    *ringing
	queue   *dialplan.Enqueue
	consult *consultation
	parked  *parking
	left    *Leg // the party that has ended last by itself or was hung up
	// recall is who gets the call back when nobody takes it.
	recall access.UserID

	token   int
	told    []dialplan.Prompt // an announcement under way
	paused  bool
	wanted  bool // recording on demand
	message bool // a voicemail was begun
	back    bool // the caller wants to be called
	hops    int  // steps taken without waiting for anything
}

// The refusals of what users ask.
var (
	ErrNotNow = fault.New(fault.Conflict, "call.not_possible_now")
	ErrNoLeg  = fault.New(fault.NotFound, "call.leg_not_found")
)

// longestPlan bounds the steps that a plan may take without any wait; a plan
// that passes validation never comes near it.
const longestPlan = 200

// New begins a call and returns what is to be done first.
func New(s Start, at time.Time) (*Machine, []Command) {
	m := &Machine{
		call: Call{
			ID: s.ID, Workspace: s.Workspace, Direction: s.Direction, Number: s.Number, Remote: s.Remote,
			Contact: s.Contact, Phase: Arriving, StartedAt: at,
		},
		policy: s.Policy.filled(), plan: s.Plan, target: s.To, shown: s.From, now: at,
	}
	switch {
	case s.Direction == In:
		m.add(&Leg{Role: Customer, Number: s.Remote, Arrived: true, State: LegNew})
		m.enter(s.Plan.Begin(at))
	case s.Arrived:
		m.add(&Leg{Role: Agent, User: s.By, Device: s.Device, Arrived: true, State: LegNew})
		m.startRing(ringOut, []dialplan.Target{s.To}, true, 0)
	default:
		m.startRing(ringOwn, []dialplan.Target{{Kind: dialplan.ToUser, User: int64(s.By)}}, true, 0)
	}
	m.settle()
	return m, m.flush()
}

// State returns the call as people see it. It stays the machine's: copy what
// outlives the next event.
func (m *Machine) State() *Call { return &m.call }

// Handle takes an event in and returns what is to be done. An error means
// that what a user asked for is not possible now; nothing has changed then.
func (m *Machine) Handle(at time.Time, e Event) ([]Command, error) {
	if at.After(m.now) {
		m.now = at
	}
	if m.over() {
		return m.late(e), nil
	}
	m.hops = 0
	m.expire()
	m.settle()
	var err error
	if !m.over() {
		err = m.handle(e)
		m.settle()
	}
	return m.flush(), err
}

func (m *Machine) handle(e Event) error {
	switch e := e.(type) {
	case Rang:
		m.rang(e)
	case Connected:
		m.connected(e)
	case Ended:
		if l := m.leg(e.Leg); l != nil && l.Alive() {
			m.gone(l, e.Reason)
		}
	case Pressed:
		m.pressed(e)
	case Played:
		m.played(e)
	case Silent:
		m.silent(e)
	case LookedUp:
		m.lookedUp(e)
	case Offered:
		m.offered(e)
	case Announce:
		if m.queue != nil {
			m.told, m.token = e.Prompts, m.token+1
		}
	case Ruled:
		m.policy = e.Policy.filled()
	case Outwaited:
		m.outwaited(e.Outcome)
	case Tick:
	default:
		return m.asked(e)
	}
	return nil
}

// asked carries out what a user wants.
func (m *Machine) asked(e Event) error {
	switch e := e.(type) {
	case Hold:
		return m.hold(e)
	case Transfer:
		return m.transfer(e)
	case Consult:
		return m.consultWith(e)
	case Finish:
		return m.finishConsult(e)
	case Park:
		return m.park(e)
	case Take:
		return m.take(e)
	case RecordNow:
		return m.recordNow(e)
	case Supervise:
		return m.supervise(e)
	case TakeOver:
		return m.takeOver(e)
	case HangUp:
		return m.hangUp(e)
	}
	return ErrNotNow
}

// late answers what comes after the end: an answer that crossed our release
// is released again.
func (m *Machine) late(e Event) []Command {
	if c, ok := e.(Connected); ok && m.leg(c.Leg) != nil {
		return []Command{Release{Leg: c.Leg, Reason: Elsewhere}}
	}
	return nil
}

func (m *Machine) over() bool { return m.call.Phase == Over }

func (m *Machine) do(c ...Command) { m.out = append(m.out, c...) }

func (m *Machine) flush() []Command {
	out := m.out
	m.out = nil
	return out
}

func (m *Machine) add(l *Leg) *Leg {
	l.ID, l.StartedAt = LegID(len(m.call.Legs)+1), m.now
	m.call.Legs = append(m.call.Legs, l)
	return l
}

func (m *Machine) leg(id LegID) *Leg {
	if id < 1 || int(id) > len(m.call.Legs) {
		return nil
	}
	return m.call.Legs[id-1]
}

// parties are the living legs of those who speak, without supervisors and
// without those who are only being rung.
func (m *Machine) parties() []*Leg {
	var out []*Leg
	for _, l := range m.call.Legs {
		if l.Alive() && l.Role != Supervisor && !m.isRung(l.ID) {
			out = append(out, l)
		}
	}
	return out
}

// isRung reports whether a leg is one of those being rung.
func (m *Machine) isRung(id LegID) bool {
	return m.ring != nil && slices.Contains(m.ring.legs, id)
}

// subject is the one who waits for whatever the call is doing: the first
// party that is neither rung nor consulted.
func (m *Machine) subject() *Leg {
	for _, l := range m.parties() {
		if m.consult == nil || (l.ID != m.consult.by && l.ID != m.consult.with) {
			return l
		}
	}
	return nil
}

// answer answers the subject's line if it still only rings.
func (m *Machine) answer(l *Leg) {
	if l == nil || l.State != LegNew {
		return
	}
	l.State, l.AnsweredAt = LegUp, m.now
	m.do(Answer{Leg: l.ID})
}

// end ends a leg of ours.
func (m *Machine) end(l *Leg, why Reason, by Side) {
	if l == nil || !l.Alive() {
		return
	}
	m.close(l, why, by)
	m.do(Release{Leg: l.ID, Reason: why})
}

func (m *Machine) close(l *Leg, why Reason, by Side) {
	m.stopHold(l)
	if l.recorded {
		l.recorded = false
		m.do(Record{Leg: l.ID})
	}
	l.State, l.EndedAt, l.Reason, l.EndedBy = LegEnded, m.now, why, by
}

func (m *Machine) stopHold(l *Leg) {
	if !l.heldAt.IsZero() {
		l.Held += m.now.Sub(l.heldAt)
		l.heldAt = time.Time{}
	}
	l.Away = false
}

// sideOf says whose leg it is.
func sideOf(l *Leg) Side {
	if l.Role == Agent || l.Role == Supervisor {
		return ByAgent
	}
	return ByCustomer
}
