package rtp_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

// BenchmarkRelay sends packets through two legs over loopback, one at a time
// as calls do, and so includes the kernel's part and the waking up. What the
// test itself spends on sending and receiving is BenchmarkLoopback.
func BenchmarkRelay(b *testing.B) {
	e := engine(b)
	in, out := open(b, e), open(b, e)
	from, to := rtptest.Listen(b), rtptest.Listen(b)
	configure(b, in, int(rtptest.Addr(from).Port()), nil)
	configure(b, out, int(rtptest.Addr(to).Port()), nil)
	src := out.NewSource()
	src.Take()
	in.SetSink(forward{src})
	p := packet(0, 5, string(make([]byte, 160)))
	target := loopback(in.Port())
	buf := make([]byte, 2000)
	seq := uint16(0)
	_ = to.SetReadDeadline(time.Now().Add(time.Minute))
	b.ReportAllocs()
	for b.Loop() {
		seq++
		binary.BigEndian.PutUint16(p[2:], seq)
		send(b, from, target, p)
		if _, _, err := to.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoopback is BenchmarkRelay without the relay.
func BenchmarkLoopback(b *testing.B) {
	from, to := rtptest.Listen(b), rtptest.Listen(b)
	p := packet(0, 5, string(make([]byte, 160)))
	buf := make([]byte, 2000)
	target := rtptest.Addr(to)
	_ = to.SetReadDeadline(time.Now().Add(time.Minute))
	for b.Loop() {
		send(b, from, target, p)
		if _, _, err := to.ReadFromUDPAddrPort(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPacket is our own part of relaying a packet, without the kernel's.
func BenchmarkPacket(b *testing.B) {
	for _, suite := range []rtp.Suite{"plain", rtp.AES128S80, rtp.AES128GCM} {
		b.Run(string(suite), func(b *testing.B) {
			e := engine(b)
			in, out := open(b, e), e.Attach(rtp.StreamConfig{}, nowhere{})
			b.Cleanup(func() { out.Close() })
			var c *rtp.Crypto
			if suite != "plain" {
				c = &rtp.Crypto{Local: key(b, suite), Remote: key(b, suite)}
				out = open(b, e)
			}
			configure(b, in, 9, nil)
			configure(b, out, 0, c) // no port: the kernel is not asked
			src := out.NewSource()
			src.Take()
			in.SetSink(forward{src})
			p := packet(0, 5, string(make([]byte, 160)))
			at := time.Now()
			seq := uint16(0)
			b.ReportAllocs()
			for b.Loop() {
				seq++
				binary.BigEndian.PutUint16(p[2:], seq)
				in.Datagram(p, loopback(9), at)
			}
		})
	}
}

type nowhere struct{}

func (nowhere) WriteRTP([]byte) error  { return nil }
func (nowhere) WriteRTCP([]byte) error { return nil }
