package rtp_test

import (
	"bytes"
	"testing"

	pionrtcp "github.com/pion/rtcp"
	pion "github.com/pion/rtp"
	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/telephony/rtp"
)

// TestParseReadsWhatAnotherLibraryWrites compares with pion for packets of
// every shape.
func TestParseReadsWhatAnotherLibraryWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := pion.Packet{
			Header: pion.Header{
				Version: 2, Marker: rapid.Bool().Draw(t, "marker"),
				PayloadType:    rapid.Uint8Range(0, 127).Draw(t, "type"),
				SequenceNumber: rapid.Uint16().Draw(t, "seq"),
				Timestamp:      rapid.Uint32().Draw(t, "ts"), SSRC: rapid.Uint32().Draw(t, "ssrc"),
				CSRC: rapid.SliceOfN(rapid.Uint32(), 0, 15).Draw(t, "csrc"),
			},
			Payload: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload"),
		}
		if rapid.Bool().Draw(t, "extended") {
			if err := want.SetExtension(1, rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "ext")); err != nil {
				t.Fatal(err)
			}
		}
		if n := rapid.Uint8Range(0, 20).Draw(t, "padding"); n > 0 {
			want.Padding, want.PaddingSize = true, n
		}
		b, err := want.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := rtp.Parse(b)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if got.PayloadType != want.PayloadType || got.Marker != want.Marker || got.Sequence != want.SequenceNumber ||
			got.Timestamp != want.Timestamp || got.SSRC != want.SSRC || !bytes.Equal(got.Payload, want.Payload) {
			t.Fatalf("%x: got %+v, want %+v", b, got, want)
		}
		if got.Header.Append(nil)[1] != b[1] || !bytes.Equal(got.Header.Append(nil)[2:], b[2:12]) {
			t.Fatalf("header not written as read: %x", got.Header.Append(nil))
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":                  {},
		"eleven bytes":             append([]byte{0x80}, make([]byte, 10)...),
		"version 1":                append([]byte{0x40}, make([]byte, 11)...),
		"CSRC past the end":        append([]byte{0x81}, make([]byte, 11)...),
		"extension past the end":   append([]byte{0x90}, make([]byte, 11)...),
		"extension's body too":     {0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
		"padding of 0":             {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"padding past the payload": {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2},
		"padding without payload":  {0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if p, err := rtp.Parse(b); err == nil {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// FuzzParse looks for packets that we read otherwise than pion does.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x80, 8, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 0xd5, 0xd5})
	f.Add([]byte{0xb1, 0x88, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 0x10, 7, 0, 0, 1, 2, 3, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := rtp.Parse(b)
		if err != nil {
			return
		}
		var want pion.Packet
		if want.Unmarshal(b) != nil {
			return // it looks into extensions, whose contents are nothing to us
		}
		if got.SSRC != want.SSRC || got.Sequence != want.SequenceNumber || !bytes.Equal(got.Payload, want.Payload) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestControlIsReadByAnotherLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c rtp.Control
		c.SSRC, c.Sender, c.Bye = rapid.Uint32().Draw(t, "ssrc"), rapid.Bool().Draw(t, "sr"), rapid.Bool().Draw(t, "bye")
		if c.Sender {
			c.NTP, c.RTP = rapid.Uint64().Draw(t, "ntp"), rapid.Uint32().Draw(t, "rtp")
			c.Packets, c.Octets = rapid.Uint32().Draw(t, "packets"), rapid.Uint32().Draw(t, "octets")
		}
		c.Count = rapid.IntRange(0, 4).Draw(t, "blocks")
		for i := range c.Count {
			c.Blocks[i] = rtp.Reception{
				SSRC: rapid.Uint32().Draw(t, "about"), Fraction: rapid.Uint8().Draw(t, "fraction"),
				Lost: rapid.Int32Range(-1<<23, 1<<23-1).Draw(t, "lost"), Highest: rapid.Uint32().Draw(t, "highest"),
				Jitter: rapid.Uint32().Draw(t, "jitter"), LastReport: rapid.Uint32().Draw(t, "lsr"), SinceReport: rapid.Uint32().Draw(t, "dlsr"),
			}
		}
		b := c.Append(nil, rapid.StringMatching(`[a-z]{0,40}`).Draw(t, "name"))
		packets, err := pionrtcp.Unmarshal(b)
		if err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if want := 2 + map[bool]int{true: 1}[c.Bye]; len(packets) != want {
			t.Fatalf("%d packets, want %d", len(packets), want)
		}
		if sr, ok := packets[0].(*pionrtcp.SenderReport); ok != c.Sender || ok && (sr.NTPTime != c.NTP || sr.OctetCount != c.Octets) {
			t.Fatalf("got %+v, want %+v", packets[0], c)
		}
		back, err := rtp.ParseControl(b)
		if err != nil {
			t.Fatal(err)
		}
		if back != c {
			t.Fatalf("got %+v, want %+v", back, c)
		}
	})
}

func TestParseControlSkipsWhatItDoesNotKnow(t *testing.T) {
	b, err := pionrtcp.Marshal([]pionrtcp.Packet{
		&pionrtcp.ReceiverReport{SSRC: 5, Reports: []pionrtcp.ReceptionReport{{SSRC: 7, FractionLost: 9, TotalLost: 3}}},
		&pionrtcp.TransportLayerNack{SenderSSRC: 5, MediaSSRC: 7, Nacks: []pionrtcp.NackPair{{PacketID: 4}}},
		&pionrtcp.Goodbye{Sources: []uint32{5}, Reason: "done"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rtp.ParseControl(b)
	if err != nil || c.SSRC != 5 || c.Count != 1 || c.Blocks[0].Fraction != 9 || !c.Bye {
		t.Fatalf("%+v, %v", c, err)
	}
	for cut := 1; cut < len(b); cut++ {
		if _, err := rtp.ParseControl(b[:cut]); err == nil && cut != 32 && cut != 48 {
			t.Errorf("cut to %d bytes it was accepted", cut)
		}
	}
}

// FuzzControl looks for panics, and for packets that do not survive being
// written and read again.
func FuzzControl(f *testing.F) {
	f.Add([]byte{0x80, 201, 0, 1, 0, 0, 0, 5})
	c := rtp.Control{SSRC: 3, Sender: true, Count: 1, Bye: true}
	f.Add(c.Append(nil, "name"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := rtp.ParseControl(b)
		if err != nil {
			return
		}
		if c.Count > len(c.Blocks) {
			t.Fatalf("%d blocks", c.Count)
		}
		again, err := rtp.ParseControl(c.Append(nil, "x"))
		if err != nil || again != c {
			t.Fatalf("%v: got %+v, want %+v", err, again, c)
		}
	})
}
