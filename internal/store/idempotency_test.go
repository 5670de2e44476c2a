package store_test

import (
	"context"
	"testing"

	"github.com/okno-hq/okno/internal/store"
	"github.com/okno-hq/okno/internal/store/db"
)

// TestOnceIdempotent: what a request did and its answer are kept together or
// not at all, so that a key never stands without an answer.
func TestOnceIdempotent(t *testing.T) {
	eachOffice(t, func(o *office) {
		ws, u := o.admin.Workspace, o.admin.User
		runs := 0
		// ask makes a request that writes a key of its own as its effect.
		ask := func(key, effect string, status int, done, keep bool) (store.Remembered, bool, error) {
			return o.store.OnceIdempotent(o.Context(), ws, u, key, []byte("hash"), o.now(), func(ctx context.Context) (store.Remembered, bool, bool) {
				runs++
				if _, _, err := o.store.BeginIdempotent(ctx, ws, u, effect, []byte("hash"), o.now()); err != nil {
					o.Error(err)
				}
				return store.Remembered{Hash: []byte("hash"), Status: status, ContentType: "text/plain", Body: []byte(key)}, done, keep
			})
		}
		count := func(key string) int {
			o.Helper()
			n, err := db.One(o.Context(), o.db, db.Value[int], `SELECT count(*) FROM idempotency_keys WHERE key = $1`, key)
			if err != nil {
				o.Fatal(err)
			}
			return n
		}
		for _, c := range []struct {
			name       string
			status     int
			done, keep bool
			kept       int // of the answer
			effect     int
			runs       int // of two requests
		}{
			{"good", 201, true, true, 1, 1, 1},
			{"refused", 409, false, true, 1, 0, 1},
			{"our fault", 503, false, false, 0, 0, 2},
		} {
			runs = 0
			for n := range 2 {
				r, found, err := ask(c.name, c.name+" effect", c.status, c.done, c.keep)
				if err != nil || r.Status != c.status || string(r.Body) != c.name || found != (n == 1 && c.runs == 1) {
					o.Errorf("%s, request %d: %+v, found %t, %v", c.name, n+1, r, found, err)
				}
			}
			if runs != c.runs || count(c.name) != c.kept || count(c.name+" effect") != c.effect {
				o.Errorf("%s: %d runs, %d answers, %d effects", c.name, runs, count(c.name), count(c.name+" effect"))
			}
		}
		// The transaction is lost on the way, and the request thinks all is well.
		_, _, err := o.store.OnceIdempotent(o.Context(), ws, u, "lost", []byte("hash"), o.now(), func(ctx context.Context) (store.Remembered, bool, bool) {
			if _, err := o.db.Exec(ctx, `INSERT INTO nowhere VALUES (1)`); err == nil {
				o.Error("a table that is not there")
			}
			return store.Remembered{Status: 201}, true, true
		})
		if err == nil || count("lost") != 0 {
			o.Errorf("lost: %v, %d answers", err, count("lost"))
		}
	})
}
