package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/fault"
)

// Idempotency remembers the answers to writes by their Idempotency-Key.
type Idempotency interface {
	// Once claims a key, does the request and keeps its answer in one
	// transaction, the one of do's context: there is an answer if and only if
	// what it tells of has happened. Unless do is done, what it did is undone;
	// keep says whether its answer is kept even so. do may run several times.
	// found says that the key was claimed before.
	Once(ctx context.Context, ws access.WorkspaceID, u access.UserID, key string, hash []byte,
		do func(context.Context) (a Answer, done, keep bool)) (a Answer, found bool, err error)

	// Begin, Finish and Forget do so in steps, for what a transaction cannot
	// hold: a crash in between leaves a key that is claimed and has no answer.
	//
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
		h := sha256.New()
		h.Write([]byte(r.Method + " " + r.URL.RequestURI() + "\n"))
		h.Write(raw)
		sum := h.Sum(nil)
		if inOne(r.URL.Path) {
			s.doOnce(w, r, next, a, key, sum, raw)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		s.doInSteps(w, r, next, a, key, sum)
	})
}

// inOne tells the writes that are the database's alone, and fit into one
// transaction, from those that speak to others or take their time meanwhile.
func inOne(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/v1/"), "/")
	switch first {
	case "conversations", "items", "contacts", "merges", "canned-replies", "views", "tags", "contact-fields", "notifications", "teams", "roles", "inboxes":
		return true
	}
	return false
}

// doOnce does a request and keeps its answer in one transaction.
func (s *Server) doOnce(w http.ResponseWriter, r *http.Request, next http.Handler, a access.Actor, key string, sum, raw []byte) {
	var header http.Header
	stored, found, err := s.d.Idempotency.Once(r.Context(), a.Workspace, a.User, key, sum, func(ctx context.Context) (Answer, bool, bool) {
		again := r.WithContext(ctx)
		again.Body = io.NopCloser(bytes.NewReader(raw))
		held := &heldAnswer{header: http.Header{}, status: http.StatusOK}
		next.ServeHTTP(held, again)
		header = held.header
		out := Answer{Hash: sum, Status: held.status, ContentType: held.header.Get("Content-Type"), Body: held.body.Bytes()}
		return out, held.status < http.StatusBadRequest, !ourFault(held.status)
	})
	switch {
	case err != nil:
		s.write(w, r, err)
	case found:
		s.repeat(w, r, stored, sum)
	default:
		maps.Copy(w.Header(), header)
		w.WriteHeader(stored.Status)
		_, _ = w.Write(stored.Body) // the client may be gone
	}
}

// ourFault says that a request failed for our own sake: it may be made again.
func ourFault(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
}

// heldAnswer is an answer that waits for its transaction's end.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (h *heldAnswer) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(status int) { h.status = status }

// Write implements io.Writer.
func (h *heldAnswer) Write(p []byte) (int, error) { return h.body.Write(p) }

// doInSteps claims the key, does a request, and then keeps its answer.
func (s *Server) doInSteps(w http.ResponseWriter, r *http.Request, next http.Handler, a access.Actor, key string, sum []byte) {
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
	defer func() { //nolint:contextcheck // after the request, whatever became of it
		ctx := context.WithoutCancel(r.Context())
		var err error
		if ourFault(rec.status) || rec.buf.Len() > maxRemembered {
			err = s.d.Idempotency.Forget(ctx, a.Workspace, a.User, key)
		} else {
			err = s.d.Idempotency.Finish(ctx, a.Workspace, a.User, key, Answer{
				Hash: sum, Status: rec.status, ContentType: rec.Header().Get("Content-Type"), Body: rec.buf.Bytes(),
			})
		}
		if err != nil {
			s.d.Log.ErrorContext(ctx, "answer not remembered", slog.Any("error", err))
		}
	}()
	next.ServeHTTP(rec, r)
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
