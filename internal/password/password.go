// Package password hashes passwords with Argon2id (RFC 9106) and writes the
// hashes as PHC strings, so that a hash tells how it was made.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"

	"golang.org/x/crypto/argon2"

	"github.com/okno-hq/okno/internal/fault"
)

// Parameters that OWASP's Password Storage Cheat Sheet recommends.
const (
	DefaultMemory      = 19 * 1024 // KiB
	DefaultTime        = 2
	DefaultThreads     = 1
	DefaultConcurrency = 2

	saltSize = 16
	keySize  = 32
)

// ErrMalformed is a stored hash that this package did not write.
var ErrMalformed = fault.New(fault.Internal, "password.malformed_hash")

// Config sets the cost. The zero value is the recommended one.
type Config struct {
	// Memory in KiB, passes over it, and lanes.
	Memory, Time uint32
	Threads      uint8
	// Concurrency bounds how many passwords are hashed at once: each takes
	// Memory and a core, whatever strangers send. The others wait.
	Concurrency int
}

// Hasher hashes and checks passwords. It is safe for concurrent use.
type Hasher struct {
	cost  cost
	slots chan struct{}
	// nobody stands in for the hash of a user who does not exist.
	nobody phc
}

// New returns a hasher.
func New(cfg Config) *Hasher {
	if cfg.Memory == 0 {
		cfg.Memory = DefaultMemory
	}
	if cfg.Time == 0 {
		cfg.Time = DefaultTime
	}
	if cfg.Threads == 0 {
		cfg.Threads = DefaultThreads
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = DefaultConcurrency
	}
	h := &Hasher{
		cost:  cost{memory: cfg.Memory, time: cfg.Time, threads: cfg.Threads},
		slots: make(chan struct{}, cfg.Concurrency),
	}
	h.nobody = phc{cost: h.cost, salt: random(saltSize), key: random(keySize)}
	return h
}

// Hash returns the PHC string of a password. It waits for its turn, until ctx
// ends.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	p := phc{cost: h.cost, salt: random(saltSize)}
	var err error
	if p.key, err = h.derive(ctx, p, keySize, password); err != nil {
		return "", err
	}
	return p.String(), nil
}

// Verify reports whether the password is the hashed one, and whether the hash
// should be made anew with today's cost. An empty hash takes as long as
// another and matches nothing.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (ok, stale bool, err error) {
	p := h.nobody
	if hash != "" {
		if p, err = parse(hash); err != nil {
			return false, false, ErrMalformed.Because(err)
		}
	}
	key, err := h.derive(ctx, p, len(p.key), password)
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(key, p.key) == 1
	if hash == "" || !same {
		return false, false, nil
	}
	return true, p.cost != h.cost || len(p.salt) != saltSize || len(p.key) != keySize, nil
}

func (h *Hasher) derive(ctx context.Context, p phc, size int, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), fault.New(fault.Unavailable, "password.busy"))
	}
	defer func() { <-h.slots }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	//nolint:gosec // sizes are bounded by parse
	return argon2.IDKey([]byte(password), p.salt, p.cost.time, p.cost.memory, p.cost.threads, uint32(size)), nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return b
}
