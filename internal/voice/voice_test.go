package voice_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/voice"
)

// The recordings in testdata were made by Chromium's and Firefox's own
// MediaRecorder (a synthetic voice and a test tone as microphone, two and a
// half seconds each, with and without time slices) and by opusenc and ffmpeg
// (a tone of one second between two seconds of silence).

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func note(t testing.TB, c *voice.Converter, data []byte) voice.Note {
	t.Helper()
	n, err := c.Note(t.Context(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func between(d, low, high time.Duration) bool { return d >= low && d <= high }

func TestRecordingsBecomeVoiceMessagesWithoutFFmpeg(t *testing.T) {
	c := voice.New(voice.Config{})
	for name, want := range map[string][2]time.Duration{
		"chromium.webm":        {2300 * time.Millisecond, 2600 * time.Millisecond},
		"chromium-slices.webm": {2300 * time.Millisecond, 2600 * time.Millisecond},
		"firefox.webm":         {2300 * time.Millisecond, 2900 * time.Millisecond},
		"firefox.ogg":          {2700 * time.Millisecond, 2730 * time.Millisecond},
		"silk.opus":            {3 * time.Second, 3 * time.Second},
		"sixty.opus":           {3 * time.Second, 3 * time.Second},
		"stereo.opus":          {3 * time.Second, 3 * time.Second},
		"speech.opus":          {2 * time.Second, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			in := read(t, name)
			n := note(t, c, in)
			if !between(n.Duration, want[0], want[1]) {
				t.Errorf("duration %v, want %v to %v", n.Duration, want[0], want[1])
			}
			if len(n.Peaks) != voice.PeakCount || bytes.Count(n.Peaks, []byte{255}) == 0 {
				t.Errorf("peaks %v", n.Peaks)
			}
			if !bytes.HasPrefix(n.Data, []byte("OggS")) || bytes.Contains(n.Data, []byte("secret")) {
				t.Error("not a clean Ogg file")
			}
			if again := note(t, c, in); !bytes.Equal(again.Data, n.Data) {
				t.Error("the same recording gave another file")
			}
			twice := note(t, c, n.Data)
			if !bytes.Equal(twice.Data, n.Data) || twice.Duration != n.Duration || !bytes.Equal(twice.Peaks, n.Peaks) {
				t.Error("a voice message made anew differs")
			}
			checkByOutsiders(t, n)
		})
	}
}

// checkByOutsiders lets opusinfo and ffprobe judge a file, where installed.
func checkByOutsiders(t *testing.T, n voice.Note) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "note.ogg")
	if err := os.WriteFile(path, n.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	if bin, err := exec.LookPath("opusinfo"); err == nil {
		out, err := exec.CommandContext(t.Context(), bin, path).CombinedOutput()
		text := string(out)
		if err != nil || !strings.Contains(text, "Channels: 1") || strings.Contains(strings.ToUpper(text), "WARNING") {
			t.Errorf("opusinfo: %v\n%s", err, text)
		}
	}
	bin, err := exec.LookPath("ffprobe")
	if err != nil {
		return
	}
	out, err := exec.CommandContext(t.Context(), bin, "-v", "warning", "-of", "json", "-show_entries",
		"format=duration,format_name:stream=codec_name,channels", path).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var probe struct {
		Streams []struct {
			Codec    string `json:"codec_name"`
			Channels int    `json:"channels"`
		} `json:"streams"`
		Format struct {
			Name     string `json:"format_name"`
			Duration string `json:"duration"`
		} `json:"format"`
	}
	if err := json.Unmarshal(out, &probe); err != nil {
		t.Fatal(err)
	}
	if len(probe.Streams) != 1 || probe.Streams[0].Codec != "opus" || probe.Streams[0].Channels != 1 || probe.Format.Name != "ogg" {
		t.Errorf("ffprobe says %s", out)
	}
	// ffprobe counts the pre-skip in.
	s, err := strconv.ParseFloat(probe.Format.Duration, 64)
	skip := time.Duration(binary.LittleEndian.Uint16(n.Data[38:])) * time.Second / 48000
	if d := time.Duration(s*float64(time.Second)) - skip; err != nil || !between(d-n.Duration, -time.Millisecond, time.Millisecond) {
		t.Errorf("ffprobe says %v, the note %v", d, n.Duration)
	}
}

// TestRemuxKeepsTheSound compares what ffmpeg hears before and after.
func TestRemuxKeepsTheSound(t *testing.T) {
	bin, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("ffmpeg is not installed")
	}
	hear := func(data []byte) []byte {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), bin, "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "48000", "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	c := voice.New(voice.Config{})
	for _, name := range []string{"chromium.webm", "chromium-slices.webm", "firefox.webm", "firefox.ogg", "silk.opus", "speech.opus"} {
		in := read(t, name)
		before, after := hear(in), hear(note(t, c, in).Data)
		// Firefox writes fewer samples of its last packet's than it holds;
		// what is common to both must be the same to the bit.
		if strings.HasPrefix(name, "chromium") {
			// Chromium does not say that its first 6.5 ms are the encoder's delay.
			before = before[312*2:]
		}
		n := min(len(before), len(after))
		if n < 48000*2*2 || !bytes.Equal(before[:n], after[:n]) || max(len(before), len(after))-n > 960*2 {
			t.Errorf("%s: %d bytes of sound became %d", name, len(before), len(after))
		}
	}
}

func TestWaveformShowsTheTone(t *testing.T) {
	c := voice.New(voice.Config{})
	for _, name := range []string{"silk.opus", "sixty.opus", "stereo.opus"} {
		p := note(t, c, read(t, name)).Peaks
		for i, v := range p {
			inTone := i >= 35 && i < 65
			outside := i < 31 || i > 69
			if (inTone && v < 200) || (outside && v > 12) {
				t.Errorf("%s: value %d is %d\n%v", name, i, v, p)
				break
			}
		}
	}
}

func TestFormatsThatNeedFFmpeg(t *testing.T) {
	for _, name := range []string{"safari.m4a", "chromium-opus.mp4", "tone.mp3"} {
		_, err := voice.New(voice.Config{}).Note(t.Context(), bytes.NewReader(read(t, name)))
		if fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) != "voice.needs_ffmpeg" {
			t.Errorf("%s without ffmpeg: %v", name, err)
		}
	}
	ff, ok := voice.FindFFmpeg()
	if !ok {
		t.Skip("ffmpeg is not installed")
	}
	c := voice.New(voice.Config{FFmpeg: ff, TempDir: t.TempDir()})
	for name, want := range map[string][2]time.Duration{
		"safari.m4a":        {2950 * time.Millisecond, 3100 * time.Millisecond},
		"tone.mp3":          {2950 * time.Millisecond, 3150 * time.Millisecond},
		"chromium-opus.mp4": {2300 * time.Millisecond, 2600 * time.Millisecond},
	} {
		n := note(t, c, read(t, name))
		if !between(n.Duration, want[0], want[1]) || len(n.Peaks) != voice.PeakCount {
			t.Errorf("%s: %v, %d peaks", name, n.Duration, len(n.Peaks))
		}
		checkByOutsiders(t, n)
	}
}

func TestInspect(t *testing.T) {
	cases := map[string]struct {
		low, high time.Duration
		pure      bool // the waveform needs no program
		length    bool // the length needs no program
	}{
		"speech.opus":   {2 * time.Second, 2 * time.Second, true, true},
		"firefox.webm":  {2300 * time.Millisecond, 2900 * time.Millisecond, true, true},
		"chromium.webm": {2300 * time.Millisecond, 2600 * time.Millisecond, true, true},
		"safari.m4a":    {2950 * time.Millisecond, 3100 * time.Millisecond, false, true},
		"tone.mp3":      {2950 * time.Millisecond, 3150 * time.Millisecond, false, true},
		"tone.wav":      {3 * time.Second, 3 * time.Second, false, true},
	}
	ff, installed := voice.FindFFmpeg()
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			data := []byte(nil)
			if name == "tone.wav" {
				data = wav(3 * 8000)
			} else {
				data = read(t, name)
			}
			info, err := voice.New(voice.Config{}).Inspect(t.Context(), bytes.NewReader(data))
			if err != nil || (info.Peaks != nil) != want.pure || !between(info.Duration, want.low, want.high) {
				t.Errorf("without ffmpeg: %v, %v", info, err)
			}
			if !installed {
				return
			}
			info, err = voice.New(voice.Config{FFmpeg: ff}).Inspect(t.Context(), bytes.NewReader(data))
			if err != nil || len(info.Peaks) != voice.PeakCount || !between(info.Duration, want.low, want.high) {
				t.Errorf("with ffmpeg: %v, %v", info, err)
			}
		})
	}
	info, err := voice.New(voice.Config{}).Inspect(t.Context(), strings.NewReader("not audio at all"))
	if err != nil || info.Duration != 0 || info.Peaks != nil {
		t.Errorf("what is no audio: %v, %v", info, err)
	}
}

// wav makes 8 kHz, 8-bit mono silence with a click.
func wav(samples int) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data")
	b = append(b, byte(samples), byte(samples>>8), byte(samples>>16), byte(samples>>24))
	b = append(b, bytes.Repeat([]byte{128}, samples)...)
	b[len(b)-samples/2] = 255
	return b
}

func TestBadRecordings(t *testing.T) {
	webm, slices, ogg := read(t, "chromium.webm"), read(t, "chromium-slices.webm"), read(t, "speech.opus")
	cases := map[string]struct {
		data []byte
		code string
	}{
		"nothing":              {nil, "voice.empty"},
		"text":                 {[]byte("hello, this is not a recording"), "voice.unknown_format"},
		"html":                 {[]byte("<script>alert(1)</script>"), "voice.unknown_format"},
		"play list":            {[]byte("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), "voice.unknown_format"},
		"webm header only":     {webm[:60], "voice.needs_ffmpeg"},
		"ogg headers only":     {ogg[:200], "voice.needs_ffmpeg"},
		"webm without a block": {slices[:bytes.Index(slices, []byte{0x1f, 0x43, 0xb6, 0x75})+12], "voice.empty"},
	}
	c := voice.New(voice.Config{})
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.Note(t.Context(), bytes.NewReader(tc.data))
			if fault.CodeOf(err) != tc.code {
				t.Fatalf("%v, want %s", err, tc.code)
			}
		})
	}
}

func TestRecordingThatBreaksOffKeepsItsStart(t *testing.T) {
	c := voice.New(voice.Config{})
	for _, name := range []string{"chromium.webm", "chromium-slices.webm", "firefox.webm", "firefox.ogg"} {
		in := read(t, name)
		whole := note(t, c, in)
		half := note(t, c, in[:len(in)*3/5])
		if half.Duration < 500*time.Millisecond || half.Duration >= whole.Duration {
			t.Errorf("%s: %v of %v", name, half.Duration, whole.Duration)
		}
		checkByOutsiders(t, half)
	}
}

func TestLimits(t *testing.T) {
	in := read(t, "speech.opus")
	_, err := voice.New(voice.Config{MaxBytes: int64(len(in)) - 1}).Note(t.Context(), bytes.NewReader(in))
	if fault.KindOf(err) != fault.TooLarge || fault.CodeOf(err) != "voice.too_large" {
		t.Errorf("bytes: %v", err)
	}
	_, err = voice.New(voice.Config{MaxDuration: 500 * time.Millisecond}).Note(t.Context(), bytes.NewReader(in))
	if fault.KindOf(err) != fault.TooLarge || fault.CodeOf(err) != "voice.too_long" {
		t.Errorf("duration: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = voice.New(voice.Config{}).Note(ctx, bytes.NewReader(in)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("connection reset")
	if _, err = voice.New(voice.Config{}).Note(t.Context(), io.MultiReader(bytes.NewReader(in), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader that fails: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
