package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/asset"
	"github.com/okno-hq/okno/internal/fault"
)

// health serves the addresses that supervisors of servers ask.
func (s *Server) health() {
	s.router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the client may be gone
	})
	s.router.Get("/readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if s.d.Ready != nil {
			if err := s.d.Ready(ctx); err != nil {
				s.write(w, r, fault.Wrap(fault.Unavailable, "not_ready", err))
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ready\n")) // the client may be gone
	})
	if s.d.Metrics != nil {
		s.router.Handle("/metrics", s.d.Metrics)
	}
}

// noncePlaceholder is what the built page has in place of a nonce.
const noncePlaceholder = "__CSP_NONCE__"

// pages serves the workspace: its files as they are, and its one page for
// every other address.
func (s *Server) pages() {
	if s.d.Web == nil {
		return
	}
	files := asset.NewFiles(s.d.Web)
	s.router.Get("/*", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if name == "" || name == "index.html" {
			s.servePage(w, r)
			return
		}
		file, err := files.Find(name)
		switch {
		case err == nil:
			if strings.HasPrefix(name, "assets/") {
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // named by their content
			} else {
				w.Header().Set("Cache-Control", "no-cache")
			}
			file.ServeHTTP(w, r)
		case strings.HasPrefix(name, "assets/") || path.Ext(name) != "":
			http.NotFound(w, r)
		default:
			s.servePage(w, r)
		}
	})
}

// servePage sends the page with a fresh nonce for the styles that the
// components add while it runs. Scripts run from our own files only.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	page, err := fs.ReadFile(s.d.Web, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		page, err = fs.ReadFile(s.d.Web, "placeholder.html")
	}
	if err != nil {
		s.write(w, r, err)
		return
	}
	b := make([]byte, 18)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	nonce := base64.StdEncoding.EncodeToString(b)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; style-src-attr 'unsafe-inline'; "+
		"img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "+
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()")
	_, _ = w.Write(bytes.ReplaceAll(page, []byte(noncePlaceholder), []byte(nonce))) // the client may be gone
}

// serveDocs shows the API's description for reading, without foreign scripts.
func (s *Server) serveDocs(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+docsStyleHash()+"'; base-uri 'none'; frame-ancestors 'none'")
	_, _ = w.Write(s.docs()) // the client may be gone
}
