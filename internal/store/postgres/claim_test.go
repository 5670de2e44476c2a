package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/okno-hq/okno/internal/store/postgres"
	"github.com/okno-hq/okno/internal/store/storetest"
)

// until asks again and again, for a minute.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func claimed(t *testing.T, url string) *postgres.Claim {
	t.Helper()
	c, holder, err := postgres.TryClaim(t.Context(), url)
	if err != nil || c == nil {
		t.Fatalf("claim: held by %q, %v", holder, err)
	}
	return c
}

// holders are the sessions that have the claim.
func holders(t *testing.T, conn *pgx.Conn) (pids []int32) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	if err != nil {
		t.Fatal(err)
	}
	pids, err = pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		t.Fatal(err)
	}
	return pids
}

func watcher(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// end ends every session that has the claim.
func end(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for _, pid := range holders(t, conn) {
		if _, err := conn.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, pid); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClaimIsOnes: there is one claim, whoever holds it is named, and it goes
// to the next one when it is given up.
func TestClaimIsOnes(t *testing.T) {
	url := storetest.PostgresURL(t)
	first := claimed(t, url)
	second, holder, err := postgres.TryClaim(t.Context(), url)
	if err != nil || second != nil || !strings.Contains(holder, "process") {
		t.Fatalf("a second claim: %v, held by %q, %v", second, holder, err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	var next *postgres.Claim
	until(t, "the claim is free", func() bool {
		next, _, err = postgres.TryClaim(t.Context(), url)
		return err == nil && next != nil
	})
	if err := next.Release(); err != nil {
		t.Error(err)
	}
}

// TestClaimSurvivesItsConnection: a broken connection is made anew.
func TestClaimSurvivesItsConnection(t *testing.T) {
	url := storetest.PostgresURL(t)
	c, conn := claimed(t, url), watcher(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Hold(ctx) }()
	before := holders(t, conn)
	end(t, conn)
	until(t, "the claim is taken again", func() bool {
		now := holders(t, conn)
		return len(now) == 1 && now[0] != before[0]
	})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Hold: %v", err)
	}
	if err := c.Release(); err != nil {
		t.Error(err)
	}
}

// TestClaimIsLost: whoever comes back too late is told so.
func TestClaimIsLost(t *testing.T) {
	url := storetest.PostgresURL(t)
	c, conn := claimed(t, url), watcher(t, url)
	end(t, conn)
	var thief *postgres.Claim
	until(t, "somebody else claims", func() bool {
		var err error
		thief, _, err = postgres.TryClaim(t.Context(), url)
		return err == nil && thief != nil
	})
	if err := c.Hold(t.Context()); !errors.Is(err, postgres.ErrClaimLost) {
		t.Errorf("Hold: %v", err)
	}
	if err := errors.Join(c.Release(), thief.Release()); err != nil {
		t.Error(err)
	}
}
