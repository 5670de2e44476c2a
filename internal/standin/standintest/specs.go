// Package standintest is what the tests of stand-ins, and of whatever speaks
// to them, have in common.
package standintest

import (
	"os"
	"path/filepath"
	"testing"
)

// Specs finds the folder of a platform's published specification, which is
// below OKNO_SPECS or ../shared/specs beside the repository. Without it the
// test is skipped; in continuous integration it fails.
func Specs(t testing.TB, platform, file string) string {
	t.Helper()
	root := os.Getenv("OKNO_SPECS")
	if root == "" {
		root = filepath.Join(repository(t), "..", "shared", "specs")
	}
	folder := filepath.Join(root, platform)
	if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
		missing(t, "the specifications are not here: set OKNO_SPECS (%v)", err)
	}
	return folder
}

// repository is the folder that holds go.mod.
func repository(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("the test does not run within the repository")
		}
		folder = parent
	}
}

// missing ends a test for want of something that not every machine has.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
