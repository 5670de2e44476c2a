package disk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/blob/blobtest"
	"github.com/okno-hq/okno/internal/blob/disk"
	"github.com/okno-hq/okno/internal/fault"
)

func open(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s, err := disk.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSuite(t *testing.T) {
	blobtest.Run(t, 20<<20, func(t *testing.T) blob.Store {
		t.Helper()
		s, err := disk.Open(filepath.Join(t.TempDir(), "deep", "files"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestUnfinishedFilesAreSwept(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	old, young := filepath.Join(dir, ".tmp", "old"), filepath.Join(dir, ".tmp", "young")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a dead writer's file is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file another process may be writing is gone: %v", err)
	}
	for info, err := range s.List(t.Context(), "") {
		t.Errorf("an unfinished file is listed: %+v, %v", info, err)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	broken := errors.New("broken")
	_, err := s.Put(t.Context(), "a/b", io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) { return 0, broken })))
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, ".tmp"))
	if err != nil || len(entries) != 0 {
		t.Fatalf("left behind: %v, %v", entries, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestNoLinkLeadsOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	s := open(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "direct")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"link/secret", "direct"} {
		if o, err := s.Open(t.Context(), key); err == nil {
			t.Errorf("%s was opened: %+v", key, o.Info)
		}
	}
	if _, err := s.Put(t.Context(), "link/new", strings.NewReader("x")); err == nil {
		t.Error("a file was written outside")
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 1 {
		t.Errorf("outside: %v, %v", entries, err)
	}
}

func TestDirectoryIsMadeAnewAfterItWasTakenAway(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 2 {
		if _, err := s.Put(t.Context(), "a/b/c", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirectoryThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := disk.Open(filepath.Join(file, "sub")); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("%v, %v", s, err)
	}
}

// checkFull fills a store on a small file system and looks at what it says.
func checkFull(t *testing.T, dir string, size int) {
	t.Helper()
	s := open(t, dir)
	if _, err := s.Put(t.Context(), "kept", bytes.NewReader(make([]byte, 1000))); err != nil {
		t.Fatal(err)
	}
	_, err := s.Put(context.WithoutCancel(t.Context()), "big/one", bytes.NewReader(make([]byte, size)))
	if fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) != "blob.full" {
		t.Fatalf("on a full disk: %v", err)
	}
	if _, err := s.Stat(t.Context(), "big/one"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("half a blob is there: %v", err)
	}
	if info, err := s.Stat(t.Context(), "kept"); err != nil || info.Size != 1000 {
		t.Fatalf("what was there: %+v, %v", info, err)
	}
	// The room that the failed attempt took is free again.
	if _, err := s.Put(t.Context(), "small", bytes.NewReader(make([]byte, 1000))); err != nil {
		t.Fatalf("a small file after the failed one: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatalf("check: %v", err)
	}
}
