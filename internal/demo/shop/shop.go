// Package shop is the sample shop of the demo workspace: a page of a believable
// small business with the website widget on it, so that a newcomer can write
// to himself within a minute.
package shop

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
)

//go:embed page.html static
var files embed.FS

// Prefix is where the shop lives. Its handler is mounted below it, with the
// prefix stripped: the page is at "/".
const Prefix = "/demo"

// Config says which widget the page shows.
type Config struct {
	// Channel is the id of the demo's webchat channel.
	Channel int64
	// Script is the address of the widget's script; empty: "/widget.js".
	Script string
}

// policy lets nothing run or load that is not ours: the widget works on the
// strictest pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New returns the shop's handler.
func New(cfg Config) (http.Handler, error) {
	if cfg.Script == "" {
		cfg.Script = "/widget.js"
	}
	page, err := template.ParseFS(files, "page.html")
	if err != nil {
		return nil, fmt.Errorf("parse the shop's page: %w", err)
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]string{"Channel": strconv.FormatInt(cfg.Channel, 10), "Script": cfg.Script})
	if err != nil {
		return nil, fmt.Errorf("fill the shop's page: %w", err)
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("open the shop's files: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { write(w, out.Bytes()) })
	mux.Handle("GET /static/", http.StripPrefix("/static/", guarded(http.FileServerFS(static))))
	return mux, nil
}

func write(w http.ResponseWriter, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(page) // the visitor may be gone
}

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
