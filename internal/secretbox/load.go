package secretbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/okno-hq/okno/internal/fault"
)

// FileName is the key file's name in the data directory.
const FileName = "secret.key"

// Config says where the master key comes from.
type Config struct {
	// Keys is the value of OKNO_SECRET_KEY: one key in base64, or several
	// separated by commas, of which the first seals and all open.
	Keys string
	// DataDir is where the key file lives. With Keys empty it is made there on
	// the first start. With Keys set, a key file that exists still opens old
	// values, so that an installation can move from one to the other.
	DataDir string
}

// Load returns the installation's keyring, making the key file if need be.
func Load(cfg Config) (*Keyring, error) {
	path := filepath.Join(cfg.DataDir, FileName)
	if strings.TrimSpace(cfg.Keys) != "" {
		return fromText(cfg, path)
	}
	if cfg.DataDir == "" {
		return nil, fault.Invalidf("secret_key", "secret.key_missing", "neither a secret key nor a data directory is configured")
	}
	k, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k, err = createFile(cfg.DataDir, path)
	}
	if err != nil {
		return nil, err
	}
	return NewKeyring(k), nil
}

func fromText(cfg Config, path string) (*Keyring, error) {
	var keys []Key
	for part := range strings.SplitSeq(cfg.Keys, ",") {
		k, err := ParseKey(part)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if cfg.DataDir != "" {
		switch k, err := readFile(path); {
		case err == nil:
			keys = append(keys, k)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return NewKeyring(keys[0], keys[1:]...), nil
}

func readFile(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("secret key file: %w", err)
	}
	// Windows has no such modes; everywhere else a key others can read is none.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, fault.Invalidf("secret_key", "secret.key_readable_by_others",
			"%s has mode %04o: make it readable by its owner only (chmod 600)", path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path) //nolint:gosec // the operator's own data directory
	if err != nil {
		return Key{}, fmt.Errorf("secret key file: %w", err)
	}
	k, err := ParseKey(string(raw))
	if err != nil {
		return Key{}, fmt.Errorf("secret key file %s: %w", path, err)
	}
	return k, nil
}

// createFile writes a fresh key so that a crash leaves either a whole file or
// none, and so that of two processes starting at once both get the same key:
// a hard link, unlike a rename, does not replace what is there.
func createFile(dir, path string) (Key, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, "secret.key_not_written", err)
	}
	k := NewKey()
	tmp, err := os.CreateTemp(dir, FileName+".*.tmp") // made with mode 0600
	if err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, "secret.key_not_written", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(k.Encode() + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, "secret.key_not_written", err)
	}
	switch err := os.Link(tmp.Name(), path); {
	case errors.Is(err, fs.ErrExist):
		return readFile(path)
	case err != nil:
		return Key{}, fault.Wrap(fault.Unavailable, "secret.key_not_written", err)
	}
	if err := syncDir(dir); err != nil {
		return Key{}, fault.Wrap(fault.Unavailable, "secret.key_not_written", err)
	}
	return k, nil
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(dir) //nolint:gosec // the operator's own data directory
	if err != nil {
		return fmt.Errorf("sync the data directory: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
