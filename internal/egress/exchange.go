package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"code.dny.dev/ssrf"
)

// progress watches one request being written, to tell afterwards whether the
// other side may have all of it.
type progress struct {
	mu sync.Mutex
	// replayed says that the transport may repeat the request after a failed
	// try that was written (GET and the like); other methods it repeats only
	// when it knows that the earlier try was not processed.
	replayed bool
	conn     bool
	kept     bool // the connection had been used before
	failed   bool
	earlier  bool
	body     *trackedBody
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.earlier = p.replayed && p.conn && !p.failed
			p.conn, p.kept, p.failed = true, info.Reused, false
		},
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.failed = info.Err != nil
		},
	}
}

// track makes a body of the request known to p.
func (p *progress) track(body io.ReadCloser, size int64) io.ReadCloser {
	t := &trackedBody{body: body, left: size}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = t
	return t
}

// mayHaveArrived reports whether the other side may have the whole request.
// A body that was not read to its end was not sent to its end either; the
// WroteRequest hook alone cannot tell, as it may come after the failure.
func (p *progress) mayHaveArrived() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.earlier {
		return true
	}
	whole := p.body == nil || p.body.abort()
	return p.conn && !p.failed && whole
}

// onKept reports whether the last try went over a connection that had been
// used before.
func (p *progress) onKept() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept
}

// trackedBody counts what the transport takes and can be shut.
type trackedBody struct {
	// source serialises Read and Close: the transport may close from another
	// goroutine.
	source sync.Mutex
	body   io.ReadCloser

	mu   sync.Mutex // not held while reading, so that abort never waits
	left int64
	shut bool
}

var errAborted = errors.New("request given up")

func (b *trackedBody) Read(p []byte) (int, error) {
	b.source.Lock()
	n, err := b.body.Read(p)
	b.source.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return 0, errAborted
	}
	b.left -= int64(n)
	return n, err
}

func (b *trackedBody) Close() error {
	b.source.Lock()
	defer b.source.Unlock()
	return b.body.Close()
}

// abort withholds the rest from the transport and reports whether there was
// none.
func (b *trackedBody) abort() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shut = true
	return b.left <= 0
}

// failure classifies an error of the transport.
func (c *Client) failure(ctx context.Context, p *progress, err error) *Error {
	class := NotWritten
	if p.mayHaveArrived() {
		class = Uncertain
	}
	if why := context.Cause(ctx); why != nil {
		err = why // a deadline reads better than "context canceled"
	}
	reason := reasonOf(err, class)
	if reason == ReasonRedirect {
		class = Rejected
	}
	return &Error{Class: class, Reason: reason, cause: c.redact.scrub(err)}
}

func reasonOf(err error, class Class) Reason {
	var (
		dns     *net.DNSError
		op      *net.OpError
		unknown x509.UnknownAuthorityError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		proxy   *proxyError
	)
	switch {
	case errors.Is(err, errTimeout), errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	case errors.Is(err, context.Canceled):
		return ReasonCanceled
	case errors.Is(err, errRedirect):
		return ReasonRedirect
	case errors.Is(err, errPrivate), errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return ReasonPrivate
	case errors.As(err, &proxy), errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return ReasonProxy
	case errors.As(err, &unknown):
		return ReasonCA
	case errors.As(err, &verify), errors.As(err, &record), errors.As(err, &alert):
		return ReasonTLS
	case errors.As(err, &dns):
		return ReasonDNS
	case class == NotWritten && op != nil && op.Op == "dial":
		return ReasonConnect
	}
	return ReasonBroken
}

// proxyError is a proxy's refusal to connect.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return "proxy answered " + http.StatusText(e.status)
}

// watchdog cancels an exchange that makes no progress for a while.
type watchdog struct {
	timer *time.Timer
	d     time.Duration
	stop  context.CancelCauseFunc
}

var errTimeout = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string        { return "no answer in time" }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }
func (timeoutError) Timeout() bool        { return true }

func watch(ctx context.Context, d time.Duration) (context.Context, *watchdog) {
	ctx, stop := context.WithCancelCause(ctx)
	return ctx, &watchdog{d: d, stop: stop, timer: time.AfterFunc(d, func() { stop(errTimeout) })}
}

func (w *watchdog) pat() { w.timer.Reset(w.d) }

func (w *watchdog) done() {
	w.timer.Stop()
	w.stop(nil)
}
