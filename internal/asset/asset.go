// Package asset serves the files that are built into the program, the
// workspace and the widget: compressed where the browser takes it, and with
// a validator, so that an unchanged file is not sent again.
package asset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// File is one file as it is sent.
type File struct {
	// Version is a hash of the bytes: an address with it may be cached for
	// ever.
	Version string

	name, mime string
	data       []byte
	pack       sync.Once
	packed     []byte // nil where compressing gains nothing
}

// New returns the file with a name, whose ending says what it is.
func New(name string, data []byte) *File {
	sum := sha256.Sum256(data)
	kind := mime.TypeByExtension(path.Ext(name))
	// What the system's table says of scripts differs between systems.
	if e := path.Ext(name); e == ".js" || e == ".mjs" {
		kind = "text/javascript; charset=utf-8"
	}
	return &File{Version: hex.EncodeToString(sum[:8]), name: path.Base(name), mime: kind, data: data}
}

// worth is the least size for which compressing is worth its header.
const worth = 512

// compressed returns the bytes for browsers that take gzip, made once.
func (f *File) compressed() []byte {
	f.pack.Do(func() {
		kind, _, _ := strings.Cut(f.mime, ";")
		text := strings.HasPrefix(kind, "text/") || slices.Contains([]string{
			"application/json", "application/javascript", "application/manifest+json", "application/wasm", "image/svg+xml",
		}, kind)
		if !text || len(f.data) < worth {
			return
		}
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return // only an unknown level fails
		}
		if _, err := z.Write(f.data); err != nil || z.Close() != nil {
			return // a buffer takes everything
		}
		if b.Len() < len(f.data) {
			f.packed = b.Bytes()
		}
	})
	return f.packed
}

// ServeHTTP sends the file. The caller has said how long it may be cached.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if f.mime != "" {
		h.Set("Content-Type", f.mime)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	body, tag := f.data, f.Version
	if packed := f.compressed(); packed != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Values("Accept-Encoding")) {
			// A validator belongs to the bytes that were sent (RFC 9110, 8.8.3).
			body, tag = packed, f.Version+"-gz"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(body))
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3).
func takesGzip(values []string) bool {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			coding, params, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
				q, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
				weight, err := strconv.ParseFloat(q, 32)
				return !weighted || (err == nil && weight > 0)
			}
		}
	}
	return false
}

// Files are the files of a folder, each read and compressed when it is first
// asked for.
type Files struct {
	from fs.FS

	mu   sync.Mutex
	seen map[string]*File
}

// NewFiles returns the files of a folder that does not change.
func NewFiles(from fs.FS) *Files { return &Files{from: from, seen: map[string]*File{}} }

// Find returns a file by its path. Folders and what is missing are
// fs.ErrNotExist.
func (f *Files) Find(name string) (*File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file, ok := f.seen[name]; ok {
		return file, nil
	}
	opened, err := f.from.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }() // it was only read
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fs.ErrNotExist
	}
	data, err := io.ReadAll(opened)
	if err != nil {
		return nil, err
	}
	file := New(name, data)
	f.seen[name] = file
	return file, nil
}
