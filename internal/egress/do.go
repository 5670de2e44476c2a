package egress

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// errorBody caps Error.Body.
const errorBody = 64 << 10

// JSON sends in and decodes the answer into out. The path is relative to the
// base URL, or an absolute URL. in: nil for no body, url.Values for a form,
// json.RawMessage for bytes as they are, anything else is marshalled; the
// request carries Content-Length, never chunks. out: nil to ignore the
// answer, *[]byte to take it raw, anything else is unmarshalled.
// Errors are *Error.
func (c *Client) JSON(ctx context.Context, method, path string, query url.Values, header http.Header, in, out any, opts ...Option) error {
	cl := c.call(method, path, query, header, append([]Option{Accept("application/json")}, opts...))
	var err error
	if cl.payload, err = encode(in); err != nil {
		return c.unsent(cl, err)
	}
	return c.exchange(ctx, cl, out)
}

// Multipart posts a form with files and decodes the answer into out, as JSON
// does. Files are streamed; Content-Length is set from their sizes. The
// default timeout grows with the size, by a second for each 64 KiB.
func (c *Client) Multipart(ctx context.Context, path string, header http.Header, fields []Field, files []File, out any, opts ...Option) error {
	body, err := multipartBody(fields, files)
	grow := func(cl *call) { cl.timeout += time.Duration(body.size/(64<<10)) * time.Second }
	all := append([]Option{Accept("application/json"), grow}, opts...)
	cl := c.call(http.MethodPost, path, nil, header, all)
	if err != nil {
		return c.unsent(cl, err)
	}
	cl.payload = body
	return c.exchange(ctx, cl, out)
}

// Response is a successful (2xx) answer being read. Close it.
type Response struct {
	io.ReadCloser
	Status int
	Header http.Header
	// Size in bytes, -1 when unknown.
	Size        int64
	ContentType string
}

// Download gets a file from a path or absolute URL. Reading more than limit
// bytes fails with TooLarge, as does a larger announced size at once. The
// timeout applies to the wait for the answer and then to each piece of it.
// At most five redirects are followed, never from https to http, and the
// caller's headers do not travel to another origin.
func (c *Client) Download(ctx context.Context, target string, header http.Header, limit int64, opts ...Option) (*Response, error) {
	cl := c.call(http.MethodGet, target, nil, header, opts)
	// Compression would hide the size and files are compressed already.
	h := cl.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	setDefault(h, "Accept-Encoding", "identity")
	cl.header = h
	return c.stream(ctx, cl, limit)
}

// Do sends a body as it is and returns the 2xx answer for reading, which is
// bounded by Config.MaxResponse; any other status is an *Error. It is meant
// for signed webhooks and protocols that are not JSON.
func (c *Client) Do(ctx context.Context, method, target string, header http.Header, body []byte, opts ...Option) (*Response, error) {
	cl := c.call(method, target, nil, header, opts)
	if len(body) > 0 {
		cl.payload = memory("application/octet-stream", body)
	}
	return c.stream(ctx, cl, c.max)
}

// exchange runs a call to the end of its answer.
func (c *Client) exchange(ctx context.Context, cl *call, out any) error {
	waited, err := c.admit(ctx, cl)
	if err != nil {
		return err
	}
	start := time.Now()
	status, e := c.roundTrip(ctx, cl, out)
	return c.finish(cl, waited, start, status, e)
}

func (c *Client) roundTrip(ctx context.Context, cl *call, out any) (int, *Error) {
	ctx, dog := watch(ctx, cl.timeout)
	defer dog.done()
	res, e := c.send(ctx, cl) //nolint:bodyclose // the caller of Do closes it
	if e != nil {
		return e.Status, e
	}
	defer closeQuietly(res.Body)
	body, err := io.ReadAll(io.LimitReader(res.Body, c.max+1))
	switch {
	case err != nil:
		if why := context.Cause(ctx); why != nil {
			err = why
		}
		return res.StatusCode, c.answered(res, Uncertain, reasonOf(err, Uncertain), body, err)
	case int64(len(body)) > c.max:
		return res.StatusCode, c.answered(res, TooLarge, "", body, nil)
	}
	if err := decode(res.StatusCode, body, out); err != nil {
		return res.StatusCode, c.answered(res, Uncertain, ReasonMalformed, body, err)
	}
	return res.StatusCode, nil
}

func decode(status int, body []byte, out any) error {
	switch out := out.(type) {
	case nil:
		return nil
	case *[]byte:
		*out = body
		return nil
	}
	if len(body) == 0 && (status == http.StatusNoContent || status == http.StatusResetContent) {
		return nil
	}
	return json.Unmarshal(body, out)
}

// stream runs a call until its answer begins.
func (c *Client) stream(ctx context.Context, cl *call, limit int64) (*Response, error) {
	waited, err := c.admit(ctx, cl)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	ctx, dog := watch(ctx, cl.timeout)
	res, e := c.send(ctx, cl) //nolint:bodyclose // the caller of Do closes it
	if e == nil && res.ContentLength > limit {
		e = c.answered(res, TooLarge, "", nil, nil)
		closeQuietly(res.Body)
	}
	if e != nil {
		dog.done()
		return nil, c.finish(cl, waited, start, e.Status, e)
	}
	dog.pat()
	body := &meteredBody{client: c, call: cl, ctx: ctx, res: res, dog: dog, left: limit}
	return &Response{
		ReadCloser:  body,
		Status:      res.StatusCode,
		Header:      res.Header,
		Size:        res.ContentLength,
		ContentType: res.Header.Get("Content-Type"),
	}, c.finish(cl, waited, start, res.StatusCode, nil)
}

// staleTries is how many kept connections may turn out to be closed before
// that is the request's failure.
const staleTries = 3

// send makes one attempt and turns all but a 2xx answer into an error. A
// kept connection that the other side had closed meanwhile is no attempt.
func (c *Client) send(ctx context.Context, cl *call) (*http.Response, *Error) {
	res, stale, e := c.try(ctx, cl)
	for range staleTries {
		if !stale || ctx.Err() != nil {
			break
		}
		c.http.CloseIdleConnections()
		res, stale, e = c.try(ctx, cl)
	}
	return res, e
}

// try writes the request once. stale says that it failed on a kept
// connection and certainly did not arrive as a whole.
func (c *Client) try(ctx context.Context, cl *call) (res *http.Response, stale bool, e *Error) {
	p := &progress{}
	req, err := c.build(ctx, cl, p)
	if err != nil {
		return nil, false, &Error{Class: NotWritten, Reason: ReasonRequest, cause: c.redact.scrub(err)}
	}
	req = req.WithContext(httptrace.WithClientTrace(ctx, p.trace()))
	res, err = c.http.Do(req) //nolint:gosec // the dialer guards strangers' addresses
	if err != nil {
		if res != nil { // a refused redirect
			closeQuietly(res.Body)
		}
		e := c.failure(ctx, p, err)
		return nil, e.Class == NotWritten && e.Reason == ReasonBroken && p.onKept(), e
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res, false, nil
	}
	defer closeQuietly(res.Body)
	body, err := io.ReadAll(io.LimitReader(res.Body, errorBody))
	return nil, false, c.answered(res, classOfStatus(res.StatusCode), reasonOfStatus(res.StatusCode), body, err)
}

// admit waits for the limiter.
func (c *Client) admit(ctx context.Context, cl *call) (time.Duration, error) {
	if cl.unlimited {
		return 0, nil
	}
	start := time.Now()
	if err := c.limiter.Wait(ctx, cl.key); err != nil {
		e := &Error{Class: NotWritten, Reason: ReasonLimiter, cause: c.redact.scrub(err)}
		return 0, c.finish(cl, time.Since(start), time.Now(), 0, e)
	}
	return time.Since(start), nil
}

func (c *Client) finish(cl *call, waited time.Duration, start time.Time, status int, e *Error) error {
	o := Observation{Operation: cl.operation, Method: cl.method, Status: status, Waited: waited, Took: time.Since(start)}
	if e == nil {
		c.observe(o)
		return nil
	}
	e.Operation = cl.operation
	o.Class = e.Class
	c.observe(o)
	return e
}

func (c *Client) unsent(cl *call, err error) error {
	e := &Error{Class: NotWritten, Reason: ReasonRequest, cause: c.redact.scrub(err)}
	return c.finish(cl, 0, time.Now(), 0, e)
}

// answered makes the error of an exchange that got an answer.
func (c *Client) answered(res *http.Response, class Class, reason Reason, body []byte, err error) *Error {
	if len(body) > errorBody {
		body = body[:errorBody]
	}
	return &Error{
		Class:       class,
		Reason:      reason,
		Status:      res.StatusCode,
		RetryAfter:  retryAfter(res.Header, time.Now()),
		Body:        c.redact.body(body),
		ContentType: res.Header.Get("Content-Type"),
		cause:       c.redact.scrub(err),
	}
}

// meteredBody bounds an answer's size and the wait for each piece.
type meteredBody struct {
	client *Client
	call   *call
	ctx    context.Context //nolint:containedctx // it lives exactly as long as this answer
	res    *http.Response
	dog    *watchdog
	left   int64
}

func (b *meteredBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.res.Body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, b.failed(TooLarge, "", nil)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if why := context.Cause(b.ctx); why != nil {
			err = why
		}
		return n, b.failed(Uncertain, reasonOf(err, Uncertain), err)
	}
	b.dog.pat()
	return n, err
}

func (b *meteredBody) failed(class Class, reason Reason, err error) error {
	e := b.client.answered(b.res, class, reason, nil, err)
	e.Operation = b.call.operation
	return e
}

func (b *meteredBody) Close() error {
	defer b.dog.done()
	return b.res.Body.Close()
}

// closeQuietly closes an answer that has been read or given up; nothing can
// be done about a failure and nothing depends on it.
func closeQuietly(c io.Closer) { _ = c.Close() }
