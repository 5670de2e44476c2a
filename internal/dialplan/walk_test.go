package dialplan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/dialplan"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// town is a world with one inbox that works from nine to six UTC and the
// extension 101.
type town struct{}

func (town) Hours(_ int64, at time.Time) dialplan.HoursState {
	switch {
	case at.Day() == 1:
		return dialplan.Holiday
	case at.Hour() >= 9 && at.Hour() < 18:
		return dialplan.Open
	}
	return dialplan.Closed
}

func (town) Extension(d string) (dialplan.Target, bool) {
	return dialplan.Target{Kind: dialplan.ToUser, User: 101}, d == "101"
}

func speech(p ...dialplan.Prompt) dialplan.Speech { return dialplan.Speech{"": p} }

// office is a plan with every kind of node.
func office() dialplan.Plan {
	next := func(pairs ...string) map[dialplan.Exit]dialplan.NodeID {
		out := map[dialplan.Exit]dialplan.NodeID{}
		for i := 0; i < len(pairs); i += 2 {
			out[dialplan.Exit(pairs[i])] = dialplan.NodeID(pairs[i+1])
		}
		return out
	}
	return dialplan.Plan{Start: "hours", Nodes: map[dialplan.NodeID]dialplan.Node{
		"hours":   {Kind: dialplan.NodeHours, Hours: 1, Next: next("open", "look", "closed", "night")},
		"look":    {Kind: dialplan.NodeLookup, Lookup: &dialplan.Asking{URL: "https://crm.example/who", Seconds: 2}, Next: next("found", "vip", "error", "greet")},
		"vip":     {Kind: dialplan.NodeSwitch, Switch: "class", Next: next("case:vip", "people", "else", "greet")},
		"greet":   {Kind: dialplan.NodePlay, Notice: true, Speech: dialplan.Speech{"": {"prompt:1"}, "en": {"prompt:2"}}, Next: next("next", "menu")},
		"menu":    {Kind: dialplan.NodeMenu, Speech: speech("prompt:3"), Menu: &dialplan.Menu{Tries: 2, Seconds: 4, Extensions: true, Wrong: speech("prompt:4")}, Next: next("1", "queue", "2", "english", "timeout", "queue")},
		"english": {Kind: dialplan.NodeSet, Set: &dialplan.Setting{Language: "en"}, Next: next("next", "greet")},
		"queue":   {Kind: dialplan.NodeQueue, Queue: &dialplan.QueueNode{Queue: 5, Leave: "0"}, Next: next("max_wait", "offer", "no_agents", "night", "left", "night")},
		"offer":   {Kind: dialplan.NodeCallback, Speech: speech("prompt:5"), Callback: &dialplan.Callback{Digit: "1", Thanks: speech("prompt:6")}, Next: next("accepted", "bye", "declined", "night")},
		"people":  {Kind: dialplan.NodeRing, Ring: &dialplan.RingNode{LastAgent: true, Owner: true, Targets: []dialplan.Target{{Kind: dialplan.ToUser, User: 7}, {Kind: dialplan.ToUser, User: 8}}, Together: true, Seconds: 20}, Next: next("no_answer", "mobile", "after", "bye")},
		"mobile":  {Kind: dialplan.NodeForward, Ring: &dialplan.RingNode{Targets: []dialplan.Target{{Kind: dialplan.ToNumber, Number: "+79120000001"}}, Seconds: 30}, Next: next("no_answer", "night")},
		"night":   {Kind: dialplan.NodeVoicemail, Speech: speech("prompt:7"), Voicemail: &dialplan.Mailbox{Seconds: 60}},
		"bye":     {Kind: dialplan.NodeHangUp, Speech: speech("prompt:8")},
	}}
}

// show writes a step in a few letters.
func show(s dialplan.Step) string {
	out := string(s.Node) + ":" + string(s.Kind)
	for _, p := range s.Prompts {
		out += " " + strings.TrimPrefix(string(p), "prompt:")
	}
	if s.Collect.Max > 0 {
		out += fmt.Sprintf(" max%d", s.Collect.Max)
	}
	for _, t := range s.Ring.Targets {
		out += fmt.Sprintf(" %s%d%s", t.Kind, t.User, t.Number)
	}
	return out
}

func TestWalk(t *testing.T) {
	entered := func(d string) dialplan.Outcome {
		return dialplan.Outcome{Kind: dialplan.Entered, Digits: d}
	}
	kind := func(k dialplan.OutcomeKind) dialplan.Outcome { return dialplan.Outcome{Kind: k} }
	vip := dialplan.Outcome{Kind: dialplan.Found, Vars: map[string]string{"class": "vip"}}
	const greet, menu, again = "greet:play 1", "menu:play 3 max6", "menu:play 4 3 max6"
	for name, c := range map[string]struct {
		at    time.Time
		facts dialplan.Facts
		came  []dialplan.Outcome
		want  []string
	}{
		"at night": {noon.Add(8 * time.Hour), dialplan.Facts{}, []dialplan.Outcome{kind(dialplan.Done)}, []string{"night:voicemail 7", "night:hang_up"}},
		"a holiday leads where closed does": {
			time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), dialplan.Facts{}, nil, []string{"night:voicemail 7"},
		},
		"a choice": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.LookupError), kind(dialplan.Done), entered("1")},
			[]string{"look:lookup", greet, menu, "queue:queue"},
		},
		"wrong twice": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("9"), kind(dialplan.TimedOut)},
			[]string{"look:lookup", greet, menu, again, "queue:queue"},
		},
		"an extension, which does not answer": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("101"), kind(dialplan.NoAnswer)},
			[]string{"look:lookup", greet, menu, "menu:ring user101", again},
		},
		"another language": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("2")},
			[]string{"look:lookup", greet, menu, "greet:play 2"},
		},
		"known people first, nobody twice": {
			noon,
			dialplan.Facts{LastAgent: 8, Owner: 8},
			[]dialplan.Outcome{vip, kind(dialplan.NoAnswer), kind(dialplan.Busy), kind(dialplan.Busy)},
			[]string{"look:lookup", "people:ring user8", "people:ring user7", "mobile:ring number0+79120000001", "night:voicemail 7"},
		},
		"after the talk": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{vip, kind(dialplan.Talked)},
			[]string{"look:lookup", "people:ring user7 user8", "bye:hang_up 8"},
		},
		"a callback": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("1"), kind(dialplan.MaxWait), entered("1"), kind(dialplan.Done)},
			[]string{"look:lookup", greet, menu, "queue:queue", "offer:play 5 max1", "offer:callback 6", "bye:hang_up 8"},
		},
		"no callback": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("1"), kind(dialplan.MaxWait), kind(dialplan.TimedOut)},
			[]string{"look:lookup", greet, menu, "queue:queue", "offer:play 5 max1", "night:voicemail 7"},
		},
		"a full queue is a long one": {
			noon,
			dialplan.Facts{},
			[]dialplan.Outcome{kind(dialplan.Found), kind(dialplan.Done), entered("1"), kind(dialplan.Full)},
			[]string{"look:lookup", greet, menu, "queue:queue", "offer:play 5 max1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := []dialplan.Timed{{At: c.at}}
			for _, o := range c.came {
				in = append(in, dialplan.Timed{At: c.at, Came: o})
			}
			var got []string
			for _, tr := range dialplan.Rehearse(dialplan.NewWalk(office(), town{}, c.facts), in) {
				got = append(got, show(tr.Step))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	if got := dialplan.Check(office()); len(got) > 0 {
		t.Errorf("a sound plan: %+v", got)
	}
	for name, c := range map[string]struct {
		spoil func(map[dialplan.NodeID]dialplan.Node)
		want  dialplan.Problem
	}{
		"start":             {func(n map[dialplan.NodeID]dialplan.Node) { delete(n, "hours") }, dialplan.Problem{Code: dialplan.NoStart}},
		"nowhere":           {func(n map[dialplan.NodeID]dialplan.Node) { n["bye"].Next["x"] = "gone" }, dialplan.Problem{Node: "bye", Code: dialplan.LeadsNowhere, Exit: "x"}},
		"circle":            {func(n map[dialplan.NodeID]dialplan.Node) { n["greet"].Next["next"] = "hours" }, dialplan.Problem{Node: "greet", Code: dialplan.Circle}},
		"range":             {func(n map[dialplan.NodeID]dialplan.Node) { n["people"].Ring.Seconds = 1 }, dialplan.Problem{Node: "people", Code: dialplan.OutOfRange}},
		"look-up of a file": {func(n map[dialplan.NodeID]dialplan.Node) { n["look"].Lookup.URL = "file:///etc/passwd" }, dialplan.Problem{Node: "look", Code: dialplan.Incomplete}},
		"open end":          {func(n map[dialplan.NodeID]dialplan.Node) { delete(n["queue"].Next, "max_wait") }, dialplan.Problem{Node: "queue", Code: dialplan.ExitOpenEnd, Exit: "max_wait", Warning: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p := office()
			if bye := p.Nodes["bye"]; bye.Next == nil {
				bye.Next = map[dialplan.Exit]dialplan.NodeID{}
				p.Nodes["bye"] = bye
			}
			c.spoil(p.Nodes)
			got := dialplan.Check(p)
			if !slices.Contains(got, c.want) {
				t.Errorf("%+v lacks %+v", got, c.want)
			}
		})
	}
}

// TestAnyPlan: whatever graph somebody draws or sends, a call through it
// ends, and what Check lets pass never leaves the plan by mistake.
func TestAnyPlan(t *testing.T) {
	kinds := []dialplan.NodeKind{
		dialplan.NodeHours, dialplan.NodePlay, dialplan.NodeMenu, dialplan.NodeRing, dialplan.NodeForward, dialplan.NodeQueue,
		dialplan.NodeVoicemail, dialplan.NodeCallback, dialplan.NodeLookup, dialplan.NodeSwitch, dialplan.NodeSet, dialplan.NodeHangUp, "unknown",
	}
	exits := []dialplan.Exit{"next", "open", "closed", "1", "2", "timeout", "no_answer", "max_wait", "accepted", "declined", "found", "error", "else", "after"}
	outcomes := []dialplan.OutcomeKind{
		dialplan.Done, dialplan.Entered, dialplan.TimedOut, dialplan.Talked, dialplan.NoAnswer, dialplan.Busy, dialplan.Unavailable,
		dialplan.Full, dialplan.NoAgents, dialplan.MaxWait, dialplan.Left, dialplan.Found, dialplan.LookupError,
	}
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 6).Draw(t, "nodes")
		name := func(i int) dialplan.NodeID { return dialplan.NodeID(fmt.Sprint(i)) }
		p := dialplan.Plan{Start: name(0), Nodes: map[dialplan.NodeID]dialplan.Node{}}
		for i := range count {
			n := dialplan.Node{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Next: map[dialplan.Exit]dialplan.NodeID{}}
			for range rapid.IntRange(0, 4).Draw(t, "exits") {
				n.Next[rapid.SampledFrom(exits).Draw(t, "exit")] = name(rapid.IntRange(0, count).Draw(t, "to"))
			}
			p.Nodes[name(i)] = n
		}
		dialplan.Check(p)
		w := dialplan.NewWalk(p, town{}, dialplan.Facts{})
		s := w.Begin(noon)
		for range 5000 {
			if s.Kind == dialplan.StepHangUp {
				return
			}
			s = w.Next(dialplan.Outcome{Kind: rapid.SampledFrom(outcomes).Draw(t, "came"), Digits: "1"}, noon)
		}
		t.Fatal("the call never ends")
	})
}

func FuzzPlanJSON(f *testing.F) {
	good, err := json.Marshal(office())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(good))
	f.Fuzz(func(t *testing.T, text string) {
		var p dialplan.Plan
		if json.Unmarshal([]byte(text), &p) != nil {
			t.Skip()
		}
		dialplan.Check(p)
		w := dialplan.NewWalk(p, town{}, dialplan.Facts{})
		s := w.Begin(noon)
		for i := 0; i < 50 && s.Kind != dialplan.StepHangUp; i++ {
			s = w.Next(dialplan.Outcome{Kind: dialplan.Entered, Digits: "1"}, noon)
		}
	})
}
