package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// apiError is a refusal in the platform's form.
type apiError struct {
	Code        int
	Description string
	RetryAfter  int   // seconds
	MigrateTo   int64 // the supergroup's id
	Body        string
}

func (e *apiError) Error() string { return e.Description }

func refuse(code int, format string, args ...any) *apiError {
	return &apiError{Code: code, Description: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *apiError {
	return refuse(http.StatusBadRequest, "Bad Request: "+format, args...)
}

func tooMany(wait time.Duration) *apiError {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	e := refuse(http.StatusTooManyRequests, "Too Many Requests: retry after %d", seconds)
	e.RetryAfter = seconds
	return e
}

func writeError(w http.ResponseWriter, e *apiError) {
	if e.Body != "" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(e.Code)
		_, _ = w.Write([]byte(e.Body))
		return
	}
	parameters := m{}
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
		parameters["retry_after"] = e.RetryAfter
	}
	if e.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = e.MigrateTo
	}
	out := m{"ok": false, "error_code": e.Code, "description": e.Description}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	writeJSON(w, e.Code, out)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
