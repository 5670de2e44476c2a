//go:build unix

package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/store/db"
	"github.com/okno-hq/okno/internal/store/sqlite"
)

// childPath, in the environment, makes the test binary a child that writes
// to the database there and prints each acknowledged id until it is killed.
const childPath = "OKNO_TEST_SQLITE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func writeForEver(path string) error {
	ctx := context.Background()
	d, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		return err
	}
	next, err := db.One(ctx, d, db.Value[int64], `SELECT COALESCE(max(id), 0) FROM rows`)
	if err != nil {
		return err
	}
	failed := make(chan error)
	const writers = 16
	for w := range int64(writers) {
		go func() {
			for id := next + 1 + w; ; id += writers {
				if err := put(ctx, d, id, strings.Repeat("x", 200)); err != nil {
					failed <- err
					return
				}
				// One write call: lines of several goroutines do not mix.
				if _, err := os.Stdout.WriteString(strconv.FormatInt(id, 10) + "\n"); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// TestKill kills a writing process again and again: no acknowledged row may
// be missing, and the file must stay sound.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okno.db")
	if err := open(t, sqlite.Config{Path: path}).Close(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[int64]bool{}
	const kills = 8
	for round := range kills {
		for _, id := range killAfter(t, path, 200+round*137) {
			acknowledged[id] = true
		}
	}
	d := open(t, sqlite.Config{Path: path})
	sound(t, d)
	lost := missing(t, d, acknowledged)
	if len(lost) > 0 {
		t.Fatalf("lost %d of %d acknowledged rows", len(lost), len(acknowledged))
	}
	t.Logf("%d acknowledged rows survived %d kills", len(acknowledged), kills)
}

// killAfter runs a child, kills it after so many acknowledgements and
// returns all that it managed to print.
func killAfter(t *testing.T, path string, acks int) (ids []int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // itself
	child.Env = append(os.Environ(), childPath+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			break // cut off in the middle
		}
		ids = append(ids, id)
		if len(ids) == acks {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // killed
	if len(ids) < acks {
		t.Fatalf("the child ended by itself after %d rows", len(ids))
	}
	return ids
}

func missing(t *testing.T, d *db.DB, acknowledged map[int64]bool) (lost []int64) {
	t.Helper()
	stored, err := db.All(t.Context(), d, db.Value[int64], `SELECT id FROM rows`)
	if err != nil {
		t.Fatal(err)
	}
	have := make(map[int64]bool, len(stored))
	for _, id := range stored {
		have[id] = true
	}
	for id := range acknowledged {
		if !have[id] {
			lost = append(lost, id)
		}
	}
	return lost
}

func sound(t *testing.T, d *db.DB) {
	t.Helper()
	verdict, err := db.One(t.Context(), d, db.Value[string], `PRAGMA integrity_check`)
	if err != nil || verdict != "ok" {
		t.Fatalf("integrity check: %s, %v", verdict, err)
	}
}
