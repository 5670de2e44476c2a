package call

import (
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/dialplan"
)

// purpose says for what somebody is rung, and so what an answer or the lack
// of one means.
type purpose int

const (
	ringPlan     purpose = iota // the plan's step
	ringQueue                   // the queue's offer
	ringOwn                     // the calling user's own phone, before the other side
	ringOut                     // the one who is called
	ringTransfer                // whom the call is handed to
	ringRecall                  // the agent who gets it back
	ringTake                    // the user who takes a parked call
)

// ringing is a round of ringing: all of legs at once, then each of rest.
type ringing struct {
	why  purpose
	legs []LegID
	rest []dialplan.Target
	each time.Duration
	// busy, rang and last are what came of it so far, to say if nobody answers.
	busy, rang bool
	last       Reason
}

// startRing rings targets. Whoever cannot be rung at all is told by [Ended].
func (m *Machine) startRing(why purpose, targets []dialplan.Target, together bool, each time.Duration) {
	if each <= 0 {
		each = m.policy.RingFor
	}
	m.ring = &ringing{why: why, each: each, last: Unreachable}
	if together {
		for _, t := range targets {
			m.dial(t)
		}
		return
	}
	m.ring.rest = slices.Clone(targets)
	m.ringNext()
}

func (m *Machine) ringNext() {
	if len(m.ring.rest) == 0 {
		return
	}
	t := m.ring.rest[0]
	m.ring.rest = m.ring.rest[1:]
	m.dial(t)
}

// dial adds a leg and rings it in the current round.
func (m *Machine) dial(t dialplan.Target) {
	l := m.add(&Leg{State: LegDialing, ringTill: m.now.Add(m.ring.each)})
	switch t.Kind {
	case dialplan.ToUser:
		l.Role, l.User = Agent, access.UserID(t.User)
	case dialplan.ToNumber, dialplan.ToQueue:
		l.Role, l.Number = Outside, t.Number
		if m.ring.why == ringOut && m.call.Direction == Out {
			l.Role = Customer
		}
	}
	m.ring.legs = append(m.ring.legs, l.ID)
	from := m.shown
	if l.Role == Agent && m.call.Direction != Internal {
		from = m.call.Remote
	}
	m.do(Dial{Leg: l.ID, To: t, From: from})
}

func (m *Machine) rang(e Rang) {
	l := m.leg(e.Leg)
	if l == nil || (l.State != LegDialing && l.State != LegRinging) {
		return
	}
	if l.State == LegDialing {
		l.State, l.RangAt = LegRinging, m.now
	}
	l.Early = l.Early || e.Early
	if !m.isRung(l.ID) {
		return
	}
	m.ring.rang = true
	if s := m.subject(); s != nil && s.State == LegNew {
		if l.Early && m.ring.why == ringOut {
			m.do(Progress{Leg: s.ID})
			s.Early = true
		} else {
			m.do(Alert{Leg: s.ID})
		}
	}
}

func (m *Machine) connected(e Connected) {
	l := m.leg(e.Leg)
	switch {
	case l == nil:
		return
	case !l.Alive():
		// It crossed our release: the call belongs to somebody else.
		m.do(Release{Leg: l.ID, Reason: Elsewhere})
		return
	case l.State == LegUp, l.State == LegNew:
		return
	}
	l.State, l.AnsweredAt, l.Device = LegUp, m.now, e.Device
	switch {
	case l.Role == Supervisor:
	case m.consult != nil && l.ID == m.consult.with:
	case m.isRung(l.ID):
		m.won(l)
	}
}

// won joins the one who answered and lets the others stop ringing.
func (m *Machine) won(l *Leg) {
	why := m.ring.why
	others := m.ring.legs
	m.ring = nil
	for _, id := range others {
		if id != l.ID {
			m.end(m.leg(id), Elsewhere, BySystem)
		}
	}
	if why == ringOwn {
		m.startRing(ringOut, []dialplan.Target{m.target}, true, 0)
		return
	}
	m.leaveQueue(l.User)
	m.stage, m.parked, m.recall, m.told = stage{}, nil, 0, nil
	m.call.Slot = ""
	for _, p := range m.parties() {
		m.answer(p)
	}
	m.talked()
}

// talked notes the moment in which two sides are first joined.
func (m *Machine) talked() {
	if m.call.AnsweredAt.IsZero() {
		m.call.AnsweredAt = m.now
	}
}

// unanswered takes a leg out of the round and goes on with it.
func (m *Machine) unanswered(l *Leg, why Reason) {
	r := m.ring
	r.legs = slices.DeleteFunc(r.legs, func(id LegID) bool { return id == l.ID })
	r.last = why
	switch why { //nolint:exhaustive // the others say nothing about the person
	case Busy, Declined:
		r.busy = true
	case NoAnswer:
		r.rang = true
	}
	if r.why == ringQueue && m.queue != nil {
		m.do(Refused{Queue: m.queue.Queue, User: l.User, Reason: why})
	}
	if len(r.legs) == 0 {
		m.ringNext()
	}
}

// inVain says what a round that nobody answered leads to.
func (m *Machine) inVain() {
	r := m.ring
	m.ring = nil
	switch r.why {
	case ringPlan:
		m.resume(dialplan.Outcome{Kind: r.outcome()})
	case ringQueue, ringTake:
	case ringOwn, ringOut:
		m.finish(r.last, BySystem)
	case ringTransfer:
		m.bringBack(r.last)
	case ringRecall:
		m.recall = 0
		m.stranded(r.last)
	}
}

// bringBack rings the agent who handed the call over.
func (m *Machine) bringBack(why Reason) {
	if m.recall == 0 {
		m.stranded(why)
		return
	}
	m.startRing(ringRecall, []dialplan.Target{{Kind: dialplan.ToUser, User: int64(m.recall)}}, true, 0)
}

// stranded is a party whom nobody wants: the plan decides, where there is
// one.
func (m *Machine) stranded(why Reason) {
	m.parked, m.call.Slot = nil, ""
	if m.plan == nil || m.subject() == nil || m.subject().Role != Customer {
		m.finish(why, BySystem)
		return
	}
	m.resume(dialplan.Outcome{Kind: dialplan.NoAnswer})
}

func (r *ringing) outcome() dialplan.OutcomeKind {
	switch {
	case r.busy:
		return dialplan.Busy
	case r.rang:
		return dialplan.NoAnswer
	}
	return dialplan.Unavailable
}
