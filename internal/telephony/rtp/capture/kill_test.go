package capture_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/telephony/rtp"
	"github.com/okno-hq/okno/internal/telephony/rtp/capture"
)

const childDir = "OKNO_CAPTURE_CHILD"

// TestMain lets the test's own binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := record(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// record captures three calls without end, and says of each packet that it
// has been taken.
func record(dir string) error {
	s, _, err := capture.Open(capture.Config{Dir: dir})
	if err != nil {
		return err
	}
	go func() { _ = s.Run(context.Background()) }()
	var taps []rtp.Tap
	for call := range 3 {
		j, err := s.Begin(capture.Meta{Call: "call-" + strconv.Itoa(call)})
		if err != nil {
			return err
		}
		tap, err := j.AddLeg(capture.Leg{ID: "leg", Role: capture.Customer}, pcma)
		if err != nil {
			return err
		}
		taps = append(taps, tap)
	}
	for n := 0; ; n++ {
		for call, tap := range taps {
			tap.CaptureRTP(time.Now(), numbered(n))
			if _, err := fmt.Printf("%d %d\n", call, n); err != nil { //nolint:forbidigo // the child's protocol
				return err
			}
		}
		if n%4 == 0 {
			time.Sleep(time.Millisecond) //nolint:forbidigo // keeps below what a disk can take
		}
	}
}

// TestKillLosesNothing kills a recording process twenty times at random
// moments. Every packet it said to have taken must be in the recording, in
// order and once.
func TestKillLosesNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var rescued atomic.Int64
	t.Run("rounds", func(t *testing.T) {
		for round := range 20 {
			t.Run(strconv.Itoa(round), func(t *testing.T) {
				t.Parallel()
				rescued.Add(killAndRecover(t, self))
			})
		}
	})
	if rescued.Load() == 0 {
		t.Fatal("no kill hit packets that were not written yet; the test proves nothing")
	}
}

// killAndRecover returns how many chunks had not been written at the kill.
func killAndRecover(t *testing.T, self string) (rescued int64) {
	t.Helper()
	dir := t.TempDir()
	taken := killed(t, self, dir)
	_, recovered, err := capture.Open(capture.Config{Dir: dir, Slots: 1})
	if err != nil || len(recovered) != 3 {
		t.Fatalf("%+v, %v", recovered, err)
	}
	for call, last := range taken {
		name := "call-" + strconv.Itoa(call)
		i := slices.IndexFunc(recovered, func(r capture.Recovered) bool { return r.Call == name })
		if i < 0 || recovered[i].Err != nil {
			t.Fatalf("%s: %+v", name, recovered)
		}
		rescued += int64(recovered[i].Rescued)
		numbers, marks, _ := all(t, recovered[i].Path)
		if len(numbers) <= last || !slices.Equal(numbers, count(len(numbers))) {
			t.Fatalf("%s: %d packets, the last one taken was %d", name, len(numbers), last)
		}
		if len(marks) != 1 || marks[0].Name != capture.Interrupted {
			t.Fatalf("%+v", marks)
		}
	}
	// Recovering again finds nothing to do.
	if _, again, err := capture.Open(capture.Config{Dir: dir, Slots: 1}); err != nil || len(again) != 0 {
		t.Fatalf("recovered twice: %+v, %v", again, err)
	}
	return rescued
}

// killed runs the child for a while, kills it, and returns the last packet of
// each call that it said to have taken.
func killed(t *testing.T, self, dir string) [3]int {
	t.Helper()
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	taken := [3]int{-1, -1, -1}
	var wg sync.WaitGroup
	started := make(chan struct{})
	wg.Go(func() {
		lines := bufio.NewReader(out)
		for first := true; ; first = false {
			line, err := lines.ReadString('\n')
			if err != nil {
				return // the end, or a torn last line, which was not said
			}
			call, n, _ := strings.Cut(strings.TrimSpace(line), " ")
			c, errCall := strconv.Atoi(call)
			last, errN := strconv.Atoi(n)
			if errCall != nil || errN != nil || c > 2 {
				return
			}
			taken[c] = last
			if first {
				close(started)
			}
		}
	})
	select {
	case <-started:
	case <-time.After(time.Minute):
		t.Fatal("the child does not record")
	}
	time.Sleep(time.Duration(20+rand.IntN(280)) * time.Millisecond) //nolint:forbidigo // the moment of the kill
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	_ = child.Wait()
	return taken
}

// TestFullFilesystem records onto a filesystem of two megabytes that fills up.
func TestFullFilesystem(t *testing.T) {
	dir := smallFilesystem(t)
	var mu sync.Mutex
	var states []capture.State
	changed := make(chan struct{}, 100)
	s, _ := open(t, capture.Config{
		Dir: filepath.Join(dir, "recordings"), Slots: 16, FlushEvery: 5 * time.Millisecond,
		Notify: func(_ string, st capture.State, _ error) {
			mu.Lock()
			states = append(states, st)
			mu.Unlock()
			changed <- struct{}{}
		},
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	j, tap := begin(t, s, "full")
	n := 0
	until := func(want capture.State) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for {
			for range 20 {
				tap.CaptureRTP(time.Now(), numbered(n))
				n++
			}
			select {
			case <-changed:
				mu.Lock()
				last := states[len(states)-1]
				mu.Unlock()
				if last != want {
					t.Fatalf("states %v, want %s", states, want)
				}
				return
			case <-deadline:
				t.Fatalf("no state %s in 30 s", want)
			case <-time.After(time.Millisecond):
			}
		}
	}
	until(capture.Stopped)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	until(capture.Running)
	sum, err := j.Close()
	if err != nil {
		t.Fatal(err)
	}
	numbers, marks, damaged := all(t, sum.Path)
	if uint64(len(numbers)) != sum.Packets || sum.Packets+sum.Dropped != uint64(n) || sum.Dropped == 0 || damaged != 0 {
		t.Fatalf("%d packets in the file, %+v of %d, %d damaged", len(numbers), sum, n, damaged)
	}
	if len(marks) < 2 || marks[0].Name != capture.Gap || marks[len(marks)-1].Name != capture.Ended {
		t.Fatalf("%+v", marks)
	}
}
