//go:build !linux

package capture

import "os"

// reserve makes a file that long by writing it.
func reserve(f *os.File, size int64) error {
	zero := make([]byte, 1<<16)
	for at := int64(0); at < size; at += int64(len(zero)) {
		if _, err := f.WriteAt(zero[:min(size-at, int64(len(zero)))], at); err != nil {
			return err
		}
	}
	return nil
}

// syncData makes what was written durable.
func syncData(f *os.File) error { return f.Sync() }
