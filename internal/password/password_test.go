package password_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/password"
)

var _ access.Hasher = (*password.Hasher)(nil)

func cheap() password.Config { return password.Config{Memory: 64, Time: 1} }

func TestVerify(t *testing.T) {
	h := password.New(password.Config{})
	hash, err := h.Hash(t.Context(), "верная лошадь 🐴")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", hash)
	}
	again, err := h.Hash(t.Context(), "верная лошадь 🐴")
	if err != nil || again == hash {
		t.Errorf("the same password hashed twice gives %q, %v: no salt?", again, err)
	}
	for password, want := range map[string]bool{"верная лошадь 🐴": true, "верная лошадь": false, "": false} {
		ok, stale, err := h.Verify(t.Context(), hash, password)
		if err != nil || ok != want || stale {
			t.Errorf("Verify(%q) = %v, %v, %v", password, ok, stale, err)
		}
	}
}

// The vector of the reference implementation's test suite (phc-winner-argon2
// test.c: version 0x13, Argon2id, t=2, m=2^16, p=1, "password", "somesalt").
func TestReferenceVector(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, stale, err := password.New(password.Config{}).Verify(t.Context(), hash, "password")
	if err != nil || !ok || !stale {
		t.Fatalf("Verify = %v, %v, %v, want a match of another cost", ok, stale, err)
	}
}

func TestStale(t *testing.T) {
	old, now := password.New(cheap()), password.New(password.Config{Memory: 128, Time: 1})
	hash, err := old.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if ok, stale, err := now.Verify(t.Context(), hash, "correct horse"); !ok || !stale || err != nil {
		t.Errorf("right password, old cost: %v, %v, %v", ok, stale, err)
	}
	if ok, stale, err := now.Verify(t.Context(), hash, "wrong horse"); ok || stale || err != nil {
		t.Errorf("wrong password, old cost: %v, %v, %v", ok, stale, err)
	}
}

func TestEmptyHashWorksAsLong(t *testing.T) {
	h := password.New(password.Config{Memory: 8 * 1024, Time: 2})
	hash, err := h.Hash(t.Context(), "somebody's")
	if err != nil {
		t.Fatal(err)
	}
	shortest := func(hash string) time.Duration {
		best := time.Hour
		for range 7 {
			start := time.Now()
			if ok, _, err := h.Verify(t.Context(), hash, "guess"); ok || err != nil {
				t.Fatalf("Verify = %v, %v", ok, err)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	known, unknown := shortest(hash), shortest("")
	if unknown < known/2 || known < unknown/2 {
		t.Errorf("a known user's check takes %v, an unknown one's %v", known, unknown)
	}
}

func TestMalformed(t *testing.T) {
	h := password.New(cheap())
	for _, hash := range malformed() {
		if ok, _, err := h.Verify(t.Context(), hash, "x"); ok || !errors.Is(err, password.ErrMalformed) {
			t.Errorf("Verify(%q) = %v, %v", hash, ok, err)
		}
	}
}

func malformed() []string {
	return []string{
		"x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=64,t=1,p=1$!$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
	}
}

func TestBoundedAndCancellable(t *testing.T) {
	h := password.New(password.Config{Memory: 64 * 1024, Time: 2, Concurrency: 1})
	busy, done := make(chan struct{}), make(chan error, 1)
	go func() {
		close(busy)
		_, err := h.Hash(context.WithoutCancel(t.Context()), "holds the only place")
		done <- err
	}()
	<-busy
	runtime.Gosched()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "waits"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash with a cancelled context = %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	// The place is free again.
	if _, _, err := h.Verify(t.Context(), "", "x"); err != nil {
		t.Error(err)
	}
}

func TestConcurrentUse(t *testing.T) {
	h := password.New(cheap())
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			hash, err := h.Hash(t.Context(), "secret word")
			if err != nil {
				t.Error(err)
				return
			}
			if ok, _, err := h.Verify(t.Context(), hash, "secret word"); !ok || err != nil {
				t.Errorf("Verify = %v, %v", ok, err)
			}
		})
	}
	wg.Wait()
}

func FuzzVerify(f *testing.F) {
	h := password.New(cheap())
	for _, s := range malformed() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		if strings.Contains(hash, "m=") && len(hash) > 40 {
			hash = strings.Replace(hash, "m=", "x", 1) // do not spend gigabytes on valid ones
		}
		ok, _, err := h.Verify(t.Context(), hash, "x")
		if ok || (err != nil && fault.KindOf(err) != fault.Internal) {
			t.Errorf("Verify(%q) = %v, %v", hash, ok, err)
		}
	})
}
