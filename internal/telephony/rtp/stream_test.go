package rtp_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	pion "github.com/pion/rtp"
	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

var (
	pcma  = rtp.Format{Type: 8, Name: "PCMA", ClockRate: 8000}
	event = rtp.Format{Type: 101, Name: "telephone-event", ClockRate: 8000}
	opus  = rtp.Format{Type: 111, Name: "opus", ClockRate: 48000, Channels: 2}
)

func engine(tb testing.TB) *rtp.Engine {
	tb.Helper()
	e, err := rtp.New(rtp.Config{Bind: netip.MustParseAddr("127.0.0.1"), PortLow: 31000, PortHigh: 32999, Drain: time.Millisecond})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return e
}

// heard is a sink that remembers.
type heard struct {
	mu      sync.Mutex
	packets []pion.Packet
	came    chan struct{}
}

func newHeard() *heard { return &heard{came: make(chan struct{}, 10000)} }

func (h *heard) ReceiveRTP(p *rtp.Packet) {
	h.mu.Lock()
	var c pion.Packet
	_ = c.Unmarshal(append([]byte(nil), p.Raw...))
	h.packets = append(h.packets, c)
	h.mu.Unlock()
	h.came <- struct{}{}
}

func (h *heard) wait(tb testing.TB, n int) []pion.Packet {
	tb.Helper()
	for range n {
		select {
		case <-h.came:
		case <-time.After(10 * time.Second):
			tb.Fatalf("only %d packets came", len(h.packets))
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.packets
}

func loopback(port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
}

func packet(seq uint16, ssrc uint32, payload string) []byte {
	return append(rtp.Header{PayloadType: 8, Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: ssrc}.Append(nil), payload...)
}

func send(tb testing.TB, c *net.UDPConn, to netip.AddrPort, b []byte) {
	tb.Helper()
	if _, err := c.WriteToUDPAddrPort(b, to); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, c *net.UDPConn) ([]byte, netip.AddrPort) {
	tb.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 2000)
	n, from, err := c.ReadFromUDPAddrPort(buf)
	if err != nil {
		tb.Fatal(err)
	}
	return buf[:n], from
}

func TestStreamLocksOnThePeerBehindAnAddressTranslator(t *testing.T) {
	e := engine(t)
	found := make(chan rtp.Event, 10)
	s, err := e.Open(rtp.StreamConfig{Notify: func(ev rtp.Event) {
		if ev.Kind == rtp.PeerFound {
			found <- ev
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Port()%2 != 0 {
		t.Fatalf("port %d is odd", s.Port())
	}
	h := newHeard()
	s.SetSink(h)
	peer, stranger := rtptest.Listen(t), rtptest.Listen(t)
	// The peer names an address inside its own network; signalling came from loopback.
	if err := s.Configure(rtp.Media{
		Remote: netip.MustParseAddrPort("192.168.7.7:4000"), Trusted: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
		Formats: []rtp.Format{pcma}, Send: true, Receive: true,
	}); err != nil {
		t.Fatal(err)
	}
	send(t, peer, loopback(s.Port()), packet(1, 7, "hello"))
	if got := h.wait(t, 1); string(got[0].Payload) != "hello" {
		t.Fatalf("got %q", got[0].Payload)
	}
	if ev := <-found; ev.Remote != rtptest.Addr(peer) {
		t.Fatalf("found %v", ev.Remote)
	}
	src := s.NewSource()
	src.Take()
	src.Send(8, []byte("answer"), 160)
	if b, _ := read(t, peer); string(b[12:]) != "answer" {
		t.Fatalf("the peer got %q", b)
	}
	// The lock is on: another port of the same host is a stranger now, and so
	// are unknown types, other SSRCs and bytes that are no RTP.
	send(t, stranger, loopback(s.Port()), packet(2, 7, "cuckoo"))
	send(t, peer, loopback(s.Port()), packet(2, 8, "cuckoo"))
	send(t, peer, loopback(s.Port()), append(rtp.Header{PayloadType: 0, Sequence: 2, SSRC: 7}.Append(nil), "cuckoo"...))
	send(t, peer, loopback(s.Port()), []byte{0x16, 0xfe, 0xfd, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
	send(t, peer, loopback(s.Port()), packet(2, 7, "second"))
	if got := h.wait(t, 1); len(got) != 2 || string(got[1].Payload) != "second" {
		t.Fatalf("got %d packets, last %q", len(got), got[len(got)-1].Payload)
	}
	if st := s.Stats(); st.Rejected < 3 || st.Received != 2 || st.Remote != rtptest.Addr(peer) {
		t.Fatalf("stats %+v", st)
	}
}

// TestSpoofedPacketsChangeNothing gives a stream a hundred thousand packets
// of guessing strangers, some with the peer's own address.
func TestSpoofedPacketsChangeNothing(t *testing.T) {
	e, err := rtp.New(rtp.Config{PortLow: 33000, PortHigh: 33039})
	if err != nil {
		t.Fatal(err)
	}
	s := e.Attach(rtp.StreamConfig{}, &wire{})
	defer s.Close()
	h := newHeard()
	s.SetSink(h)
	peer := netip.MustParseAddrPort("203.0.113.5:4000")
	if err := s.Configure(rtp.Media{Remote: peer, Formats: []rtp.Format{pcma}, Receive: true, Send: true}); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1e9, 0)
	s.Datagram(packet(1000, 77, "live"), peer, at)
	for i := range 100_000 {
		at = at.Add(200 * time.Microsecond)
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), uint16(i))
		switch i % 4 {
		case 1:
			from = netip.AddrPortFrom(peer.Addr(), 4000+uint16(i%1000)+1)
		case 2:
			from = peer // a guess at the SSRC
		case 3:
			from = peer // and at the number within it
		}
		ssrc := uint32(i) * 2654435761
		seq := uint16(i * 40503)
		if i%4 == 3 {
			ssrc = 77
			seq = 1000 + uint16(i/100) + 20000
		}
		s.Datagram(packet(seq, ssrc, "cuckoo"), from, at)
		if i%100 == 0 {
			s.Datagram(packet(1001+uint16(i/100), 77, "live"), peer, at)
		}
	}
	for _, p := range h.wait(t, 1001) {
		if string(p.Payload) != "live" {
			t.Fatalf("%q was heard", p.Payload)
		}
	}
	if st := s.Stats(); st.Received != 1001 || st.Lost != 0 {
		t.Fatalf("%+v", st)
	}
}

// wire is a transport that remembers.
type wire struct {
	mu        sync.Mutex
	rtp, rtcp [][]byte
}

func (w *wire) WriteRTP(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rtp = append(w.rtp, append([]byte(nil), b...))
	return nil
}

func (w *wire) WriteRTCP(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rtcp = append(w.rtcp, append([]byte(nil), b...))
	return nil
}

func TestRoamingPeerMustPersist(t *testing.T) {
	e := engine(t)
	s := e.Attach(rtp.StreamConfig{}, &wire{})
	defer s.Close()
	h := newHeard()
	s.SetSink(h)
	if err := s.Configure(rtp.Media{Remote: netip.MustParseAddrPort("10.0.0.1:4000"), Roam: true, Formats: []rtp.Format{pcma}, Receive: true}); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1e9, 0)
	from := netip.MustParseAddrPort("203.0.113.5:4000")
	for i := range uint16(6) {
		s.Datagram(packet(i, 7, "me"), from, at.Add(time.Duration(i)*20*time.Millisecond))
	}
	if got := s.Stats().Received; got != 2 {
		t.Fatalf("%d packets counted, want those from the fifth on", got)
	}
}

func TestSRTP(t *testing.T) {
	for _, suite := range []rtp.Suite{rtp.AES256GCM, rtp.AES128GCM, rtp.AES128S80, rtp.AES128S32, rtp.AES256S80, rtp.AES256S32} {
		t.Run(string(suite), func(t *testing.T) {
			e := engine(t)
			mine, theirs := key(t, suite), key(t, suite)
			a, b := open(t, e), open(t, e)
			ha, hb := newHeard(), newHeard()
			a.SetSink(ha)
			b.SetSink(hb)
			configure(t, a, b.Port(), &rtp.Crypto{Local: mine, Remote: theirs})
			configure(t, b, a.Port(), &rtp.Crypto{Local: theirs, Remote: mine})
			src := a.NewSource()
			src.Take()
			src.Send(8, []byte("secret"), 160)
			if got := hb.wait(t, 1); string(got[0].Payload) != "secret" {
				t.Fatalf("got %q", got[0].Payload)
			}
			// In the clear, and under another key, nothing passes.
			other := rtptest.Listen(t)
			send(t, other, loopback(b.Port()), packet(9, 9, "cuckoo"))
			configure(t, a, b.Port(), &rtp.Crypto{Local: key(t, suite), Remote: theirs})
			src.Send(8, []byte("wrong"), 160)
			configure(t, a, b.Port(), &rtp.Crypto{Local: mine, Remote: theirs})
			src.Send(8, []byte("right"), 160)
			if got := hb.wait(t, 1); len(got) != 2 || string(got[1].Payload) != "right" {
				t.Fatalf("got %d packets, last %q", len(got), got[len(got)-1].Payload)
			}
			if st := b.Stats(); st.Rejected != 2 {
				t.Fatalf("%+v", st)
			}
		})
	}
}

func key(tb testing.TB, suite rtp.Suite) rtp.Key {
	tb.Helper()
	k, err := rtp.NewKey(1, suite)
	if err != nil {
		tb.Fatal(err)
	}
	again, err := rtp.ParseKey(k.Attribute())
	if err != nil {
		tb.Fatal(err)
	}
	return again
}

func open(tb testing.TB, e *rtp.Engine) *rtp.Stream {
	tb.Helper()
	s, err := e.Open(rtp.StreamConfig{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func configure(tb testing.TB, s *rtp.Stream, port int, c *rtp.Crypto) {
	tb.Helper()
	err := s.Configure(rtp.Media{Remote: loopback(port), Formats: []rtp.Format{pcma, event, opus}, Crypto: c, Send: true, Receive: true})
	if err != nil {
		tb.Fatal(err)
	}
}

func TestParseKeyRefuses(t *testing.T) {
	for _, v := range []string{
		"", "1", "1 AES_CM_128_HMAC_SHA1_80", "x AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=", "1 AES_CM_128_HMAC_SHA1_80 WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
		"1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
		"1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz UNENCRYPTED_SRTP",
	} {
		if k, err := rtp.ParseKey(v); err == nil {
			t.Errorf("%q: %v", v, k)
		}
	}
	if _, err := rtp.ParseKey("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20"); err != nil {
		t.Error(err)
	}
}

// TestOutputIsOneStream lets two forwarded peers and two makers of sound take
// turns in any order; the peer must see one stream that never jumps.
func TestOutputIsOneStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1e9, 0)
		e, err := rtp.New(rtp.Config{PortLow: 33000, PortHigh: 33039, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		w := &wire{}
		s := e.Attach(rtp.StreamConfig{}, w)
		if err := s.Configure(rtp.Media{Formats: []rtp.Format{pcma, event}, Send: true, Receive: true}); err != nil {
			t.Fatal(err)
		}
		type peer struct {
			src *rtp.Source
			seq uint16
			ts  uint32
			id  uint32
		}
		var peers []*peer
		for i := range 2 {
			peers = append(peers, &peer{s.NewSource(), rapid.Uint16().Draw(t, "seq"), rapid.Uint32().Draw(t, "ts"), uint32(i)})
		}
		makers := []*rtp.Source{s.NewSource(), s.NewSource()}
		var last time.Time
		current := -1
		sent := 0
		for range rapid.IntRange(1, 60).Draw(t, "turns") {
			now = now.Add(20 * time.Millisecond)
			who := rapid.IntRange(0, 3).Draw(t, "who")
			if rapid.IntRange(0, 4).Draw(t, "take") == 0 {
				now = now.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "pause")) * time.Millisecond)
				if current = who; who < 2 {
					peers[who].src.Take()
				} else {
					makers[who-2].Take()
				}
			}
			for _, p := range peers { // both peers talk all the time
				p.seq++
				p.ts += 160
				before := len(w.rtp)
				p.src.Forward(&rtp.Packet{Header: rtp.Header{Sequence: p.seq, Timestamp: p.ts, SSRC: p.id}, Arrival: now, Payload: []byte("x")}, 8)
				if (len(w.rtp) > before) != (current == int(p.id)) {
					t.Fatalf("peer %d was heard while %d is current", p.id, current)
				}
			}
			if current >= 2 {
				makers[current-2].Send(8, []byte("y"), 160)
			}
			makers[1-max(current-2, 0)].Send(8, []byte("not current"), 160)
			if len(w.rtp) == sent {
				continue
			}
			if len(w.rtp) != sent+1 {
				t.Fatalf("%d packets at once", len(w.rtp)-sent)
			}
			b := w.rtp[sent]
			if sent > 0 {
				a := w.rtp[sent-1]
				if d := binary.BigEndian.Uint16(b[2:]) - binary.BigEndian.Uint16(a[2:]); d != 1 {
					t.Fatalf("the number went on by %d", d)
				}
				d := int32(binary.BigEndian.Uint32(b[4:]) - binary.BigEndian.Uint32(a[4:]))
				passed := int32(now.Sub(last) * 8000 / time.Second)
				if d < 160 || d > max(passed, 160)+160 {
					t.Fatalf("the time went on by %d in %d", d, passed)
				}
			} else if b[1]&0x80 == 0 {
				t.Fatal("the first packet has no marker")
			}
			sent, last = len(w.rtp), now
		}
	})
}

func TestReportsMeasureTheWay(t *testing.T) {
	now := time.Unix(1e9, 0)
	e, err := rtp.New(rtp.Config{PortLow: 33000, PortHigh: 33039, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	var samples []rtp.Sample
	silent := 0
	wa, wb := &wire{}, &wire{}
	a := e.Attach(rtp.StreamConfig{Notify: func(ev rtp.Event) {
		switch ev.Kind {
		case rtp.SampleTaken:
			samples = append(samples, ev.Sample)
		case rtp.PeerSilent:
			silent++
		}
	}}, wa)
	b := e.Attach(rtp.StreamConfig{}, wb)
	m := rtp.Media{Formats: []rtp.Format{pcma}, Send: true, Receive: true, Timeout: 30 * time.Second}
	for _, s := range []*rtp.Stream{a, b} {
		if err := s.Configure(m); err != nil {
			t.Fatal(err)
		}
	}
	sa, sb := a.NewSource(), b.NewSource()
	sa.Take()
	sb.Take()
	const way = 40 * time.Millisecond // each way; a's packets to b lose every fifth
	carry := func(w *wire, to *rtp.Stream, lose bool) {
		for i, p := range w.rtp {
			if !lose || int(binary.BigEndian.Uint16(p[2:]))%5 != 0 {
				to.Deliver(p, now.Add(time.Duration(i)))
			}
		}
		for _, p := range w.rtcp {
			to.DeliverControl(p, now)
		}
		w.rtp, w.rtcp = nil, nil
	}
	for second := range 20 {
		for range 50 {
			now = now.Add(20 * time.Millisecond)
			sa.Send(8, make([]byte, 160), 160)
			sb.Send(8, make([]byte, 160), 160)
			now = now.Add(way)
			carry(wa, b, true)
			carry(wb, a, false)
			now = now.Add(-way)
		}
		a.Second(now)
		now = now.Add(way)
		carry(wa, b, true)
		now = now.Add(way / 2) // b answers later than it heard
		b.Second(now)
		now = now.Add(way)
		carry(wb, a, false)
		now = now.Add(-2*way - way/2)
		_ = second
	}
	q := a.Quality()
	if q.Loss != 0 || q.MOS < 4.2 {
		t.Errorf("incoming: %+v", q)
	}
	if q.RemoteLoss < 0.15 || q.RemoteLoss > 0.25 || q.RemoteMOS > 3.6 || q.Poor != rtp.Outgoing {
		t.Errorf("outgoing: %+v", q)
	}
	if q.RTT < 70*time.Millisecond || q.RTT > 90*time.Millisecond {
		t.Errorf("round trip %v, want 80 ms", q.RTT)
	}
	if qb := b.Quality(); qb.Poor != rtp.Incoming || qb.Lost < 150 {
		t.Errorf("the other side: %+v", qb)
	}
	if len(samples) != 20 {
		t.Errorf("%d samples", len(samples))
	}
	for range 40 {
		now = now.Add(time.Second)
		a.Second(now)
	}
	if silent != 1 {
		t.Errorf("silence was told %d times", silent)
	}
	a.Close()
	if len(wa.rtcp) == 0 {
		t.Fatal("no goodbye")
	}
	if c, err := rtp.ParseControl(wa.rtcp[len(wa.rtcp)-1]); err != nil || !c.Bye {
		t.Errorf("the last report is %+v, %v", c, err)
	}
}

func TestMOSFallsWithLossAndDelay(t *testing.T) {
	best := rtp.MOS(&pcma, 0, 20*time.Millisecond)
	if best < 4.35 || best > 4.45 {
		t.Errorf("a perfect call has %.2f", best)
	}
	last := best
	for _, loss := range []float64{0.01, 0.03, 0.05, 0.1, 0.2, 0.5, 1} {
		m := rtp.MOS(&pcma, loss, 20*time.Millisecond)
		if m >= last || m < 1 {
			t.Errorf("%.0f%% loss: %.2f after %.2f", 100*loss, m, last)
		}
		last = m
	}
	if m := rtp.MOS(&pcma, 0, 600*time.Millisecond); m > 3 {
		t.Errorf("0.6 s late: %.2f", m)
	}
}

// TestNoAllocationPerPacket forwards through two streams, as a call does.
func TestNoAllocationPerPacket(t *testing.T) {
	e, err := rtp.New(rtp.Config{PortLow: 33000, PortHigh: 33039})
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range []rtp.Suite{"", rtp.AES128S80, rtp.AES128GCM} {
		a, b := open(t, e), open(t, e)
		var in, out *rtp.Crypto
		if suite != "" {
			k := key(t, suite)
			in = &rtp.Crypto{Local: key(t, suite), Remote: k}
			out = &rtp.Crypto{Local: key(t, suite), Remote: key(t, suite)}
			_ = k
		}
		configure(t, a, 9, in)
		configure(t, b, 9, out)
		src := b.NewSource()
		src.Take()
		a.SetSink(forward{src})
		if suite != "" {
			in = nil // the sending half is measured by itself
			configure(t, a, 9, nil)
		}
		p := packet(0, 5, string(make([]byte, 160)))
		from := loopback(9)
		at := time.Now()
		seq := uint16(0)
		if n := testing.AllocsPerRun(1000, func() {
			seq++
			binary.BigEndian.PutUint16(p[2:], seq)
			a.Datagram(p, from, at)
		}); n != 0 {
			t.Errorf("%q: %.1f allocations per packet", suite, n)
		}
		if st := b.Stats(); st.Sent < 1000 {
			t.Errorf("%q: only %d sent", suite, st.Sent)
		}
	}
}

type forward struct{ src *rtp.Source }

func (f forward) ReceiveRTP(p *rtp.Packet) { f.src.Forward(p, p.PayloadType) }
