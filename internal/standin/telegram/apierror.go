package telegram

import (
	"fmt"
	"net/http"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
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
		platform.WritePage(w, e.Code, e.Body)
		return
	}
	parameters := m{}
	platform.RetryAfter(w, time.Duration(e.RetryAfter)*time.Second)
	if e.RetryAfter > 0 {
		parameters["retry_after"] = e.RetryAfter
	}
	if e.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = e.MigrateTo
	}
	out := m{"ok": false, "error_code": e.Code, "description": e.Description}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	platform.WriteJSON(w, e.Code, out)
}
