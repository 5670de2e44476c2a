package job

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/okno-hq/okno/internal/fault"
)

// ErrLost is the answer to completing a job that another runner has taken
// over since, because the lease was not renewed in time.
var ErrLost = fault.New(fault.Conflict, "job.lost")

// errAbandoned is the failure of a job whose runner vanished.
var errAbandoned = errors.New("the process that ran it ended or lost its lease")

type permanentError struct{ cause error }

func (e *permanentError) Error() string { return e.cause.Error() }
func (e *permanentError) Unwrap() error { return e.cause }

// Permanent marks a handler's error as one that no further attempt mends:
// the job is dead at once.
func Permanent(err error) error {
	if err == nil {
		err = errors.New("permanent failure")
	}
	return &permanentError{err}
}

type retryError struct {
	after time.Duration
	cause error
}

func (e *retryError) Error() string { return fmt.Sprintf("retry after %s: %v", e.after, e.cause) }
func (e *retryError) Unwrap() error { return e.cause }

// RetryAfter says when to try again, e.g. because a platform has said so. It
// does not count as a failure; the job's age still bounds it.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		err = errors.New("not yet")
	}
	return &retryError{max(d, 0), err}
}

// verdict is what becomes of a job whose attempt failed.
type verdict struct {
	die      bool
	counts   bool // as a failure
	wait     time.Duration
	message  string
	released bool // not a failure of the job: the runner stops
}

const maxMessage = 1000

func judge(err error, j claimed, kind Kind, now time.Time) verdict {
	v := verdict{counts: true, message: cut(err.Error())}
	var permanent *permanentError
	var retry *retryError
	var known *fault.Error
	switch {
	case errors.As(err, &permanent):
		v.die = true
		return v
	case errors.As(err, &retry):
		v.counts, v.wait = false, retry.after
	case errors.Is(err, errAbandoned) && j.Failures < 2:
		// The next attempt follows at once: the reason was the process, most
		// likely. If it goes on, it is the job that brings the process down.
	case errors.As(err, &known) && known.RetryAfter > 0:
		v.counts, v.wait = known.Kind != fault.RateLimited, known.RetryAfter
	default:
		v.wait = backoff(j.Failures + 1)
	}
	if v.counts && j.Failures+1 >= kind.MaxFailures || now.Add(v.wait).Sub(j.firstAt) > kind.MaxAge {
		v.die = true
	}
	return v
}

// backoff is the pause after the n-th failure: min(2ⁿ s, 15 min) ± 20 %.
func backoff(n int) time.Duration {
	const longest = 15 * time.Minute
	d := longest
	if n < 10 {
		d = min(time.Second<<n, longest)
	}
	return d - d/5 + rand.N(2*d/5) //nolint:gosec // jitter, not a secret
}

// cut bounds a message without breaking a character.
func cut(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end]
}
