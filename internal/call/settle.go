package call

import "github.com/okno-hq/okno/internal/dialplan"

// settle brings everything that follows from the state into line: rounds
// that nobody answers, parties left alone, what each leg hears, what is
// recorded, the phase.
func (m *Machine) settle() {
	for !m.over() && m.step() {
	}
	if !m.over() {
		m.call.Phase = m.phase()
	}
	m.applyMedia()
	if m.over() {
		m.do(Finished{})
	}
}

// step makes one consequence true and reports whether there was one.
func (m *Machine) step() bool {
	waits := m.subject()
	switch {
	case m.ring != nil && m.ring.why == ringOwn:
		// Nobody waits yet: it is the caller's own phone that rings.
		if len(m.ring.legs) > 0 {
			return false
		}
		m.inVain()
		return true
	case m.busy() && waits == nil:
		m.abandon()
		return true
	case m.ring != nil && len(m.ring.legs) == 0 && len(m.ring.rest) == 0:
		m.inVain()
		return true
	case m.busy():
		return false
	case m.consult != nil:
		return m.soleConsult(waits)
	}
	return m.alone()
}

// abandon ends a call whose waiting party has gone.
func (m *Machine) abandon() {
	why, by := GaveUp, BySystem
	if l := m.left; l != nil {
		by = l.EndedBy
		if !m.call.AnsweredAt.IsZero() || m.message || l.Reason == Lost {
			why = l.Reason
		}
	}
	m.finish(why, by)
}

// soleConsult makes a consultation whose others have gone an ordinary talk.
func (m *Machine) soleConsult(waits *Leg) bool {
	if waits != nil {
		return false
	}
	by, with := m.leg(m.consult.by), m.leg(m.consult.with)
	if with.State == LegUp && by.Alive() {
		m.consult = nil
		m.stopHold(by)
		return true
	}
	if by.Alive() && with.Alive() {
		return false // it still rings there
	}
	m.consult = nil
	return true
}

// alone ends a talk of which only one party is left.
func (m *Machine) alone() bool {
	parties := m.parties()
	if len(parties) >= 2 {
		return false
	}
	last, at := Normal, BySystem
	if m.left != nil {
		last, at = m.left.Reason, m.left.EndedBy
	}
	if len(parties) == 1 && parties[0].Role == Customer && m.plan != nil && m.call.Direction == In && !m.call.AnsweredAt.IsZero() {
		if m.call.EndedBy == "" {
			m.call.EndedBy = at
		}
		m.resume(dialplan.Outcome{Kind: dialplan.Talked})
		return true
	}
	m.finish(last, at)
	return true
}

// finish ends the call and all of its legs.
func (m *Machine) finish(why Reason, by Side) {
	if m.over() {
		return
	}
	if by == "" {
		by = BySystem
	}
	m.leaveQueue(0)
	m.ring, m.consult, m.parked, m.stage, m.call.Slot = nil, nil, nil, stage{}, ""
	for _, l := range m.call.Legs {
		m.end(l, why, by)
	}
	m.call.Phase, m.call.EndedAt, m.call.Reason = Over, m.now, why
	if m.call.EndedBy == "" {
		m.call.EndedBy = by
	}
	m.call.Result = m.result()
}

func (m *Machine) result() Result {
	switch {
	case !m.call.AnsweredAt.IsZero():
		return Answered
	case m.call.Direction == In && m.message:
		return VoiceMail
	case m.call.Direction == In && m.back:
		return CallBack
	case m.call.Direction == In:
		return Missed
	}
	switch m.call.Reason { //nolint:exhaustive // all others are failures
	case Busy, Declined:
		return Engaged
	case NoAnswer:
		return NotTaken
	case GaveUp, Normal:
		return Cancelled
	}
	return Failed
}

func (m *Machine) phase() Phase {
	switch {
	case m.parked != nil && m.ring == nil:
		return Parked
	case m.ring != nil:
		return Ringing
	case m.queue != nil:
		return Queued
	case m.leaving():
		return Leaving
	case m.stage.step != nil:
		return InPlan
	}
	if len(m.present()) < 2 {
		return OnHold
	}
	return Talking
}
