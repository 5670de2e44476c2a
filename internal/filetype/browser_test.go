//go:build unix

package filetype_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/filetype"
)

// profileDir is a browser's directory. A killed browser's last process may
// write to it for a moment yet, so it is removed until it is gone.
func profileDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "okno-browser-*") //nolint:usetesting // T.TempDir tries only once to remove it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { //nolint:forbidigo // between tries
			err := os.RemoveAll(dir)
			if err == nil {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("browser's directory not removed: %v", err)
				return
			}
		}
	})
	return dir
}

// unable ends the test for want of a browser. In continuous integration there
// has to be one.
func unable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// TestNothingRunsInChromium opens hostile files as pages, and as scripts,
// styles, frames and objects of a page of the same origin, in a real browser.
// Each tries to fetch /pwned. As a control, the same HTML served as HTML must
// get there.
func TestNothingRunsInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	bin, err := exec.LookPath("chromium")
	if err != nil {
		unable(t, "chromium is not installed")
	}
	const attack = `fetch("/pwned?in="+encodeURIComponent(document.title||location.pathname))`
	const hostile = "<!doctype html><title>x</title><script>" + attack + "</script><img src=/pwned>"
	files := map[string]string{
		"page.html":  hostile,
		"gif.gif":    "GIF89a/*" + hostile + "*/=1;" + attack,
		"js.gif":     "GIF89a=1;" + attack,
		"png.png":    png + hostile,
		"jpeg.jpg":   jpeg + hostile,
		"bmp.bmp":    "BM" + hostile,
		"mp3.mp3":    "\xff\xfb\x90\x00" + hostile,
		"vector.svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>` + attack + `</script><image href="/pwned"/></svg>`,
		"x.xhtml":    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>` + attack + `</script></html>`,
		"doc.pdf":    "%PDF-1.4\n" + hostile,
		"code.js":    attack,
		"style.css":  `body{background:url(/pwned)}`,
		"mail.mht":   "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + hostile,
		"none":       attack,
	}
	var mu sync.Mutex
	var reached []string
	mux := http.NewServeMux()
	mux.HandleFunc("/pwned", func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		reached = append(reached, r.URL.RawQuery+" from "+r.Referer())
	})
	mux.HandleFunc("/file/{name}", func(w http.ResponseWriter, r *http.Request) {
		data := files[r.PathValue("name")]
		filetype.Detect([]byte(data), filetype.Hint{}).SetHeaders(w.Header(), filetype.Serving{Name: r.PathValue("name")})
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(data))
	})
	var page strings.Builder
	page.WriteString("<!doctype html><body>")
	for name := range files {
		src := "/file/" + name
		page.WriteString(`<script src="` + src + `"></script><link rel=stylesheet href="` + src + `"><iframe src="` + src +
			`"></iframe><object data="` + src + `"></object><embed src="` + src + `"><img src="` + src + `"><audio src="` + src + `"></audio>`)
	}
	serve := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
		}
	}
	mux.HandleFunc("/embeds", serve(page.String()))
	mux.HandleFunc("/control", serve(hostile))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)

	visit := func(path string, patience time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		profile := profileDir(t)
		cmd := exec.CommandContext(ctx, bin, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
			"--user-data-dir="+profile, "--dump-dom", srv.URL+path) //nolint:gosec // our own page in our own browser
		// A browser is many processes: all of them end with it.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		cmd.WaitDelay = 5 * time.Second
		// A download has no document to dump: the browser waits until it is
		// ended, which is no failure here.
		if err := cmd.Run(); err != nil && ctx.Err() != nil {
			t.Logf("%s: %v", path, err)
		}
	}
	visit("/control", time.Minute)
	mu.Lock()
	if len(reached) == 0 {
		mu.Unlock()
		unable(t, "the browser runs no page here, so nothing can be shown")
	}
	reached = nil
	mu.Unlock()
	visit("/embeds", time.Minute)
	visit("/file/gif.gif", time.Minute)
	visit("/file/png.png", time.Minute)
	visit("/file/page.html", 5*time.Second)
	mu.Lock()
	defer mu.Unlock()
	if len(reached) > 0 {
		t.Fatalf("something ran: %q", reached)
	}
}
