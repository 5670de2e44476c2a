package rtp_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// TestReceiverCountsWhatCame feeds a stream with losses, repeats and packets
// out of order over the wrap of the numbers, and knows the truth.
func TestReceiverCountsWhatCame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Uint16().Draw(t, "first")
		n := rapid.IntRange(2, 400).Draw(t, "n")
		at := time.Unix(1000, 0)
		var order []int
		lost := map[int]bool{}
		for i := range n {
			if i > 0 && i < n-1 && rapid.IntRange(0, 9).Draw(t, "lose") == 0 {
				lost[i] = true
				continue
			}
			order = append(order, i)
			if rapid.IntRange(0, 9).Draw(t, "repeat") == 0 {
				order = append(order, i)
			}
		}
		for i := 1; i+1 < len(order); i++ { // the first and the last stay where they are
			if j := rapid.IntRange(i, min(i+5, len(order)-2)).Draw(t, "swap"); rapid.IntRange(0, 3).Draw(t, "do") == 0 {
				order[i], order[j] = order[j], order[i]
			}
		}
		var r rtp.Receiver
		seen := map[int]uint32{}
		for _, i := range order {
			at = at.Add(10 * time.Millisecond)
			h := rtp.Header{Sequence: first + uint16(i), SSRC: 9}
			index, ok := r.Admit(h, at, false)
			if _, before := seen[i]; before == ok {
				t.Fatalf("packet %d: seen before %v, admitted %v", i, before, ok)
			}
			if ok {
				seen[i] = index
			}
		}
		for i, index := range seen {
			if index-seen[0] != uint32(i) {
				t.Fatalf("packet %d has index %d after %d", i, index, seen[0])
			}
		}
		received, missing := r.Totals()
		if int(received) != n-len(lost) || int(missing) != len(lost) {
			t.Fatalf("received %d, lost %d; want %d, %d", received, missing, n-len(lost), len(lost))
		}
	})
}

func TestReceiverIsNotTakenOver(t *testing.T) {
	var r rtp.Receiver
	at := time.Unix(1000, 0)
	admit := func(ssrc uint32, seq uint16, verified bool) bool {
		_, ok := r.Admit(rtp.Header{SSRC: ssrc, Sequence: seq}, at, verified)
		return ok
	}
	if !admit(1, 100, false) {
		t.Fatal("the first packet was refused")
	}
	for i := range uint16(50) { // a stranger's packets between the live ones
		at = at.Add(20 * time.Millisecond)
		if admit(2, i, false) {
			t.Fatal("another SSRC cut in")
		}
		if admit(1, 20000+7*i, false) {
			t.Fatal("a jump was believed at once")
		}
		if !admit(1, 101+i, false) {
			t.Fatal("the live stream was refused")
		}
	}
	at = at.Add(100 * time.Millisecond)
	if admit(2, 500, false) {
		t.Fatal("one packet of another SSRC is no proof")
	}
	if !admit(2, 501, false) {
		t.Fatal("a silent stream's successor was refused")
	}
	if !admit(3, 1, true) {
		t.Fatal("an authenticated packet was refused")
	}
	if admit(3, 40000, false) || !admit(3, 40001, false) {
		t.Fatal("two packets in a row prove a restart, one does not")
	}
	if received, lost := r.Totals(); received != 54 || lost != 0 {
		t.Fatalf("received %d, lost %d over all", received, lost)
	}
}
