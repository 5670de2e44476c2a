package voice_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/voice"
)

func FuzzNote(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join("testdata", e.Name()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add([]byte("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x1f\x43\xb6\x75\xff\xa3\x84\x81\x00\x00\x06"))
	c := voice.New(voice.Config{MaxBytes: 1 << 20, MaxDuration: time.Minute})
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := c.Note(t.Context(), bytes.NewReader(data))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatalf("a bad recording is called our fault: %v", err)
			}
		} else {
			again, err := c.Note(t.Context(), bytes.NewReader(n.Data))
			if err != nil || !bytes.Equal(again.Data, n.Data) || again.Duration != n.Duration {
				t.Fatalf("what was made cannot be read: %v", err)
			}
		}
		if _, err := c.Inspect(t.Context(), bytes.NewReader(data)); err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatal(err)
		}
	})
}
