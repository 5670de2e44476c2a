package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestReferenceIsCurrent fails when the program says something else than
// docs/reference does.
func TestReferenceIsCurrent(t *testing.T) {
	for name, want := range reference() {
		have, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", name))
		if err != nil {
			t.Errorf("%v; run make docs", err)
			continue
		}
		if !bytes.Equal(have, want) {
			t.Errorf("docs/reference/%s is out of date: run make docs", name)
		}
	}
}
