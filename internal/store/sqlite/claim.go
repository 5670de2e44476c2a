package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// Claim is the right to be the only process that serves a data directory: a
// lock on a file in it, which the kernel ends with the process.
type Claim struct{ file *os.File }

// HeldError says that another process has the claim.
type HeldError struct {
	// Holder is its process id as it wrote it down; empty if it did not yet.
	Holder string
}

// Error implements error.
func (e *HeldError) Error() string { return "claimed by process " + e.Holder }

// TryClaim locks the file, which is made if it is not there.
func TryClaim(path string) (*Claim, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // in the data directory
	if err != nil {
		return nil, fmt.Errorf("sqlite: claim: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor is small
	if errors.Is(err, syscall.EWOULDBLOCK) {
		who, rerr := io.ReadAll(io.LimitReader(f, 32))
		return nil, errors.Join(&HeldError{Holder: strings.TrimSpace(string(who))}, rerr, f.Close())
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: claim: %w", err), f.Close())
	}
	return &Claim{f}, nil
}

// Release gives the claim up. The file stays: removing it would let two have
// a lock each.
func (c *Claim) Release() error { return c.file.Close() }
