// Package blobtest holds the suite that every blob.Store passes.
package blobtest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/fault"
)

// Run runs the suite. open returns an empty store; large is the size of a
// blob that the store has to handle in several parts.
func Run(t *testing.T, large int, open func(t *testing.T) blob.Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, blob.Store){
		"what was put is there":         testPut,
		"replace":                       testReplace,
		"ranges":                        testRanges,
		"served by net/http":            testServe,
		"missing":                       testMissing,
		"delete":                        testDelete,
		"list":                          testList,
		"malformed keys":                testKeys,
		"a source that fails":           testFailingSource,
		"a context that ends":           testContext,
		"many at once":                  testConcurrency,
		"check":                         testCheck,
		"large":                         func(t *testing.T, s blob.Store) { t.Helper(); testLarge(t, s, large) },
		"a large source that fails":     func(t *testing.T, s blob.Store) { t.Helper(); testLargeFailing(t, s, large) },
		"a limited source that is long": testLimited,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			test(t, s)
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}

func put(t *testing.T, s blob.Store, key string, data []byte) {
	t.Helper()
	// A reader that gives odd pieces, as a network does.
	stored, err := s.Put(t.Context(), key, &pieces{data: data})
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	if stored.Size != int64(len(data)) || stored.SHA256 != sha256.Sum256(data) {
		t.Fatalf("put %s: size %d and hash %x, want %d and %x", key, stored.Size, stored.SHA256, len(data), sha256.Sum256(data))
	}
}

type pieces struct {
	data []byte
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	p.n = p.n%8191 + 977
	n := copy(b[:min(len(b), p.n)], p.data)
	p.data = p.data[n:]
	return n, nil
}

func get(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open %s: %v", key, err)
	}
	data, err := io.ReadAll(o)
	if err := errors.Join(err, o.Close()); err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return data
}

func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(data) // never fails
	return data
}

func testPut(t *testing.T, s blob.Store) {
	t.Helper()
	before := time.Now().Add(-2 * time.Second)
	for key, data := range map[string][]byte{
		"a":                                     []byte("x"),
		"files/7/ab/cdef0123.bin":               noise(100_000),
		"empty":                                 nil,
		strings.Repeat("deep/", 20) + "key_-.x": noise(10),
		blob.NewKey("files/7"):                  noise(1000),
	} {
		put(t, s, key, data)
		if got := get(t, s, key); !bytes.Equal(got, data) {
			t.Fatalf("%s: %d bytes came back of %d", key, len(got), len(data))
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.Key != key || info.Size != int64(len(data)) || info.ModTime.Before(before) || info.ModTime.After(time.Now().Add(2*time.Second)) {
			t.Fatalf("stat %s: %+v, %v", key, info, err)
		}
	}
}

func testReplace(t *testing.T, s blob.Store) {
	t.Helper()
	put(t, s, "a/b", []byte("first and longer"))
	old, err := s.Open(t.Context(), "a/b")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/b", []byte("second"))
	if got := get(t, s, "a/b"); string(got) != "second" {
		t.Fatalf("got %q", got)
	}
	// Who was reading the former blob sees it or an error, never a mixture.
	got, err := io.ReadAll(old)
	if err == nil && string(got) != "first and longer" {
		t.Fatalf("a reader of the former blob got %q", got)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}

func testRanges(t *testing.T, s blob.Store) {
	t.Helper()
	data := noise(50_000)
	put(t, s, "r", data)
	o, err := s.Open(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if o.Info.Size != int64(len(data)) || o.Info.Key != "r" {
		t.Fatalf("%+v", o.Info)
	}
	for _, c := range []struct {
		offset int64
		whence int
		want   int64
	}{
		{40_000, io.SeekStart, 40_000},
		{0, io.SeekStart, 0},
		{10, io.SeekCurrent, 10 + 100},
		{-100, io.SeekEnd, 49_900},
		{49_999, io.SeekStart, 49_999},
		{0, io.SeekEnd, 50_000},
		{12345, io.SeekStart, 12345},
	} {
		at, err := o.Seek(c.offset, c.whence)
		if err != nil || at != c.want {
			t.Fatalf("seek %d from %d: %d, %v; want %d", c.offset, c.whence, at, err, c.want)
		}
		b := make([]byte, 100)
		n, err := io.ReadFull(o, b)
		want := data[at:min(at+100, int64(len(data)))]
		if !bytes.Equal(b[:n], want) || (len(want) == 100) != (err == nil) {
			t.Fatalf("at %d: %d bytes, %v", at, n, err)
		}
	}
	if _, err := o.Seek(-1, io.SeekStart); err == nil {
		t.Fatal("a place before the start was found")
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func testServe(t *testing.T, s blob.Store) {
	t.Helper()
	data := noise(30_000)
	put(t, s, "served", data)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, err := s.Open(r.Context(), "served")
		if err != nil {
			t.Error(err)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", o.Info.ModTime, o)
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	for header, want := range map[string]struct {
		status int
		body   []byte
	}{
		"":                  {200, data},
		"bytes=0-99":        {206, data[:100]},
		"bytes=29990-":      {206, data[29990:]},
		"bytes=-10":         {206, data[29990:]},
		"bytes=10000-19999": {206, data[10000:20000]},
		"bytes=30000-":      {416, nil},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if header != "" {
			r.Header.Set("Range", header)
		}
		w := httptest.NewRecorder()
		handler(w, r)
		if w.Code != want.status || (want.body != nil && !bytes.Equal(w.Body.Bytes(), want.body)) {
			t.Errorf("%q: %d with %d bytes", header, w.Code, w.Body.Len())
		}
	}
}

func testDelete(t *testing.T, s blob.Store) {
	t.Helper()
	put(t, s, "x/y", []byte("1"))
	put(t, s, "x/z", []byte("2"))
	for range 2 {
		if err := s.Delete(t.Context(), "x/y"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Stat(t.Context(), "x/y"); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("after deletion: %v", err)
	}
	if got := get(t, s, "x/z"); string(got) != "2" {
		t.Fatalf("its neighbour is %q", got)
	}
}

func list(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	keys := []string{}
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("list %q: %v", prefix, err)
		}
		if info.Size != int64(len(info.Key)) || info.ModTime.IsZero() {
			t.Fatalf("list %q: %+v", prefix, info)
		}
		keys = append(keys, info.Key)
	}
	slices.Sort(keys)
	return keys
}

func testList(t *testing.T, s blob.Store) {
	t.Helper()
	all := []string{"a", "files/1/aa/x", "files/1/ab/y", "files/10/aa/z", "files/2/q", "filez"}
	for i := range 25 { // more than a page of an S3 that gives short ones
		all = append(all, fmt.Sprintf("page/%02d", i))
	}
	slices.Sort(all)
	for _, key := range all {
		put(t, s, key, []byte(key))
	}
	for prefix, want := range map[string][]string{
		"":           all,
		"files/1/":   {"files/1/aa/x", "files/1/ab/y"},
		"files/1":    {"files/1/aa/x", "files/1/ab/y", "files/10/aa/z"},
		"files/1/a":  {"files/1/aa/x", "files/1/ab/y"},
		"file":       {"files/1/aa/x", "files/1/ab/y", "files/10/aa/z", "files/2/q", "filez"},
		"files/2/q":  {"files/2/q"},
		"files/2/q/": {},
		"none/":      {},
	} {
		if got := list(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", prefix, got, want)
		}
	}
	n := 0
	for _, err := range s.List(t.Context(), "page/") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("a listing that was broken off gave %d", n)
	}
}

func testCheck(t *testing.T, s blob.Store) {
	t.Helper()
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := list(t, s, ""); len(keys) != 0 {
		t.Fatalf("the check left %v", keys)
	}
}

func testLarge(t *testing.T, s blob.Store, size int) {
	t.Helper()
	data := noise(size)
	put(t, s, "large", data)
	o, err := s.Open(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Seek(int64(size-1000), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if end, err := io.ReadAll(o); err != nil || !bytes.Equal(end, data[size-1000:]) {
		t.Fatalf("its end: %d bytes, %v", len(end), err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(get(t, s, "large")) != sha256.Sum256(data) {
		t.Fatal("it came back changed")
	}
}
