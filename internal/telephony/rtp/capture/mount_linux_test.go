package capture_test

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// smallFilesystem mounts one of two megabytes for the test.
func smallFilesystem(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		if os.Getuid() == 0 && os.Getenv("CI") == "true" {
			t.Fatalf("a small filesystem cannot be mounted: %v", err)
		}
		t.Skipf("a small filesystem cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}
