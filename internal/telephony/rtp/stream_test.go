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
