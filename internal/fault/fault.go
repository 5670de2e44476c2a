// Package fault holds the kinds of error that cross package borders.
//
// An error carries two things for two readers: a stable code (and the text
// key derived from it) that is safe to show to the user, and a cause that
// goes to the log and nowhere else.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"time"
)

// Kind says what sort of failure an error is; adapters map it to their
// protocol (HTTP status, retry class).
type Kind int

// The kinds, from the caller's mistakes to ours.
const (
	Internal        Kind = iota // a bug or a broken dependency; the zero value, so that unknown errors are internal
	Invalid                     // the request is malformed or breaks a rule
	NotFound                    // no such thing, or not for this user's eyes
	Conflict                    // the state does not allow it (already resolved, version moved on)
	Denied                      // known user, missing permission
	Unauthenticated             // nobody, or wrong credentials
	RateLimited                 // too many; RetryAfter says when to come back
	TooLarge                    // a body, text or file over its limit
	Unavailable                 // a dependency is down or full; the same request may work later
)

var kindNames = [...]string{"internal", "invalid", "not_found", "conflict", "denied", "unauthenticated", "rate_limited", "too_large", "unavailable"} //nolint:gochecknoglobals // a constant table

// String returns the kind's stable name, as used in codes and metrics.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

// Error is a failure with a code for the user and a cause for the log.
type Error struct {
	Kind Kind
	// Code is stable and machine-readable, e.g. "conversation.not_found".
	// The workspace translates it; scripts may rely on it.
	Code string
	// Field names the request's field at fault, if one is ("email").
	Field string
	// Params fill the placeholders of the translated text ("limit": 4096).
	Params map[string]any
	// RetryAfter is how long to wait before trying again; zero means unknown.
	RetryAfter time.Duration
	cause      error
}

// New returns an error of a kind with a stable code.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Wrap returns an error of a kind with a stable code and a cause for the log.
func Wrap(kind Kind, code string, cause error) *Error {
	return &Error{Kind: kind, Code: code, cause: cause}
}

// Error implements error. It includes the cause: it is for logs, not users.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Code
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// WithField returns a copy naming the request's field at fault.
func (e *Error) WithField(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// With returns a copy with one more parameter for the user's text.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Params = make(map[string]any, len(e.Params)+1)
	maps.Copy(c.Params, e.Params)
	c.Params[key] = value
	return &c
}

// After returns a copy that tells the caller when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Because returns a copy with a cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Is reports whether target is an Error of the same kind and code, so that
// sentinel faults work with errors.Is whatever cause they carry.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Code == e.Code
}

// KindOf returns the kind of the first Error in err's chain; any other error
// is Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the code of the first Error in err's chain, or "internal".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal.String()
}

// Invalidf returns an Invalid error about one field, with a cause that says
// what was wrong in words for the log.
func Invalidf(field, code, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Code: code, Field: field, cause: fmt.Errorf(format, args...)}
}
