// Package job is durable work kept in the database of the business data: a
// job is enqueued in the transaction that makes it necessary, and runs at
// least once after that transaction has been committed.
//
// Jobs with the same order key run one at a time, oldest first, whatever
// their kinds; all others run in parallel. A job's row has one of four
// states:
//
//	waiting  behind an older job of its key
//	ready    to run from run_at on (a failed job waiting for its next attempt too)
//	running  leased by a runner that must renew the lease
//	dead     given up; a person may replay or discard it
//
// A finished job's row is deleted. The head of a key is its one row that is
// not waiting; a unique index holds the database to that.
package job

import (
	"encoding/json"
	"fmt"
	"time"
)

// Job is a piece of work.
type Job struct {
	// ID is given by the database, growing in the order of enqueuing.
	ID int64
	// Kind chooses the handler.
	Kind string
	// WorkspaceID is whose work it is; 0 is the installation's own.
	WorkspaceID int64
	// OrderKey names what must happen in order, e.g. "out:17:4021"; it is
	// unique to what it orders across all workspaces. Empty: no order.
	OrderKey string
	// Payload is for the handler. Nil is null.
	Payload json.RawMessage
	// RunAt is when to run it at the earliest; zero means now. With an order
	// key younger jobs of the key wait for it as well: what must not hold up
	// others (a message to be sent tomorrow) has no key, and enqueues the
	// ordered job when its time has come.
	RunAt time.Time
	// Dedupe, if set, makes enqueuing a no-op while a job of the same
	// workspace, kind and Dedupe has not started yet (an earlier RunAt moves
	// it forward).
	Dedupe string

	// Attempt is which run this is, 1 for the first. Set by the runner.
	Attempt int
	// Failures is how many runs have failed before. Set by the runner.
	Failures int
	// CreatedAt is when it was enqueued.
	CreatedAt time.Time

	flight *flight
}

// Decode unmarshals the payload; its error is permanent.
func (j Job) Decode(into any) error {
	if err := json.Unmarshal(j.Payload, into); err != nil {
		return Permanent(fmt.Errorf("job: payload of %s %d: %w", j.Kind, j.ID, err))
	}
	return nil
}

// Payload marshals a job's payload.
func Payload(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("job: payload: %w", err)
	}
	return raw, nil
}

// Dead is a job that was given up.
type Dead struct {
	Job
	// Error is what the last attempt said.
	Error string
	// Blocks says that younger jobs of its key wait for it.
	Blocks bool
	// DiedAt is when.
	DiedAt time.Time
}

// state of a row, see the package's comment.
type state string

const (
	waiting state = "waiting"
	ready   state = "ready"
	running state = "running"
	dead    state = "dead"
)
