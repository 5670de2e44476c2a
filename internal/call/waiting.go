package call

import (
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/dialplan"
)

// parking is a call left at a slot.
type parking struct {
	by   access.UserID
	till time.Time
}

func (m *Machine) enterQueue(q dialplan.Enqueue) {
	m.queue = &q
	m.call.Queue, m.call.QueuedAt = q.Queue, m.now
	m.do(Enter{Queue: q})
}

// leaveQueue takes the call out of its queue, answered by a user or not.
func (m *Machine) leaveQueue(answered access.UserID) {
	if m.queue == nil {
		return
	}
	m.do(Leave{Queue: m.queue.Queue, Answered: answered})
	m.call.Waited += m.now.Sub(m.call.QueuedAt)
	m.call.QueuedAt = time.Time{}
	m.queue, m.told = nil, nil
}

// offered rings the agents whom the queue has chosen.
func (m *Machine) offered(e Offered) {
	if m.queue == nil || m.subject() == nil || len(e.Users) == 0 {
		return
	}
	targets := make([]dialplan.Target, 0, len(e.Users))
	for _, u := range e.Users {
		if !m.rings(u) {
			targets = append(targets, dialplan.Target{Kind: dialplan.ToUser, User: int64(u)})
		}
	}
	if m.ring != nil {
		// More agents join the round that rings already.
		for _, t := range targets {
			m.dial(t)
		}
		return
	}
	if len(targets) > 0 {
		m.startRing(ringQueue, targets, true, e.For)
	}
}

// rings reports whether a user is being rung.
func (m *Machine) rings(u access.UserID) bool {
	if m.ring == nil {
		return false
	}
	for _, id := range m.ring.legs {
		if m.leg(id).User == u {
			return true
		}
	}
	return false
}

func (m *Machine) outwaited(came dialplan.OutcomeKind) {
	if m.queue == nil {
		return
	}
	m.dropRing(Elsewhere)
	m.leaveQueue(0)
	if m.stage.step == nil && m.recall != 0 {
		m.bringBack(NoAnswer) // an agent had sent it to the queue
		return
	}
	m.resume(dialplan.Outcome{Kind: came})
}

// dropRing stops whatever rings.
func (m *Machine) dropRing(why Reason) {
	if m.ring == nil {
		return
	}
	legs := m.ring.legs
	m.ring = nil
	for _, id := range legs {
		m.end(m.leg(id), why, BySystem)
	}
}

func (m *Machine) park(e Park) error {
	by := m.talker(e.By)
	if by == nil || m.consult != nil || m.busy() {
		return ErrNotNow
	}
	if len(m.parties()) != 2 || e.Slot == "" {
		return ErrNotNow
	}
	m.end(by, Transferred, ByAgent)
	m.call.Slot = e.Slot
	m.parked = &parking{by: by.User}
	m.recall = by.User
	if m.policy.ParkFor > 0 {
		m.parked.till = m.now.Add(m.policy.ParkFor)
	}
	return nil
}

func (m *Machine) take(e Take) error {
	if m.parked == nil || m.subject() == nil {
		return ErrNotNow
	}
	m.dropRing(Elsewhere)
	if !e.Arrived {
		m.startRing(ringTake, []dialplan.Target{{Kind: dialplan.ToUser, User: int64(e.User)}}, true, 0)
		return nil
	}
	l := m.add(&Leg{Role: Agent, User: e.User, Device: e.Device, Arrived: true, State: LegNew})
	m.parked, m.call.Slot, m.recall = nil, "", 0
	m.answer(l)
	m.talked()
	return nil
}
