package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

// Claim is the right to be the only process that works on a database: a
// session's advisory lock, on a connection of its own. PostgreSQL ends it with
// the connection, so it outlives no process, and no machine by more than the
// keep-alive times below. The connection must lead to the server itself: a
// pooler that hands sessions around breaks it.
type Claim struct {
	url  string
	name string
	conn *pgx.Conn
}

// ErrClaimLost says that another process has the claim now.
var ErrClaimLost = errors.New("another okno works on this database now")

const (
	// claimKey is the lock's key, "oknolead".
	claimKey = 0x6f6b6e6f6c656164
	// claimCheck is how often a claim is looked after.
	claimCheck = 2 * time.Second
	// claimAnswer bounds one question to the server.
	claimAnswer = 5 * time.Second
)

// TryClaim claims the database, or says who has the claim.
func TryClaim(ctx context.Context, url string) (c *Claim, holder string, err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	c = &Claim{url: url, name: fmt.Sprintf("okno %.30s process %d %s", host, os.Getpid(), rand.Text()[:8])}
	holder, err = c.take(ctx)
	if err != nil || holder != "" {
		return nil, holder, err
	}
	return c, "", nil
}

// take connects and tries to get the lock. holder is who has it instead.
func (c *Claim) take(ctx context.Context) (holder string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*claimAnswer)
	defer cancel()
	cfg, err := pgx.ParseConfig(c.url)
	if err != nil {
		return "", fmt.Errorf("postgres: the connection string is malformed: %w", err)
	}
	cfg.RuntimeParams["application_name"] = c.name
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return "", fmt.Errorf("postgres: claim: %w", err)
	}
	// A machine that is gone without a word is noticed after ten seconds. A
	// server that cannot do so still ends the claim with the connection.
	for _, set := range []string{"tcp_keepalives_idle = 4", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 3", "tcp_user_timeout = 10000"} {
		if _, err := conn.Exec(ctx, "SET "+set); err != nil && conn.IsClosed() {
			return "", fmt.Errorf("postgres: claim: %w", err)
		}
	}
	var got bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(claimKey)).Scan(&got); err != nil {
		return "", errors.Join(fmt.Errorf("postgres: claim: %w", err), conn.Close(ctx))
	}
	if got {
		c.conn = conn
		return "", nil
	}
	holder, err = c.heldBy(ctx, conn)
	return holder, errors.Join(err, conn.Close(ctx))
}

// heldBy names the holder of the lock. A session that this very process has
// lost, and that the server has not given up yet, is ended.
func (c *Claim) heldBy(ctx context.Context, conn *pgx.Conn) (string, error) {
	var (
		name string
		pid  int
	)
	err := conn.QueryRow(ctx, `SELECT a.application_name, a.pid FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = $1
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`, int64(claimKey)).Scan(&name, &pid)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "another okno", nil // it has ended meanwhile
	case err != nil:
		return "", fmt.Errorf("postgres: claim: %w", err)
	case name != c.name:
		return name, nil
	}
	if _, err := conn.Exec(ctx, `SELECT pg_terminate_backend($1)`, pid); err != nil {
		return "", fmt.Errorf("postgres: claim: %w", err)
	}
	return "", errors.New("postgres: claim: an earlier session of this process is being ended")
}

// Hold looks after the claim until ctx ends, then returns nil. A connection
// that breaks is made anew; if another process was quicker, Hold returns
// [ErrClaimLost] and this one must stop its work at once.
func (c *Claim) Hold(ctx context.Context) error {
	for ctx.Err() == nil {
		if c.conn != nil && c.alive(ctx) {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		c.drop(ctx)
		if holder, err := c.take(ctx); err == nil && holder != "" {
			return fmt.Errorf("%w: %s", ErrClaimLost, holder)
		}
		if c.conn != nil {
			continue
		}
		select { // the database is away: nobody can work on it
		case <-ctx.Done():
		case <-time.After(claimCheck / 4):
		}
	}
	return nil //nolint:nilerr // ctx has ended; errors on the way were tried again
}

// alive waits for a while and reports whether the connection is still there;
// one that breaks is noticed at once.
func (c *Claim) alive(ctx context.Context) bool {
	wait, cancel := context.WithTimeout(ctx, claimCheck)
	defer cancel()
	if _, err := c.conn.WaitForNotification(wait); err != nil && (wait.Err() == nil || c.conn.IsClosed()) {
		return false
	}
	if ctx.Err() != nil {
		return true
	}
	ask, cancel := context.WithTimeout(ctx, claimAnswer)
	defer cancel()
	return c.conn.Ping(ask) == nil
}

func (c *Claim) drop(ctx context.Context) {
	if c.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimAnswer)
	defer cancel()
	_ = c.conn.Close(ctx) // it is broken, or ends with us
	c.conn = nil
}

// Release gives the claim up. Hold must have returned.
func (c *Claim) Release() error {
	c.drop(context.Background())
	return nil
}
