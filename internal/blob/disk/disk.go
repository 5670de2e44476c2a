// Package disk keeps blobs as files in a directory of its own.
//
// A blob is written to a temporary file in the same tree, synced, and renamed
// to its key; then the directory is synced. After a power cut there is the
// whole blob or none. All paths go through os.Root, so no key and no symbolic
// link leads out of the directory.
package disk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/fault"
)

// temporary is the directory of unfinished files. No key can name it, for no
// key's segment starts with a dot.
const temporary = ".tmp"

// leftover is the age at which an unfinished file has no writer any more: one
// that is written to is younger, even under another process.
const leftover = time.Hour

// Store is a blob.Store in a directory.
type Store struct {
	root    *os.Root
	durable sync.Map // directories whose parents have been synced
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in dir, making it if need be, and sweeps what writers
// that died have left there.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, wrap("make the directory of files", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, wrap("open the directory of files", err)
	}
	s := &Store{root: root}
	if err := errors.Join(s.mkdir(temporary), s.sweep()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Close implements blob.Store.
func (s *Store) Close() error {
	if err := s.root.Close(); err != nil {
		return wrap("close the directory of files", err)
	}
	return nil
}

func (s *Store) sweep() error {
	entries, err := fs.ReadDir(s.root.FS(), temporary)
	if err != nil {
		return wrap("sweep unfinished files", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < leftover {
			continue // finished meanwhile, or still being written
		}
		if err := s.root.Remove(path.Join(temporary, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrap("sweep unfinished files", err)
		}
	}
	return nil
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (stored blob.Stored, err error) {
	if err := blob.CheckKey(key); err != nil {
		return stored, err
	}
	f, name, err := s.create()
	if err != nil {
		return stored, err
	}
	defer func() {
		if err != nil {
			// Close and Remove only repeat what went wrong already.
			_ = f.Close()
			_ = s.root.Remove(name)
		}
	}()
	hash := sha256.New()
	src := &reader{ctx: ctx, r: r}
	stored.Size, err = io.Copy(io.MultiWriter(f, hash), src)
	if src.err != nil {
		return stored, fmt.Errorf("store a file: %w", src.err)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return stored, wrap("write a file", err)
	}
	if err := s.place(name, key); err != nil {
		return stored, err
	}
	hash.Sum(stored.SHA256[:0])
	return stored, nil
}

func (s *Store) create() (*os.File, string, error) {
	var b [16]byte
	// crypto/rand.Read never fails: it crashes the program instead.
	_, _ = rand.Read(b[:])
	name := path.Join(temporary, hex.EncodeToString(b[:]))
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, "", wrap("begin a file", err)
	}
	return f, name, nil
}

// place gives a finished file its key, durably.
func (s *Store) place(name, key string) error {
	dir := path.Dir(key)
	if err := s.mkdir(dir); err != nil {
		return err
	}
	if err := s.root.Rename(name, key); err != nil {
		return wrap("place a file", err)
	}
	return s.sync(dir)
}

// mkdir makes a directory and what leads to it, and syncs each one's parent
// the first time: a file in a directory that a power cut takes away is gone
// too. That the directory exists is not enough, for the goroutine that made it
// may not have come to the sync yet.
func (s *Store) mkdir(dir string) error {
	if dir == "." {
		return nil
	}
	err := s.root.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.mkdir(path.Dir(dir)); err != nil {
			return err
		}
		err = s.root.Mkdir(dir, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return wrap("make a directory of files", err)
	}
	if _, synced := s.durable.Load(dir); synced && err != nil {
		return nil //nolint:nilerr // it is there already
	}
	if err := s.mkdir(path.Dir(dir)); err != nil {
		return err
	}
	if err := s.sync(path.Dir(dir)); err != nil {
		return err
	}
	s.durable.Store(dir, true)
	return nil
}

func (s *Store) sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := s.root.Open(dir)
	if err != nil {
		return wrap("sync a directory of files", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return wrap("sync a directory of files", err)
	}
	return nil
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, key string) (*blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, err
	}
	f, err := s.root.Open(key)
	if err != nil {
		return nil, missing(key, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(missing(key, err), f.Close())
	}
	return &blob.Object{ReadSeekCloser: &file{f: f, ctx: ctx}, Info: describe(key, info)}, nil
}

// Stat implements blob.Store.
func (s *Store) Stat(_ context.Context, key string) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	info, err := s.root.Lstat(key)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return blob.Info{}, missing(key, err)
	}
	return describe(key, info), nil
}

// Delete implements blob.Store. The directories stay: another writer may be
// about to use them.
func (s *Store) Delete(ctx context.Context, key string) error {
	switch _, err := s.Stat(ctx, key); {
	case fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	}
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrap("delete a file", err)
	}
	return s.sync(path.Dir(key))
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		from := "."
		if i := strings.LastIndexByte(prefix, '/'); i > 0 {
			from = prefix[:i]
			if err := blob.CheckKey(from); err != nil {
				yield(blob.Info{}, err)
				return
			}
		}
		err := fs.WalkDir(s.root.FS(), from, func(key string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil // gone meanwhile, or no such prefix
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err() //nolint:wrapcheck // wrapped below
			case d.IsDir() && key != "." && (key == temporary || !mayHold(key, prefix)):
				return fs.SkipDir
			case !d.Type().IsRegular() || !strings.HasPrefix(key, prefix):
				return nil
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err //nolint:wrapcheck // wrapped below
			}
			if !yield(describe(key, info), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(blob.Info{}, wrap("list files", err))
		}
	}
}

// mayHold reports whether a directory can hold keys with a prefix.
func mayHold(dir, prefix string) bool {
	dir += "/"
	return strings.HasPrefix(dir, prefix) || strings.HasPrefix(prefix, dir)
}

// Check implements blob.Store: it writes, syncs and removes a small file.
func (s *Store) Check(context.Context) error {
	f, name, err := s.create()
	if err != nil {
		return err
	}
	_, err = f.Write([]byte("okno"))
	err = errors.Join(err, f.Sync(), f.Close(), s.root.Remove(name))
	if err != nil {
		return wrap("try to write a file", err)
	}
	return nil
}

func describe(key string, info fs.FileInfo) blob.Info {
	return blob.Info{Key: key, Size: info.Size(), ModTime: info.ModTime()}
}

// reader remembers an error that is the source's and not the disk's, and
// stops with its context.
type reader struct {
	ctx context.Context //nolint:containedctx // one copy's, as io.Copy takes none
	r   io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		r.err = err
		return 0, err //nolint:wrapcheck // wrapped by Put
	}
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err //nolint:wrapcheck // io.EOF must stay what it is
}

// file ends reading with its context. It is no *os.File in disguise, whose
// WriteTo would go round the check.
type file struct {
	f   *os.File
	ctx context.Context //nolint:containedctx // of one open file
}

func (f *file) Read(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read a file: %w", err)
	}
	return f.f.Read(p) //nolint:wrapcheck // io.EOF must stay what it is
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	return f.f.Seek(offset, whence) //nolint:wrapcheck // says which file
}

func (f *file) Close() error {
	return f.f.Close() //nolint:wrapcheck // says which file
}

func missing(key string, err error) error {
	// A file where the key wants a directory (ENOTDIR), and the other way
	// round, mean that no such blob exists.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return blob.NotFound(key)
	}
	return wrap("open a file", err)
}

func wrap(what string, err error) error {
	err = fmt.Errorf("%s: %w", what, err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Wrap(fault.Unavailable, "blob.full", err)
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Internal, "blob.refused", err)
	default:
		return fault.Wrap(fault.Unavailable, "blob.unavailable", err)
	}
}
