package capture_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
)

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
				time.Sleep(20 * time.Millisecond) //nolint:forbidigo // of simulated time
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
			time.Sleep(20 * time.Millisecond) //nolint:forbidigo // of simulated time
			if n%7 != 0 {
				continue
			}
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
