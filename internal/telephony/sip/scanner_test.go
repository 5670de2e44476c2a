package sip_test

import (
	"strconv"
	"strings"
	"testing"
)

// The scanner everybody uses finds neither a server nor an extension.
func TestSipvicious(t *testing.T) {
	for tool, args := range map[string][]string{
		"svmap": {"-m", "OPTIONS"},
		"svwar": {"--force", "-e100-110", "-m", "REGISTER"},
	} {
		t.Run(tool, func(t *testing.T) {
			path := program(t, tool, "sipvicious")
			w := start(t, usual)
			port := strconv.Itoa(int(w.addr.Port()))
			run := spawn(t, path, append(args, "-p"+port, "127.0.0.1")...)
			_ = run.wait() // it ends as it likes when it finds nothing
			out := run.output()
			for _, found := range []string{"101", "Okno", "reqauth", "127.0.0.1:" + port} {
				if strings.Contains(out, found) {
					t.Errorf("it found %q:\n%s", found, out)
				}
			}
			if bans := w.Bans(); len(bans) != 1 {
				t.Errorf("bans %v; it said\n%s", bans, out)
			}
		})
	}
}
