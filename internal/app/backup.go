package app

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/okno-hq/okno/internal/config"
	"github.com/okno-hq/okno/internal/secretbox"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// errPostgres explains who backs up what.
var errPostgres = errors.New("the data is in PostgreSQL: use pg_dump for it, and copy the data directory (key and files)")

// databaseEntry is the database's name in an archive.
const databaseEntry = "okno.db"

// Backup writes the database, the key and the files to an archive, while the
// server runs or not. The copy of the database is of one moment; files
// written after it may be in the archive without being in the database.
func Backup(ctx context.Context, cfg config.Config, file string) (size int64, err error) {
	if cfg.DatabaseURL != "" {
		return 0, errPostgres
	}
	copied := filepath.Join(cfg.DataDir, ".backup.db")
	if err := os.Remove(copied); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if err := sqlite.Copy(ctx, cfg.DatabaseFile(), copied); err != nil {
		return 0, fmt.Errorf("copy of the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(copied)) }()
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // whoever runs the command chooses the file
	if err != nil {
		return 0, err
	}
	err = archive(out, cfg, copied)
	if err == nil {
		err = out.Sync()
	}
	info, serr := out.Stat()
	if err = errors.Join(err, serr, out.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(part))
	}
	return info.Size(), os.Rename(part, file)
}

func archive(w io.Writer, cfg config.Config, database string) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	err := add(t, databaseEntry, database)
	key := filepath.Join(cfg.DataDir, secretbox.FileName)
	if _, serr := os.Stat(key); serr == nil && err == nil {
		err = add(t, secretbox.FileName, key)
	}
	if err == nil {
		err = addTree(t, cfg.DataDir, "files")
	}
	return errors.Join(err, t.Close(), z.Close())
}

func addTree(t *tar.Writer, root, dir string) error {
	return filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile, or no files at all
		}
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if err := add(t, filepath.ToSlash(name), path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func add(t *tar.Writer, name, path string) (err error) {
	f, err := os.Open(path) //nolint:gosec // below the data directory
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o600, ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.CopyN(t, f, info.Size())
	return err
}

// Restore puts an archive's contents into a data directory that has no
// database.
func Restore(ctx context.Context, cfg config.Config, file string) (err error) {
	if cfg.DatabaseURL != "" {
		return errPostgres
	}
	if _, err := os.Stat(cfg.DatabaseFile()); err == nil {
		return fmt.Errorf("%s has a database already: restore into an empty directory", cfg.DataDir)
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	f, err := os.Open(file) //nolint:gosec // whoever runs the command chooses the file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("not an archive of okno backup: %w", err)
	}
	t := tar.NewReader(z)
	found := false
	for ctx.Err() == nil {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the archive is damaged: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		found = found || h.Name == databaseEntry
		if err := extract(root, h.Name, t); err != nil {
			return err
		}
	}
	if !found && ctx.Err() == nil {
		return errors.New("not an archive of okno backup: it holds no database")
	}
	return ctx.Err()
}

// extract writes one file; the root keeps it inside the data directory
// whatever its name says.
func extract(root *os.Root, name string, r io.Reader) error {
	if dir := filepath.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
