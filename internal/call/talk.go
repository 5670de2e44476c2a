package call

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/dialplan"
)

// consultation is an agent speaking with somebody while the others hold.
type consultation struct{ by, with LegID }

// talker returns the agent's leg if he is in the talk.
func (m *Machine) talker(id LegID) *Leg {
	l := m.leg(id)
	if l == nil || l.State != LegUp || l.Role != Agent {
		return nil
	}
	return l
}

// busy reports whether something else is going on than a talk.
func (m *Machine) busy() bool {
	return m.stage.step != nil || m.ring != nil || m.queue != nil || m.parked != nil
}

func (m *Machine) hold(e Hold) error {
	l := m.talker(e.By)
	if l == nil || m.consult != nil && m.consult.by == e.By || m.busy() {
		return ErrNotNow
	}
	if e.On {
		m.away(l)
	} else {
		m.stopHold(l)
	}
	return nil
}

// away lets the others hold.
func (m *Machine) away(l *Leg) {
	if !l.Away {
		l.Away, l.heldAt = true, m.now
	}
}

// transfer hands the call over blindly.
func (m *Machine) transfer(e Transfer) error {
	by := m.talker(e.By)
	if by == nil || m.consult != nil || m.busy() || len(m.parties()) < 2 {
		return ErrNotNow
	}
	m.end(by, Transferred, ByAgent)
	m.recall = by.User
	m.handTo(e.To)
	return nil
}

func (m *Machine) handTo(to dialplan.Target) {
	if to.Kind == dialplan.ToQueue {
		m.enterQueue(dialplan.Enqueue{Queue: to.Queue})
		return
	}
	m.startRing(ringTransfer, []dialplan.Target{to}, true, 0)
}

func (m *Machine) consultWith(e Consult) error {
	by := m.talker(e.By)
	if by == nil || m.consult != nil || m.busy() || len(m.parties()) < 2 || e.To.Kind == dialplan.ToQueue {
		return ErrNotNow
	}
	m.away(by)
	l := m.add(&Leg{State: LegDialing, Role: Outside, Number: e.To.Number, ringTill: m.now.Add(m.policy.RingFor)})
	from := m.shown
	if e.To.Kind == dialplan.ToUser {
		l.Role, l.User, from = Agent, access.UserID(e.To.User), m.call.Remote
	}
	m.consult = &consultation{by: by.ID, with: l.ID}
	m.do(Dial{Leg: l.ID, To: e.To, From: from})
	return nil
}

func (m *Machine) finishConsult(e Finish) error {
	c := m.consult
	if c == nil || c.by != e.By {
		return ErrNotNow
	}
	by, with := m.leg(c.by), m.leg(c.with)
	switch e.How {
	case Complete:
		m.complete()
		m.end(by, Transferred, ByAgent)
	case Return:
		m.consult = nil
		m.end(with, Normal, ByAgent)
		m.stopHold(by)
	case Merge:
		if with.State != LegUp {
			return ErrNotNow
		}
		m.consult = nil
		m.stopHold(by)
	default:
		return ErrNotNow
	}
	return nil
}

// complete gives the held ones to the consulted party, who may still ring.
func (m *Machine) complete() {
	by, with := m.leg(m.consult.by), m.leg(m.consult.with)
	m.consult = nil
	m.recall = by.User
	switch {
	case with.State == LegUp:
		m.recall = 0
	case with.Alive():
		m.ring = &ringing{why: ringTransfer, legs: []LegID{with.ID}, each: m.policy.RingFor, rang: with.State == LegRinging}
	default:
		m.bringBack(with.Reason)
	}
}

// gone takes a leg that has ended by itself out of everything.
func (m *Machine) gone(l *Leg, why Reason) {
	rung := m.isRung(l.ID)
	m.close(l, why, sideOf(l))
	m.without(l, why, rung)
}

// drop ends a leg of ours and takes it out of everything.
func (m *Machine) drop(l *Leg, why Reason, by Side) {
	rung := m.isRung(l.ID)
	m.end(l, why, by)
	m.without(l, why, rung)
}

// without says what a leg's end means for the others.
func (m *Machine) without(l *Leg, why Reason, rung bool) {
	c := m.consult
	if l.Role != Supervisor {
		m.left = l
	}
	switch {
	case rung:
		m.unanswered(l, why)
	case c != nil && l.ID == c.with:
		m.consult = nil // its agent goes on holding the others
	case c != nil && l.ID == c.by:
		if w := m.leg(c.with); w.Alive() {
			m.complete()
			return
		}
		m.consult = nil
	case l.Role == Agent && why == Lost && !m.busy() && m.consult == nil && m.subject() != nil:
		// The agent's line broke: the customer waits while he is rung again.
		m.recall = l.User
		m.bringBack(why)
	}
}

func (m *Machine) hangUp(e HangUp) error {
	why := e.Reason
	if why == "" {
		why = Normal
	}
	if e.Leg == 0 {
		m.finish(why, e.By)
		return nil
	}
	l := m.leg(e.Leg)
	if l == nil || !l.Alive() {
		return ErrNoLeg
	}
	m.drop(l, why, e.By)
	return nil
}

func (m *Machine) recordNow(e RecordNow) error {
	if m.talker(e.By) == nil || m.call.AnsweredAt.IsZero() {
		return ErrNotNow
	}
	switch m.policy.Record {
	case RecordAlways:
		if !m.policy.Pause {
			return ErrNotNow
		}
		m.paused = !e.On
	case RecordDemand:
		m.wanted = e.On
	case RecordNever:
		return ErrNotNow
	default:
		return ErrNotNow
	}
	return nil
}

// Deadline is when [Tick] is due at the latest, the zero time for never.
func (m *Machine) Deadline() time.Time {
	var out time.Time
	for _, t := range m.deadlines() {
		if !t.IsZero() && (out.IsZero() || t.Before(out)) {
			out = t
		}
	}
	return out
}

func (m *Machine) deadlines() []time.Time {
	if m.over() {
		return nil
	}
	out := []time.Time{m.stage.till, m.longest()}
	if m.parked != nil && m.ring == nil {
		out = append(out, m.parked.till)
	}
	for _, l := range m.call.Legs {
		if l.State == LegDialing || l.State == LegRinging {
			out = append(out, l.ringTill)
		}
	}
	return out
}

func (m *Machine) longest() time.Time {
	if m.policy.Longest <= 0 || m.call.AnsweredAt.IsZero() {
		return time.Time{}
	}
	return m.call.AnsweredAt.Add(m.policy.Longest)
}

func (m *Machine) due(t time.Time) bool { return !t.IsZero() && !m.now.Before(t) }

// expire does what time has brought.
func (m *Machine) expire() {
	if m.due(m.longest()) {
		m.finish(Limit, BySystem)
		return
	}
	for _, l := range m.call.Legs {
		if (l.State == LegDialing || l.State == LegRinging) && m.due(l.ringTill) {
			why := NoAnswer
			if l.State == LegDialing {
				why = Unreachable
			}
			m.drop(l, why, BySystem)
		}
	}
	if m.parked != nil && m.ring == nil && m.due(m.parked.till) {
		m.parked.till = time.Time{}
		m.bringBack(NoAnswer)
	}
	if m.due(m.stage.till) {
		m.stageOver()
	}
}

func (m *Machine) stageOver() {
	m.stage.till = time.Time{}
	switch s := m.stage.step; {
	case s == nil:
	case s.Kind == dialplan.StepLookup:
		m.resume(dialplan.Outcome{Kind: dialplan.LookupError})
	case s.Kind == dialplan.StepVoicemail:
		m.resume(dialplan.Outcome{Kind: dialplan.Done})
	default:
		m.collected()
	}
}
