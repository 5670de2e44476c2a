package queue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/queue"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func free(u access.UserID, idle time.Duration, calls int) queue.Agent {
	return queue.Agent{User: u, State: queue.Available, Idle: ago(idle), Calls: calls}
}

func TestOffers(t *testing.T) {
	staff := []queue.Agent{free(1, time.Minute, 5), free(2, 9*time.Minute, 9), free(3, 2*time.Minute, 1)}
	one := []queue.Caller{{Call: 10, Since: ago(time.Minute)}}
	needs := func(skill string, since time.Time) []queue.Caller {
		return []queue.Caller{{Call: 10, Since: since, Skills: []string{skill}}}
	}
	skilled := []queue.Agent{
		free(1, time.Minute, 0),
		{User: 2, State: queue.Available, Skills: map[string]int{"en": 3}},
		{User: 3, State: queue.Available, Skills: map[string]int{"en": 7}},
	}
	with := func(s queue.Strategy, callers []queue.Caller, agents []queue.Agent) queue.Snapshot {
		return queue.Snapshot{Queue: queue.Queue{Strategy: s}, Callers: callers, Agents: agents}
	}
	turn := func(last access.UserID) queue.Snapshot {
		s := with(queue.RoundRobin, one, staff)
		s.Next = last
		return s
	}
	later := with(queue.LongestIdle, needs("de", ago(time.Minute)), staff)
	later.Queue.SkillsFor = time.Minute
	for name, c := range map[string]struct {
		s    queue.Snapshot
		want string
	}{
		"everybody":             {with(queue.RingAll, one, staff), "[{10 [2 3 1]}]"},
		"longest idle":          {with(queue.LongestIdle, one, staff), "[{10 [2]}]"},
		"least calls":           {with(queue.LeastCalls, one, staff), "[{10 [3]}]"},
		"in turn":               {turn(2), "[{10 [3]}]"},
		"in turn, round again":  {turn(3), "[{10 [1]}]"},
		"the best skilled":      {with(queue.BySkill, needs("en", now), skilled), "[{10 [3]}]"},
		"nobody has the skill":  {with(queue.BySkill, needs("de", now), skilled), "[]"},
		"anybody after a while": {later, "[{10 [2]}]"},
		"who knows him": {
			with(queue.LongestIdle, []queue.Caller{{Call: 10, Last: 1}}, staff), "[{10 [1]}]",
		},
		"priority before patience": {
			with(queue.LongestIdle, []queue.Caller{{Call: 10, Since: ago(time.Hour)}, {Call: 11, Since: now, Priority: 1}}, staff[:1]), "[{11 [1]}]",
		},
		"two at once": {
			with(queue.LongestIdle, []queue.Caller{{Call: 10, Since: ago(2)}, {Call: 11, Since: ago(1)}}, staff), "[{10 [2]} {11 [3]}]",
		},
		"not while somebody rings": {
			with(queue.LongestIdle, []queue.Caller{{Call: 10, Ringing: []access.UserID{2}}}, staff), "[]",
		},
		"not at once again": {
			with(queue.LongestIdle, []queue.Caller{{Call: 10, Refused: map[access.UserID]time.Time{2: ago(5 * time.Second)}}}, staff), "[{10 [3]}]",
		},
		"lower levels first": {
			with(queue.RingAll, one, []queue.Agent{{User: 1, State: queue.Available, Level: 2}, {User: 2, State: queue.Available, Level: 1}}), "[{10 [2]}]",
		},
		"only who is free": {
			with(queue.RingAll, one, []queue.Agent{
				{User: 1, State: queue.WrapUp, Till: now},
				{User: 2, State: queue.WrapUp, Till: now.Add(1)},
				{User: 3, State: queue.Available, Full: true},
				{User: 4, State: queue.Paused},
				{User: 5, State: queue.Busy},
			}), "[{10 [1]}]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(c.s.Offers(now)); got != c.want {
				t.Errorf("offers %s, want %s", got, c.want)
			}
		})
	}
}

func TestAdmission(t *testing.T) {
	works, rests := queue.Agent{State: queue.Busy}, queue.Agent{State: queue.Paused}
	for name, c := range map[string]struct {
		s    queue.Snapshot
		want queue.Refusal
	}{
		"busy":         {queue.Snapshot{Agents: []queue.Agent{works}}, queue.Kept},
		"nobody":       {queue.Snapshot{Agents: []queue.Agent{rests}}, queue.NoAgents},
		"may be empty": {queue.Snapshot{Queue: queue.Queue{StayEmpty: true}}, queue.Kept},
		"full":         {queue.Snapshot{Queue: queue.Queue{MaxLength: 1}, Callers: []queue.Caller{{}}, Agents: []queue.Agent{works}}, queue.Full},
	} {
		if got := c.s.Admit(); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	s := queue.Snapshot{Queue: queue.Queue{MaxWait: time.Minute}, Agents: []queue.Agent{works}}
	if got := s.Keep(queue.Caller{Since: ago(time.Minute)}, now); got != queue.TooLong {
		t.Errorf("too long: %q", got)
	}
	if got := s.Keep(queue.Caller{Since: ago(time.Minute), Absent: true}, now); got != queue.Kept {
		t.Errorf("who waits for a call back does not wait on the line: %q", got)
	}
}

func TestDue(t *testing.T) {
	s := queue.Snapshot{Queue: queue.Queue{MaxWait: time.Minute, AnnounceEvery: 20 * time.Second}}
	if got := s.Due(now); !got.IsZero() {
		t.Errorf("an empty queue waits for %s", got)
	}
	s.Callers = []queue.Caller{{Since: ago(10 * time.Second), Told: ago(5 * time.Second), Refused: map[access.UserID]time.Time{1: ago(19 * time.Second)}}}
	s.Agents = []queue.Agent{{State: queue.WrapUp, Till: now.Add(3 * time.Second)}}
	for at, want := range map[time.Duration]time.Duration{0: time.Second, time.Second: 3 * time.Second, 3 * time.Second: 15 * time.Second, 15 * time.Second: 50 * time.Second} {
		if got := s.Due(now.Add(at)).Sub(now); got != want {
			t.Errorf("after %s due in %s, want %s", at, got, want)
		}
	}
}

func TestPositionAndEstimate(t *testing.T) {
	s := queue.Snapshot{
		Callers: []queue.Caller{{Call: 1, Since: now}, {Call: 2, Since: ago(time.Minute)}, {Call: 3, Since: now, Priority: 5}},
		Agents:  []queue.Agent{{State: queue.Available}, {State: queue.Busy}, {State: queue.Offline}},
	}
	for call, want := range map[int64]int{1: 3, 2: 2, 3: 1, 4: 0} {
		if got := s.Position(call); got != want {
			t.Errorf("call %d at %d, want %d", call, got, want)
		}
	}
	if got := s.Estimate(3, 4*time.Minute); got != 6*time.Minute {
		t.Errorf("estimate %s", got)
	}
}

// TestAnySnapshot: whatever the state, nobody is rung who is not free, nobody
// for two callers, and no caller overtakes one with the same needs.
func TestAnySnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySnapshot(t)
		rung := map[access.UserID]bool{}
		for _, c := range s.Callers {
			for _, u := range c.Ringing {
				rung[u] = true
			}
		}
		served := map[int64]bool{}
		for _, o := range s.Offers(now) {
			served[o.Call] = true
			for _, u := range o.Users {
				if rung[u] {
					t.Fatalf("%d is rung twice", u)
				}
				rung[u] = true
				if a := s.Agents[u-1]; !a.Free(now) {
					t.Fatalf("%d is not free: %+v", u, a)
				}
			}
		}
		waiting := slices.DeleteFunc(s.Order(), func(c queue.Caller) bool { return len(c.Ringing) > 0 })
		for i, c := range waiting {
			if i > 0 && served[c.Call] && !served[waiting[i-1].Call] {
				t.Fatalf("%d overtakes %d", c.Call, waiting[i-1].Call)
			}
		}
		idle := slices.ContainsFunc(s.Agents, func(a queue.Agent) bool { return a.Free(now) && !rung[a.User] })
		if len(waiting) > 0 && !served[waiting[0].Call] && idle {
			t.Fatal("a free agent and a caller, and nobody is rung")
		}
	})
}

func anySnapshot(t *rapid.T) queue.Snapshot {
	s := queue.Snapshot{Queue: queue.Queue{Strategy: rapid.SampledFrom([]queue.Strategy{
		queue.RingAll, queue.LongestIdle, queue.RoundRobin, queue.LeastCalls, queue.BySkill,
	}).Draw(t, "strategy")}}
	for i := range rapid.IntRange(0, 6).Draw(t, "agents") {
		s.Agents = append(s.Agents, queue.Agent{
			User:  access.UserID(i + 1),
			State: rapid.SampledFrom([]queue.State{queue.Available, queue.Busy, queue.WrapUp, queue.Paused}).Draw(t, "state"),
			Idle:  ago(time.Duration(rapid.IntRange(0, 9).Draw(t, "idle")) * time.Minute),
			Full:  rapid.Bool().Draw(t, "full"), Level: rapid.IntRange(0, 1).Draw(t, "level"),
		})
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "callers") {
		c := queue.Caller{Call: int64(i + 1), Since: ago(time.Duration(rapid.IntRange(0, 9).Draw(t, "since")) * time.Minute)}
		if len(s.Agents) > 0 && rapid.Bool().Draw(t, "rings") {
			c.Ringing = []access.UserID{access.UserID(rapid.IntRange(1, len(s.Agents)).Draw(t, "who"))}
		}
		s.Callers = append(s.Callers, c)
	}
	return s
}
