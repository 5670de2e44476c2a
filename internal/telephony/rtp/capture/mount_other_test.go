//go:build !linux

package capture_test

import "testing"

func smallFilesystem(t *testing.T) string {
	t.Helper()
	t.Skip("needs Linux to mount a small filesystem")
	return ""
}
