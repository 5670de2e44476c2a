package s3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/blob/blobtest"
	"github.com/okno-hq/okno/internal/blob/s3"
	"github.com/okno-hq/okno/internal/fault"
)

const accessKey, secretKey = "okno-test", "a secret of the tests"

func serve(t *testing.T) (*standIn, s3.Config) {
	t.Helper()
	in := newStandIn(verifier{accessKey, secretKey}, "bucket")
	srv := httptest.NewServer(in)
	t.Cleanup(srv.Close)
	return in, s3.Config{
		Endpoint: srv.URL, Bucket: "bucket", Prefix: "okno/", AccessKey: accessKey, SecretKey: secretKey, PathStyle: true,
	}
}

func open(t *testing.T, cfg s3.Config) *s3.Store {
	t.Helper()
	s, err := s3.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSuite(t *testing.T) {
	blobtest.Run(t, 40<<20, func(t *testing.T) blob.Store {
		t.Helper()
		in, cfg := serve(t)
		in.objects["elsewhere"] = object{data: []byte("another program's"), etag: `"x"`}
		return open(t, cfg)
	})
}

func TestLargeBlobsGoInPartsAndFailedOnesAreDropped(t *testing.T) {
	in, cfg := serve(t)
	s := open(t, cfg)
	if _, err := s.Put(t.Context(), "small", bytes.NewReader(make([]byte, 1000))); err != nil {
		t.Fatal(err)
	}
	if in.count("whole") != 1 || in.count("part") != 0 {
		t.Fatalf("a small blob: %v", in.counts)
	}
	if _, err := s.Put(t.Context(), "large", io.LimitReader(zeros{}, 40<<20)); err != nil {
		t.Fatal(err)
	}
	if in.count("part") != 3 || len(in.uploads) != 0 {
		t.Fatalf("a blob of 40 MiB: %v, %d uploads open", in.counts, len(in.uploads))
	}
	broken := errors.New("broken")
	_, err := s.Put(t.Context(), "failing", io.MultiReader(io.LimitReader(zeros{}, 40<<20), failing{broken}))
	if !errors.Is(err, broken) || in.count("abort") != 1 || len(in.uploads) != 0 {
		t.Fatalf("a blob that fails: %v, %v, %d uploads open", err, in.counts, len(in.uploads))
	}
	for key := range in.objects {
		if !strings.HasPrefix(key, "okno/") {
			t.Errorf("stored outside the prefix: %s", key)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestRangesAreAskedFor(t *testing.T) {
	in, cfg := serve(t)
	s := open(t, cfg)
	if _, err := s.Put(t.Context(), "r", bytes.NewReader(make([]byte, 100_000))); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Seek(99_000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(o); err != nil || len(b) != 1000 || in.count("range") != 1 {
		t.Fatalf("%d bytes, %v, %v", len(b), err, in.counts)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBodyThatBreaksOffIsNoShortBlob(t *testing.T) {
	in, cfg := serve(t)
	s := open(t, cfg)
	if _, err := s.Put(t.Context(), "b", bytes.NewReader(make([]byte, 100_000))); err != nil {
		t.Fatal(err)
	}
	in.mu.Lock()
	in.cut = 10_000
	in.mu.Unlock()
	o, err := s.Open(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(o); fault.CodeOf(err) != "blob.unavailable" || len(b) == 100_000 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFaults(t *testing.T) {
	in, good := serve(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for name, c := range map[string]struct {
		change func(*s3.Config)
		kind   fault.Kind
		code   string
	}{
		"wrong secret":     {func(c *s3.Config) { c.SecretKey += "x" }, fault.Internal, "blob.refused"},
		"wrong access key": {func(c *s3.Config) { c.AccessKey = "nobody" }, fault.Internal, "blob.refused"},
		"no such bucket":   {func(c *s3.Config) { c.Bucket = "other" }, fault.Internal, "blob.refused"},
		"nobody there":     {func(c *s3.Config) { c.Endpoint = dead.URL; c.Region = "eu-test-1" }, fault.Unavailable, "blob.unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			s := open(t, cfg)
			_, err := s.Put(t.Context(), "k", strings.NewReader("x"))
			if fault.KindOf(err) != c.kind || fault.CodeOf(err) != c.code {
				t.Errorf("put: %v", err)
			}
			if err := s.Check(t.Context()); fault.CodeOf(err) != c.code {
				t.Errorf("check: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), secretKey) {
				t.Errorf("the error tells the secret: %v", err)
			}
		})
	}
	in.mu.Lock()
	in.full = true
	in.mu.Unlock()
	for _, size := range []int64{10, 20 << 20} {
		_, err := open(t, good).Put(t.Context(), "k", io.LimitReader(zeros{}, size))
		if fault.KindOf(err) != fault.Unavailable || fault.CodeOf(err) != "blob.full" {
			t.Errorf("full, %d bytes: %v", size, err)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, endpoint := range []string{"", "s3.example.com", "ftp://s3.example.com", "https://", "https://u:p@host", "https://host/bucket"} {
		if _, err := s3.Open(s3.Config{Endpoint: endpoint, Bucket: "b"}); fault.CodeOf(err) != "blob.endpoint" {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	if _, err := s3.Open(s3.Config{Endpoint: "https://s3.example.com"}); fault.CodeOf(err) != "blob.bucket" {
		t.Errorf("no bucket: %v", err)
	}
}

// TestVerifierOnAmazonsExamples checks the stand-in's own arithmetic by the
// examples in Amazon's S3 API reference.
func TestVerifierOnAmazonsExamples(t *testing.T) {
	v := verifier{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	const credential = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
	get := func() *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
		r.Header.Set("Range", "bytes=0-9")
		r.Header.Set("X-Amz-Date", "20130524T000000Z")
		r.Header.Set("X-Amz-Content-Sha256", hash(nil))
		r.Header.Set("Authorization", credential+"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"+
			"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
		return r
	}
	if _, err := v.verify(get()); err != nil {
		t.Errorf("GET Object: %v", err)
	}
	changed := get()
	changed.Header.Set("Range", "bytes=0-10")
	if _, err := v.verify(changed); !errors.Is(err, errSignature) {
		t.Errorf("a changed header: %v", err)
	}

	chunked := func(spoil bool) *http.Request {
		a := strings.Repeat("a", 1024)
		last := a
		if spoil {
			last = "b" + a[1:]
		}
		body := "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + strings.Repeat(a, 64) + "\r\n" +
			"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + last + "\r\n" +
			"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "https://s3.amazonaws.com/examplebucket/chunkObject.txt", strings.NewReader(body))
		r.Header.Set("Content-Encoding", "aws-chunked")
		r.Header.Set("X-Amz-Date", "20130524T000000Z")
		r.Header.Set("X-Amz-Storage-Class", "REDUCED_REDUNDANCY")
		r.Header.Set("X-Amz-Decoded-Content-Length", "66560")
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
		r.Header.Set("Authorization", credential+
			"SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,"+
			"Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
		return r
	}
	if body, err := v.verify(chunked(false)); err != nil || len(body) != 66560 {
		t.Errorf("PUT Object in chunks: %d bytes, %v", len(body), err)
	}
	if _, err := v.verify(chunked(true)); !errors.Is(err, errSignature) {
		t.Errorf("a changed chunk: %v", err)
	}
}
