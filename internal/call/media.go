package call

import "github.com/okno-hq/okno/internal/dialplan"

// The rooms of a call: where everybody talks, and where an agent consults.
const (
	mainRoom    = 1
	consultRoom = 2
)

// present are the parties that can hear each other in the main room.
func (m *Machine) present() []*Leg {
	var out []*Leg
	for _, l := range m.call.Legs {
		if m.hearable(l) && l.Role != Supervisor && !l.Away && (m.consult == nil || l.ID != m.consult.with) {
			out = append(out, l)
		}
	}
	return out
}

// hearable reports whether sound flows to and from a leg.
func (m *Machine) hearable(l *Leg) bool {
	return l.State == LegUp || (l.Early && l.Alive())
}

// applyMedia tells each leg what has changed in what it hears, and keeps the
// recording as the policy says.
func (m *Machine) applyMedia() {
	present := m.present()
	for _, l := range m.call.Legs {
		if !l.Alive() {
			continue
		}
		if want := m.desired(l, present); !want.equal(l.media) {
			l.media = want
			m.do(SetMedia{Leg: l.ID, Media: want})
		}
	}
	for _, l := range m.call.Legs {
		want := m.keeps(l, present)
		if want == l.recorded {
			continue
		}
		l.recorded = want
		m.call.Recorded = m.call.Recorded || want
		m.do(Record{Leg: l.ID, On: want, Paused: !want && m.silenced()})
	}
}

func (m *Machine) desired(l *Leg, present []*Leg) Media {
	switch {
	case !m.hearable(l):
		return Media{}
	case l.Role == Supervisor:
		return Media{Room: mainRoom, Mode: l.Mode}
	case m.consult != nil && (l.ID == m.consult.by || l.ID == m.consult.with):
		if m.hearable(m.leg(m.consult.with)) {
			return Media{Room: consultRoom}
		}
		return Media{Loop: dialplan.Ringback}
	case l.Away:
		return Media{}
	case l == m.subject() && (m.busy() && len(present) < 2):
		return m.waits(l)
	case len(present) >= 2:
		return Media{Room: mainRoom}
	}
	if m.ring != nil {
		return Media{Loop: dialplan.Ringback}
	}
	return Media{Loop: m.policy.Music}
}

// waits is what somebody hears for whom something is being done.
func (m *Machine) waits(l *Leg) Media {
	s := m.stage.step
	switch {
	case m.told != nil:
		return Media{Play: m.told, Loop: m.policy.Music, Token: m.token}
	case s != nil && m.stage.playing != 0:
		prompts := s.Prompts
		if s.Kind == dialplan.StepVoicemail {
			prompts = append(append([]dialplan.Prompt{}, prompts...), dialplan.Beep)
		}
		return Media{Play: prompts, Token: m.stage.playing}
	case m.leaving():
		return Media{Voicemail: true}
	case m.queue != nil, m.parked != nil:
		return Media{Loop: m.policy.Music}
	case m.ring != nil && l.State == LegUp:
		if s != nil && s.Ring.Hear != "" {
			return Media{Loop: s.Ring.Hear}
		}
		return Media{Loop: dialplan.Ringback}
	}
	return Media{}
}

// silenced reports whether a user has stopped the recording.
func (m *Machine) silenced() bool {
	return m.policy.Record == RecordAlways && m.paused || m.policy.Record == RecordDemand && !m.wanted
}

// keeps reports whether what comes from a leg is recorded now: messages for
// a mailbox, and talks in the main room as the policy says.
func (m *Machine) keeps(l *Leg, present []*Leg) bool {
	if !l.Alive() || l.State != LegUp {
		return false
	}
	if m.leaving() {
		return l == m.subject()
	}
	if m.policy.Record != RecordAlways && m.policy.Record != RecordDemand || m.silenced() || m.over() {
		return false
	}
	return l.Role != Supervisor && l.media.Room == mainRoom && len(present) >= 2
}
