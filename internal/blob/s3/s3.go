// Package s3 keeps blobs in a bucket of Amazon S3 or of anything that speaks
// its protocol.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/fault"
)

// partSize is how much of a large blob is sent, and held in memory, at a time;
// at S3's limit of 10,000 parts a blob may have 156 GiB.
const partSize = 16 << 20

// whole is the size up to which a blob is sent in one request.
const whole = 1 << 20

// attempts is how often a request is tried; the jobs above try again later.
const attempts = 3

// Config says where the bucket is.
type Config struct {
	Endpoint  string // "https://s3.example.com"; http is allowed for a server of one's own
	Region    string // empty: asked of the server
	Bucket    string // must exist
	Prefix    string // put before every key, such as "okno/"; may be empty
	AccessKey string
	SecretKey string
	// PathStyle puts the bucket into the path and not into the host's name, as
	// most servers of one's own need. Amazon's are known without it.
	PathStyle bool
	// Transport is the way out; nil means the library's own.
	Transport http.RoundTripper
}

// Store is a blob.Store in a bucket.
type Store struct {
	core   *minio.Core
	bucket string
	prefix string
}

var _ blob.Store = (*Store)(nil)

// Open returns the store. It makes no request; Check does.
func Open(cfg Config) (*Store, error) {
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, fault.Invalidf("s3_endpoint", "blob.endpoint", "the endpoint of S3 must look like https://host:port")
	}
	if cfg.Bucket == "" {
		return nil, fault.Invalidf("s3_bucket", "blob.bucket", "no bucket is named")
	}
	lookup := minio.BucketLookupAuto
	if cfg.PathStyle {
		lookup = minio.BucketLookupPath
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:       u.Scheme == "https",
		Region:       cfg.Region,
		BucketLookup: lookup,
		Transport:    cfg.Transport,
		MaxRetries:   attempts,
	})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "blob.endpoint", err)
	}
	return &Store{core: core, bucket: cfg.Bucket, prefix: cfg.Prefix}, nil
}

// Close implements blob.Store.
func (s *Store) Close() error { return nil }

// Put implements blob.Store. A small blob is one request; a larger one goes
// in parts, which the server joins at the end or drops.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (blob.Stored, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Stored{}, err
	}
	hash := sha256.New()
	src := &source{ctx: ctx, r: r}
	tee := io.TeeReader(src, hash)
	head := make([]byte, whole)
	n, err := io.ReadFull(tee, head)
	if src.err != nil {
		return blob.Stored{}, fmt.Errorf("store a blob: %w", src.err)
	}
	var info minio.UploadInfo
	if err == nil {
		body := io.MultiReader(bytes.NewReader(head), tee)
		info, err = s.core.Client.PutObject(ctx, s.bucket, s.prefix+key, body, -1, minio.PutObjectOptions{PartSize: partSize})
		if src.err != nil {
			return blob.Stored{}, fmt.Errorf("store a blob: %w", src.err)
		}
	} else {
		info, err = s.core.Client.PutObject(ctx, s.bucket, s.prefix+key, bytes.NewReader(head[:n]), int64(n),
			minio.PutObjectOptions{DisableMultipart: true})
	}
	if err != nil {
		return blob.Stored{}, translate("store a blob", key, err)
	}
	stored := blob.Stored{Size: src.size}
	if info.Size != stored.Size {
		return blob.Stored{}, fault.New(fault.Unavailable, "blob.unavailable").Because(
			fmt.Errorf("store a blob: %d bytes arrived of %d", info.Size, stored.Size))
	}
	hash.Sum(stored.SHA256[:0])
	return stored, nil
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, key string) (*blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	o, err := s.core.Client.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return nil, translate("open a blob", key, err)
	}
	return &blob.Object{
		ReadSeekCloser: &ranged{ctx: ctx, store: s, key: key, size: o.Size, etag: o.ETag},
		Info:           blob.Info{Key: key, Size: o.Size, ModTime: o.LastModified},
	}, nil
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	o, err := s.core.Client.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return blob.Info{}, translate("look at a blob", key, err)
	}
	return blob.Info{Key: key, Size: o.Size, ModTime: o.LastModified}, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	err := s.core.Client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{})
	if err = translate("delete a blob", key, err); fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(blob.Info{}, fmt.Errorf("list blobs: %w", err))
			return
		}
		// Ending the context ends the library's goroutine where the caller
		// breaks the loop off.
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		options := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
		for o := range s.core.Client.ListObjects(ctx, s.bucket, options) {
			if o.Err != nil {
				yield(blob.Info{}, translate("list blobs", prefix, o.Err))
				return
			}
			info := blob.Info{Key: strings.TrimPrefix(o.Key, s.prefix), Size: o.Size, ModTime: o.LastModified}
			if !yield(info, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(blob.Info{}, fmt.Errorf("list blobs: %w", err))
		}
	}
}

// Check implements blob.Store: it writes, reads and deletes a small blob.
func (s *Store) Check(ctx context.Context) error {
	key := blob.NewKey("check")
	if _, err := s.Put(ctx, key, strings.NewReader("okno")); err != nil {
		return err
	}
	o, err := s.Open(ctx, key)
	if err == nil {
		_, err = io.ReadAll(o)
		err = errors.Join(err, o.Close())
	}
	return errors.Join(err, s.Delete(ctx, key))
}

// source counts, remembers an error that is the caller's and not S3's, and
// stops with its context.
type source struct {
	ctx  context.Context //nolint:containedctx // one copy's, as io.Reader takes none
	r    io.Reader
	size int64
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = err
		return 0, err //nolint:wrapcheck // wrapped by Put
	}
	n, err := s.r.Read(p)
	s.size += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err //nolint:wrapcheck // io.EOF must stay what it is
}

// ranged reads a blob from any place: a request begins where reading does and
// is given up on seeking. The entity tag holds it to the version opened.
type ranged struct {
	ctx    context.Context //nolint:containedctx // of one open blob
	store  *Store
	key    string
	size   int64
	etag   string
	at     int64
	body   io.ReadCloser
	closed bool
}

func (r *ranged) Read(p []byte) (int, error) {
	switch {
	case r.closed:
		return 0, fmt.Errorf("read a blob: %w", io.ErrClosedPipe)
	case r.ctx.Err() != nil:
		return 0, fmt.Errorf("read a blob: %w", r.ctx.Err())
	case r.at >= r.size:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	if r.body == nil {
		if err := r.request(); err != nil {
			return 0, err
		}
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	switch {
	case r.at == r.size:
		return n, io.EOF
	case errors.Is(err, io.EOF):
		return n, fault.Wrap(fault.Unavailable, "blob.unavailable", io.ErrUnexpectedEOF)
	case err != nil:
		return n, translate("read a blob", r.key, err)
	}
	return n, nil
}

func (r *ranged) request() error {
	var options minio.GetObjectOptions
	err := options.SetMatchETag(r.etag)
	if r.at > 0 && err == nil {
		err = options.SetRange(r.at, r.size-1)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, "blob.range", err)
	}
	body, _, _, err := r.store.core.GetObject(r.ctx, r.store.bucket, r.store.prefix+r.key, options)
	if err != nil {
		return translate("read a blob", r.key, err)
	}
	r.body = body
	return nil
}

func (r *ranged) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, fault.Invalidf("offset", "blob.range", "a place before a blob's start")
	}
	if offset == r.at {
		return offset, nil
	}
	r.at = offset
	return offset, r.drop()
}

func (r *ranged) Close() error {
	r.closed = true
	return r.drop()
}

func (r *ranged) drop() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	if err != nil {
		return translate("leave a blob", r.key, err)
	}
	return nil
}

// translate puts the server's answer into the words of blob.Store.
func translate(what, key string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("%s: %w", what, err)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return wrapped
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case minio.NoSuchKey:
		return blob.NotFound(key)
	case minio.PreconditionFailed:
		// Replaced since it was opened: as good as gone for this reader.
		return blob.NotFound(key).Because(wrapped)
	case "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage":
		return fault.Wrap(fault.Unavailable, "blob.full", wrapped)
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "AuthorizationHeaderMalformed", "InvalidBucketName":
		return fault.Wrap(fault.Internal, "blob.refused", wrapped)
	}
	if answer.StatusCode == http.StatusInsufficientStorage {
		return fault.Wrap(fault.Unavailable, "blob.full", wrapped)
	}
	return fault.Wrap(fault.Unavailable, "blob.unavailable", wrapped)
}
