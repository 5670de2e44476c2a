package guard_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/sip/guard"
)

type world struct {
	now  time.Time
	bans []guard.Ban
	*guard.Guard
}

func setup(trusted ...string) *world {
	w := &world{now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	w.Guard = guard.New(guard.Config{
		Now: func() time.Time { return w.now },
		Trusted: func(a netip.Addr) bool {
			for _, t := range trusted {
				if a.String() == t {
					return true
				}
			}
			return false
		},
		Banned: func(b guard.Ban) { w.bans = append(w.bans, b) },
	})
	return w
}

func ip(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestAGuesserIsBannedAndForgiven(t *testing.T) {
	w := setup()
	a := ip("192.0.2.1")
	for i := range 10 {
		if !w.Admit(a) {
			t.Fatalf("banned after %d", i)
		}
		w.Offend(a, guard.Guess)
	}
	if w.Admit(a) || len(w.bans) != 1 || !w.Admit(ip("192.0.2.2")) {
		t.Errorf("bans %v", w.bans)
	}
	w.now = w.now.Add(10*time.Minute + time.Second)
	if !w.Admit(a) {
		t.Error("the first ban lasts ten minutes")
	}
	w.Offend(a, guard.Scan)
	if d := w.bans[1].Until.Sub(w.now); d != 20*time.Minute {
		t.Errorf("the second lasts %s", d)
	}
	w.Lift(w.Bans()[0].Source)
	if !w.Admit(a) {
		t.Error("lifted")
	}
}

func TestSlowMistakesAreForgiven(t *testing.T) {
	w := setup()
	for range 100 {
		w.Offend(ip("192.0.2.1"), guard.Guess)
		w.now = w.now.Add(2 * time.Minute)
	}
	if len(w.bans) != 0 {
		t.Errorf("%v", w.bans)
	}
}

func TestIPv6CountsByNetwork(t *testing.T) {
	w := setup()
	for i := range 10 {
		w.Offend(ip(fmt.Sprintf("2001:db8::%x", i+1)), guard.Guess)
	}
	if w.Admit(ip("2001:db8::ffff")) || !w.Admit(ip("2001:db8:0:1::1")) {
		t.Error("a /64 is one source")
	}
}

func TestForgedSendersDoNotShutOutAnOffice(t *testing.T) {
	w := setup("192.0.2.5")
	office, trunk := ip("192.0.2.1"), ip("192.0.2.5")
	w.Proved("101", office)
	for range 1000 {
		w.Offend(office, guard.Scan)
		w.Offend(office, guard.Malformed)
		w.Offend(trunk, guard.Scan)
		w.Offend(trunk, guard.Guess)
	}
	if !w.Admit(office) || !w.Admit(trunk) || !w.Known(office) || w.Known(ip("192.0.2.2")) {
		t.Error("shut out")
	}
}

func TestFlood(t *testing.T) {
	w := setup()
	let := 0
	for range 1000 {
		if w.Admit(ip("192.0.2.1")) {
			let++
		}
	}
	if let != 120 {
		t.Errorf("%d of 1000 at once", let)
	}
	w.now = w.now.Add(time.Second)
	for range 1000 {
		if w.Admit(ip("192.0.2.1")) {
			let++
		}
	}
	if let != 160 {
		t.Errorf("%d after a second", let)
	}
}

func TestAnAccountUnderAttackStaysOpenToItsOwner(t *testing.T) {
	w := setup()
	owner := ip("192.0.2.1")
	w.Proved("101", owner)
	for i := range 200 {
		a := netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})
		if w.MayTry("101", a) {
			w.Failed("101", a)
		} else if i < 29 {
			t.Fatalf("closed after %d", i)
		}
	}
	if w.MayTry("101", ip("203.0.113.1")) || !w.MayTry("101", owner) || !w.MayTry("102", ip("203.0.113.1")) {
		t.Error("closed to strangers, open to the owner, others untouched")
	}
	for range 8 {
		w.Failed("103", owner)
	}
	if w.MayTry("103", owner) {
		t.Error("one source may try an account but so often")
	}
	w.now = w.now.Add(11 * time.Minute)
	if !w.MayTry("101", ip("203.0.113.1")) || !w.MayTry("103", owner) {
		t.Error("the window is over")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	w := setup()
	for i := range 200000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		w.Offend(a, guard.Scan)
	}
	if n := len(w.Bans()); n > 65536 {
		t.Errorf("%d bans remembered", n)
	}
}

func TestScanner(t *testing.T) {
	for ua, want := range map[string]bool{"friendly-scanner": true, "SIPVicious 0.3": true, "Linphone/5.2": false, "": false, "Asterisk PBX 20": false} {
		if guard.Scanner(ua, "") != want {
			t.Error(ua)
		}
	}
	if !guard.Scanner("", "sipvicious") {
		t.Error("From")
	}
}
