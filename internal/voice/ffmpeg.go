package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Limits bound a run of an outside program.
type Limits struct {
	Time   time.Duration // of the clock; the processor's is bounded alike
	Memory uint64        // bytes of address space, where the system can bound it
	Output int64         // bytes it may print
}

// FFmpeg runs the ffmpeg program. It is a Runner.
type FFmpeg struct {
	path   string
	limits Limits
}

// FindFFmpeg returns a Runner for the ffmpeg on the PATH with default limits:
// 30 seconds, 1 GiB, 256 MiB of output. False if there is none.
func FindFFmpeg() (*FFmpeg, bool) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, false
	}
	return NewFFmpeg(path, Limits{Time: 30 * time.Second, Memory: 1 << 30, Output: 256 << 20}), true
}

// NewFFmpeg returns a Runner for the program at path.
func NewFFmpeg(path string, limits Limits) *FFmpeg { return &FFmpeg{path: path, limits: limits} }

// errOutput ends a program that prints more than it may.
var errOutput = errors.New("the program printed more than it may")

// Run runs the program with these arguments and copies what it prints to out.
// The program gets no input, no environment but PATH, and dies with ctx.
func (f *FFmpeg) Run(ctx context.Context, args []string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, f.limits.Time)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.path, args...) //nolint:gosec // the operator's program, arguments made by this package
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "MALLOC_ARENA_MAX=1"}
	cmd.WaitDelay = time.Second
	stdout := &boundedWriter{w: out, left: f.limits.Output, full: cancel}
	stderr := &tail{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	limitErr := limit(cmd.Process.Pid, f.limits)
	if limitErr != nil {
		cancel()
	}
	err := cmd.Wait()
	switch {
	case limitErr != nil:
		return fmt.Errorf("limit ffmpeg: %w", limitErr)
	case stdout.left < 0:
		return fmt.Errorf("ffmpeg: %w", errOutput)
	case ctx.Err() != nil:
		return fmt.Errorf("ffmpeg: %w", ctx.Err())
	case err != nil:
		return fmt.Errorf("ffmpeg: %w: %s", err, bytes.TrimSpace(stderr.b))
	}
	return nil
}

// boundedWriter passes on so many bytes and then ends the program.
type boundedWriter struct {
	w    io.Writer
	left int64
	full func()
}

func (b *boundedWriter) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		b.full()
		return 0, errOutput
	}
	n, err := b.w.Write(p)
	if err != nil {
		return n, fmt.Errorf("pass on the output: %w", err)
	}
	return n, nil
}

// tail keeps the end of what a program complains of.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	const keep = 2048
	t.b = append(t.b, p...)
	if len(t.b) > keep {
		t.b = t.b[len(t.b)-keep:]
	}
	return len(p), nil
}
