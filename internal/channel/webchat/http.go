package webchat

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// maxBody bounds a JSON request, in bytes: the longest text, escaped.
const maxBody = 256 << 10

// call is one request to a widget.
type call struct {
	w        http.ResponseWriter
	r        *http.Request
	channel  channel.ID
	account  channel.Account
	settings settings
	visitor  visitor.Visitor // set by withVisitor
}

func (p *Platform) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /widget.js", p.serveScript)
	mux.HandleFunc("GET /widget/{channel}/assets/{file}", p.serveAsset)
	open := func(pattern string, h func(*call) error) { mux.Handle(pattern, p.open(h)) }
	open("GET /widget/{channel}/config", p.getConfig)
	open("GET /widget/{channel}/frame", p.getFrame)
	open("POST /widget/{channel}/sessions", p.createSession)
	open("GET /widget/{channel}/session", p.withVisitor(p.getSession))
	open("PATCH /widget/{channel}/session", p.withVisitor(p.updateSession))
	open("DELETE /widget/{channel}/session", p.withVisitor(p.deleteSession))
	open("GET /widget/{channel}/entries", p.withVisitor(p.getEntries))
	open("POST /widget/{channel}/messages", p.withVisitor(p.createMessage))
	open("POST /widget/{channel}/marks", p.withVisitor(p.postMarks))
	open("POST /widget/{channel}/typing", p.withVisitor(p.postTyping))
	open("POST /widget/{channel}/uploads", p.withVisitor(p.createUpload))
	open("GET /widget/{channel}/files/{file}/link", p.withVisitor(p.getFileLink))
	open("GET /widget/{channel}/files/{file}", p.getFile)
	open("GET /widget/{channel}/socket", p.serveSocket)
	mux.HandleFunc("/widget/", func(w http.ResponseWriter, r *http.Request) {
		p.problem(w, r, fault.New(fault.NotFound, "widget.not_found"))
	})
	return mux
}

// open finds the channel, applies the limit of the address and answers errors.
func (p *Platform) open(h func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		if err := p.handle(w, r, h); err != nil {
			p.problem(w, r, err)
		}
	})
}

func (p *Platform) handle(w http.ResponseWriter, r *http.Request, h func(*call) error) error {
	if err := p.limits.requests.take(p.deps.ClientIP(r), 1); err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("channel"), 10, 64)
	if err != nil || id <= 0 {
		return fault.New(fault.NotFound, "widget.not_found")
	}
	c := &call{w: w, r: r, channel: channel.ID(id)}
	if c.account, err = p.deps.Channels.Account(r.Context(), c.channel); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return fault.Wrap(fault.NotFound, "widget.not_found", err)
		}
		return err
	}
	if c.settings, err = parse(c.account); err != nil {
		return fault.Wrap(fault.Unavailable, "widget.misconfigured", err)
	}
	return h(c)
}

// read decodes a JSON body strictly.
func (c *call) read(into any) error {
	if media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return fault.New(fault.Invalid, "widget.content_type").WithField("content-type")
	}
	if c.r.ContentLength > maxBody {
		return fault.New(fault.TooLarge, "widget.body_too_large").With("limit", maxBody)
	}
	dec := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	err := dec.Decode(into)
	if err == nil {
		_, err = dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		err = fault.New(fault.Invalid, "widget.json_invalid").Because(err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "widget.body_too_large").With("limit", maxBody)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.New(fault.Invalid, "widget.wrong_type").WithField(wrong.Field).Because(err)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(fault.Invalid, "widget.json_invalid", err)
}

func (c *call) json(status int, v any) error {
	out, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, "widget.unwritable", err)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(out) // the visitor may be gone
	return nil
}

func (c *call) done() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// problem is RFC 9457.
type problem struct {
	Type       string         `json:"type"`
	Title      string         `json:"title"`
	Status     int            `json:"status"`
	Code       string         `json:"code"`
	Field      string         `json:"field,omitempty"`
	Params     map[string]any `json:"params,omitempty"`
	RetryAfter int            `json:"retry_after,omitempty"` // seconds
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
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

// asProblem says an error in the words that a stranger may read.
func asProblem(err error) problem {
	out := problem{Type: "about:blank", Status: statusOf(fault.KindOf(err)), Code: fault.CodeOf(err)}
	out.Title = http.StatusText(out.Status)
	if fe, ok := errors.AsType[*fault.Error](err); ok {
		out.Field, out.Params = fe.Field, fe.Params
		out.RetryAfter = int(math.Ceil(fe.RetryAfter.Seconds()))
	}
	return out
}

func (p *Platform) problem(w http.ResponseWriter, r *http.Request, err error) {
	out := asProblem(err)
	if out.Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		p.deps.Logger.ErrorContext(r.Context(), "widget request failed",
			slog.String("path", r.URL.Path), slog.String("code", out.Code), slog.Any("error", err))
	}
	if out.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(out.RetryAfter))
	}
	body, mErr := json.Marshal(out)
	if mErr != nil { // parameters are numbers and strings
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(out.Status)
	_, _ = w.Write(body)
}

// foreverSeconds is the longest that a cache may keep something.
const foreverSeconds = int(365 * 24 * time.Hour / time.Second)
