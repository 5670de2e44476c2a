package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/okno-hq/okno/internal/store/migrations"
	"github.com/okno-hq/okno/internal/store/postgres"
)

// cluster is a PostgreSQL server with a migrated template database.
type cluster struct {
	base     *url.URL
	admin    *sql.DB
	template string
	made     atomic.Int64
}

func startServer() (*cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	raw := os.Getenv("OKNO_TEST_POSTGRES")
	if raw == "" {
		own, err := startOwn(ctx)
		if err != nil {
			return nil, err
		}
		raw = own
	}
	base, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("OKNO_TEST_POSTGRES is malformed: %w", err)
	}
	c := &cluster{base: base, template: "okno_test_" + strings.ToLower(rand.Text()[:10])}
	cfg, err := pgx.ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	c.admin = stdlib.OpenDB(*cfg)
	c.admin.SetMaxOpenConns(2)
	if err := waitReady(ctx, c.admin); err != nil {
		return nil, err
	}
	return c, c.makeTemplate(ctx)
}

func waitReady(ctx context.Context, admin *sql.DB) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := admin.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-tick.C:
		}
	}
}

func (c *cluster) makeTemplate(ctx context.Context) error {
	if _, err := c.admin.ExecContext(ctx, "CREATE DATABASE "+c.template); err != nil {
		return err
	}
	d, err := postgres.Open(ctx, postgres.Config{URL: c.url(c.template), Migrate: migrations.Up})
	if err != nil {
		return err
	}
	return d.Close()
}

// url is the connection string of one database.
func (c *cluster) url(name string) string {
	u := *c.base
	u.Path = "/" + name
	return u.String()
}

func (c *cluster) create(ctx context.Context) (string, error) {
	name := c.template + "_" + strconv.FormatInt(c.made.Add(1), 10)
	_, err := c.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+c.template)
	return name, err
}

func (c *cluster) drop(ctx context.Context, name string) error {
	_, err := c.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// watchdog runs the server until its standard input, a pipe from the test
// process, is closed: that happens even when the process is killed.
const watchdog = `cd /
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
  -c max_connections=300 -c shared_buffers=64MB -c autovacuum=off -c logging_collector=off >"$2/log" 2>&1 </dev/null &
read -r _
kill -QUIT $!
wait $!
rm -rf "$2"`

// startOwn creates and starts a throw-away cluster.
func startOwn(ctx context.Context) (string, error) {
	bin, err := newestInstalled()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "okno-pg-")
	if err != nil {
		return "", err
	}
	attr, err := ownerOf(dir)
	if err != nil {
		return "", err
	}
	if err := initialise(ctx, bin, dir, attr); err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", watchdog, "sh", bin, dir) //nolint:gosec,noctx // paths found above; it ends by its pipe
	cmd.SysProcAttr = attr
	// The write end stays open, unused, for as long as this process lives.
	if _, err := cmd.StdinPipe(); err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	go func() { _ = cmd.Wait() }() // ends after this process, or with the server
	return "postgres://okno@/postgres?host=" + url.QueryEscape(dir), nil
}

func newestInstalled() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errNoServer
	}
	slices.SortFunc(found, func(a, b string) int { return versionOf(a) - versionOf(b) })
	return filepath.Dir(found[len(found)-1]), nil
}

func versionOf(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

// ownerOf gives dir to a user other than root, as which PostgreSQL refuses
// to run.
func ownerOf(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for the watchdog to see by its pipe
	if os.Getuid() != 0 {
		return attr, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

// initialise runs initdb. The collation is a language's, not bytes, so that
// tests meet the order of text that real servers have.
func initialise(ctx context.Context, bin, dir string, attr *syscall.SysProcAttr) error {
	args := []string{"-D", filepath.Join(dir, "data"), "-U", "okno", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"}
	out, err := run(ctx, attr, filepath.Join(bin, "initdb"), append(slices.Clone(args), "--locale-provider=icu", "--icu-locale=ru")...)
	if err != nil { // before 15, or built without ICU
		if again, plain := run(ctx, attr, filepath.Join(bin, "initdb"), args...); plain != nil {
			return fmt.Errorf("initdb: %w: %s%s", plain, out, again)
		}
	}
	return nil
}

func run(ctx context.Context, attr *syscall.SysProcAttr, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = attr
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	return string(out), err
}
