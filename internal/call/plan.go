package call

import (
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/dialplan"
)

// stage is the plan's step under way; the zero value says that the plan is
// not in charge.
type stage struct {
	step *dialplan.Step
	// playing is the token of the prompts, 0 when they are through.
	playing int
	digits  strings.Builder
	// till is when the wait for a digit, a look-up or a message ends.
	till time.Time
}

// lookupWait is how long a look-up may take where the plan does not say.
const lookupWait = 5 * time.Second

// enter takes a step of the plan.
func (m *Machine) enter(s dialplan.Step) {
	m.stage = stage{step: &s}
	m.call.Node = s.Node
	if m.hops++; m.hops > longestPlan {
		m.finish(Broken, BySystem)
		return
	}
	first := m.subject()
	if s.Answer {
		m.answer(first)
	}
	switch s.Kind {
	case dialplan.StepPlay, dialplan.StepCallback, dialplan.StepHangUp:
		if s.Kind == dialplan.StepCallback {
			m.back = true
			m.do(WantsCallback{Queue: m.call.Queue})
		}
		m.play(first, s.Prompts)
	case dialplan.StepVoicemail:
		m.answer(first)
		m.play(first, append(append([]dialplan.Prompt{}, s.Prompts...), dialplan.Beep))
	case dialplan.StepRing:
		m.startRing(ringPlan, s.Ring.Targets, s.Ring.Together, s.Ring.For)
	case dialplan.StepQueue:
		m.answer(first)
		m.enterQueue(s.Queue)
	case dialplan.StepLookup:
		wait := s.Lookup.Timeout
		if wait <= 0 {
			wait = lookupWait
		}
		m.stage.till = m.now.Add(wait)
		m.do(LookUp{Lookup: s.Lookup})
	default:
		m.finish(Broken, BySystem)
	}
}

// play lets the subject hear prompts; without any they are through at once.
func (m *Machine) play(l *Leg, prompts []dialplan.Prompt) {
	if len(prompts) == 0 || l == nil {
		m.through()
		return
	}
	if l.State == LegNew && !l.Early {
		l.Early = true
		m.do(Progress{Leg: l.ID})
	}
	m.token++
	m.stage.playing = m.token
}

func (m *Machine) played(e Played) {
	switch {
	case e.Token == 0 || e.Token != m.token:
	case m.told != nil:
		m.told = nil
	case m.stage.step != nil && m.stage.playing == e.Token:
		m.stage.playing = 0
		m.through()
	}
}

// through goes on when the step's prompts have been heard.
func (m *Machine) through() {
	s := m.stage.step
	if s.Notice {
		m.call.NoticeAt = m.now
	}
	switch s.Kind { //nolint:exhaustive // the others play nothing
	case dialplan.StepHangUp:
		m.finish(codeReason(s.Code), BySystem)
	case dialplan.StepVoicemail:
		longest := s.Voicemail.Max
		if longest <= 0 {
			longest = 3 * time.Minute
		}
		m.message = true
		m.stage.till = m.now.Add(longest)
	default:
		if s.Kind != dialplan.StepPlay || s.Collect.Max == 0 {
			m.resume(dialplan.Outcome{Kind: dialplan.Done})
			return
		}
		m.stage.till = m.now.Add(s.Collect.First)
	}
}

func (m *Machine) pressed(e Pressed) {
	l := m.leg(e.Leg)
	if l == nil || l != m.subject() {
		return
	}
	if q := m.queue; q != nil && q.Leave != 0 && e.Digit == q.Leave && m.stage.step != nil {
		m.dropRing(Elsewhere)
		m.leaveQueue(0)
		m.resume(dialplan.Outcome{Kind: dialplan.Left})
		return
	}
	s := m.stage.step
	switch {
	case s == nil:
	case s.Kind == dialplan.StepVoicemail && m.stage.playing == 0 && e.Digit == '#':
		m.resume(dialplan.Outcome{Kind: dialplan.Done})
	case s.Kind == dialplan.StepPlay && s.Collect.Max > 0:
		m.collect(e.Digit)
	}
}

func (m *Machine) collect(d rune) {
	c := m.stage.step.Collect
	m.stage.playing = 0
	if c.End == 0 || d != c.End {
		m.stage.digits.WriteRune(d)
		if m.stage.digits.Len() < c.Max {
			m.stage.till = m.now.Add(c.Next)
			return
		}
	}
	m.collected()
}

func (m *Machine) collected() {
	if m.stage.digits.Len() == 0 {
		m.resume(dialplan.Outcome{Kind: dialplan.TimedOut})
		return
	}
	m.resume(dialplan.Outcome{Kind: dialplan.Entered, Digits: m.stage.digits.String()})
}

func (m *Machine) silent(e Silent) {
	if l := m.leg(e.Leg); l != nil && l == m.subject() && m.leaving() {
		m.resume(dialplan.Outcome{Kind: dialplan.Done})
	}
}

func (m *Machine) lookedUp(e LookedUp) {
	if m.stage.step == nil || m.stage.step.Kind != dialplan.StepLookup {
		return
	}
	if e.Failed {
		m.resume(dialplan.Outcome{Kind: dialplan.LookupError})
		return
	}
	m.resume(dialplan.Outcome{Kind: dialplan.Found, Vars: e.Vars})
}

// leaving reports whether a message is being recorded now.
func (m *Machine) leaving() bool {
	s := m.stage.step
	return s != nil && s.Kind == dialplan.StepVoicemail && m.stage.playing == 0
}

// resume asks the plan what comes next.
func (m *Machine) resume(came dialplan.Outcome) {
	m.stage = stage{}
	if m.plan == nil {
		m.finish(Normal, BySystem)
		return
	}
	m.enter(m.plan.Next(came, m.now))
}

func codeReason(code string) Reason {
	switch r := Reason(code); r { //nolint:exhaustive // what a plan may say
	case Busy, Declined, NotFound, NoAnswer, Congestion:
		return r
	}
	return Normal
}
