package egress

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Class says what a failure means for the thing the caller wanted to happen
// on the other side.
type Class string

// The classes of failure.
const (
	// Rejected: the other side understood and refused (4xx, or a redirect
	// that is not followed). It did not happen; the same request will fail
	// again.
	Rejected Class = "rejected"
	// Unauthorized: 401, the credential is wrong or revoked.
	Unauthorized Class = "unauthorized"
	// RateLimited: 429, it did not happen; RetryAfter says when to come back.
	RateLimited Class = "rate_limited"
	// NotWritten: the request certainly did not reach the other side as a
	// whole: name not resolved, no connection, TLS refused, limiter cancelled,
	// body broken off. Sending it again is safe.
	NotWritten Class = "not_written"
	// Uncertain: the request was written, the answer did not come or cannot
	// be understood. It may have happened.
	Uncertain Class = "uncertain"
	// ServerError: 5xx. It may have happened; the caller knows the platform
	// and chooses.
	ServerError Class = "server_error"
	// TooLarge: the answer or file exceeds the limit. The request itself was
	// processed.
	TooLarge Class = "too_large"
)

// Reason says where in the exchange a failure arose, for health displays.
type Reason string

// The reasons; empty when Class and Status say it all.
const (
	ReasonDNS       Reason = "dns"
	ReasonConnect   Reason = "connect"
	ReasonProxy     Reason = "proxy"
	ReasonTLS       Reason = "tls"
	ReasonCA        Reason = "ca_untrusted" // the certificate's issuer is unknown; see Config.CABundle
	ReasonPrivate   Reason = "private_address"
	ReasonRedirect  Reason = "redirect"
	ReasonLimiter   Reason = "limiter"
	ReasonTimeout   Reason = "timeout"
	ReasonCanceled  Reason = "canceled"
	ReasonBroken    Reason = "connection_broken"
	ReasonMalformed Reason = "malformed_answer"
	ReasonRequest   Reason = "bad_request" // the request could not be built
)

// Error is the failure of an outgoing request. Its text never holds a URL,
// a configured secret or the answer's body.
type Error struct {
	Class  Class
	Reason Reason
	// Operation is what the caller named the request (see [Operation]).
	Operation string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// RetryAfter is the other side's wish (Retry-After, RFC 9110 10.2.3);
	// 0 means unknown.
	RetryAfter time.Duration
	// Body is the answer, capped at 64 KiB, configured secrets replaced. It
	// may hold personal data: do not log it.
	Body []byte
	// ContentType is the answer's.
	ContentType string
	cause       error
}

// Error implements error.
func (e *Error) Error() string {
	s := "egress"
	if e.Operation != "" {
		s += " " + e.Operation
	}
	s += ": " + string(e.Class)
	if e.Reason != "" {
		s += " (" + string(e.Reason) + ")"
	}
	if e.Status != 0 {
		s += fmt.Sprintf(": status %d", e.Status)
		if t := http.StatusText(e.Status); t != "" {
			s += " " + t
		}
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause; its text is free of secrets too.
func (e *Error) Unwrap() error { return e.cause }

// MayHaveHappened reports whether the other side may have carried out the
// request although it failed here.
func (e *Error) MayHaveHappened() bool {
	switch e.Class {
	case Uncertain, ServerError, TooLarge:
		return true
	case Rejected, Unauthorized, RateLimited, NotWritten:
		return false
	}
	return true
}

// Decode unmarshals the JSON body of the answer, as platforms describe their
// errors there.
func (e *Error) Decode(v any) error {
	if err := json.Unmarshal(e.Body, v); err != nil {
		return fmt.Errorf("decode error body: %w", err)
	}
	return nil
}

// AsError returns the egress error in err's chain.
func AsError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// classOfStatus maps an answer's status. 403 is a rejection, not a wrong
// credential: platforms use it for "the customer blocked you". 408 and 425
// mean "not processed", but gateways misuse 408, so it stays uncertain.
func classOfStatus(status int) Class {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusProxyAuthRequired:
		return NotWritten
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusRequestTimeout:
		return Uncertain
	case status == http.StatusTooEarly:
		return NotWritten
	case status >= 500:
		return ServerError
	}
	return Rejected
}

func reasonOfStatus(status int) Reason {
	switch {
	case status == http.StatusProxyAuthRequired:
		return ReasonProxy
	case status >= 300 && status < 400:
		return ReasonRedirect
	}
	return ""
}
