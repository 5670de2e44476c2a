package sqlite_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// TestDiskFull: a full disk refuses writes, keeps what was acknowledged, and
// writing goes on by itself once there is room again.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting a small tmpfs needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("cannot mount a tmpfs here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, sqlite.Config{Path: filepath.Join(dir, "okno.db")})
	var mu sync.Mutex
	acknowledged := map[int64]bool{}
	fill := func(from int64) (refused error) {
		var wg sync.WaitGroup
		for w := range int64(8) {
			wg.Go(func() {
				for i := range int64(2000) {
					id := from + w*2000 + i
					err := put(t.Context(), d, id, strings.Repeat(fmt.Sprint(id), 100))
					mu.Lock()
					if err != nil {
						refused = err
						if !errors.Is(err, db.ErrUnavailable) {
							t.Errorf("a full disk answered: %v", err)
						}
						mu.Unlock()
						return
					}
					acknowledged[id] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		return refused
	}
	if fill(1) == nil {
		t.Fatal("the disk never got full")
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was written before the disk was full")
	}
	if lost := missing(t, d, acknowledged); len(lost) > 0 {
		t.Fatalf("lost %d of %d", len(lost), len(acknowledged))
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), d, 1_000_000, "after"); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	acknowledged[1_000_000] = true
	if lost := missing(t, d, acknowledged); len(lost) > 0 || count(t, d) != int64(len(acknowledged)) {
		t.Fatalf("lost %d; %d rows for %d acknowledged", len(lost), count(t, d), len(acknowledged))
	}
	sound(t, d)
}
