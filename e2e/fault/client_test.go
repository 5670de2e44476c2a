package fault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

type object = map[string]any

// client is somebody logged in.
type client struct {
	base   string
	http   *http.Client
	cookie *http.Cookie
}

func newClient(base string) *client {
	return &client{base: base, http: &http.Client{Timeout: 20 * time.Second}}
}

// errRefused is an answer that will not change by asking again.
var errRefused = errors.New("refused")

// do calls the API. A lost connection and 5xx are plain errors: the same
// request may be made again.
func (c *client) do(method, route string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	return c.send(method, route, http.Header{"Content-Type": {"application/json"}}, body, out)
}

// keyed is do with an idempotency key.
func (c *client) keyed(method, route, key string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if in == nil {
		raw = nil
	}
	return c.send(method, route, http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}, bytes.NewReader(raw), out)
}

func (c *client) send(method, route string, header http.Header, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(context.Background(), method, c.base+"/api/v1"+route, body)
	if err != nil {
		return err
	}
	req.Header = header
	if c.cookie != nil {
		req.AddCookie(c.cookie)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	for _, cookie := range resp.Cookies() {
		if cookie.Value != "" && c.cookie == nil {
			c.cookie = cookie
		}
	}
	switch {
	case resp.StatusCode >= 500, resp.Header.Get("Retry-After") != "": // to be asked again
		return fmt.Errorf("%s %s: %s: %s", method, route, resp.Status, raw)
	case resp.StatusCode >= 400:
		return fmt.Errorf("%s %s: %w: %s: %s", method, route, errRefused, resp.Status, raw)
	case out == nil, len(raw) == 0:
		return nil
	}
	return json.Unmarshal(raw, out)
}

// read fetches a file.
func (c *client) read(address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.base+address, nil)
	if err != nil {
		return nil, err
	}
	req.AddCookie(c.cookie)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, resp.Status)
	}
	return raw, err
}

// upload sends a picture and returns its id.
func (c *client) upload(data []byte) (string, error) {
	var form bytes.Buffer
	mw := multipart.NewWriter(&form)
	part, err := mw.CreateFormFile("file", "picture.png")
	if err != nil {
		return "", err
	}
	if _, err := part.Write(data); err != nil {
		return "", err
	}
	if err := mw.Close(); err != nil {
		return "", err
	}
	var f struct{ ID string }
	err = c.send("POST", "/files", http.Header{"Content-Type": {mw.FormDataContentType()}}, &form, &f)
	return f.ID, err
}
