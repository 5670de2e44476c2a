package dialplan

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Walk is one call's way through a plan. It belongs to one goroutine.
type Walk struct {
	plan  Plan
	world World
	facts Facts
	vars  map[string]string

	node  NodeID
	tries int
	// rounds are the ringing still to do at the node.
	rounds []Ring
	// accepted says that the callback has been accepted.
	accepted bool
	hops     int
}

// longestWalk bounds the nodes of one call, against plans that run in circles.
const longestWalk = 1000

// NewWalk starts a way through a plan.
func NewWalk(p Plan, w World, f Facts) *Walk {
	return &Walk{plan: p, world: w, facts: f, vars: map[string]string{
		"number": f.Number, "called": f.Called, "name": f.Name, "language": f.Language,
		"known": strconv.FormatBool(f.Contact != 0),
	}}
}

// Vars returns the variables as they are now.
func (w *Walk) Vars() map[string]string { return maps.Clone(w.vars) }

// Begin takes the first step.
func (w *Walk) Begin(at time.Time) Step { return w.enter(w.plan.Start, at) }

// Next takes the step that follows from what came of the last one.
func (w *Walk) Next(came Outcome, at time.Time) Step {
	n, ok := w.plan.Nodes[w.node]
	if !ok {
		return w.over("")
	}
	if came.Kind == Talked {
		return w.leave(n, at, ExitAfter)
	}
	switch n.Kind {
	case NodeMenu:
		return w.chosen(n, came, at)
	case NodeRing, NodeForward:
		return w.rang(n, came, at)
	case NodeQueue:
		return w.queued(n, came, at)
	case NodeCallback:
		return w.offered(n, came, at)
	case NodeLookup:
		if came.Kind != Found {
			return w.leave(n, at, ExitError, ExitNext)
		}
		maps.Copy(w.vars, came.Vars)
		return w.leave(n, at, ExitFound, ExitNext)
	case NodePlay, NodeVoicemail:
		return w.leave(n, at, ExitNext)
	case NodeHours, NodeSwitch, NodeSet, NodeHangUp:
	}
	return w.over("")
}

// leave goes on by the first exit that leads somewhere.
func (w *Walk) leave(n Node, at time.Time, exits ...Exit) Step {
	for _, e := range exits {
		if next, ok := n.Next[e]; ok && next != "" {
			return w.enter(next, at)
		}
	}
	return w.over("")
}

func (w *Walk) over(code string) Step { return Step{Kind: StepHangUp, Node: w.node, Code: code} }

// enter goes to a node and on through those that take no time.
func (w *Walk) enter(id NodeID, at time.Time) Step {
	for {
		n, ok := w.plan.Nodes[id]
		if w.hops++; !ok || w.hops > longestWalk {
			return w.over("")
		}
		w.node, w.tries, w.rounds, w.accepted = id, 0, nil, false
		exits := w.passes(n, at)
		if exits == nil {
			return w.step(n, at)
		}
		id = ""
		for _, e := range exits {
			if next := n.Next[e]; next != "" {
				id = next
				break
			}
		}
		if id == "" {
			return w.over("")
		}
	}
}

// passes returns the exits of a node that takes no time, nil for others.
func (w *Walk) passes(n Node, at time.Time) []Exit {
	switch n.Kind { //nolint:exhaustive // all others take time
	case NodeHours:
		switch w.world.Hours(n.Hours, at) {
		case Open:
			return []Exit{ExitOpen}
		case Holiday:
			return []Exit{ExitHoliday, ExitClosed}
		case Closed:
		}
		return []Exit{ExitClosed}
	case NodeSwitch:
		return []Exit{ExitCase(w.vars[n.Switch]), ExitElse}
	case NodeSet:
		if n.Set != nil {
			maps.Copy(w.vars, n.Set.Vars)
			if n.Set.Language != "" {
				w.vars["language"] = n.Set.Language
			}
		}
		return []Exit{ExitNext}
	}
	return nil
}

// step is what a node that takes time wants.
func (w *Walk) step(n Node, at time.Time) Step {
	s := Step{Node: w.node, Prompts: n.Speech.in(w.vars["language"]), Answer: true}
	switch n.Kind { //nolint:exhaustive // the others have passed
	case NodePlay:
		s.Kind, s.Notice, s.Answer = StepPlay, n.Notice, !n.Early
	case NodeMenu:
		return w.menu(n)
	case NodeRing, NodeForward:
		w.rounds = w.ringing(n)
		return w.ringNext(n, at)
	case NodeQueue:
		s.Kind, s.Queue = StepQueue, enqueue(n.Queue)
	case NodeVoicemail:
		s.Kind, s.Voicemail = StepVoicemail, Voicemail{Silence: 8 * time.Second}
		if n.Voicemail != nil {
			s.Voicemail.User, s.Voicemail.Max = n.Voicemail.User, seconds(n.Voicemail.Seconds)
		}
	case NodeCallback:
		s.Kind, s.Collect = StepPlay, Collect{Max: 1, First: 5 * time.Second}
	case NodeLookup:
		if n.Lookup == nil {
			return w.over("")
		}
		s.Kind, s.Answer = StepLookup, false
		s.Lookup = Lookup{URL: n.Lookup.URL, Timeout: seconds(n.Lookup.Seconds), Vars: w.Vars()}
	default: // NodeHangUp
		s.Kind, s.Code, s.Answer = StepHangUp, n.Code, len(s.Prompts) > 0 && !n.Early
	}
	return s
}

func enqueue(q *QueueNode) Enqueue {
	if q == nil {
		return Enqueue{}
	}
	e := Enqueue{Queue: q.Queue, Priority: q.Priority, Skills: q.Skills}
	for _, d := range q.Leave {
		e.Leave = d
	}
	return e
}

// menu is the menu's step, after a wrong digit with the word for it.
func (w *Walk) menu(n Node) Step {
	language := w.vars["language"]
	s := Step{Kind: StepPlay, Node: w.node, Answer: true, Prompts: n.Speech.in(language)}
	m := n.menu()
	if w.tries > 0 {
		s.Prompts = append(slices.Clone(m.Wrong.in(language)), s.Prompts...)
	}
	s.Collect = Collect{Max: 1, First: seconds(m.Seconds), Next: 2 * time.Second}
	for e := range n.Next {
		if digits(string(e)) {
			s.Collect.Max = max(s.Collect.Max, len(e))
		}
	}
	if m.Extensions {
		s.Collect.Max = max(s.Collect.Max, longestExtension)
	}
	if s.Collect.Max > 1 && n.Next["#"] == "" {
		s.Collect.End = '#'
	}
	return s
}

// longestExtension is how many digits an internal number has at most.
const longestExtension = 6

func (n Node) menu() Menu {
	m := Menu{Tries: 3, Seconds: 5}
	if n.Menu != nil {
		m = *n.Menu
	}
	return m
}

func (w *Walk) chosen(n Node, came Outcome, at time.Time) Step {
	m := n.menu()
	if came.Kind == Entered {
		if next := n.Next[Exit(came.Digits)]; next != "" && digits(came.Digits) {
			w.vars["digits"] = came.Digits
			return w.enter(next, at)
		}
		if to, ok := w.world.Extension(came.Digits); ok && m.Extensions {
			return Step{Kind: StepRing, Node: w.node, Ring: Ring{Targets: []Target{to}, Together: true, For: 30 * time.Second}}
		}
	}
	if w.tries++; w.tries < m.Tries {
		return w.menu(n)
	}
	if came.Kind == Entered {
		return w.leave(n, at, ExitInvalid, ExitTimeout)
	}
	return w.leave(n, at, ExitTimeout)
}

// ringing plans the rounds of a node: those who know the contact first.
func (w *Walk) ringing(n Node) []Ring {
	r := n.Ring
	if r == nil {
		return nil
	}
	var out []Ring
	seen := map[int64]bool{}
	for _, known := range []struct {
		wanted bool
		user   int64
	}{{r.LastAgent, w.facts.LastAgent}, {r.Owner, w.facts.Owner}} {
		if known.wanted && known.user != 0 && !seen[known.user] {
			seen[known.user] = true
			out = append(out, Ring{Targets: []Target{{Kind: ToUser, User: known.user}}, Together: true, For: seconds(r.Seconds), Hear: r.Hear})
		}
	}
	rest := slices.DeleteFunc(slices.Clone(r.Targets), func(t Target) bool { return t.Kind == ToUser && seen[t.User] })
	if len(rest) > 0 {
		out = append(out, Ring{Targets: rest, Together: r.Together, For: seconds(r.Seconds), Hear: r.Hear})
	}
	return out
}

func (w *Walk) ringNext(n Node, at time.Time) Step {
	if len(w.rounds) == 0 {
		return w.leave(n, at, ExitUnavailable, ExitNoAnswer)
	}
	r := w.rounds[0]
	w.rounds = w.rounds[1:]
	return Step{Kind: StepRing, Node: w.node, Ring: r}
}

func (w *Walk) rang(n Node, came Outcome, at time.Time) Step {
	if len(w.rounds) > 0 {
		return w.ringNext(n, at)
	}
	switch came.Kind { //nolint:exhaustive // the others are no answer
	case Busy:
		return w.leave(n, at, ExitBusy, ExitNoAnswer)
	case Unavailable:
		return w.leave(n, at, ExitUnavailable, ExitNoAnswer)
	}
	return w.leave(n, at, ExitNoAnswer)
}

func (w *Walk) queued(n Node, came Outcome, at time.Time) Step {
	switch came.Kind { //nolint:exhaustive // the others mean that nobody came
	case NoAgents:
		return w.leave(n, at, ExitNoAgents, ExitMaxWait)
	case Full:
		return w.leave(n, at, ExitFull, ExitMaxWait)
	case Left:
		return w.leave(n, at, ExitLeft, ExitMaxWait)
	}
	return w.leave(n, at, ExitMaxWait)
}

func (w *Walk) offered(n Node, came Outcome, at time.Time) Step {
	if w.accepted {
		return w.leave(n, at, ExitAccepted)
	}
	digit := "1"
	if n.Callback != nil && n.Callback.Digit != "" {
		digit = n.Callback.Digit
	}
	if came.Kind != Entered || came.Digits != digit {
		return w.leave(n, at, ExitDeclined)
	}
	w.accepted = true
	s := Step{Kind: StepCallback, Node: w.node, Answer: true}
	if n.Callback != nil {
		s.Prompts = n.Callback.Thanks.in(w.vars["language"])
	}
	return s
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// digits reports whether a menu's exit is something that a phone can send.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789*#") == ""
}
