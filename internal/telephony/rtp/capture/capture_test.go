package capture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
)

var pcma = []rtp.Format{{Type: 8, Name: "PCMA", ClockRate: 8000}}

func open(tb testing.TB, cfg capture.Config) (*capture.Store, []capture.Recovered) {
	tb.Helper()
	s, recovered, err := capture.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return s, recovered
}

func begin(tb testing.TB, s *capture.Store, call string) (*capture.Journal, rtp.Tap) {
	tb.Helper()
	j, err := s.Begin(capture.Meta{Call: call, Notes: map[string]string{"to": "+74950000001"}})
	if err != nil {
		tb.Fatal(err)
	}
	t, err := j.AddLeg(capture.Leg{ID: "leg-1", Role: capture.Customer}, pcma)
	if err != nil {
		tb.Fatal(err)
	}
	return j, t
}

// numbered is a packet that says which one it is.
func numbered(n int) []byte {
	b := rtp.Header{PayloadType: 8, Sequence: uint16(n), SSRC: 5}.Append(nil)
	return append(binary.BigEndian.AppendUint32(b, uint32(n)), make([]byte, 156)...)
}

func numberOf(b []byte) int { return int(binary.BigEndian.Uint32(b[12:])) }

// all reads a journal: the numbers of its packets, and its marks.
func all(tb testing.TB, path string) (numbers []int, marks []capture.Mark, damaged int) {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := capture.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return numbers, marks, damaged
		}
		if err != nil {
			tb.Fatal(err)
		}
		switch rec.Kind {
		case capture.KindRTP:
			numbers = append(numbers, numberOf(rec.Data))
		case capture.KindMark:
			var m capture.Mark
			if err := rec.Decode(&m); err != nil {
				tb.Fatal(err)
			}
			marks = append(marks, m)
		case capture.KindDamage:
			damaged++
		default:
		}
	}
}

func count(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestJournalHoldsWhatItWasGiven(t *testing.T) {
	s, recovered := open(t, capture.Config{Dir: t.TempDir()})
	if len(recovered) != 0 {
		t.Fatalf("recovered %v from nothing", recovered)
	}
	j, tap := begin(t, s, "call-1")
	for n := range 500 {
		tap.CaptureRTP(time.Now(), numbered(n))
	}
	if err := j.Pause("card"); err != nil {
		t.Fatal(err)
	}
	tap.CaptureRTP(time.Now(), numbered(9999))
	if err := j.Resume(); err != nil {
		t.Fatal(err)
	}
	for n := range 500 {
		tap.CaptureRTP(time.Now(), numbered(500+n))
	}
	sum, err := j.Close()
	if err != nil || sum.Packets != 1000 || sum.Dropped != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	tap.CaptureRTP(time.Now(), numbered(1000)) // too late, and harmless
	numbers, marks, damaged := all(t, sum.Path)
	if !slices.Equal(numbers, count(1000)) || damaged != 0 {
		t.Fatalf("%d packets, %d damaged", len(numbers), damaged)
	}
	if len(marks) != 3 || marks[0].Name != capture.Paused || marks[0].Reason != "card" || marks[1].Name != capture.Resumed || marks[2].Name != capture.Ended {
		t.Fatalf("%+v", marks)
	}
	info, err := capture.Inspect(sum.Path)
	if err != nil || !info.Ended || info.Packets != 1000 || info.Meta.Notes["to"] != "+74950000001" {
		t.Fatalf("%+v, %v", info, err)
	}
	if _, err := s.Begin(capture.Meta{Call: "call-1"}); !errors.Is(err, capture.ErrExists) {
		t.Fatalf("a second journal of the same name: %v", err)
	}
	for _, bad := range []string{"", "..", "a/b", "a.b", string(make([]byte, 200))} {
		if _, err := s.Begin(capture.Meta{Call: bad}); !errors.Is(err, capture.ErrName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// journal makes a finished file of n packets and returns its bytes.
func journal(tb testing.TB, n int) []byte {
	tb.Helper()
	s, _ := open(tb, capture.Config{Dir: tb.TempDir()})
	j, tap := begin(tb, s, "whole")
	for i := range n {
		tap.CaptureRTP(time.Now(), numbered(i))
	}
	sum, err := j.Close()
	if err != nil {
		tb.Fatal(err)
	}
	b, err := os.ReadFile(sum.Path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestRecoveryOfATornFile cuts a journal anywhere and spoils a byte anywhere:
// what comes back are packets that were there, in order, and none else.
func TestRecoveryOfATornFile(t *testing.T) {
	const packets = 300
	good := journal(t, packets)
	root := t.TempDir()
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(root, fmt.Sprint(runs))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(good)).Draw(t, "cut")
		b := slices.Clone(good[:cut])
		spoiled := cut > 0 && rapid.Bool().Draw(t, "spoil")
		if spoiled {
			b[rapid.IntRange(0, cut-1).Draw(t, "at")] ^= 0x55
		}
		if err := os.WriteFile(filepath.Join(dir, "torn.part"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		_, recovered, err := capture.Open(capture.Config{Dir: dir, Slots: 1})
		if err != nil || len(recovered) != 1 {
			t.Fatalf("%v, %v", recovered, err)
		}
		r := recovered[0]
		if r.Err != nil {
			if cut > 1000 && !spoiled {
				t.Fatalf("cut at %d: %v", cut, r.Err)
			}
			return // not even its head was left
		}
		info, err := capture.Inspect(r.Path)
		if err != nil || info.Packets != r.Packets {
			t.Fatalf("%+v, %v", info, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "torn.part")); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("the unfinished file is still there: %v", err)
		}
		// A chunk is at most 8 KiB.
		if lost := packets - int(r.Packets); lost > (len(good)-cut)/172+2*48 {
			t.Fatalf("cut at %d of %d, %d packets are lost", cut, len(good), lost)
		}
	})
}

// FuzzReader looks for bytes on which the reader fails or never ends.
func FuzzReader(f *testing.F) {
	good := journal(f, 3)
	f.Add(good)
	f.Add(good[:len(good)-7])
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := capture.NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		for records := 0; ; records++ {
			rec, err := r.Next()
			if err != nil {
				return
			}
			if records > len(b) || len(rec.Data) > len(b) {
				t.Fatal("more came out than went in")
			}
		}
	})
}

func TestNoAllocationPerPacket(t *testing.T) {
	s, _ := open(t, capture.Config{Dir: t.TempDir(), FlushEvery: time.Millisecond})
	j, tap := begin(t, s, "alloc")
	p := numbered(1)
	for range 2000 {
		tap.CaptureRTP(time.Now(), p)
	}
	if n := testing.AllocsPerRun(5000, func() { tap.CaptureRTP(time.Now(), p) }); n != 0 {
		t.Errorf("%.2f allocations per packet", n)
	}
	if _, err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkCapture(b *testing.B) {
	s, _ := open(b, capture.Config{Dir: b.TempDir()})
	j, tap := begin(b, s, "bench")
	p := numbered(1)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		tap.CaptureRTP(now, p)
	}
	if _, err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
