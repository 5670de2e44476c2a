package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/media"
	"github.com/okno-hq/okno/internal/telephony/media/opus"
	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
	"github.com/okno-hq/okno/internal/telephony/rtp/rtptest"
)

// packets takes an Ogg file apart and checks its form.
func packets(tb testing.TB, b []byte) (all [][]byte, granule int64) {
	tb.Helper()
	var part []byte
	for sequence := uint32(0); len(b) > 0; sequence++ {
		if len(b) < 27 || string(b[:4]) != "OggS" || binary.LittleEndian.Uint32(b[18:]) != sequence {
			tb.Fatalf("page %d is none", sequence)
		}
		segments := b[27 : 27+int(b[26])]
		granule = int64(binary.LittleEndian.Uint64(b[6:]))
		last := b[5]&4 != 0
		b = b[27+len(segments):]
		for _, n := range segments {
			part = append(part, b[:n]...)
			b = b[n:]
			if n < 255 {
				all = append(all, part)
				part = nil
			}
		}
		if last != (len(b) == 0) {
			tb.Fatalf("page %d: last %v with %d bytes after it", sequence, last, len(b))
		}
	}
	return all, granule
}

// decode returns both sides' sound at 16 kHz.
func decode(tb testing.TB, ogg []byte) (left, right []int16, length time.Duration) {
	tb.Helper()
	all, granule := packets(tb, ogg)
	if len(all) < 3 || string(all[0][:8]) != "OpusHead" || all[0][9] != 2 || string(all[1][:8]) != "OpusTags" {
		tb.Fatal("the heads are wrong")
	}
	d, err := opus.NewDecoder(16000, 2)
	if err != nil {
		tb.Fatal(err)
	}
	pcm := make([]int16, 2*5760)
	for _, p := range all[2:] {
		n, err := d.Decode(pcm, p)
		if err != nil {
			tb.Fatal(err)
		}
		for i := range n {
			left, right = append(left, pcm[2*i]), append(right, pcm[2*i+1])
		}
	}
	const skip = 104 // 312 at 48 kHz
	return left[skip:], right[skip:], time.Duration(granule-312) * time.Second / 48000
}

// piece cuts seconds out of sound at 16 kHz.
func piece(pcm []int16, from, to float64) []int16 { return pcm[int(from*16000):int(to*16000)] }

// journal records a call in simulated time: the customer speaks 440 Hz in
// PCMA, the agent 1000 Hz in another format from the third second on; the
// fifth second is not to be stored; the customer's network is bad.
func journal(tb testing.TB, agent rtp.Format) string {
	tb.Helper()
	now := time.Unix(1e9, 0)
	start := now
	dir := tb.TempDir()
	s, _, err := capture.Open(capture.Config{Dir: dir, Slots: 64, Now: func() time.Time { return now }})
	if err != nil {
		tb.Fatal(err)
	}
	j, err := s.Begin(capture.Meta{Call: "copy"})
	if err != nil {
		tb.Fatal(err)
	}
	tap := func(id string, role capture.Role, f rtp.Format) rtp.Tap {
		t, err := j.AddLeg(capture.Leg{ID: id, Role: role}, []rtp.Format{f})
		if err != nil {
			tb.Fatal(err)
		}
		return t
	}
	customer, desk := tap("c", capture.Customer, pcma), tap("a", capture.Agent, agent)
	c, a := newTalker(tb, pcma, 440), newTalker(tb, agent, 1000)
	link := rtptest.NewLink(rtptest.Impairment{Loss: 0.02, Jitter: 80 * time.Millisecond}, 9)
	var net arrivals
	for at := time.Duration(0); at < 8*time.Second; at += 20 * time.Millisecond {
		now = start.Add(at)
		if at == 4*time.Second {
			err = j.Pause("card")
		}
		if at == 5*time.Second {
			err = j.Resume()
		}
		if err != nil {
			tb.Fatal(err)
		}
		x := c.next(tb)
		x.Raw = append(x.Header.Append(nil), x.Payload...)
		for _, when := range link.Carry(now) {
			net.add(x, when)
		}
		net.until(now, captured{customer})
		if at >= 2*time.Second {
			x := a.next(tb)
			desk.CaptureRTP(now, append(x.Header.Append(nil), x.Payload...))
		}
	}
	sum, err := j.Close()
	if err != nil {
		tb.Fatal(err)
	}
	return sum.Path
}

type captured struct{ tap rtp.Tap }

func (c captured) ReceiveRTP(p *rtp.Packet) { c.tap.CaptureRTP(p.Arrival, p.Raw) }

func TestCopyHasBothVoicesInTheirPlaces(t *testing.T) {
	needsOpus(t)
	for _, agent := range []rtp.Format{g722, opusF} {
		b, err := os.ReadFile(journal(t, agent))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		info, err := media.MakeCopy(t.Context(), bytes.NewReader(b), &out)
		if err != nil {
			t.Fatal(err)
		}
		left, right, length := decode(t, out.Bytes())
		if d := info.Duration - 8*time.Second; d < -100*time.Millisecond || d > 100*time.Millisecond {
			t.Errorf("it lasts %v", info.Duration)
		}
		if d := length - info.Duration; d < -25*time.Millisecond || d > 25*time.Millisecond {
			t.Errorf("the file lasts %v, the call %v", length, info.Duration)
		}
		for _, c := range []struct {
			name     string
			pcm      []int16
			from, to float64
			hz       float64
		}{
			{"customer", left, 0.3, 3.9, 440},
			{"customer, later", left, 5.3, 7.7, 440},
			{"agent", right, 2.1, 3.9, 1000},
			{"agent, later", right, 5.2, 7.8, 1000},
			{"agent, before he spoke", right, 0.2, 1.9, 0},
			{"pause, left", left, 4.3, 4.9, 0},
			{"pause, right", right, 4.3, 4.9, 0},
		} {
			p := piece(c.pcm, c.from, c.to)
			if c.hz == 0 {
				if l := media.Level(p); l > 30 {
					t.Errorf("%s: level %.0f, want silence", c.name, l)
				}
				continue
			}
			good, all := 0, 0
			for ; len(p) >= 800; p = p[800:] {
				all++
				if media.HasTone(p[:800], 16000, c.hz) {
					good++
				}
			}
			if good*100 < all*92 {
				t.Errorf("%s: the tone is in %d of %d pieces", c.name, good, all)
			}
		}
		if len(info.Marks) != 3 || info.Marks[0].Name != capture.Paused || info.Marks[0].At != 4*time.Second || info.Marks[2].Name != capture.Ended {
			t.Errorf("%+v", info.Marks)
		}
		if p := info.Peaks; p.PerSecond != 50 || len(p.Left) < 395 || p.Right[50] != 0 || p.Right[150] < 40 || p.Left[50] < 40 || p.Left[230] != 0 {
			t.Errorf("peaks: %v per second, %d", p.PerSecond, len(p.Left))
		}
		if len(info.Legs) != 2 || info.Legs[0].Role != capture.Customer || info.Legs[0].Packets < 320 {
			t.Errorf("%+v", info.Legs)
		}
		checkWithFFmpeg(t, out.Bytes(), length)
	}
}

// checkWithFFmpeg has another program read the file, where it is installed.
func checkWithFFmpeg(t *testing.T, ogg []byte, length time.Duration) {
	t.Helper()
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "copy.ogg")
	if err := os.WriteFile(path, ogg, 0o600); err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-v", "error", "-i", path, "-f", "s16le", "-ar", "16000", "pipe:1")
	cmd.Stderr = &complaints
	pcm, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	if got := time.Duration(len(pcm)/4) * time.Second / 16000; got < length-time.Millisecond || got > length+time.Millisecond {
		t.Errorf("another program reads %v, want %v", got, length)
	}
}

func TestCopyOfAnInterruptedCall(t *testing.T) {
	needsOpus(t)
	path := journal(t, g722)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "copy.part"), b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	_, recovered, err := capture.Open(capture.Config{Dir: dir, Slots: 1})
	if err != nil || len(recovered) != 1 || recovered[0].Err != nil {
		t.Fatalf("%+v, %v", recovered, err)
	}
	if b, err = os.ReadFile(recovered[0].Path); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	info, err := media.MakeCopy(t.Context(), bytes.NewReader(b), &out)
	if err != nil || info.Duration < 3*time.Second || info.Marks[len(info.Marks)-1].Name != capture.Interrupted {
		t.Fatalf("%+v, %v", info, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := media.MakeCopy(ctx, bytes.NewReader(b), &out); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := media.MakeCopy(t.Context(), bytes.NewReader(nil), &out); !errors.Is(err, capture.ErrFormat) {
		t.Fatal(err)
	}
}
