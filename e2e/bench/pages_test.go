package bench_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named are the files that a page names in its head.
var named = regexp.MustCompile(`(?:src|href)="/?((?:assets/)?[^"]+\.(?:js|css))"`) //nolint:gochecknoglobals // never changed

// BenchmarkPages is how much is sent, packed, before the workspace begins to
// draw, and for the website widget before and after it is opened.
func BenchmarkPages(b *testing.B) {
	index, err := os.ReadFile(filepath.Join("..", "..", "web", "dist", "index.html"))
	if err != nil {
		b.Skip("no workspace in web/dist: make build")
	}
	sum := map[string]int{}
	for _, m := range named.FindAllSubmatch(index, -1) {
		name := string(m[1])
		sum[filepath.Ext(name)] += packed(b, filepath.Join("..", "..", "web", "dist", name))
	}
	b.ReportMetric(float64(sum[".js"])/1000, "workspace-js-KB")
	b.ReportMetric(float64(sum[".css"])/1000, "workspace-css-KB")
	files, err := filepath.Glob(filepath.Join("..", "..", "widget", "dist", "*.*"))
	must(b, err)
	all := 0
	for _, name := range files {
		if n := filepath.Base(name); n == "widget.js" {
			b.ReportMetric(float64(packed(b, name))/1000, "widget-script-KB")
		} else if strings.HasPrefix(n, "placeholder.") {
			continue
		}
		all += packed(b, name)
	}
	b.ReportMetric(float64(all)/1000, "widget-all-KB")
	b.ReportMetric(0, "ns/op")
}

// packed is a file's size as gzip.
func packed(b *testing.B, name string) int {
	b.Helper()
	data, err := os.ReadFile(name) //nolint:gosec // our own build
	must(b, err)
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	must(b, err)
	_, err = io.Copy(w, bytes.NewReader(data))
	must(b, err)
	must(b, w.Close())
	return out.Len()
}
