package standintest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Server is a stand-in.
type Server interface {
	Start() error
	Close()
	URL() string
	Violations() []string
}

// Start runs a stand-in until the test ends.
func Start(t testing.TB, s Server, err error) {
	t.Helper()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
}

// Clean fails the test if anything broke the specification or a rule of the
// platform.
func Clean(t testing.TB, s Server) {
	t.Helper()
	for _, v := range s.Violations() {
		t.Errorf("violation: %s", v)
	}
}

// RunClient drives a stand-in with client.mjs, which uses a client library
// that others wrote: module, installed from the package-lock.json beside it.
func RunClient(t *testing.T, s Server, module string) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, "%s is not here: %v", program, err)
		}
	}
	if _, err := os.Stat(filepath.Join("node_modules", filepath.FromSlash(module), "package.json")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		if out, err := install.CombinedOutput(); err != nil {
			missing(t, "npm ci: %v\n%s", err, out)
		}
	}
	out, err := exec.CommandContext(t.Context(), "node", "client.mjs", s.URL()).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\nviolations: %q", err, out, s.Violations())
	}
	t.Logf("%s", out)
}
