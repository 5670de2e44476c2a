package egress

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Requester sends requests that others have built, such as a library for a
// protocol, under the client's rules. It answers like http.Client: every
// status is a response, and an error means that none came (an *Error).
type Requester struct {
	client    *Client
	operation string
}

// Requester returns a requester whose requests are named by operation in
// errors and metrics.
func (c *Client) Requester(operation string) *Requester { return &Requester{c, operation} }

// Do sends a request. Its body is read into memory first. Of an answer
// without success the beginning of the body and the headers Content-Type and
// Retry-After are there.
func (r *Requester) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		body, err = io.ReadAll(req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, fmt.Errorf("egress: read the request: %w", err)
		}
	}
	res, err := r.client.Do(req.Context(), req.Method, req.URL.String(), req.Header, body, Operation(r.operation))
	if err == nil {
		return response(req, res.Status, res.Header, res.Size, res.ReadCloser), nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status == 0 {
		return nil, err
	}
	h := http.Header{}
	if e.ContentType != "" {
		h.Set("Content-Type", e.ContentType)
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	return response(req, e.Status, h, int64(len(e.Body)), io.NopCloser(bytes.NewReader(e.Body))), nil
}

func response(req *http.Request, status int, h http.Header, size int64, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, ContentLength: size, Body: body, Request: req,
	}
}
