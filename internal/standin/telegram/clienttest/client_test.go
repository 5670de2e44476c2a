// Package clienttest_test proves the stand-in with a client that is not ours.
package clienttest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/telegram"
)

// TestIndependentClient runs client.mjs, which drives the stand-in with
// grammY, a client written by others against Telegram.
func TestIndependentClient(t *testing.T) {
	root := os.Getenv("OKNO_SPECS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "..", "shared", "specs")
	}
	_, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	_, noSpecs := os.Stat(filepath.Join(root, "telegram", telegram.SpecFile))
	for what, err := range map[string]error{"node": noNode, "npm": noNPM, "specifications (OKNO_SPECS)": noSpecs} {
		if err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s missing: %v", what, err)
		}
		t.Skipf("%s missing: %v", what, err)
	}
	if _, err := os.Stat(filepath.Join("node_modules", "grammy", "package.json")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		if out, err := install.CombinedOutput(); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("npm ci: %v\n%s", err, out)
			}
			t.Skipf("npm ci: %v\n%s", err, out)
		}
	}
	s, err := telegram.New(telegram.Config{Specs: filepath.Join(root, "telegram"), RetryDelays: []time.Duration{20 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := exec.CommandContext(t.Context(), "node", "client.mjs", s.URL()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\nviolations: %q", err, out, s.Violations())
	}
	t.Logf("%s", out)
}
