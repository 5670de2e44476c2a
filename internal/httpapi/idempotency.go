package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"net/http"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

// Idempotency remembers the answers to writes by their Idempotency-Key.
type Idempotency interface {
	// Begin claims a key for a request. found says that it was claimed
	// before: then stored is what is known of that request.
	Begin(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte) (stored Answer, found bool, err error)
	// Finish keeps the answer, Forget gives the key free again.
	Finish(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, a Answer) error
	Forget(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string) error
}

// Answer is a remembered answer. Status is 0 while the first request runs.
type Answer struct {
	Hash        []byte
	Status      int
	ContentType string
	Body        []byte
}

// maxKey bounds an Idempotency-Key, maxRemembered an answer worth keeping.
const (
	maxKey        = 200
	maxRemembered = 1 << 20
)

// idempotent makes the same write with the same key happen once, however
// often it is asked for.
func (s *Server) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		a, ok := actorFrom(r.Context())
		if key == "" || !ok || r.Method == http.MethodGet || r.Method == http.MethodHead || s.d.Idempotency == nil {
			next.ServeHTTP(w, r)
			return
		}
		if len(key) > maxKey {
			s.write(w, r, fault.New(fault.Invalid, "idempotency.key_too_long").WithField("Idempotency-Key"))
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxJSON))
		if err != nil {
			s.write(w, r, err)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		h := sha256.New()
		h.Write([]byte(r.Method + " " + r.URL.RequestURI() + "\n"))
		h.Write(raw)
		sum := h.Sum(nil)
		stored, found, err := s.d.Idempotency.Begin(r.Context(), a.Workspace, a.User, key, sum)
		if err != nil {
			s.write(w, r, err)
			return
		}
		if found {
			s.repeat(w, r, stored, sum)
			return
		}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			ctx := context.WithoutCancel(r.Context())
			var err error
			// What failed for our own sake may be tried again.
			if rec.status >= http.StatusInternalServerError || rec.status == http.StatusTooManyRequests || rec.buf.Len() > maxRemembered {
				err = s.d.Idempotency.Forget(ctx, a.Workspace, a.User, key)
			} else {
				err = s.d.Idempotency.Finish(ctx, a.Workspace, a.User, key, Answer{
					Hash: sum, Status: rec.status, ContentType: rec.Header().Get("Content-Type"), Body: rec.buf.Bytes(),
				})
			}
			if err != nil {
				s.d.Log.ErrorContext(ctx, "answer not remembered", "error", err)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

func (s *Server) repeat(w http.ResponseWriter, r *http.Request, stored Answer, sum []byte) {
	switch {
	case !bytes.Equal(stored.Hash, sum):
		s.write(w, r, fault.New(fault.Conflict, "idempotency.other_request"))
	case stored.Status == 0:
		s.write(w, r, fault.New(fault.Conflict, "idempotency.in_progress").After(retryIn))
	default:
		w.Header().Set("Content-Type", stored.ContentType)
		w.Header().Set("Idempotent-Replay", "true")
		w.WriteHeader(stored.Status)
		_, _ = w.Write(stored.Body) // the client may be gone
	}
}

// recorder keeps what an operation answers.
type recorder struct {
	http.ResponseWriter
	status int
	buf    bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (r *recorder) Write(p []byte) (int, error) {
	if r.buf.Len() <= maxRemembered {
		r.buf.Write(p)
	}
	return r.ResponseWriter.Write(p)
}
