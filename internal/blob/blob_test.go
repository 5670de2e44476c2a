package blob_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/fault"
)

func TestNewKeysAreGoodAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := blob.NewKey("files/7")
		if err := blob.CheckKey(key); err != nil {
			t.Fatal(err)
		}
		if seen[key] || !strings.HasPrefix(key, "files/7/") || len(key) < 40 {
			t.Fatalf("key %q", key)
		}
		seen[key] = true
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		size, limit int
		fits        bool
	}{{0, 0, true}, {1, 0, false}, {99, 100, true}, {100, 100, true}, {101, 100, false}, {5000, 100, false}} {
		for name, r := range map[string]io.Reader{
			"at once":      bytes.NewReader(make([]byte, c.size)),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(make([]byte, c.size))),
			"with io.EOF":  iotest.DataErrReader(bytes.NewReader(make([]byte, c.size))),
		} {
			got, err := io.ReadAll(blob.Limit(r, int64(c.limit)))
			if len(got) != min(c.size, c.limit) || (err == nil) != c.fits || (err != nil && fault.CodeOf(err) != "blob.too_large") {
				t.Errorf("%d of %d, %s: %d bytes, %v", c.size, c.limit, name, len(got), err)
			}
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, key := range []string{"a", "a/b.c", "..", "a//b", "/a", "a/.b", "A", strings.Repeat("x/", 300)} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if blob.CheckKey(key) != nil {
			return
		}
		if strings.Contains("/"+key, "/.") || strings.Contains(key, "//") || strings.ToLower(key) != key || strings.ContainsAny(key, "\\\x00 :") || key == "" {
			t.Fatalf("%q passes", key)
		}
	})
}
