package call_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/call"
	"github.com/okno-hq/okno/internal/dialplan"
)

// dice is a plan that wants anything at all.
type dice struct {
	t    *rapid.T
	left int
}

func (d *dice) Begin(time.Time) dialplan.Step                  { return d.throw() }
func (d *dice) Next(dialplan.Outcome, time.Time) dialplan.Step { return d.throw() }

func (d *dice) throw() dialplan.Step {
	if d.left--; d.left < 0 {
		return dialplan.Step{Kind: dialplan.StepHangUp}
	}
	s := dialplan.Step{
		Kind: rapid.SampledFrom([]dialplan.StepKind{
			dialplan.StepPlay, dialplan.StepRing, dialplan.StepQueue, dialplan.StepVoicemail,
			dialplan.StepCallback, dialplan.StepLookup, dialplan.StepHangUp,
		}).Draw(d.t, "step"),
		Answer: rapid.Bool().Draw(d.t, "answer"),
		Notice: rapid.Bool().Draw(d.t, "notice"),
	}
	if rapid.Bool().Draw(d.t, "prompts") {
		s.Prompts = []dialplan.Prompt{"prompt:1"}
	}
	s.Collect = dialplan.Collect{Max: rapid.IntRange(0, 2).Draw(d.t, "digits"), First: time.Second, Next: time.Second}
	s.Ring = dialplan.Ring{
		Targets:  rapid.SliceOfN(target(), 0, 3).Draw(d.t, "targets"),
		Together: rapid.Bool().Draw(d.t, "together"), For: 10 * time.Second,
	}
	s.Queue = dialplan.Enqueue{Queue: 9, Leave: '1'}
	return s
}

func target() *rapid.Generator[dialplan.Target] {
	return rapid.SampledFrom([]dialplan.Target{anna, boris, outside, {Kind: dialplan.ToQueue, Queue: 9}})
}

// network is what the switchboard would know: which legs exist and what is
// done with them. It is told only by commands and its own events.
type network struct {
	t      *rapid.T
	m      *call.Machine
	policy call.Policy
	at     time.Time

	exist    map[call.LegID]bool // arrived or dialled
	gone     map[call.LegID]bool // released by us or ended by itself
	media    map[call.LegID]call.Media
	kept     map[call.LegID]bool
	queued   int
	finished int
}

func (n *network) carry(out []call.Command, answers call.Event) {
	for _, c := range out {
		if _, late := answers.(call.Connected); n.finished > 0 && !late {
			n.t.Fatalf("%T after the end", c)
		}
		switch c := c.(type) {
		case call.Dial:
			if n.exist[c.Leg] {
				n.t.Fatalf("leg %d dialled twice", c.Leg)
			}
			n.exist[c.Leg] = true
		case call.Release:
			// Only an answer that crossed the release is released again.
			if late, ok := answers.(call.Connected); n.gone[c.Leg] && (!ok || late.Leg != c.Leg) {
				n.t.Fatalf("leg %d released twice", c.Leg)
			}
			n.gone[c.Leg] = true
			if n.kept[c.Leg] {
				n.t.Fatalf("leg %d is released while it is recorded", c.Leg)
			}
		case call.Answer:
			n.arrive(c.Leg)
		case call.Alert:
			n.alive(c.Leg, "alert")
		case call.Progress:
			n.alive(c.Leg, "progress")
		case call.SetMedia:
			n.alive(c.Leg, "media")
			n.media[c.Leg] = c.Media
		case call.Record:
			if n.kept[c.Leg] == c.On {
				n.t.Fatalf("recording of leg %d set twice to %t", c.Leg, c.On)
			}
			n.kept[c.Leg] = c.On
		case call.Enter:
			n.queued++
		case call.Leave:
			n.queued--
		case call.Finished:
			n.finished++
		}
	}
}

// arrive: a leg that is answered by us may be new to the network (a user who
// joins a call).
func (n *network) arrive(id call.LegID) {
	n.exist[id] = true
	n.alive(id, "answer")
}

func (n *network) alive(id call.LegID, what string) {
	if !n.exist[id] || n.gone[id] {
		n.t.Fatalf("%s for leg %d, which is not there", what, id)
	}
}

func (n *network) on(e call.Event) {
	// What time has brought comes first.
	due, err := n.m.Handle(n.at, call.Tick{})
	if err != nil {
		n.t.Fatal(err)
	}
	n.carry(due, call.Tick{})
	n.check()
	if end, ok := e.(call.Ended); ok {
		if n.gone[end.Leg] || !n.exist[end.Leg] {
			return
		}
		n.gone[end.Leg] = true
	}
	out, err := n.m.Handle(n.at, e)
	if err != nil && len(out) > 0 {
		n.t.Fatalf("%T refused and yet %d commands", e, len(out))
	}
	n.carry(out, e)
	n.check()
}

// check looks at what must hold between any two events.
func (n *network) check() {
	c := n.m.State()
	if n.queued < 0 || n.queued > 1 {
		n.t.Fatalf("in %d queues", n.queued)
	}
	rooms := map[int]int{}
	speakers := 0
	for _, l := range c.Legs {
		if l.Alive() == n.gone[l.ID] {
			n.t.Fatalf("leg %d: alive %t, gone %t", l.ID, l.Alive(), n.gone[l.ID])
		}
		if !l.Alive() {
			continue
		}
		if media := n.media[l.ID]; media.Room != 0 && l.Role != call.Supervisor {
			rooms[media.Room]++
			if l.State == call.LegUp && media.Room == 1 {
				speakers++
			}
		}
	}
	for room, people := range rooms {
		if people < 2 {
			n.t.Fatalf("%d in room %d", people, room)
		}
	}
	n.checkRecording(c, rooms[1])
	if c.Phase != call.Over {
		return
	}
	if n.finished != 1 || c.EndedAt.IsZero() || c.Result == "" || c.Reason == "" || c.EndedBy == "" || n.queued != 0 {
		n.t.Fatalf("a call without a true end: %+v, finished %d, queues %d", c, n.finished, n.queued)
	}
	if (c.Result == call.Answered) == c.AnsweredAt.IsZero() {
		n.t.Fatalf("result %s, answered at %s", c.Result, c.AnsweredAt)
	}
	if !n.m.Deadline().IsZero() {
		n.t.Fatal("a call that is over waits for something")
	}
}

// checkRecording says, without the machine, who is to be recorded.
func (n *network) checkRecording(c *call.Call, together int) {
	for _, l := range c.Legs {
		want := false
		switch {
		case !l.Alive() || l.State != call.LegUp || l.Role == call.Supervisor:
		case n.media[l.ID].Voicemail:
			want = true
		case n.media[l.ID].Room == 1 && together >= 2:
			want = n.policy.Record == call.RecordAlways
		}
		if n.kept[l.ID] != want {
			n.t.Fatalf("leg %d recorded %t, want %t (%s)", l.ID, n.kept[l.ID], want, c.Phase)
		}
	}
}

func TestAnyOrderOfEvents(t *testing.T) {
	for range 20 { // some 2,000 calls
		rapid.Check(t, anyOrder)
	}
}

func anyOrder(t *rapid.T) {
	n := &network{
		t: t, at: begin,
		exist: map[call.LegID]bool{}, gone: map[call.LegID]bool{}, media: map[call.LegID]call.Media{}, kept: map[call.LegID]bool{},
	}
	n.policy = call.Policy{
		Record: rapid.SampledFrom([]call.Recording{call.RecordAlways, call.RecordNever}).Draw(t, "record"),
		// Pausing is left to the flows, so that the rule here stays plain.
		Longest: time.Hour, ParkFor: time.Minute,
	}
	s := call.Start{
		Policy: n.policy, Plan: &dice{t: t, left: 8},
		Direction: rapid.SampledFrom([]call.Direction{call.In, call.Out, call.Internal}).Draw(t, "direction"),
		By:        1, Arrived: rapid.Bool().Draw(t, "arrived"), To: rapid.SampledFrom([]dialplan.Target{boris, outside}).Draw(t, "to"),
	}
	if s.Direction != call.In {
		s.Plan = nil
	}
	n.exist[1] = s.Direction == call.In || s.Arrived
	m, out := call.New(s, n.at)
	n.m = m
	n.carry(out, nil)
	n.check()
	for i := rapid.IntRange(0, 40).Draw(t, "events"); i > 0 && n.finished == 0; i-- {
		n.at = n.at.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
		n.on(n.anything())
	}
	n.drain()
}

// drain lets everybody hang up, or only time pass: either ends every call.
func (n *network) drain() {
	leave := rapid.Bool().Draw(n.t, "leave")
	for i := 0; n.finished == 0; i++ {
		if i > 200 {
			n.t.Fatalf("the call never ends: %s", n.m.State().Phase)
		}
		if leave {
			for _, l := range n.m.State().Legs {
				if l.Alive() {
					n.on(call.Ended{Leg: l.ID, Reason: call.Normal})
				}
			}
			continue
		}
		if d := n.m.Deadline(); !d.IsZero() {
			n.at = d
			n.on(call.Tick{})
			continue
		}
		// Nothing is due: the queue or the player would speak next.
		c := n.m.State()
		n.on(call.Outwaited{Outcome: dialplan.MaxWait})
		for id, media := range n.media {
			if media.Token != 0 && !n.gone[id] {
				n.on(call.Played{Leg: id, Token: media.Token})
			}
		}
		if (c.Phase == call.Talking || c.Phase == call.OnHold) && n.m.Deadline().IsZero() {
			n.on(call.HangUp{By: call.ByAgent})
		}
	}
}

func (n *network) anything() call.Event {
	t := n.t
	legs := len(n.m.State().Legs)
	leg := call.LegID(rapid.IntRange(1, legs+1).Draw(t, "leg"))
	to := target().Draw(t, "target")
	user := access.UserID(rapid.IntRange(1, 3).Draw(t, "user"))
	yes := rapid.Bool().Draw(t, "yes")
	why := rapid.SampledFrom([]call.Reason{call.Normal, call.Busy, call.NoAnswer, call.Lost, call.Declined}).Draw(t, "why")
	switch kind := rapid.IntRange(0, 19).Draw(t, "kind"); kind {
	case 0:
		return call.Rang{Leg: leg, Early: yes}
	case 1, 2, 3:
		return call.Connected{Leg: leg, Device: "d"}
	case 4, 5:
		return call.Ended{Leg: leg, Reason: why}
	case 6:
		return call.Pressed{Leg: leg, Digit: rapid.RuneFrom([]rune("1#5")).Draw(t, "digit")}
	case 7:
		return call.Played{Leg: leg, Token: n.media[leg].Token}
	case 8:
		return call.Silent{Leg: leg}
	case 9:
		return call.LookedUp{Failed: yes}
	case 10:
		return call.Offered{Users: []access.UserID{user}, For: 5 * time.Second}
	case 11:
		return call.Announce{Prompts: []dialplan.Prompt{"say:1"}}
	case 12:
		return call.Outwaited{Outcome: dialplan.MaxWait}
	case 13:
		return call.Hold{By: leg, On: yes}
	case 14:
		return call.Transfer{By: leg, To: to}
	case 15:
		return call.Consult{By: leg, To: to}
	case 16:
		return call.Finish{By: leg, How: rapid.SampledFrom([]call.Finishing{call.Complete, call.Return, call.Merge}).Draw(t, "how")}
	case 17:
		if yes {
			return call.Park{By: leg, Slot: "71"}
		}
		return call.Take{User: user, Arrived: rapid.Bool().Draw(t, "there")}
	case 18:
		if yes {
			return call.TakeOver{User: user}
		}
		return call.Supervise{User: user, Mode: rapid.SampledFrom([]call.Mode{call.Listen, call.Whisper, call.Barge}).Draw(t, "mode"), Arrived: true}
	case 19:
		return call.HangUp{Leg: leg, By: call.ByAgent}
	default:
		panic(fmt.Sprint(kind))
	}
}
