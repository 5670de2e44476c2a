package fault_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestDiskFull: while there is no room for the database the platforms are
// refused, and what they deliver again later is all there.
func TestDiskFull(t *testing.T) {
	dir := smallDisk(t, 48)
	w := newWorld(t, binary(t), dir)
	load := w.begin(rates{customers: 12})
	w.run(time.Second)
	free := fill(t, dir)
	refused := w.refusal(30 * time.Second)
	w.run(time.Second)
	free()
	w.run(500 * time.Millisecond)
	load.end()
	w.quiet(2 * time.Minute)
	v := w.compare()
	t.Logf("seed %d: %s; refused with %s", w.seed, v.summary(), refused)
	for _, fault := range v.faults {
		t.Error(fault)
	}
	if v.repeated == 0 {
		t.Error("nothing was delivered again: the disk was not full")
	}
}

// smallDisk mounts a file system of some megabytes.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a small tmpfs needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("cannot mount a tmpfs here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// fill takes all the room that is left; the answer frees it again.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for size := len(block); size >= 512; {
		if _, err := f.Write(block[:size]); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			size /= 2
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}
