package egress

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Option refines one request.
type Option func(*call)

// Key names what the per-key limit counts by, normally the chat.
func Key(key string) Option { return func(c *call) { c.key = key } }

// Operation names the request in errors and metrics ("sendMessage"). It must
// not hold anything secret.
func Operation(name string) Option { return func(c *call) { c.operation = name } }

// Within replaces the client's timeout, for long polls and large uploads.
func Within(d time.Duration) Option { return func(c *call) { c.timeout = d } }

// Unlimited lets the request pass without asking the limiter: long polls and
// downloads do not count against the sending rate.
func Unlimited() Option { return func(c *call) { c.unlimited = true } }

// Accept is the Accept header's value; JSON asks for application/json anyway.
func Accept(value string) Option { return func(c *call) { c.accept = value } }

// call is one request on its way.
type call struct {
	method    string
	target    string
	query     url.Values
	header    http.Header
	payload   payload
	operation string
	key       string
	accept    string
	timeout   time.Duration
	unlimited bool
}

// payload is a body that can be read more than once and whose size is known:
// many platforms' gateways do not accept chunked requests.
type payload struct {
	contentType string
	size        int64
	open        func() (io.ReadCloser, error)
}

func (c *Client) call(method, target string, query url.Values, header http.Header, opts []Option) *call {
	cl := &call{method: method, target: target, query: query, header: header, timeout: c.timeout}
	for _, o := range opts {
		o(cl)
	}
	return cl
}

// encode makes the body of a JSON call: nil is no body, url.Values is a form,
// json.RawMessage is sent byte for byte, all else is marshalled.
func encode(in any) (payload, error) {
	switch v := in.(type) {
	case nil:
		return payload{}, nil
	case url.Values:
		return memory("application/x-www-form-urlencoded", []byte(v.Encode())), nil
	case json.RawMessage:
		return memory("application/json", v), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(in); err != nil {
		return payload{}, err
	}
	return memory("application/json", bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

func memory(contentType string, b []byte) payload {
	return payload{contentType: contentType, size: int64(len(b)), open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

// build makes the HTTP request and lets p watch it.
func (c *Client) build(ctx context.Context, cl *call, p *progress) (*http.Request, error) {
	u, err := c.resolve(cl.target, cl.query)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, cl.method, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	p.replayed = slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, req.Method)
	for name, values := range cl.header {
		req.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	setDefault(req.Header, "User-Agent", c.agent)
	if cl.accept != "" {
		setDefault(req.Header, "Accept", cl.accept)
	}
	if cl.payload.open != nil && cl.payload.size > 0 {
		setDefault(req.Header, "Content-Type", cl.payload.contentType)
		req.ContentLength = cl.payload.size
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := cl.payload.open()
			if err != nil {
				return nil, err
			}
			return p.track(body, cl.payload.size), nil
		}
		if req.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("open body: %w", err)
		}
	}
	return req, nil
}

func setDefault(h http.Header, name, value string) {
	if len(h.Values(name)) == 0 {
		h.Set(name, value)
	}
}

// resolve joins a path, already escaped where needed, to the base URL, or
// takes an absolute http(s) URL as it is.
func (c *Client) resolve(target string, query url.Values) (*url.URL, error) {
	var u *url.URL
	lower := strings.ToLower(target)
	if strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		parsed, err := url.Parse(target)
		if err != nil {
			return nil, withoutURL(err)
		}
		u = parsed
	} else {
		if c.base == nil {
			return nil, fmt.Errorf("relative address without a base URL")
		}
		joined, err := join(c.base, target)
		if err != nil {
			return nil, err
		}
		u = joined
	}
	if u.Host == "" {
		return nil, fmt.Errorf("address without a host")
	}
	u.Fragment, u.RawFragment = "", ""
	if len(query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += query.Encode()
	}
	return u, nil
}

// join appends a path to the base without cleaning it: a token's colon and
// escaped slashes stay as they are; climbing out is refused.
func join(base *url.URL, target string) (*url.URL, error) {
	path, query, _ := strings.Cut(target, "?")
	raw := strings.TrimRight(base.EscapedPath(), "/") + "/" + strings.TrimLeft(path, "/")
	if path == "" {
		raw = base.EscapedPath()
	}
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return nil, fmt.Errorf("path is not properly escaped")
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if segment == ".." || segment == "." {
			return nil, fmt.Errorf("path has a dot segment")
		}
	}
	u := *base
	u.Path, u.RawPath = plain, raw
	u.RawQuery = query
	return &u, nil
}

// retryAfter reads the header of RFC 9110 section 10.2.3: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseInt(v, 10, 32); err == nil {
		return time.Duration(max(s, 0)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}
