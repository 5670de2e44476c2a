package fault_test

import (
	"fmt"
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
}

func (v *verdict) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

func (v *verdict) summary() string {
	return fmt.Sprintf("customers wrote %d messages (%d edited), %d were delivered more than once: %d lost, %d shown twice, %d chats out of order; %d replies accepted: %v",
		v.received, v.edits, v.repeated, v.lost, v.twice, v.disordered, v.accepted, v.states)
}

// worthwhile fails a run in which too little happened to prove anything.
func (v *verdict) worthwhile(t *testing.T, kills int) {
	t.Helper()
	if v.received < 10*kills || v.accepted < 2*kills || v.repeated < kills/2 || v.edits == 0 {
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
	if !w.shown[k] {
		return
	}
	if len(i.Files) != 1 || i.Files[0].State != "ready" {
		v.fault("%s came with a file: %+v", k, i.Files)
	}
}

// compareOut wants each accepted reply on the timeline once, and with the
// customer once, or not at all where it is shown so.
func (w *world) compareOut(v *verdict, items []item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	reached := map[string]int{}
	chats := map[string][]string{}
	for _, p := range w.platforms {
		for _, l := range p.ledger() {
			if k, _ := keyOf(l.text); k != "" && !l.in && l.reached {
				reached[k]++
				chats[p.kind()+" "+l.chat] = append(chats[p.kind()+" "+l.chat], k)
			}
		}
	}
	place := map[string]int{}
	shown := map[string][]item{}
	for n, i := range items {
		if i.Kind == "message" && i.Direction == "out" && i.ClientID != "" {
			shown[i.ClientID] = append(shown[i.ClientID], i)
			place[i.ClientID] = n
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
			judge(v, k, found[0], reached[k])
		}
	}
	for k, n := range reached {
		if _, ok := w.replies[k]; !ok {
			v.fault("reply %s reached the customer and was never accepted", k)
		}
		if n > 1 {
			v.fault("reply %s reached the customer %d times", k, n)
		}
	}
	for chat, got := range chats {
		if !slices.IsSortedFunc(got, func(a, b string) int { return place[a] - place[b] }) {
			v.fault("%s: replies reached the customer as %s", chat, strings.Join(got, " "))
		}
	}
}

// judge holds what the timeline says of a reply against what reached the
// customer.
func judge(v *verdict, k string, i item, reached int) {
	switch i.State {
	case "sent", "delivered", "read":
		if reached == 0 {
			v.fault("reply %s is shown as %s and did not reach the customer", k, i.State)
		}
	case "failed":
		if reached > 0 {
			v.fault("reply %s is shown as failed (%s) and reached the customer", k, i.Reason)
		}
	case "uncertain": // either is true to it
	default:
		v.fault("reply %s stays %s", k, i.State)
	}
}
