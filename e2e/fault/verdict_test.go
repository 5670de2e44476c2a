package fault_test

import (
	"strings"
	"testing"
)

// paper is a platform that only has a ledger.
type paper struct {
	platform
	lines []line
}

func (paper) kind() string      { return "paper" }
func (p paper) ledger() []line  { return p.lines }
func (paper) seen(l line) sight { return sight{id: l.id, text: l.text} }

// TestVerdict: each thing that may go wrong is found, and nothing is found
// where all is well.
func TestVerdict(t *testing.T) {
	in := func(id, conversation, text string) item {
		return item{ID: id, ConversationID: conversation, Kind: "message", Direction: "in", Content: struct{ Text string }{text}}
	}
	out := func(id, key, state string) item {
		return item{ID: id, ConversationID: "c", Kind: "message", Direction: "out", ClientID: key, State: state, Content: struct{ Text string }{key + " привет"}}
	}
	wrote := func(text string) line { return line{in: true, chat: "1", text: text, attempts: 1, acked: true} }
	reached := func(key string) line { return line{chat: "1", text: key + " привет", reached: true} }
	reply := func(item, key string) accepted { return accepted{item: item, text: key + " привет"} }
	two := []line{wrote("paper/1/1 а"), wrote("paper/1/2 б")}
	for _, c := range []struct {
		name    string
		lines   []line
		items   []item
		edited  map[string]string
		shown   map[string]string
		replies map[string]accepted
		want    string // part of the only fault; empty: none
	}{
		{name: "well", lines: two, items: []item{in("1", "c", "paper/1/1 а"), in("2", "c", "paper/1/2 б")}},
		{name: "lost", lines: two, items: []item{in("1", "c", "paper/1/1 а")}, want: "paper/1/2 is lost"},
		{name: "twice", lines: two, items: []item{in("1", "c", "paper/1/1 а"), in("2", "c", "paper/1/2 б"), in("3", "c", "paper/1/2 б")}, want: "paper/1/2 is shown 2 times"},
		{name: "order", lines: two, items: []item{in("1", "c", "paper/1/2 б"), in("2", "c", "paper/1/1 а")}, want: "written as"},
		{name: "torn apart", lines: two, items: []item{in("1", "c", "paper/1/1 а"), in("2", "d", "paper/1/2 б")}, want: "2 conversations"},
		{name: "edit lost", lines: two[:1], items: []item{in("1", "c", "paper/1/1 а")}, edited: map[string]string{"paper/1/1": "paper/1/1 в"}, want: "was edited"},
		{name: "file lost", lines: two[:1], items: []item{in("1", "c", "paper/1/1 а")}, shown: map[string]string{"paper/1/1": "a hash"}, want: "came with a file"},
		{name: "sent", lines: []line{reached("agent/1/1")}, items: []item{out("9", "agent/1/1", "sent")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}},
		{name: "uncertain", items: []item{out("9", "agent/1/1", "uncertain")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}},
		{name: "never sent", items: []item{out("9", "agent/1/1", "sent")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}, want: "did not reach"},
		{name: "forgotten", lines: []line{reached("agent/1/1")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}, want: "on the timeline 0 times"},
		{name: "stuck", items: []item{out("9", "agent/1/1", "queued")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}, want: "stays queued"},
		{name: "failed and sent", lines: []line{reached("agent/1/1")}, items: []item{out("9", "agent/1/1", "failed")}, replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}, want: "shown as failed"},
		{
			name: "sent twice", lines: []line{reached("agent/1/1"), reached("agent/1/1")}, items: []item{out("9", "agent/1/1", "sent")},
			replies: map[string]accepted{"agent/1/1": reply("9", "agent/1/1")}, want: "2 times",
		},
		{
			name: "replies out of order", lines: []line{reached("agent/1/2"), reached("agent/1/1")},
			items:   []item{out("8", "agent/1/1", "sent"), out("9", "agent/1/2", "sent")},
			replies: map[string]accepted{"agent/1/1": reply("8", "agent/1/1"), "agent/1/2": reply("9", "agent/1/2")}, want: "replies reached the customer as",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{t: t, platforms: []platform{paper{lines: c.lines}}, edited: c.edited, shown: c.shown, replies: c.replies}
			v := &verdict{states: map[string]int{}}
			w.compareIn(v, c.items)
			w.compareOut(v, c.items)
			switch {
			case c.want == "" && len(v.faults) > 0:
				t.Errorf("found %q", v.faults)
			case c.want != "" && (len(v.faults) != 1 || !strings.Contains(v.faults[0], c.want)):
				t.Errorf("found %q, want %q", v.faults, c.want)
			}
		})
	}
}

// TestVerdictOfChanges: what agents do besides writing is held against the
// timeline and the customer's copy.
func TestVerdictOfChanges(t *testing.T) {
	const k = "agent/1/1"
	there := []line{{chat: "1", id: "5", text: k + " привет", reached: true}}
	shown := func(state, text, deleted string) []item {
		return []item{{ID: "9", Kind: "message", Direction: "out", ClientID: k, State: state, DeletedAt: deleted, Content: struct{ Text string }{text}}}
	}
	note := func(id string) item {
		return item{ID: id, Kind: "note", Content: struct{ Text string }{"note/0/1 перезвонить"}}
	}
	for _, c := range []struct {
		name  string
		lines []line
		items []item
		reply accepted
		notes map[string]string
		want  string
	}{
		{name: "edit lost here", lines: there, items: shown("sent", k+" привет", ""), reply: accepted{text: k + " пока", edited: true}, want: "says"},
		{name: "edit lost there", lines: there, items: shown("sent", k+" пока", ""), reply: accepted{text: k + " пока", edited: true}, want: "at the customer's"},
		{name: "deletion lost here", items: shown("sent", k+" привет", ""), reply: accepted{text: k + " привет", gone: true}, want: "did not reach"},
		{name: "deletion lost there", lines: there, items: shown("sent", "", "2026-11-25T00:00:00Z"), reply: accepted{gone: true}, want: "still has it"},
		{name: "cancelled and sent", lines: there, items: shown("cancelled", k+" привет", ""), reply: accepted{text: k + " привет", later: true, cancelled: true}, want: "reached the customer"},
		{name: "cancelled in vain", lines: there, items: shown("sent", k+" привет", ""), reply: accepted{text: k + " привет", later: true, cancelled: true}, want: "was cancelled"},
		{name: "another file", lines: there, items: shown("sent", k+" привет", ""), reply: accepted{text: k + " привет", file: "a hash"}, want: "another file"},
		{name: "note lost", notes: map[string]string{"note/0/1": "7"}, want: "note/0/1"},
		{name: "note twice", items: []item{note("7"), note("8")}, notes: map[string]string{"note/0/1": "7"}, want: "[7 8]"},
		{name: "note of nobody", items: []item{note("7")}, want: "never accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{t: t, platforms: []platform{paper{lines: c.lines}}, replies: map[string]accepted{}, notes: c.notes}
			if c.reply != (accepted{}) {
				c.reply.item = "9"
				w.replies[k] = c.reply
			}
			v := &verdict{states: map[string]int{}}
			w.compareOut(v, c.items)
			w.compareNotes(v, c.items)
			if len(v.faults) == 0 || !strings.Contains(strings.Join(v.faults, "\n"), c.want) {
				t.Errorf("found %q, want %q", v.faults, c.want)
			}
		})
	}
}
