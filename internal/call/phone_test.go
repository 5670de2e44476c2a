package call_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/call"
	"github.com/okno-hq/okno/internal/dialplan"
)

var begin = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// script is a plan that gives its steps in turn and notes the outcomes.
type script struct {
	steps []dialplan.Step
	came  []dialplan.Outcome
}

func (s *script) Begin(time.Time) dialplan.Step { return s.pop() }

func (s *script) Next(came dialplan.Outcome, _ time.Time) dialplan.Step {
	s.came = append(s.came, came)
	return s.pop()
}

func (s *script) pop() dialplan.Step {
	if len(s.steps) == 0 {
		return dialplan.Step{Kind: dialplan.StepHangUp}
	}
	next := s.steps[0]
	s.steps = s.steps[1:]
	return next
}

// phone drives a machine and writes its commands down.
type phone struct {
	t *testing.T
	m *call.Machine
	// at is the time of the next event.
	at  time.Time
	log []string
}

func start(t *testing.T, s call.Start) *phone {
	t.Helper()
	p := &phone{t: t, at: begin}
	m, out := call.New(s, p.at)
	p.m = m
	p.note(out)
	return p
}

func (p *phone) note(out []call.Command) {
	for _, c := range out {
		p.log = append(p.log, tell(c))
	}
}

func (p *phone) on(events ...call.Event) *phone {
	p.t.Helper()
	for _, e := range events {
		out, err := p.m.Handle(p.at, e)
		if err != nil {
			p.t.Fatalf("%T: %v", e, err)
		}
		p.note(out)
	}
	return p
}

func (p *phone) after(d time.Duration) *phone {
	p.at = p.at.Add(d)
	return p.on(call.Tick{})
}

// did compares what was commanded since the last look.
func (p *phone) did(want ...string) *phone {
	p.t.Helper()
	got, all := strings.Join(p.log, "; "), strings.Join(want, "; ")
	if got != all {
		p.t.Fatalf("commands\n got %s\nwant %s", got, all)
	}
	p.log = nil
	return p
}

func (p *phone) skip() *phone { p.log = nil; return p }

func (p *phone) is(phase call.Phase) *phone {
	p.t.Helper()
	if got := p.m.State().Phase; got != phase {
		p.t.Fatalf("phase %s, want %s", got, phase)
	}
	return p
}

func (p *phone) ended(result call.Result, reason call.Reason, by call.Side) {
	p.t.Helper()
	c := p.m.State()
	if c.Phase != call.Over || c.Result != result || c.Reason != reason || c.EndedBy != by {
		p.t.Fatalf("ended %s: %s, %s by %s; want %s, %s by %s", c.Phase, c.Result, c.Reason, c.EndedBy, result, reason, by)
	}
}

// tell writes a command in a few letters.
func tell(c call.Command) string {
	switch c := c.(type) {
	case call.Alert:
		return fmt.Sprintf("alert %d", c.Leg)
	case call.Progress:
		return fmt.Sprintf("progress %d", c.Leg)
	case call.Answer:
		return fmt.Sprintf("answer %d", c.Leg)
	case call.Dial:
		return fmt.Sprintf("dial %d %s%s", c.Leg, c.To.Number, user(access.UserID(c.To.User)))
	case call.Release:
		return fmt.Sprintf("release %d %s", c.Leg, c.Reason)
	case call.SetMedia:
		return fmt.Sprintf("%d hears %s", c.Leg, hears(c.Media))
	case call.Record:
		if c.On {
			return fmt.Sprintf("rec %d", c.Leg)
		}
		if c.Paused {
			return fmt.Sprintf("pause %d", c.Leg)
		}
		return fmt.Sprintf("stop %d", c.Leg)
	case call.Enter:
		return fmt.Sprintf("enter q%d", c.Queue.Queue)
	case call.Leave:
		return fmt.Sprintf("leave q%d%s", c.Queue, user(c.Answered))
	case call.Refused:
		return fmt.Sprintf("refused%s %s", user(c.User), c.Reason)
	case call.LookUp:
		return "lookup " + c.Lookup.URL
	case call.WantsCallback:
		return "callback"
	case call.Finished:
		return "end"
	}
	return fmt.Sprintf("%T", c)
}

func user(u access.UserID) string {
	if u == 0 {
		return ""
	}
	return fmt.Sprintf(" u%d", u)
}

func hears(m call.Media) string {
	switch {
	case m.Voicemail:
		return "mailbox"
	case m.Room != 0:
		return strings.TrimSpace(fmt.Sprintf("room %d %s", m.Room, m.Mode))
	case len(m.Play) > 0:
		return fmt.Sprintf("%v #%d", m.Play, m.Token)
	case m.Loop != "":
		return string(m.Loop)
	}
	return "nothing"
}

// The targets of the tests.
var (
	anna    = dialplan.Target{Kind: dialplan.ToUser, User: 1}
	boris   = dialplan.Target{Kind: dialplan.ToUser, User: 2}
	outside = dialplan.Target{Kind: dialplan.ToNumber, Number: "+79120000001"}
)

func inbound(policy call.Policy, steps ...dialplan.Step) call.Start {
	return call.Start{ID: 1, Direction: call.In, Remote: "+79123456789", Policy: policy, Plan: &script{steps: steps}}
}

func ring(targets ...dialplan.Target) dialplan.Step {
	return dialplan.Step{Kind: dialplan.StepRing, Ring: dialplan.Ring{Targets: targets, Together: true, For: 20 * time.Second}}
}

// talking is an inbound call that Anna (leg 2) has answered.
func talking(t *testing.T, policy call.Policy, more ...dialplan.Step) *phone {
	t.Helper()
	return start(t, inbound(policy, append([]dialplan.Step{ring(anna)}, more...)...)).
		on(call.Connected{Leg: 2, Device: "browser"}).is(call.Talking).skip()
}
