package asset_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/okno-hq/okno/internal/asset"
)

func get(f *asset.File, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestFile(t *testing.T) {
	text := strings.Repeat("let a = 1; ", 1000)
	script := asset.New("assets/app-1a2b.js", []byte(text))
	for accept, packed := range map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.8": true, "gzip;q=0": false, "GZIP": true, "br": false, "gzip; q=0.000": false,
	} {
		w := get(script, "Accept-Encoding", accept)
		body := io.Reader(w.Body)
		if packed {
			if w.Body.Len() > len(text)/10 || w.Header().Get("Content-Encoding") != "gzip" {
				t.Errorf("%q: %d bytes, %v", accept, w.Body.Len(), w.Header())
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatalf("%q: %v", accept, err)
			}
			body = z
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != text {
			t.Errorf("%q: %d bytes, %v", accept, len(got), err)
		}
		if h := w.Header(); h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%q: %v", accept, h)
		}
		again := get(script, "Accept-Encoding", accept, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%q: the same again: %d", accept, again.Code)
		}
	}
	if a, b := get(script).Header().Get("ETag"), get(script, "Accept-Encoding", "gzip").Header().Get("ETag"); a == b {
		t.Error("one validator for two sets of bytes")
	}
	picture := asset.New("a.png", bytes.Repeat([]byte{7}, 5000))
	if w := get(picture, "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" || w.Body.Len() != 5000 {
		t.Errorf("a picture: %v", w.Header())
	}
}

func TestFiles(t *testing.T) {
	f := asset.NewFiles(fstest.MapFS{"assets/a.css": {Data: []byte("a{}")}})
	one, err := f.Find("assets/a.css")
	if err != nil {
		t.Fatal(err)
	}
	if two, _ := f.Find("assets/a.css"); two != one {
		t.Error("read twice")
	}
	for _, name := range []string{"assets", "missing", "../etc/passwd", ""} {
		if _, err := f.Find(name); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
