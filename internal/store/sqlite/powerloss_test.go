//go:build unix && !modernc

package sqlite_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/okno-hq/okno/internal/store/sqlite"
)

// forgetful is a file system that remembers what a disk would hold if the
// power failed now: only what has been synced, and, at random, some of the
// writes since then, torn at sectors.
type forgetful struct {
	vfs.VFS
	mu    sync.Mutex
	disks map[string]*disk
}

type disk struct {
	durable []byte
	pending []change
}

// change is a write, or (data nil) a truncation to off bytes.
type change struct {
	off  int64
	data []byte
}

func (c change) apply(to []byte) []byte {
	if c.data == nil {
		return to[:min(int64(len(to)), c.off)]
	}
	if end := c.off + int64(len(c.data)); end > int64(len(to)) {
		to = append(to, make([]byte, end-int64(len(to)))...)
	}
	copy(to[c.off:], c.data)
	return to
}

func (v *forgetful) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFS.Open(name, flags)
	return v.wrap(name, flags, f), out, err
}

// OpenFilename is how the driver opens files.
func (v *forgetful) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(v.VFS, name, flags)
	return v.wrap(name.String(), flags, f), out, err
}

func (v *forgetful) wrap(name string, flags vfs.OpenFlag, f vfs.File) vfs.File {
	if f == nil || flags&(vfs.OPEN_MAIN_DB|vfs.OPEN_WAL) == 0 {
		return f
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	d := v.disks[filepath.Base(name)]
	if d == nil {
		d = &disk{}
		v.disks[filepath.Base(name)] = d
	}
	return &forgetfulFile{File: f, vfs: v, disk: d}
}

// cut writes the disk's contents after a power failure into dir.
func (v *forgetful) cut(dir string, some func() bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for name, d := range v.disks {
		image := append([]byte(nil), d.durable...)
		for _, c := range d.pending {
			for _, part := range c.sectors() {
				if some() {
					image = part.apply(image)
				}
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), image, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c change) sectors() (parts []change) {
	const sector = 512
	if c.data == nil {
		return []change{c}
	}
	for i := 0; i < len(c.data); i += sector {
		parts = append(parts, change{c.off + int64(i), c.data[i:min(i+sector, len(c.data))]})
	}
	return parts
}

type forgetfulFile struct {
	vfs.File
	vfs  *forgetful
	disk *disk
}

func (f *forgetfulFile) Unwrap() vfs.File               { return f.File }
func (f *forgetfulFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// DeviceCharacteristics promises nothing about atomic or safe appends.
func (f *forgetfulFile) DeviceCharacteristics() vfs.DeviceCharacteristic { return 0 }

func (f *forgetfulFile) WriteAt(p []byte, off int64) (int, error) {
	f.vfs.mu.Lock()
	defer f.vfs.mu.Unlock()
	f.disk.pending = append(f.disk.pending, change{off, append([]byte{}, p...)})
	return f.File.WriteAt(p, off)
}

func (f *forgetfulFile) Truncate(size int64) error {
	f.vfs.mu.Lock()
	defer f.vfs.mu.Unlock()
	f.disk.pending = append(f.disk.pending, change{off: size})
	return f.File.Truncate(size)
}

func (f *forgetfulFile) Sync(vfs.SyncFlag) error {
	f.vfs.mu.Lock()
	defer f.vfs.mu.Unlock()
	for _, c := range f.disk.pending {
		f.disk.durable = c.apply(f.disk.durable)
	}
	f.disk.pending = nil
	return nil
}

// TestPowerLoss cuts the power at random moments of a write load. FULL loses
// no acknowledged row; the control run, the same with NORMAL, does, or this
// test would prove nothing.
func TestPowerLoss(t *testing.T) {
	lost, total := cutPower(t, "full", false)
	t.Logf("FULL: %d of %d acknowledged rows lost", lost, total)
	if lost > 0 {
		t.Errorf("lost %d of %d acknowledged rows", lost, total)
	}
	lost, total = cutPower(t, "normal", true)
	t.Logf("NORMAL: %d of %d acknowledged rows lost", lost, total)
	if lost == 0 {
		t.Error("the control run lost nothing: the simulation forgets nothing")
	}
}

func cutPower(t *testing.T, name string, normal bool) (lost, total int) {
	t.Helper()
	machine := &forgetful{VFS: vfs.Find(""), disks: map[string]*disk{}}
	vfs.Register("forgetful-"+name, machine)
	t.Cleanup(func() { vfs.Unregister("forgetful-" + name) })
	d := open(t, sqlite.Config{
		Path: filepath.Join(t.TempDir(), "okno.db"), VFS: "forgetful-" + name,
		UnsafeNormalSync: normal, WALBytes: 1 << 20,
	})
	var mu sync.Mutex
	acknowledged := map[int64]bool{}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range int64(8) {
		wg.Go(func() {
			for id := w + 1; ; id += 8 {
				select {
				case <-stop:
					return
				default:
				}
				if err := put(t.Context(), d, id, strings.Repeat("y", 300)); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[id] = true
				mu.Unlock()
			}
		})
	}
	const cuts = 12
	keep := []func() bool{
		func() bool { return false },
		func() bool { return rand.N(2) == 0 }, //nolint:gosec // no secret
	}
	for i := range cuts {
		pause := time.NewTimer(time.Duration(20+rand.N(60)) * time.Millisecond) //nolint:gosec // no secret
		<-pause.C
		dir := t.TempDir()
		mu.Lock()
		before := maps.Clone(acknowledged) // what was promised before the cut
		mu.Unlock()
		if err := machine.cut(dir, keep[i%2]); err != nil {
			t.Fatal(err)
		}
		after := open(t, sqlite.Config{Path: filepath.Join(dir, "okno.db")})
		if !normal {
			sound(t, after)
		}
		lost += len(missing(t, after, before))
		total += len(before)
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
	return lost, total
}
