package call_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/call"
	"github.com/okno-hq/okno/internal/dialplan"
)

func TestInboundCall(t *testing.T) {
	start(t, inbound(call.Policy{Record: call.RecordAlways}, ring(anna, boris))).
		did("dial 2  u1", "dial 3  u2").is(call.Ringing).
		on(call.Rang{Leg: 2}).did("alert 1").
		on(call.Connected{Leg: 3, Device: "desk"}).
		did("release 2 elsewhere", "answer 1", "1 hears room 1", "3 hears room 1", "rec 1", "rec 3").is(call.Talking).
		on(call.Connected{Leg: 2}).did("release 2 elsewhere"). // it crossed our release
		after(time.Minute).
		on(call.Ended{Leg: 1, Reason: call.Normal}).did("stop 1", "stop 3", "release 3 normal", "end").
		ended(call.Answered, call.Normal, call.ByCustomer)
}

func TestMissedCalls(t *testing.T) {
	start(t, inbound(call.Policy{}, ring(anna))).
		after(5*time.Second).on(call.Ended{Leg: 1, Reason: call.GaveUp}).
		did("dial 2  u1", "release 2 cancelled", "end").
		ended(call.Missed, call.GaveUp, call.ByCustomer)

	p := start(t, inbound(call.Policy{}, ring(anna), dialplan.Step{Kind: dialplan.StepVoicemail, Prompts: []dialplan.Prompt{"prompt:1"}})).
		on(call.Rang{Leg: 2}).skip().after(21*time.Second).
		did("release 2 no_answer", "answer 1", "1 hears [prompt:1 tone:beep] #1").
		on(call.Played{Leg: 1, Token: 1}).did("1 hears mailbox", "rec 1").is(call.Leaving)
	p.on(call.Pressed{Leg: 1, Digit: '#'}).did("stop 1", "release 1 normal", "end")
	p.ended(call.VoiceMail, call.Normal, call.BySystem)

	start(t, inbound(call.Policy{}, ring(anna))).
		on(call.Ended{Leg: 2, Reason: call.Declined}).did("dial 2  u1", "release 1 normal", "end").
		ended(call.Missed, call.Normal, call.BySystem)
}

func TestMenu(t *testing.T) {
	menu := dialplan.Step{
		Kind: dialplan.StepPlay, Answer: true, Notice: true, Prompts: []dialplan.Prompt{"prompt:7"},
		Collect: dialplan.Collect{Max: 3, First: 5 * time.Second, Next: 2 * time.Second, End: '#'},
	}
	s := inbound(call.Policy{}, menu, menu, menu, ring(anna))
	plan := s.Plan.(*script)
	p := start(t, s).did("answer 1", "1 hears [prompt:7] #1").is(call.InPlan)
	p.on(call.Pressed{Leg: 1, Digit: '4'}).did("1 hears nothing")
	p.after(3 * time.Second).did("1 hears [prompt:7] #2")
	p.on(call.Played{Leg: 1, Token: 1}) // late, of the one before
	p.on(call.Played{Leg: 1, Token: 2}).did("1 hears nothing")
	if p.m.State().NoticeAt.IsZero() {
		t.Error("the notice was heard")
	}
	p.after(6 * time.Second).did("1 hears [prompt:7] #3")
	p.on(call.Pressed{Leg: 1, Digit: '1'}, call.Pressed{Leg: 1, Digit: '#'}).
		did("1 hears nothing", "dial 2  u1", "1 hears tone:ringback")
	want := []dialplan.Outcome{{Kind: dialplan.Entered, Digits: "4"}, {Kind: dialplan.TimedOut}, {Kind: dialplan.Entered, Digits: "1"}}
	if fmt.Sprint(plan.came) != fmt.Sprint(want) {
		t.Errorf("outcomes %v", plan.came)
	}
}

func TestQueue(t *testing.T) {
	queue := dialplan.Step{Kind: dialplan.StepQueue, Queue: dialplan.Enqueue{Queue: 9, Leave: '1'}}
	s := inbound(call.Policy{}, queue, queue, ring(boris))
	plan := s.Plan.(*script)
	p := start(t, s).did("answer 1", "enter q9", "1 hears moh:default").is(call.Queued)
	p.after(10 * time.Second).on(call.Announce{Prompts: []dialplan.Prompt{"say:ru:position:1"}}).did("1 hears [say:ru:position:1] #1")
	p.on(call.Played{Leg: 1, Token: 1}).did("1 hears moh:default")
	p.on(call.Offered{Users: []access.UserID{1}, For: 15 * time.Second}).did("dial 2  u1").is(call.Ringing)
	p.on(call.Offered{Users: []access.UserID{1}}).did()
	p.on(call.Ended{Leg: 2, Reason: call.Declined}).did("refused u1 declined").is(call.Queued)
	p.on(call.Offered{Users: []access.UserID{2}}).skip()
	p.on(call.Outwaited{Outcome: dialplan.MaxWait}).did("release 3 elsewhere", "leave q9", "enter q9")
	p.on(call.Pressed{Leg: 1, Digit: '1'}).did("leave q9", "dial 4  u2", "1 hears tone:ringback")
	p.on(call.Connected{Leg: 4}).is(call.Talking)
	if got := fmt.Sprint(plan.came); got != "[{max_wait  map[]} {left  map[]}]" {
		t.Error(got)
	}
	if w := p.m.State().Waited; w != 10*time.Second {
		t.Errorf("waited %s", w)
	}
}

func TestQueueAnswered(t *testing.T) {
	start(t, inbound(call.Policy{}, dialplan.Step{Kind: dialplan.StepQueue, Queue: dialplan.Enqueue{Queue: 9}})).
		on(call.Offered{Users: []access.UserID{1, 2}}).skip().
		on(call.Connected{Leg: 3}).
		did("release 2 elsewhere", "leave q9 u2", "1 hears room 1", "3 hears room 1").
		on(call.Ended{Leg: 3, Reason: call.Normal}).did("release 1 normal", "end").
		ended(call.Answered, call.Normal, call.ByAgent)
}

func TestOutboundCall(t *testing.T) {
	out := call.Start{Direction: call.Out, By: 1, Arrived: true, Device: "browser", To: outside, From: "+74950000000"}
	p := start(t, out).did("dial 2 +79120000001").is(call.Ringing)
	p.on(call.Rang{Leg: 2, Early: true}).did("progress 1", "1 hears room 1", "2 hears room 1")
	p.on(call.Connected{Leg: 2}).did("answer 1").is(call.Talking)
	p.on(call.Ended{Leg: 1, Reason: call.Normal}).did("release 2 normal", "end").ended(call.Answered, call.Normal, call.ByAgent)

	start(t, out).on(call.Ended{Leg: 2, Reason: call.Busy}).skip().ended(call.Engaged, call.Busy, call.BySystem)
	start(t, out).on(call.Ended{Leg: 1, Reason: call.GaveUp}).did("dial 2 +79120000001", "release 2 cancelled", "end").
		ended(call.Cancelled, call.GaveUp, call.ByAgent)

	// From a desk phone: it rings first.
	out.Arrived = false
	start(t, out).did("dial 1  u1").
		on(call.Connected{Leg: 1, Device: "desk"}).did("dial 2 +79120000001", "1 hears tone:ringback").
		on(call.Connected{Leg: 2}).did("1 hears room 1", "2 hears room 1")
	start(t, out).on(call.Ended{Leg: 1, Reason: call.Declined}).skip().ended(call.Engaged, call.Declined, call.BySystem)
}

func TestHold(t *testing.T) {
	p := talking(t, call.Policy{Record: call.RecordAlways})
	p.on(call.Hold{By: 2, On: true}).did("1 hears moh:default", "2 hears nothing", "stop 1", "stop 2").is(call.OnHold)
	p.after(7*time.Second).on(call.Hold{By: 2}).did("1 hears room 1", "2 hears room 1", "rec 1", "rec 2").is(call.Talking)
	if held := p.m.State().Legs[1].Held; held != 7*time.Second {
		t.Errorf("held %s", held)
	}
}

func TestPauseRecording(t *testing.T) {
	p := talking(t, call.Policy{Record: call.RecordAlways, Pause: true})
	p.on(call.RecordNow{By: 2}).did("pause 1", "pause 2").on(call.RecordNow{By: 2, On: true}).did("rec 1", "rec 2")
	talking(t, call.Policy{Record: call.RecordDemand}).on(call.RecordNow{By: 2, On: true}).did("rec 1", "rec 2")
	refuse(t, talking(t, call.Policy{Record: call.RecordAlways}), call.RecordNow{By: 2})
	refuse(t, talking(t, call.Policy{Record: call.RecordNever}), call.RecordNow{By: 2, On: true})
}

func refuse(t *testing.T, p *phone, e call.Event) {
	t.Helper()
	out, err := p.m.Handle(p.at, e)
	if !errors.Is(err, call.ErrNotNow) || len(out) > 0 {
		t.Errorf("%#v: %v, %v", e, out, err)
	}
}

func TestBlindTransfer(t *testing.T) {
	p := talking(t, call.Policy{})
	p.on(call.Transfer{By: 2, To: boris}).did("release 2 transferred", "dial 3  u2", "1 hears tone:ringback").is(call.Ringing)
	p.on(call.Connected{Leg: 3}).did("1 hears room 1", "3 hears room 1")

	// Nobody there: it comes back, and if that fails too the plan decides.
	p = talking(t, call.Policy{}, dialplan.Step{Kind: dialplan.StepVoicemail})
	p.on(call.Transfer{By: 2, To: outside}, call.Ended{Leg: 3, Reason: call.Busy}).
		did("release 2 transferred", "dial 3 +79120000001", "1 hears tone:ringback", "dial 4  u1")
	p.after(31*time.Second).did("release 4 unreachable", "1 hears [tone:beep] #1")

	p = talking(t, call.Policy{})
	p.on(call.Transfer{By: 2, To: dialplan.Target{Kind: dialplan.ToQueue, Queue: 5}}).did("release 2 transferred", "enter q5", "1 hears moh:default")
	p.on(call.Outwaited{Outcome: dialplan.NoAgents}).did("leave q5", "dial 3  u1", "1 hears tone:ringback")
}

func TestAttendedTransfer(t *testing.T) {
	consult := func() *phone {
		return talking(t, call.Policy{}).on(call.Consult{By: 2, To: boris}).
			did("dial 3  u2", "1 hears moh:default", "2 hears tone:ringback").is(call.OnHold)
	}
	consult().on(call.Connected{Leg: 3}).did("2 hears room 2", "3 hears room 2").
		on(call.Finish{By: 2, How: call.Complete}).did("release 2 transferred", "1 hears room 1", "3 hears room 1").
		on(call.Ended{Leg: 1, Reason: call.Normal}).skip().ended(call.Answered, call.Normal, call.ByCustomer)
	consult().on(call.Connected{Leg: 3}).skip().
		on(call.Finish{By: 2, How: call.Return}).did("release 3 normal", "1 hears room 1", "2 hears room 1")
	consult().on(call.Connected{Leg: 3}).skip().
		on(call.Finish{By: 2, How: call.Merge}).did("1 hears room 1", "2 hears room 1", "3 hears room 1").
		on(call.Ended{Leg: 2, Reason: call.Normal}).did().is(call.Talking)
	// Handed over while it still rings there.
	consult().on(call.Finish{By: 2, How: call.Complete}).did("release 2 transferred", "1 hears tone:ringback").
		on(call.Connected{Leg: 3}).did("1 hears room 1", "3 hears room 1")
	// Busy there: the customer goes on holding until the agent comes back.
	consult().on(call.Ended{Leg: 3, Reason: call.Busy}).did("2 hears nothing").
		on(call.Hold{By: 2}).did("1 hears room 1", "2 hears room 1")
	// The agent's line breaks while he consults: the customer is not lost.
	consult().on(call.Connected{Leg: 3}).skip().
		on(call.Ended{Leg: 2, Reason: call.Lost}).did("1 hears room 1", "3 hears room 1")
	// The customer goes while they consult: they go on talking.
	consult().on(call.Connected{Leg: 3}).skip().
		on(call.Ended{Leg: 1, Reason: call.Normal}).did("2 hears room 1", "3 hears room 1").is(call.Talking)
}

func TestPark(t *testing.T) {
	policy := call.Policy{ParkFor: time.Minute}
	p := talking(t, policy)
	p.on(call.Park{By: 2, Slot: "71"}).did("release 2 transferred", "1 hears moh:default").is(call.Parked)
	p.on(call.Take{User: 2, Arrived: true, Device: "browser"}).did("answer 3", "1 hears room 1", "3 hears room 1").is(call.Talking)

	p = talking(t, policy).on(call.Park{By: 2, Slot: "71"}).skip()
	p.after(time.Minute).did("dial 3  u1").on(call.Connected{Leg: 3}).is(call.Talking)
}

func TestLostAgentIsRungAgain(t *testing.T) {
	talking(t, call.Policy{}).on(call.Ended{Leg: 2, Reason: call.Lost}).did("dial 3  u1", "1 hears tone:ringback").
		on(call.Connected{Leg: 3}).is(call.Talking)
}

func TestSupervisor(t *testing.T) {
	p := talking(t, call.Policy{Record: call.RecordAlways})
	p.on(call.Supervise{User: 7, Mode: call.Listen, Arrived: true}).did("answer 3", "3 hears room 1 listen")
	p.on(call.Supervise{User: 7, Mode: call.Whisper}).did("3 hears room 1 whisper")
	p.on(call.TakeOver{User: 7}).did("stop 2", "release 2 transferred", "3 hears room 1", "rec 3")
	p.on(call.Ended{Leg: 1, Reason: call.Normal}).did("stop 1", "stop 3", "release 3 normal", "end")

	// A listener does not keep a call alive.
	talking(t, call.Policy{}).on(call.Supervise{User: 7, Mode: call.Listen, Arrived: true}).skip().
		on(call.Ended{Leg: 1, Reason: call.Normal}).did("release 2 normal", "release 3 normal", "end")
	refuse(t, talking(t, call.Policy{}), call.Supervise{User: 1, Mode: call.Listen, Arrived: true})
}

func TestLimitsAndHangUp(t *testing.T) {
	talking(t, call.Policy{Longest: time.Hour}).after(time.Hour).did("release 1 limit", "release 2 limit", "end").
		ended(call.Answered, call.Limit, call.BySystem)
	p := talking(t, call.Policy{})
	p.on(call.HangUp{By: call.BySystem, Reason: call.Shutdown}).skip().ended(call.Answered, call.Shutdown, call.BySystem)
	if _, err := p.m.Handle(p.at, call.Hold{By: 2, On: true}); err != nil {
		t.Errorf("after the end: %v", err)
	}
}

func TestPlanThatNeverWaits(t *testing.T) {
	steps := make([]dialplan.Step, 1000)
	for i := range steps {
		steps[i] = dialplan.Step{Kind: dialplan.StepPlay}
	}
	start(t, inbound(call.Policy{}, steps...)).ended(call.Missed, call.Broken, call.BySystem)
}
