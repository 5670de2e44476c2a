package voice

import (
	"fmt"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// limit bounds a program that was just started.
func limit(pid int, l Limits) error {
	seconds := uint64(math.Ceil(float64(l.Time) / float64(time.Second)))
	for _, r := range [...]struct {
		what  int
		value uint64
	}{
		{unix.RLIMIT_AS, l.Memory},
		{unix.RLIMIT_CPU, seconds},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, 0}, // it prints to a pipe and writes no file
	} {
		err := unix.Prlimit(pid, r.what, &unix.Rlimit{Cur: r.value, Max: r.value}, nil)
		if err != nil && err != unix.ESRCH {
			return fmt.Errorf("prlimit: %w", err)
		}
	}
	return nil
}
