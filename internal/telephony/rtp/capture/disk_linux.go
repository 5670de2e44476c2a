package capture

import (
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes a file that long and has the disk set the room aside.
func reserve(f *os.File, size int64) error { return unix.Fallocate(int(f.Fd()), 0, 0, size) }

// syncData makes what was written durable, without times of access.
func syncData(f *os.File) error { return unix.Fdatasync(int(f.Fd())) }
