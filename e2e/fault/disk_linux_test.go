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
	dir := t.TempDir()
	smallDisk(t, dir, 48)
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

// TestDiskFullOfFiles: while there is no room for files, but for the database,
// messages come and go as ever; only files wait, and all are there to the byte
// once there is room again.
func TestDiskFullOfFiles(t *testing.T) {
	dir := t.TempDir()
	files := filepath.Join(dir, "files")
	if err := os.Mkdir(files, 0o700); err != nil {
		t.Fatal(err)
	}
	smallDisk(t, files, 8)
	w := newWorld(t, binary(t), dir)
	load := w.begin(rates{customers: 12, agents: 1})
	w.run(time.Second)
	free := fill(t, files)
	w.until(time.Minute, "an upload to be refused", func() bool {
		_, err := w.admin.upload(picture(t, 1))
		if errors.Is(err, errRefused) {
			t.Fatal(err) // by no fault of its own
		}
		return err != nil
	})
	before := w.taken()
	w.until(time.Minute, "messengers to be served all the same", func() bool {
		return w.taken() > before+20 && len(w.waiting()) > 2
	})
	free()
	load.end()
	w.quiet(2 * time.Minute)
	v := w.compare()
	w.violations()
	t.Logf("seed %d: %s", w.seed, v.summary())
	for _, fault := range v.faults {
		t.Error(fault)
	}
}

// waiting lists the items whose files are not there yet.
func (w *world) waiting() []string {
	items, err := w.timeline()
	if err != nil {
		return nil
	}
	var out []string
	for _, i := range items {
		for _, f := range i.Files {
			if f.State == "pending" {
				out = append(out, i.ID)
			}
		}
	}
	return out
}

// smallDisk mounts a file system of some megabytes.
func smallDisk(t *testing.T, dir string, megabytes int) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mounting a small tmpfs needs root")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("cannot mount a tmpfs here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
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
