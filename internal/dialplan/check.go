package dialplan

import (
	"cmp"
	"net/url"
	"slices"
	"time"
)

// Problem is something wrong with a plan.
type Problem struct {
	Node NodeID `json:"node"`
	// Code says what, for the interface's texts.
	Code string `json:"code"`
	// Exit is the way out that it is about.
	Exit Exit `json:"exit,omitempty"`
	// Warning says that the plan can be used all the same.
	Warning bool `json:"warning,omitempty"`
}

// The problems.
const (
	NoStart      = "plan.no_start"
	LeadsNowhere = "plan.leads_nowhere"   // an exit names a node that is not there
	ExitOpenEnd  = "plan.exit_missing"    // an exit that a caller will take hangs up
	Unreached    = "plan.unreached"       // no way leads here
	Circle       = "plan.circle"          // round and round without anybody being asked
	Incomplete   = "plan.node_incomplete" // what to play, ring or ask is missing
	OutOfRange   = "plan.out_of_range"
)

// Check returns what is wrong with a plan, errors first, in a stable order.
func Check(p Plan) []Problem {
	var out []Problem
	if _, ok := p.Nodes[p.Start]; !ok {
		out = append(out, Problem{Code: NoStart})
	}
	reached := p.reached()
	for id, n := range p.Nodes {
		for e, next := range n.Next {
			if _, ok := p.Nodes[next]; !ok && next != "" {
				out = append(out, Problem{Node: id, Code: LeadsNowhere, Exit: e})
			}
		}
		for _, e := range n.required() {
			if n.Next[e] == "" {
				out = append(out, Problem{Node: id, Code: ExitOpenEnd, Exit: e, Warning: true})
			}
		}
		if !reached[id] {
			out = append(out, Problem{Node: id, Code: Unreached, Warning: true})
		}
		if code := n.faulty(); code != "" {
			out = append(out, Problem{Node: id, Code: code})
		}
		if p.circles(id) {
			out = append(out, Problem{Node: id, Code: Circle})
		}
	}
	slices.SortFunc(out, func(a, b Problem) int {
		if a.Warning != b.Warning {
			if a.Warning {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Exit, b.Exit))
	})
	return out
}

// required are the exits that callers will take sooner or later.
func (n Node) required() []Exit {
	switch n.Kind {
	case NodeHours:
		return []Exit{ExitOpen, ExitClosed}
	case NodeMenu:
		return []Exit{ExitTimeout}
	case NodeRing, NodeForward:
		return []Exit{ExitNoAnswer}
	case NodeQueue:
		return []Exit{ExitMaxWait}
	case NodeCallback:
		return []Exit{ExitDeclined}
	case NodeLookup:
		return []Exit{ExitError}
	case NodeSwitch:
		return []Exit{ExitElse}
	case NodePlay, NodeSet:
		return []Exit{ExitNext}
	case NodeVoicemail, NodeHangUp:
	}
	return nil
}

// faulty says what a node lacks.
func (n Node) faulty() string {
	within := func(v, low, high int) string {
		if v < low || v > high {
			return OutOfRange
		}
		return ""
	}
	switch n.Kind {
	case NodeHours:
		return lacks(n.Hours == 0)
	case NodePlay:
		return lacks(len(n.Speech) == 0)
	case NodeMenu:
		return n.faultyMenu(within)
	case NodeRing:
		r := n.Ring
		if r == nil || (len(r.Targets) == 0 && !r.LastAgent && !r.Owner) {
			return Incomplete
		}
		return within(r.Seconds, 5, 300)
	case NodeForward:
		r := n.Ring
		if r == nil || len(r.Targets) != 1 || r.Targets[0].Kind != ToNumber || r.Targets[0].Number == "" {
			return Incomplete
		}
		return within(r.Seconds, 5, 300)
	case NodeQueue:
		return lacks(n.Queue == nil || n.Queue.Queue == 0 || (n.Queue.Leave != "" && (len(n.Queue.Leave) != 1 || !digits(n.Queue.Leave))))
	case NodeVoicemail:
		if n.Voicemail == nil {
			return Incomplete
		}
		return within(n.Voicemail.Seconds, 5, 600)
	case NodeCallback:
		return lacks(n.Callback == nil || len(n.Callback.Digit) != 1 || !digits(n.Callback.Digit) || len(n.Speech) == 0)
	case NodeLookup:
		if n.Lookup == nil {
			return Incomplete
		}
		if u, err := url.Parse(n.Lookup.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return Incomplete
		}
		return within(n.Lookup.Seconds, 1, 10)
	case NodeSwitch:
		return lacks(n.Switch == "")
	case NodeSet:
		return lacks(n.Set == nil)
	case NodeHangUp:
		return ""
	}
	return Incomplete
}

func (n Node) faultyMenu(within func(v, low, high int) string) string {
	m := n.Menu
	if m == nil || len(n.Speech) == 0 {
		return Incomplete
	}
	choices := 0
	for e := range n.Next {
		if digits(string(e)) {
			choices++
		}
	}
	if choices == 0 && !m.Extensions {
		return Incomplete
	}
	return cmp.Or(within(m.Tries, 1, 10), within(m.Seconds, 1, 60))
}

func lacks(missing bool) string {
	if missing {
		return Incomplete
	}
	return ""
}

func (p Plan) reached() map[NodeID]bool {
	seen := map[NodeID]bool{}
	todo := []NodeID{p.Start}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if n, ok := p.Nodes[id]; ok && !seen[id] {
			seen[id] = true
			for _, next := range n.Next {
				todo = append(todo, next)
			}
		}
	}
	return seen
}

// circles reports whether a way leads from a node back to it over nodes that
// ask nobody for anything: a caller would hear the same for ever.
func (p Plan) circles(start NodeID) bool {
	seen := map[NodeID]bool{}
	todo := []NodeID{start}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n, ok := p.Nodes[id]
		if !ok || seen[id] || !n.idle() {
			continue
		}
		seen[id] = true
		for _, next := range n.Next {
			if next == start {
				return true
			}
			todo = append(todo, next)
		}
	}
	return false
}

// idle reports whether a node asks nobody for anything.
func (n Node) idle() bool {
	switch n.Kind {
	case NodeHours, NodePlay, NodeSwitch, NodeSet, NodeLookup:
		return true
	case NodeMenu, NodeRing, NodeForward, NodeQueue, NodeVoicemail, NodeCallback, NodeHangUp:
	}
	return false
}

// Trace is a step of a rehearsal.
type Trace struct {
	Step Step `json:"step"`
	// Came is what the rehearsal said came of it; absent for the last step.
	Came *Outcome `json:"came,omitempty"`
}

// Timed is an outcome and when it came; the first one's time is the call's
// beginning and its outcome counts for nothing.
type Timed struct {
	At   time.Time
	Came Outcome
}

// Rehearse walks a call through a plan with the outcomes given and returns
// the steps it took; the last one waits for an outcome or hangs up.
func Rehearse(w *Walk, in []Timed) []Trace {
	if len(in) == 0 {
		return nil
	}
	out := []Trace{{Step: w.Begin(in[0].At)}}
	for _, t := range in[1:] {
		last := &out[len(out)-1]
		if last.Step.Kind == StepHangUp {
			break
		}
		last.Came = &t.Came
		out = append(out, Trace{Step: w.Next(t.Came, t.At)})
	}
	return out
}
