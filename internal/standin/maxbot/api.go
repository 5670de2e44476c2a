package maxbot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// maxBody bounds a JSON request.
const maxBody = 4 << 20

// apiError is an error of the platform: a code and a text.
type apiError struct {
	Status        int
	Code, Message string
	Body          string
	RetryAfter    time.Duration
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message) }

// refuse makes an error; a zero status or empty code is filled in from the
// other.
func refuse(status int, code, format string, args ...any) *apiError {
	if status == 0 {
		status = http.StatusBadRequest
	}
	if code == "" {
		switch {
		case status == http.StatusUnauthorized:
			code = "verify.token"
		case status == http.StatusTooManyRequests:
			code = "too.many.requests"
		case status == http.StatusServiceUnavailable:
			code = "service.unavailable"
		case status >= http.StatusInternalServerError:
			code = "internal"
		default:
			code = "proto.payload"
		}
	}
	return &apiError{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// method is one call of the API.
type method struct {
	name   string
	answer string // the schema of a good answer
	do     func(*http.Request) (any, error)
}

// methods are the calls by pattern.
func (s *Server) methods() map[string]method {
	return map[string]method{
		"GET /me":                      {"me", "BotInfo", s.getMe},
		"GET /subscriptions":           {"subscriptions", "GetSubscriptionsResult", s.getSubscriptions},
		"POST /subscriptions":          {"subscribe", "SimpleQueryResult", s.postSubscription},
		"DELETE /subscriptions":        {"unsubscribe", "SimpleQueryResult", s.deleteSubscription},
		"GET /updates":                 {"updates", "", s.getUpdates}, // each update was checked when it was made
		"POST /messages":               {"send", "SendMessageResult", s.postMessage},
		"PUT /messages":                {"edit", "SimpleQueryResult", s.putMessage},
		"DELETE /messages":             {"delete", "SimpleQueryResult", s.deleteMessage},
		"GET /messages":                {"messages", "MessageList", s.getMessages},
		"GET /messages/{message}":      {"message", "Message", s.getMessage},
		"POST /uploads":                {"uploads", "UploadEndpoint", s.postUploads},
		"POST /answers":                {"answers", "SimpleQueryResult", s.postAnswer},
		"POST /chats/{chat}/actions":   {"actions", "SimpleQueryResult", s.postAction},
		"GET /chats/{chat}":            {"chat", "Chat", s.getChat},
		"GET /chats/{chat}/members/me": {"membership", "ChatMember", s.getMembership},
		"GET /videos/{token}":          {"video", "VideoAttachmentDetails", s.getVideo},
	}
}

// Handler serves the API, the upload and media hosts and /_control/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.Control(mux, s.questions(), s.customerActions(), s.platformActions())
	mux.HandleFunc("POST /_upload/{key}", s.serveUpload)
	mux.HandleFunc("GET /_media/{key}", s.serveDownload)
	for pattern, m := range s.methods() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, m) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.Violate("%s %s: no such method", r.Method, r.URL.Path)
		s.writeError(w, refuse(http.StatusNotFound, "not.found", "Method not found"))
	})
	return mux
}

// serve answers one call.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, m method) {
	dropped, ok := s.begin(w, r, m.name)
	if !ok {
		return
	}
	if err := s.admit(r, m.name); err != nil {
		s.writeError(w, err)
		return
	}
	answer, err := m.do(r)
	if dropped {
		platform.HangUp(w)
		return
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		s.writeError(w, e)
		return
	}
	if err != nil {
		s.Violate("%s %s: %v", r.Method, r.URL.Path, err)
		s.writeError(w, refuse(http.StatusInternalServerError, "", "%v", err))
		return
	}
	if err := s.contract.check(m.answer, answer); err != nil {
		s.Violate("answer of %s: %v", m.name, err)
	}
	s.writeJSON(w, http.StatusOK, answer)
}

// admit checks what holds for every call: the token in its header, as it is,
// and the rate.
func (s *Server) admit(r *http.Request, name string) *apiError {
	if r.URL.Query().Has("access_token") {
		s.Violate("%s %s: token in the address", r.Method, r.URL.Path)
		return refuse(http.StatusUnauthorized, "verify.token", "Invalid access_token")
	}
	given := r.Header.Get("Authorization")
	if strings.HasPrefix(given, "Bearer ") {
		s.Violate("%s %s: the token must not be called Bearer", r.Method, r.URL.Path)
	}
	if !s.Authorized(given) {
		return refuse(http.StatusUnauthorized, "verify.token", "Invalid access_token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rate, limit := &s.rate, s.cfg.PerSecond
	if name == "updates" {
		rate, limit = &s.pollRate, s.cfg.PollsPerSecond
	}
	if limit > 0 && !rate.take(time.Now(), limit) {
		e := refuse(http.StatusTooManyRequests, "", "Too many requests")
		e.RetryAfter = time.Second
		return e
	}
	return nil
}

// bucket counts calls in the running second.
type bucket struct {
	since time.Time
	n     int
}

func (b *bucket) take(now time.Time, limit int) bool {
	if now.Sub(b.since) >= time.Second {
		b.since, b.n = now, 0
	}
	b.n++
	return b.n <= limit
}

func (s *Server) writeError(w http.ResponseWriter, e *apiError) {
	platform.RetryAfter(w, e.RetryAfter)
	if e.Body != "" {
		platform.WritePage(w, e.Status, e.Body)
		return
	}
	body := m{"code": e.Code, "message": e.Message}
	if err := s.contract.check("Error", body); err != nil {
		s.Violate("error: %v", err)
	}
	s.writeJSON(w, e.Status, body)
}

func (s *Server) writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	platform.WriteJSON(w, status, body)
}

// readJSON reads a request's body, checks it against a schema and decodes it.
func (s *Server) readJSON(r *http.Request, schema string, out any) error {
	if t := r.Header.Get("Content-Type"); !strings.HasPrefix(t, "application/json") {
		s.Violate("%s %s: content type %q", r.Method, r.URL.Path, t)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return refuse(http.StatusBadRequest, "", "%v", err)
	}
	if len(body) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "", "Request is too large")
	}
	if err := s.contract.checkBytes(schema, body); err != nil {
		s.Violate("%s %s: %v", r.Method, r.URL.Path, err)
		return refuse(http.StatusBadRequest, "", "%v", err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return refuse(http.StatusBadRequest, "", "Can't deserialize body: %v", err)
	}
	return nil
}

// number reads an integer of the query; ok says whether it is there.
func number(r *http.Request, name string) (n int64, ok bool, err error) {
	v := r.URL.Query().Get(name)
	if v == "" || v == "null" {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, true, refuse(http.StatusBadRequest, "", "%s: not a number", name)
	}
	return n, true, nil
}

func success() m { return m{"success": true} }

// failure is how the platform refuses some changes: with status 200.
func failure(format string, args ...any) m {
	return m{"success": false, "message": fmt.Sprintf(format, args...)}
}

func (s *Server) getMe(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bot(), nil
}

// bot is the bot as a user with a picture; the caller holds the lock.
func (s *Server) bot() m {
	out := s.botUser()
	out["description"] = "Бот для проверки"
	out["avatar_url"] = s.base() + "/_media/bot-avatar"
	out["full_avatar_url"] = s.base() + "/_media/bot-avatar"
	return out
}

func (s *Server) botUser() m {
	return m{
		"user_id": s.cfg.BotID, "first_name": s.cfg.BotName, "name": s.cfg.BotName, "username": s.cfg.Username,
		"is_bot": true, "last_activity_time": time.Now().UnixMilli(),
	}
}
