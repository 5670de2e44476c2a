package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/okno-hq/okno/internal/fault"
)

// Problem is an error as RFC 9457 tells it. Code is stable; people's words for
// it are the workspace's.
type Problem struct { //nolint:errname // RFC 9457 calls it so
	Type       string         `json:"type" example:"about:blank"`
	Title      string         `json:"title" example:"Not Found"`
	Status     int            `json:"status" example:"404"`
	Code       string         `json:"code" example:"conversation.not_found" doc:"Stable; scripts may rely on it."`
	Detail     string         `json:"detail,omitempty"`
	Field      string         `json:"field,omitempty" doc:"The request's field at fault."`
	Params     map[string]any `json:"params,omitempty" doc:"Values for the error's text."`
	RetryAfter float64        `json:"retry_after,omitempty" doc:"Seconds to wait before trying again."`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter+0.999)))
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}

// problem is an error as the client sees it; its cause goes to the log and
// nowhere else.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.Wrap(fault.Internal, "internal", err)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			f = fault.Wrap(fault.Unavailable, "timeout", err)
		case errors.Is(err, context.Canceled):
			f = fault.Wrap(fault.Unavailable, "cancelled", err)
		}
		if tooBig, is := errors.AsType[*http.MaxBytesError](err); is {
			f = fault.New(fault.TooLarge, "request.too_large").With("limit", tooBig.Limit)
		}
	}
	p := &Problem{
		Type: "about:blank", Status: statusOf(f.Kind), Code: f.Code, Field: f.Field, Params: public(f.Params), RetryAfter: f.RetryAfter.Seconds(),
	}
	p.Title = http.StatusText(p.Status)
	level := slog.LevelDebug
	if p.Status >= http.StatusInternalServerError {
		level = slog.LevelError
		if p.Status == http.StatusServiceUnavailable && p.RetryAfter == 0 {
			p.RetryAfter = 2
		}
	}
	s.d.Log.LogAttrs(ctx, level, "request failed", slog.String("code", p.Code), slog.Int("status", p.Status),
		slog.String("request_id", requestID(ctx)), slog.Any("error", err))
	return p
}

// public makes ids in an error's parameters strings, as everywhere.
func public(params map[string]any) map[string]any {
	out := make(map[string]any, len(params))
	for k, v := range params {
		if n, ok := v.(int64); ok && strings.HasSuffix(k, "_id") {
			v = strconv.FormatInt(n, 10)
		}
		out[k] = v
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// write sends an error outside of the API's own operations.
func (s *Server) write(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// useProblems tells the framework how this API refuses; it has one place for
// that, for the whole process.
var useProblems = sync.OnceFunc(func() { huma.NewError = newProblem }) //nolint:gochecknoglobals // see above

// newProblem makes the framework's own refusals (malformed JSON, a wrong
// type, a missing field) problems like all others.
func newProblem(status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: "request.invalid", Detail: msg}
	switch status {
	case http.StatusUnprocessableEntity:
		p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	case http.StatusRequestEntityTooLarge:
		p.Code = "request.too_large"
	case http.StatusUnsupportedMediaType:
		p.Code = "request.media_type"
	case http.StatusRequestTimeout:
		p.Code = "timeout"
	case http.StatusNotAcceptable:
		p.Code = "request.not_acceptable"
	case http.StatusInternalServerError:
		p.Code, p.Detail = "internal", ""
	}
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			if tooBig, is := errors.AsType[*http.MaxBytesError](err); is {
				p.Status, p.Code, p.Params = http.StatusRequestEntityTooLarge, "request.too_large", map[string]any{"limit": tooBig.Limit}
				p.Title = http.StatusText(p.Status)
			}
			continue
		}
		if p.Field == "" {
			p.Field = strings.TrimPrefix(strings.TrimPrefix(d.Location, "body."), "query.")
			p.Detail = d.Message
		}
	}
	return p
}

// retryIn is for refusals outside of the API that say when to come back.
const retryIn = 5 * time.Second
