package fault_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// verdict is what comparing the ledgers with the timeline found.
type verdict struct {
	faults []string
	// Of customers' messages: how many there are, how many the platforms had
	// to deliver more than once, and what is wrong.
	received, repeated, lost, twice, disordered int
	// Of replies: how many were accepted, and what became of them.
	accepted int
	states   map[string]int
	edits    int
	// What else was done and held against the timeline: files by their hash,
	// agents' edits, deletions, scheduled messages, notes and drafts, answers
	// that were given again, and what the webhook's receiver got.
	files, changed, deleted, later, notes, drafts, again, posts int
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *verdict) summary() string {
	return fmt.Sprintf("customers wrote %d messages (%d edited), %d were delivered more than once: %d lost, %d shown twice, %d chats out of order; "+
		"%d replies accepted: %v, %d edited, %d deleted, %d scheduled; %d notes, %d drafts, %d files, %d answers repeated, %d webhooks",
		v.received, v.edits, v.repeated, v.lost, v.twice, v.disordered, v.accepted, v.states, v.changed, v.deleted, v.later,
		v.notes, v.drafts, v.files, v.again, v.posts)
}

// worthwhile fails a run in which too little happened to prove anything.
func (v *verdict) worthwhile(t *testing.T, kills int) {
	t.Helper()
	few := v.received < 10*kills || v.accepted < kills || v.repeated < kills/2 || v.again == 0 || v.files == 0 || v.posts < v.received
	// A slow machine may not get as far as each kind of work.
	few = few || v.accepted >= 100 && (v.edits == 0 || v.changed == 0 || v.deleted == 0 || v.later == 0 || v.notes == 0 || v.drafts == 0)
	if few {
		t.Errorf("too little happened: %s", v.summary())
	}
}

var keyed = regexp.MustCompile(`^(\w+/\d+)/\d+`)

// keyOf is what marks a text, and whose it is.
func keyOf(text string) (key, whose string) {
	if m := keyed.FindStringSubmatch(text); m != nil {
		return m[0], m[1]
	}
	return "", ""
}

// compare holds the timeline against the ledgers. What seems lost is looked
// for once more: working updates off may take a while.
func (w *world) compare() *verdict {
	w.t.Helper()
	v := w.compareOnce()
	if v.lost > 0 {
		w.run(10 * time.Second)
		v = w.compareOnce()
	}
	return v
}

func (w *world) compareOnce() *verdict {
	w.t.Helper()
	items, err := w.timeline()
	w.must(err)
	v := &verdict{states: map[string]int{}}
	w.compareIn(v, items)
	w.compareOut(v, items)
	w.compareNotes(v, items)
	w.compareFiles(v, items)
	w.compareDrafts(v)
	w.receiver.verdict(v, items)
	w.mu.Lock()
	defer w.mu.Unlock()
	v.again = w.repeated
	return v
}

// compareIn wants each customer's messages on the timeline, each once, in the
// order in which he wrote them, as he left them.
func (w *world) compareIn(v *verdict, items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	timeline, where := map[string][]string{}, map[string]map[string]bool{}
	byKey := map[string][]item{}
	for _, i := range items {
		k, whose := keyOf(i.Content.Text)
		if i.Kind != "message" || i.Direction != "in" || k == "" {
			continue
		}
		timeline[whose] = append(timeline[whose], k)
		byKey[k] = append(byKey[k], i)
		if where[whose] == nil {
			where[whose] = map[string]bool{}
		}
		where[whose][i.ConversationID] = true
	}
	written := map[string][]string{}
	for _, p := range w.platforms {
		for _, l := range p.ledger() {
			k, whose := keyOf(l.text)
			if !l.in || k == "" {
				continue
			}
			v.received++
			written[whose] = append(written[whose], k)
			if l.attempts > 1 {
				v.repeated++
			}
			if !l.acked {
				v.fault("%s was never taken", k)
			}
			w.compareOne(v, k, byKey[k])
		}
	}
	v.edits = len(w.edited)
	for whose, want := range written {
		if got := timeline[whose]; !slices.Equal(got, want) && len(got) == len(want) {
			v.disordered++
			v.fault("%s: written as %v, shown as %v", whose, want, got)
		}
		if len(where[whose]) > 1 {
			v.fault("%s has %d conversations open at once", whose, len(where[whose]))
		}
	}
}

func (w *world) compareOne(v *verdict, k string, found []item) {
	switch {
	case len(found) == 0:
		v.lost++
		v.fault("%s is lost", k)
		return
	case len(found) > 1:
		v.twice++
		v.fault("%s is shown %d times", k, len(found))
	}
	i := found[0]
	if text, ok := w.edited[k]; ok && i.Content.Text != text {
		v.fault("%s was edited and is shown as %q", k, i.Content.Text)
	}
	if w.shown[k] == "" {
		return
	}
	if len(i.Files) != 1 || i.Files[0].State != "ready" {
		v.fault("%s came with a file: %+v", k, i.Files)
	}
}

// compareOut wants each accepted reply on the timeline once, and with the
// customer once, or not at all where it is shown so, as the agent left it.
func (w *world) compareOut(v *verdict, items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	reached := map[string][]sight{}
	chats := map[string][]string{}
	for _, p := range w.platforms {
		for _, l := range p.ledger() {
			k, whose := keyOf(l.text)
			if k == "" || l.in || !l.reached {
				continue
			}
			reached[k] = append(reached[k], p.seen(l))
			if !w.replies[k].later {
				chat := p.kind() + " " + l.chat + " " + whose
				chats[chat] = append(chats[chat], k)
			}
		}
	}
	position := map[string]int{}
	shown := map[string][]item{}
	for n, i := range items {
		if i.Kind == "message" && i.Direction == "out" && i.ClientID != "" {
			shown[i.ClientID] = append(shown[i.ClientID], i)
			position[i.ClientID] = n
		}
	}
	v.accepted = len(w.replies)
	for k, r := range w.replies {
		switch found := shown[k]; {
		case len(found) != 1:
			v.fault("reply %s is on the timeline %d times", k, len(found))
		case found[0].ID != r.item:
			v.fault("reply %s was accepted as %s and is %s", k, r.item, found[0].ID)
		default:
			v.states[found[0].State]++
			judge(v, k, found[0], len(reached[k]))
			v.judgeChanges(k, r, found[0], reached[k])
		}
	}
	for k, copies := range reached {
		if _, ok := w.replies[k]; !ok {
			v.fault("reply %s reached the customer and was never accepted", k)
		}
		if n := len(copies); n > 1 {
			v.fault("reply %s reached the customer %d times", k, n)
		}
	}
	for chat, got := range chats {
		if !slices.IsSortedFunc(got, func(a, b string) int { return position[a] - position[b] }) {
			v.fault("%s: replies reached the customer as %s", chat, strings.Join(got, " "))
		}
	}
}

// judge holds what the timeline says of a reply against what reached the
// customer.
func judge(v *verdict, k string, i item, reached int) {
	switch i.State {
	case "sent", "delivered", "read":
		if reached == 0 && i.DeletedAt == "" {
			v.fault("reply %s is shown as %s and did not reach the customer", k, i.State)
		}
	case "failed", "cancelled":
		if reached > 0 {
			v.fault("reply %s is shown as %s (%s) and reached the customer", k, i.State, i.Reason)
		}
	case "uncertain": // either is true to it
	default:
		v.fault("reply %s stays %s", k, i.State)
	}
}

// judgeChanges wants what the agent did to a message afterwards on the
// timeline and with the customer.
func (v *verdict) judgeChanges(k string, r accepted, i item, reached []sight) {
	if r.later {
		v.later++
	}
	if r.cancelled && i.State != "cancelled" {
		v.fault("reply %s was cancelled and is %s", k, i.State)
	}
	if r.gone {
		v.deleted++
		if i.DeletedAt == "" {
			v.fault("reply %s was deleted and is still there", k)
		}
		for _, s := range reached {
			if !s.gone {
				v.fault("reply %s was deleted and the customer still has it", k)
			}
		}
		return
	}
	if r.edited {
		v.changed++
	}
	if i.Content.Text != r.text {
		v.fault("reply %s says %q, the agent left it as %q", k, i.Content.Text, r.text)
	}
	for _, s := range reached {
		if s.gone || s.text != r.text {
			v.fault("reply %s reads %q (gone: %t) at the customer's, the agent left it as %q", k, s.text, s.gone, r.text)
		}
		if s.file != r.file {
			v.fault("reply %s reached the customer with another file", k)
		}
		if r.file != "" {
			v.files++
		}
	}
}

// compareNotes wants each note once, as the item that the agent was told of.
func (w *world) compareNotes(v *verdict, items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := map[string][]string{}
	for _, i := range items {
		if k, _ := keyOf(i.Content.Text); i.Kind == "note" {
			found[k] = append(found[k], i.ID)
		}
	}
	v.notes = len(w.notes)
	for k, id := range w.notes {
		if got := found[k]; len(got) != 1 || got[0] != id {
			v.fault("note %s was accepted as %s and is there as %v", k, id, got)
		}
	}
	for k := range found {
		if _, ok := w.notes[k]; !ok {
			v.fault("note %s was never accepted", k)
		}
	}
}

// compareFiles reads what customers sent and wants it to the byte.
func (w *world) compareFiles(v *verdict, items []item) {
	w.mu.Lock()
	want := maps.Clone(w.shown)
	w.mu.Unlock()
	for _, i := range items {
		k, _ := keyOf(i.Content.Text)
		if i.Direction != "in" || want[k] == "" || len(i.Files) == 0 || i.Files[0].State != "ready" {
			continue
		}
		data, err := w.admin.read(i.Files[0].URL)
		if err != nil || hashOf(data) != want[k] {
			v.fault("the file of %s is another: %d bytes, %v", k, len(data), err)
		}
		v.files++
	}
}

// compareDrafts wants each draft as it was left.
func (w *world) compareDrafts(v *verdict) {
	w.mu.Lock()
	want := maps.Clone(w.drafts)
	w.mu.Unlock()
	v.drafts = len(want)
	for p, text := range want {
		var d struct{ Text string }
		if err := w.agents[p.agent].do("GET", "/conversations/"+p.conversation+"/draft", nil, &d); err != nil || d.Text != text {
			v.fault("draft %q is %q: %v", text, d.Text, err)
		}
	}
}

// compareResolved wants every conversation as finish left it.
func (w *world) compareResolved(v *verdict) {
	var page struct{ Items []struct{ ID, Status string } }
	w.must(w.admin.do("GET", "/conversations?status=any&limit=200", nil, &page))
	if len(page.Items) != w.finished {
		v.fault("%d conversations were resolved, there are %d", w.finished, len(page.Items))
	}
	for _, c := range page.Items {
		if c.Status != "resolved" {
			v.fault("conversation %s was resolved and is %s", c.ID, c.Status)
		}
	}
}
