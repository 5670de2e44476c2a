// Package fault_test proves the promise of the inbox on the real program: a
// platform's 200 means that the message is on disk, and a reply that was
// accepted is sent once or shown as failed or uncertain.
//
// Stand-ins for Telegram, WhatsApp and MAX, the visitors of a website and the
// receiver of a webhook live in the test's process and so survive the server;
// they keep a ledger of what customers wrote, what reached them and what was
// told. Under a steady load of customers and agents the server is killed with
// SIGKILL at random moments and started again, and at the end the ledger is
// compared with the timeline as the API tells it: messages both ways, their
// files to the byte, edits, deletions, scheduled and cancelled messages, notes,
// drafts, and answers that are asked for again by their idempotency key.
//
// TestKill does so on SQLite, TestKillPostgres on PostgreSQL, which is killed
// as well. The other tests take away the disk, the disk of files alone, and
// the platforms.
//
// Two controls show that the comparison can fail. TestAcknowledgementFirst runs
// the same test against a build with the tag "ackfirst", in which a webhook is
// answered before its commit (internal/account/commit_ackfirst.go), and wants
// it to lose a message. A kill does not take what the kernel has already been
// given, so the control for the database's own setting is a simulated power
// loss: internal/store/sqlite/powerloss_test.go shows that FULL keeps every
// commit and that NORMAL does not. TestVerdict and TestVerdictOfChanges make
// each fault on paper and want it found.
//
// Environment: OKNO_KILLS is the number of kills (8; on PostgreSQL half of it),
// OKNO_SEED repeats the choice of moments, OKNO_BINARY is a program to test
// instead of building one.
package fault_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// fewKills is how often the server dies in the normal run.
const fewKills = 8

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number", name, v)
	}
	return n
}

// TestKill is the promise.
func TestKill(t *testing.T) {
	kills := number(t, "OKNO_KILLS", fewKills)
	w := newWorld(t, binary(t), t.TempDir())
	load := w.begin(rates{customers: 12, agents: 3})
	dice := w.dice()
	for n := range kills {
		w.live(dice)
		w.server.kill()
		w.run(time.Duration(dice.IntN(300)) * time.Millisecond) // nobody is there
		w.server.start()
		w.askAgain(dice)
		if t.Failed() {
			t.Fatalf("after kill %d of %d", n+1, kills)
		}
	}
	w.judgement(load, kills)
}

// live lets the server live for a while: until it is at work, however long
// that takes on a slow machine, or only until it is getting up.
func (w *world) live(dice *rand.Rand) {
	w.t.Helper()
	if dice.IntN(5) == 0 {
		w.run(time.Duration(dice.IntN(50)) * time.Millisecond)
		return
	}
	before := w.acceptances()
	w.run(time.Duration(150+dice.IntN(1350)) * time.Millisecond)
	w.until(2*time.Minute, "agents to get something done", func() bool { return w.acceptances() >= before+2 })
	w.run(time.Duration(dice.IntN(300)) * time.Millisecond)
}

// acceptances counts what agents have got done.
func (w *world) acceptances() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.replies) + len(w.answers)
}

// judgement lets the work come to its end and compares.
func (w *world) judgement(load *load, kills int) {
	w.t.Helper()
	w.run(time.Second)
	load.end()
	w.quiet(3 * time.Minute)
	v := w.compare()
	w.violations()
	w.finish()
	w.server.kill()
	w.server.start()
	w.compareResolved(v)
	w.t.Logf("%d kills, seed %d: %s", kills, w.seed, v.summary())
	for _, fault := range v.faults {
		w.t.Error(fault)
	}
	v.worthwhile(w.t, kills)
}

// TestAcknowledgementFirst is the control: with the commit after the 200 the
// comparison must find a loss.
func TestAcknowledgementFirst(t *testing.T) {
	w := newWorld(t, brokenBinary(t), t.TempDir())
	for n := range 20 {
		load := w.begin(rates{customers: 40})
		w.run(700 * time.Millisecond)
		w.server.kill()
		w.server.start()
		load.end()
		w.quiet(time.Minute)
		if v := w.compare(); v.lost > 0 {
			t.Logf("after %d kills, seed %d: %s", n+1, w.seed, v.summary())
			return
		}
	}
	t.Fatal("a server that acknowledges before it commits passes: the test can see no loss")
}

// dice are random choices that OKNO_SEED repeats.
func (w *world) dice() *rand.Rand { return rand.New(rand.NewPCG(w.seed, 1)) } //nolint:gosec // no secret

func seedOf(t *testing.T) uint64 {
	t.Helper()
	if os.Getenv("OKNO_SEED") != "" {
		return uint64(number(t, "OKNO_SEED", 1)) //nolint:gosec // positive
	}
	return uint64(time.Now().UnixNano()) % 1_000_000 //nolint:gosec // positive
}

// run lets the load go on for a while: the test's own time, not a wait for
// something.
func (w *world) run(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.t.Context().Done():
	}
}

// until polls a condition; what says what was waited for.
func (w *world) until(limit time.Duration, what string, done func() bool) {
	w.t.Helper()
	for end := time.Now().Add(limit); !done(); w.run(100 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("waited %s for %s", limit, what)
		}
	}
}

func key(platform string, who, n int) string { return fmt.Sprintf("%s/%d/%d", platform, who, n) }
