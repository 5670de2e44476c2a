package s3_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// verifier checks AWS Signature Version 4 as Amazon's reference describes it
// ("Authenticating Requests: Using the Authorization Header" and "Signature
// Calculations … Transferring Payload in Multiple Chunks").
type verifier struct{ accessKey, secretKey string }

var (
	errAccessKey = errors.New("InvalidAccessKeyId")
	errSignature = errors.New("SignatureDoesNotMatch")
	errDigest    = errors.New("XAmzContentSHA256Mismatch")
)

// credential is what the Authorization header says.
type credential struct {
	scope     string // date/region/s3/aws4_request
	signed    []string
	signature string
	date      string
}

// verify checks a request's signature and returns its decoded body.
func (v verifier) verify(r *http.Request) ([]byte, error) {
	c, err := v.parse(r)
	if err != nil {
		return nil, err
	}
	digest := r.Header.Get("X-Amz-Content-Sha256")
	canonical := canonicalRequest(r, c.signed, digest)
	if !v.matches(c, "AWS4-HMAC-SHA256\n"+c.date+"\n"+c.scope+"\n"+hash([]byte(canonical)), c.signature) {
		return nil, errSignature
	}
	switch digest {
	case "UNSIGNED-PAYLOAD":
		return readAll(r.Body)
	case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
		return v.chunks(r, c)
	default:
		body, err := readAll(r.Body)
		if err == nil && hash(body) != digest {
			return nil, errDigest
		}
		return body, err
	}
}

func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read a body: %w", err)
	}
	return body, nil
}

func (v verifier) parse(r *http.Request) (credential, error) {
	c := credential{date: r.Header.Get("X-Amz-Date")}
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return c, errors.New("AccessDenied")
	}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			key, scope, _ := strings.Cut(value, "/")
			if key != v.accessKey {
				return c, errAccessKey
			}
			c.scope = scope
		case "SignedHeaders":
			c.signed = strings.Split(value, ";")
		case "Signature":
			c.signature = value
		}
	}
	parts := strings.Split(c.scope, "/")
	if len(parts) != 4 || parts[2] != "s3" || parts[3] != "aws4_request" || !strings.HasPrefix(c.date, parts[0]) || !slices.Contains(c.signed, "host") {
		return c, errSignature
	}
	return c, nil
}

func canonicalRequest(r *http.Request, signed []string, digest string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + r.URL.EscapedPath() + "\n")
	query := r.URL.Query()
	pairs := make([]string, 0, len(query))
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, uriEncode(name)+"="+uriEncode(value))
		}
	}
	slices.Sort(pairs)
	b.WriteString(strings.Join(pairs, "&") + "\n")
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + digest)
	return b.String()
}

func uriEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (v verifier) matches(c credential, toSign, signature string) bool {
	key := []byte("AWS4" + v.secretKey)
	for part := range strings.SplitSeq(c.scope, "/") {
		key = mac(key, part)
	}
	return hmac.Equal([]byte(hex.EncodeToString(mac(key, toSign))), []byte(signature))
}

// chunks decodes a body in signed chunks. Each chunk's signature covers the
// one before, from the header's on.
func (v verifier) chunks(r *http.Request, c credential) ([]byte, error) {
	in := bufio.NewReader(r.Body)
	previous := c.signature
	var body bytes.Buffer
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, errSignature
		}
		size, signature, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ";chunk-signature=")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return nil, errSignature
		}
		chunk := make([]byte, n)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, errSignature
		}
		toSign := "AWS4-HMAC-SHA256-PAYLOAD\n" + c.date + "\n" + c.scope + "\n" + previous + "\n" + hash(nil) + "\n" + hash(chunk)
		if !v.matches(c, toSign, signature) {
			return nil, errSignature
		}
		previous = signature
		if n == 0 {
			break
		}
		body.Write(chunk)
		if crlf, err := in.ReadString('\n'); err != nil || crlf != "\r\n" {
			return nil, errSignature
		}
	}
	if want := r.Header.Get("X-Amz-Decoded-Content-Length"); want != strconv.Itoa(body.Len()) {
		return nil, errDigest
	}
	return body.Bytes(), v.trailer(r, c, in, previous)
}

// trailer checks the trailing headers' signature, if the request has any.
func (v verifier) trailer(r *http.Request, c credential, in *bufio.Reader, previous string) error {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Content-Sha256"), "-TRAILER") {
		return nil
	}
	rest, err := readAll(in)
	if err != nil {
		return err
	}
	headers, signature, ok := strings.Cut(string(rest), "x-amz-trailer-signature:")
	toSign := "AWS4-HMAC-SHA256-TRAILER\n" + c.date + "\n" + c.scope + "\n" + previous + "\n" +
		hash([]byte(strings.ReplaceAll(headers, "\r\n", "\n")))
	if !ok || !v.matches(c, toSign, strings.TrimSpace(signature)) {
		return errSignature
	}
	return nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
