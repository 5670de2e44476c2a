package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/fault"
)

func testMissing(t *testing.T, s blob.Store) {
	t.Helper()
	put(t, s, "dir/file", []byte("x"))
	for _, key := range []string{"none", "dir", "dir/file/more", "dir/none"} {
		_, err := s.Stat(t.Context(), key)
		if fault.KindOf(err) != fault.NotFound || fault.CodeOf(err) != "blob.not_found" {
			t.Errorf("stat %s: %v", key, err)
		}
		o, err := s.Open(t.Context(), key)
		if fault.KindOf(err) != fault.NotFound || fault.CodeOf(err) != "blob.not_found" {
			t.Errorf("open %s: %v, %v", key, o, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if got := get(t, s, "dir/file"); string(got) != "x" {
		t.Errorf("deleting what is not there touched what is: %q", got)
	}
}

func testKeys(t *testing.T, s blob.Store) {
	t.Helper()
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", ".tmp/x", "a/.hidden", "A", "a b",
		"a\\b", "a\x00b", "é", "a:b", "c%2f", strings.Repeat("a", 129), strings.Repeat("a/", 300) + "a",
	} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x")); fault.CodeOf(err) != "blob.key" {
			t.Errorf("put %q: %v", key, err)
		}
		if _, err := s.Open(t.Context(), key); fault.CodeOf(err) != "blob.key" {
			t.Errorf("open %q: %v", key, err)
		}
		if _, err := s.Stat(t.Context(), key); fault.CodeOf(err) != "blob.key" {
			t.Errorf("stat %q: %v", key, err)
		}
		if err := s.Delete(t.Context(), key); fault.CodeOf(err) != "blob.key" {
			t.Errorf("delete %q: %v", key, err)
		}
	}
}

var errSource = errors.New("the source broke")

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func testFailingSource(t *testing.T, s blob.Store) {
	t.Helper()
	put(t, s, "kept", []byte("former"))
	for _, key := range []string{"new/one", "kept"} {
		_, err := s.Put(t.Context(), key, io.MultiReader(bytes.NewReader(noise(5000)), failing{errSource}))
		if !errors.Is(err, errSource) {
			t.Fatalf("put %s: %v", key, err)
		}
	}
	if _, err := s.Stat(t.Context(), "new/one"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("half a blob is there: %v", err)
	}
	if got := get(t, s, "kept"); string(got) != "former" {
		t.Fatalf("the former blob became %d bytes", len(got))
	}
	if keys := list(t, s, "new"); len(keys) != 0 {
		t.Fatalf("listed: %v", keys)
	}
}

func testContext(t *testing.T, s blob.Store) {
	t.Helper()
	put(t, s, "a", noise(10))
	ctx, cancel := context.WithCancel(t.Context())
	cut := io.MultiReader(bytes.NewReader(noise(100)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, nil
	}))
	if _, err := s.Put(ctx, "b", cut); !errors.Is(err, context.Canceled) {
		t.Fatalf("put: %v", err)
	}
	if _, err := s.Stat(t.Context(), "b"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("half a blob is there: %v", err)
	}
	for _, err := range s.List(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("list: %v", err)
		}
	}
	live, end := context.WithCancel(t.Context())
	o, err := s.Open(live, "a")
	if err != nil {
		t.Fatal(err)
	}
	end()
	if _, err := io.ReadAll(o); !errors.Is(err, context.Canceled) {
		t.Fatalf("read: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func testConcurrency(t *testing.T, s blob.Store) {
	t.Helper()
	versions := [][]byte{noise(20_000), noise(20_001), noise(20_002), noise(3)}
	put(t, s, "same/key", versions[0])
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				if _, err := s.Put(t.Context(), "same/key", bytes.NewReader(versions[(i+j)%len(versions)])); err != nil {
					t.Error(err)
				}
				if _, err := s.Put(t.Context(), fmt.Sprintf("dir%d/sub/%d", j, i), bytes.NewReader(versions[3])); err != nil {
					t.Error(err)
				}
				o, err := s.Open(t.Context(), "same/key")
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(o)
				whole := slices.ContainsFunc(versions, func(v []byte) bool { return bytes.Equal(v, got) })
				if err == nil && !whole {
					t.Errorf("a mixture of %d bytes", len(got))
				}
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func testLargeFailing(t *testing.T, s blob.Store, size int) {
	t.Helper()
	_, err := s.Put(t.Context(), "large", io.MultiReader(bytes.NewReader(noise(size)), failing{errSource}))
	if !errors.Is(err, errSource) {
		t.Fatalf("put: %v", err)
	}
	if _, err := s.Stat(t.Context(), "large"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("half a blob is there: %v", err)
	}
}

func testLimited(t *testing.T, s blob.Store) {
	t.Helper()
	if _, err := s.Put(t.Context(), "fits", blob.Limit(bytes.NewReader(noise(100)), 100)); err != nil {
		t.Fatalf("as long as allowed: %v", err)
	}
	_, err := s.Put(t.Context(), "long", blob.Limit(bytes.NewReader(noise(101)), 100))
	if fault.KindOf(err) != fault.TooLarge || fault.CodeOf(err) != "blob.too_large" {
		t.Fatalf("a byte too long: %v", err)
	}
	if _, err := s.Stat(t.Context(), "long"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("half a blob is there: %v", err)
	}
}
