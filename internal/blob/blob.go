// Package blob is where files lie: pictures, documents, voice messages. The
// database holds what a file is; a store holds its bytes under a key.
//
// The adapters are blob/disk and blob/s3; blobtest holds the suite both pass.
package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// Store keeps blobs. It is safe for use by many goroutines.
//
// Its faults: "blob.key" (Invalid) for a malformed key, "blob.not_found"
// (NotFound), "blob.full" (Unavailable) where there is no room,
// "blob.unavailable" (Unavailable) where the store cannot be reached,
// "blob.refused" (Internal) where it does not let us.
type Store interface {
	// Put stores what r gives until io.EOF. The blob appears whole or not at
	// all, replaces one of the same key, and is durable when Put returns. An
	// error of r comes back as it is, wrapped.
	Put(ctx context.Context, key string, r io.Reader) (Stored, error)
	// Open opens a blob for reading from any place. The caller closes it.
	// Reading ends with ctx.
	Open(ctx context.Context, key string) (*Object, error)
	// Stat says what Open would open.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes a blob. One that is not there is no error.
	Delete(ctx context.Context, key string) error
	// List gives every blob whose key starts with prefix, in no certain order.
	// It ends after the first error.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Check tries whether the store can be written to and read from.
	Check(ctx context.Context) error
	// Close releases what the store holds; objects still open stay readable.
	Close() error
}

// Stored says what was put.
type Stored struct {
	Size   int64
	SHA256 [sha256.Size]byte
}

// Info describes a blob.
type Info struct {
	Key     string
	Size    int64
	ModTime time.Time
}

// Object is an open blob. It can be served by http.ServeContent.
type Object struct {
	io.ReadSeekCloser
	Info Info
}

const (
	maxKey     = 512
	maxSegment = 128
)

// CheckKey returns a fault unless a key is one or more segments of lower-case
// letters, digits, dots, dashes and underscores, separated by slashes, none
// starting with a dot. Such keys mean the same on any disk and in any S3.
func CheckKey(key string) error {
	if len(key) > maxKey {
		return fault.Invalidf("key", "blob.key", "a blob's key has %d bytes, %d are allowed", len(key), maxKey)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment[0] == '.' || len(segment) > maxSegment {
			return fault.Invalidf("key", "blob.key", "a blob's key has the segment %q", segment)
		}
		if i := strings.IndexFunc(segment, foreign); i >= 0 {
			return fault.Invalidf("key", "blob.key", "a blob's key has %q", segment[i:])
		}
	}
	return nil
}

func foreign(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != '_'
}

// NewKey makes a key nobody can guess, under a prefix such as "files/7". Two
// letters part them into directories of a size any file system likes.
func NewKey(prefix string) string {
	var b [20]byte
	// crypto/rand.Read never fails: it crashes the program instead.
	_, _ = rand.Read(b[:])
	name := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return prefix + "/" + name[:2] + "/" + name[2:]
}

// Limit returns a reader that gives at most n bytes of r and then, if there is
// more, a TooLarge fault "blob.too_large".
func Limit(r io.Reader, n int64) io.Reader { return &limited{r: r, left: n, limit: n} }

type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, l.tooLarge()
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one more shows whether there is more
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n - 1, l.tooLarge()
	}
	return n, err //nolint:wrapcheck // a reader's io.EOF must stay what it is
}

func (l *limited) tooLarge() error {
	return fault.New(fault.TooLarge, "blob.too_large").With("limit", l.limit)
}

// NotFound is the fault for a key without a blob.
func NotFound(key string) *fault.Error {
	return fault.New(fault.NotFound, "blob.not_found").Because(fmt.Errorf("no blob %q", key))
}
