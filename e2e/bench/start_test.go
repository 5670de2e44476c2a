package bench_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart is the program itself: its size, how long a start takes with
// the demo company's data there already, and what it takes of memory a while
// later.
func BenchmarkStart(b *testing.B) {
	binary := os.Getenv("OKNO_BINARY")
	if binary == "" {
		binary = filepath.Join("..", "..", "bin", "okno")
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Skip("no program at " + binary + ": make build")
	}
	dir := b.TempDir()
	run := func(settle time.Duration) (ready time.Duration, kib int) {
		var lc net.ListenConfig
		l, err := lc.Listen(b.Context(), "tcp", "127.0.0.1:0")
		must(b, err)
		addr := l.Addr().String()
		must(b, l.Close())
		cmd := exec.Command(binary, "serve", "--demo", "--data-dir", dir, "--http-addr", addr) //nolint:gosec,noctx // our own program
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		start := time.Now()
		must(b, cmd.Start())
		for deadline := start.Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // between probes
			res, err := http.Get("http://" + addr + "/readyz") //nolint:noctx,gosec // a probe of our own server
			if err == nil {
				_ = res.Body.Close()
				if res.StatusCode == http.StatusOK {
					break
				}
			}
			if time.Now().After(deadline) {
				b.Fatal("not ready")
			}
		}
		ready = time.Since(start)
		time.Sleep(settle) //nolint:forbidigo // memory at rest is what is measured
		status, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
		must(b, err)
		for line := range strings.SplitSeq(string(status), "\n") {
			if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				kib, _ = strconv.Atoi(strings.Fields(v)[0])
			}
		}
		must(b, cmd.Process.Signal(syscall.SIGTERM))
		must(b, cmd.Wait())
		return ready, kib
	}
	run(0) // fills the demo
	ready, kib := run(10 * time.Second)
	b.ReportMetric(float64(info.Size())/(1<<20), "binary-MiB")
	b.ReportMetric(float64(ready.Milliseconds()), "ready-ms")
	b.ReportMetric(float64(kib)/1024, "rss-MiB")
	b.ReportMetric(0, "ns/op")
}
