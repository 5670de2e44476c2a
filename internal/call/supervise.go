package call

import "github.com/okno-hq/okno/internal/access"

// supervisor returns the living leg of a supervisor.
func (m *Machine) supervisor(u access.UserID) *Leg {
	for _, l := range m.call.Legs {
		if l.Role == Supervisor && l.User == u && l.Alive() {
			return l
		}
	}
	return nil
}

func (m *Machine) supervise(e Supervise) error {
	if e.Mode != Listen && e.Mode != Whisper && e.Mode != Barge {
		return ErrNotNow
	}
	if l := m.supervisor(e.User); l != nil {
		l.Mode = e.Mode
		return nil
	}
	if m.call.AnsweredAt.IsZero() || !e.Arrived {
		return ErrNotNow
	}
	for _, l := range m.parties() {
		if l.User == e.User {
			return ErrNotNow // one does not listen to oneself
		}
	}
	l := m.add(&Leg{Role: Supervisor, User: e.User, Device: e.Device, Arrived: true, State: LegNew, Mode: e.Mode})
	m.answer(l)
	return nil
}

// takeOver makes a supervisor the agent and releases those who were.
func (m *Machine) takeOver(e TakeOver) error {
	l := m.supervisor(e.User)
	if l == nil || l.State != LegUp || m.busy() {
		return ErrNotNow
	}
	if m.consult != nil {
		with := m.leg(m.consult.with)
		m.consult = nil
		m.end(with, Normal, ByAgent)
	}
	l.Role, l.Mode = Agent, Talk
	for _, p := range m.parties() {
		if p.Role == Agent && p != l {
			m.end(p, Transferred, ByAgent)
		}
	}
	return nil
}
