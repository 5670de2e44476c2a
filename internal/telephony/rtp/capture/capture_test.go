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
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
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

// faulty is a file in memory whose disk can fail, and which knows what of it
// a power cut would leave.
type faulty struct {
	mu      sync.Mutex
	data    []byte
	durable int
	err     error
	room    int // bytes that still fit before err
}

func (f *faulty) WriteAt(b []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(b)
	if f.err != nil {
		n = min(n, f.room)
		f.room -= n
	}
	if need := int(off) + n; need > len(f.data) {
		f.data = append(f.data, make([]byte, need-len(f.data))...)
	}
	copy(f.data[off:], b[:n])
	if n < len(b) {
		return n, f.err
	}
	return n, nil
}

func (f *faulty) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data = f.data[:size]
	return nil
}

func (f *faulty) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.durable = len(f.data)
	return f.err
}

func (f *faulty) Close() error { return nil }

func (f *faulty) set(err error, room int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.room = err, room
}

// TestAFullDiskStopsTheRecordingOnly fills the disk in the middle of a chunk
// and makes room again.
func TestAFullDiskStopsTheRecordingOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{}
		var states []capture.State
		dir := t.TempDir()
		cfg := capture.Config{
			Dir:    dir,
			Notify: func(_ string, s capture.State, _ error) { states = append(states, s) },
			Create: func(path string) (capture.File, error) { return f, os.WriteFile(path, nil, 0o600) },
		}
		s, _ := open(t, cfg)
		j, tap := begin(t, s, "full")
		n := 0
		speak := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); n++ {
				tap.CaptureRTP(time.Now(), numbered(n))
				time.Sleep(20 * time.Millisecond)
			}
		}
		speak(5 * time.Second)
		f.set(syscall.ENOSPC, 1000)
		speak(5 * time.Second)
		if !slices.Equal(states, []capture.State{capture.Stopped}) {
			t.Fatalf("states %v", states)
		}
		f.set(nil, 0)
		speak(5 * time.Second)
		sum, err := j.Close()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(states, []capture.State{capture.Stopped, capture.Running}) {
			t.Fatalf("states %v", states)
		}
		if sum.Packets+sum.Dropped != uint64(n) || sum.Dropped < 200 || sum.Dropped > 320 {
			t.Fatalf("%+v of %d", sum, n)
		}
		path := filepath.Join(dir, "copy")
		if err := os.WriteFile(path, f.data, 0o600); err != nil {
			t.Fatal(err)
		}
		numbers, marks, damaged := all(t, path)
		if uint64(len(numbers)) != sum.Packets || damaged != 0 || !slices.IsSorted(numbers) {
			t.Fatalf("%d packets of %d, %d damaged", len(numbers), sum.Packets, damaged)
		}
		if len(marks) != 2 || marks[0].Name != capture.Gap || marks[0].Count != sum.Dropped ||
			marks[0].From < 4500*time.Millisecond || marks[0].From > 5100*time.Millisecond {
			t.Fatalf("%+v", marks)
		}
	})
}

// TestPowerLossCostsLessThanASecond looks at every moment how old the newest
// packet is that a power cut would leave.
func TestPowerLossCostsLessThanASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{}
		dir := t.TempDir()
		s, _ := open(t, capture.Config{Dir: dir, Create: func(path string) (capture.File, error) { return f, os.WriteFile(path, nil, 0o600) }})
		j, tap := begin(t, s, "power")
		worst := 0
		for n := range 1500 {
			tap.CaptureRTP(time.Now(), numbered(n))
			time.Sleep(20 * time.Millisecond)
			f.mu.Lock()
			left := slices.Clone(f.data[:f.durable])
			f.mu.Unlock()
			if len(left) == 0 {
				worst = max(worst, n)
				continue
			}
			path := filepath.Join(dir, "left")
			if err := os.WriteFile(path, left, 0o600); err != nil {
				t.Fatal(err)
			}
			info, err := capture.Inspect(path)
			if err != nil {
				t.Fatal(err)
			}
			worst = max(worst, n+1-int(info.Packets))
		}
		if worst > 50 {
			t.Fatalf("up to %d packets of 20 ms would be lost", worst)
		}
		if _, err := j.Close(); err != nil {
			t.Fatal(err)
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
