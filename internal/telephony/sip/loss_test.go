package sip_test

import (
	"net"
	"net/netip"
	"sync"
	"testing"

	sip "github.com/okno-hq/okno/internal/telephony/sip"
	"github.com/okno-hq/okno/internal/telephony/sip/dialog"
	"github.com/okno-hq/okno/internal/telephony/sip/offer"
	"github.com/okno-hq/okno/internal/telephony/sip/trunk"
)

// lossy passes datagrams between one client and a server, but loses each the
// first time it is sent: only what is sent again arrives.
func lossy(t *testing.T, server netip.AddrPort) netip.AddrPort {
	t.Helper()
	listen := func() *net.UDPConn {
		c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	front, back := listen(), listen()
	var mu sync.Mutex
	var client netip.AddrPort
	seen := map[string]bool{}
	first := func(b []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		if seen[string(b)] {
			return false
		}
		seen[string(b)] = true
		return true
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 65536)
		for {
			n, from, err := front.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			mu.Lock()
			client = from
			mu.Unlock()
			if !first(buf[:n]) {
				_, _ = back.WriteToUDPAddrPort(buf[:n], server)
			}
		}
	})
	wg.Go(func() {
		buf := make([]byte, 65536)
		for {
			n, _, err := back.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			mu.Lock()
			to := client
			mu.Unlock()
			if to.IsValid() && !first(buf[:n]) {
				_, _ = front.WriteToUDPAddrPort(buf[:n], to)
			}
		}
	})
	t.Cleanup(func() { _ = front.Close(); _ = back.Close(); wg.Wait() })
	return netip.MustParseAddrPort(front.LocalAddr().String())
}

// Two of our kind: one registers at the other as an extension over a network
// that loses the first copy of everything, and they call each other.
func TestAnotherOknoAsTrunkOverALossyNetwork(t *testing.T) {
	home := start(t, nil)
	branch := start(t, nil)
	way := lossy(t, home.addr)
	branch.SetTrunk(trunk.Settings{ID: "home", Hosts: []string{way.String()}, Domain: domain, User: "101", Password: "pw-101", Register: true, Check: -1})
	branch.state("home", trunk.Up)
	waitFor(t, func() bool { return len(home.Devices("101")) == 1 })

	talk := func(caller, callee *party) {
		t.Helper()
		wait[dialog.Answered](caller)
		wait[dialog.Answered](callee)
		caller.Want(offer.SendOnly)
		caller.leg.Renegotiate()
		if e := wait[dialog.Changed](caller); e.Err != nil {
			t.Error(e.Err)
		}
		wait[dialog.Changed](callee)
		if !callee.last().Held {
			t.Error("not held")
		}
		callee.leg.Hangup(dialog.Cause{Status: 200})
		wait[dialog.Ended](callee)
		wait[dialog.Ended](caller)
	}

	p, q := newParty(t), newParty(t)
	p.leg = home.Ring(sip.Ring{Device: home.Devices("101")[0], Caller: "102", Media: p, On: p.on})
	in := branch.taken()
	if in.Trunk != "home" || in.Caller != "102" {
		t.Errorf("%+v", in)
	}
	q.leg = in.Leg
	in.Leg.Start(q, q.on)
	in.Leg.Ring()
	in.Leg.Answer()
	talk(p, q)

	p, q = newParty(t), newParty(t)
	out, err := branch.Dial(t.Context(), sip.Out{Trunks: []string{"home"}, Number: "200", Caller: "+74950000000", Media: p, On: p.on})
	if err != nil {
		t.Fatal(err)
	}
	in = home.taken()
	if in.User != "101" || in.Called != "200" {
		t.Errorf("%+v", in)
	}
	q.leg = in.Leg
	in.Leg.Start(q, q.on)
	in.Leg.Ring()
	in.Leg.Answer()
	p.leg = out.Leg()
	talk(p, q)
}
