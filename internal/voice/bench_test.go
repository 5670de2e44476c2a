package voice_test

import (
	"bytes"
	"testing"

	"github.com/okno-hq/okno/internal/voice"
)

// BenchmarkNote tells how long a voice message of two seconds takes from
// WebM to Ogg with its waveform.
func BenchmarkNote(b *testing.B) {
	c := voice.New(voice.Config{})
	in := read(b, "chromium.webm")
	for b.Loop() {
		if _, err := c.Note(b.Context(), bytes.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
}
