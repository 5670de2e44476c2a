package voice_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/voice"
)

// program writes a shell script to stand in for ffmpeg.
func program(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil { //nolint:gosec // it must be executable
		t.Fatal(err)
	}
	return path
}

func TestProgramIsBounded(t *testing.T) {
	limits := voice.Limits{Time: 500 * time.Millisecond, Memory: 1 << 30, Output: 1 << 16}
	t.Run("time", func(t *testing.T) {
		start := time.Now()
		err := voice.NewFFmpeg(program(t, "exec sleep 30"), limits).Run(t.Context(), nil, io.Discard)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
	})
	t.Run("output", func(t *testing.T) {
		var out bytes.Buffer
		l := limits
		l.Time = 20 * time.Second
		err := voice.NewFFmpeg(program(t, "exec cat /dev/zero"), l).Run(t.Context(), nil, &out)
		if err == nil || errors.Is(err, context.DeadlineExceeded) || out.Len() > 1<<16 {
			t.Fatalf("%v, %d bytes", err, out.Len())
		}
	})
	t.Run("environment", func(t *testing.T) {
		t.Setenv("OKNO_SECRET_KEY", "secret")
		var out bytes.Buffer
		l := limits
		l.Time = 20 * time.Second
		if err := voice.NewFFmpeg(program(t, "exec env"), l).Run(t.Context(), nil, &out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "secret") {
			t.Fatal("the program sees the server's secrets")
		}
	})
	t.Run("complaint", func(t *testing.T) {
		l := limits
		l.Time = 20 * time.Second
		err := voice.NewFFmpeg(program(t, "echo 'no such codec' >&2; exit 3"), l).Run(t.Context(), nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), "no such codec") {
			t.Fatal(err)
		}
	})
	t.Run("missing", func(t *testing.T) {
		if err := voice.NewFFmpeg("/nonexistent/ffmpeg", limits).Run(t.Context(), nil, io.Discard); err == nil {
			t.Fatal("a program that is not there ran")
		}
	})
}

// TestFormatIsForced checks that a play list dressed as audio does not make
// ffmpeg open what it names.
func TestFormatIsForced(t *testing.T) {
	r := &recorder{}
	c := voice.New(voice.Config{FFmpeg: r, TempDir: t.TempDir()})
	if _, err := c.Note(t.Context(), bytes.NewReader(read(t, "tone.mp3"))); err == nil {
		t.Fatal("the recorder makes no sound")
	}
	line := strings.Join(r.args, " ")
	for _, want := range []string{"-protocol_whitelist file,pipe", "-f mp3 -i file:", "-map_metadata -1", "-nostdin"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is missing in %q", want, line)
		}
	}
	if _, err := os.Stat(strings.TrimPrefix(r.args[len(r.args)-1], "file:")); err == nil {
		t.Error("the temporary file is left behind")
	}
}

type recorder struct{ args []string }

func (r *recorder) Run(_ context.Context, args []string, _ io.Writer) error {
	r.args = args
	return nil
}
