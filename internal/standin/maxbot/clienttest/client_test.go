// Package clienttest_test proves the stand-in with a client that is not ours.
package clienttest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/maxbot"
)

// TestVendorsClient runs client.mjs, which drives the stand-in with
// @maxhub/max-bot-api, the client that the platform publishes.
func TestVendorsClient(t *testing.T) {
	root := os.Getenv("OKNO_SPECS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "..", "shared", "specs")
	}
	_, noNode := exec.LookPath("node")
	_, noNPM := exec.LookPath("npm")
	_, noSpecs := os.Stat(filepath.Join(root, "max", maxbot.SpecFile))
	for what, err := range map[string]error{"node": noNode, "npm": noNPM, "specifications (OKNO_SPECS)": noSpecs} {
		if err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s missing: %v", what, err)
		}
		t.Skipf("%s missing: %v", what, err)
	}
	if _, err := os.Stat(filepath.Join("node_modules", "@maxhub", "max-bot-api", "package.json")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		if out, err := install.CombinedOutput(); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("npm ci: %v\n%s", err, out)
			}
			t.Skipf("npm ci: %v\n%s", err, out)
		}
	}
	s, err := maxbot.New(maxbot.Config{
		Specs: filepath.Join(root, "max"), RetryDelays: []time.Duration{20 * time.Millisecond},
		NotReady: 100 * time.Millisecond, PerSecond: -1,
	})
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
