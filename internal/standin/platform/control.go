package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"time"
)

// maxCommand bounds the body of a command, in bytes: it may carry files.
const maxCommand = 400 << 20

// ErrNobodyListens says that the platform dropped what it had to tell, because
// nobody has asked for it. To a script that is no failure.
var ErrNobodyListens = errors.New("stand-in: no webhook is subscribed")

// Action carries out one command; body is a JSON object or empty.
type Action func(body []byte) (answer any, err error)

// Answers decodes the body as C and answers what f returns.
func Answers[C, A any](f func(C) (A, error)) Action {
	return func(body []byte) (any, error) {
		var c C
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, &c); err != nil {
				return nil, malformed{err}
			}
		}
		return f(c)
	}
}

// Tells answers what f returns; it cannot fail.
func Tells[C any](f func(C) any) Action {
	return Answers(func(c C) (any, error) { return f(c), nil })
}

// Sends answers the id of what was sent.
func Sends[C, ID any](f func(C) (ID, error)) Action {
	return Answers(func(c C) (any, error) {
		id, err := f(c)
		return map[string]any{"id": id}, err
	})
}

// Tries answers that it is done.
func Tries[C any](f func(C) error) Action {
	return Answers(func(c C) (any, error) { return map[string]any{"ok": true}, f(c) })
}

// Does answers that it is done; it cannot fail.
func Does[C any](f func(C)) Action {
	return Tries(func(c C) error { f(c); return nil })
}

// malformed is a body that is not what the action takes.
type malformed struct{ error }

// Control adds to an API what plays customers and platform for scripts: POST
// /_control/{action} with a JSON object, or GET with query parameters for
// questions. What every stand-in can do and tells is added to the platform's
// own.
func (h *Host) Control(api *http.ServeMux, questions map[string]Action, actions ...map[string]Action) {
	asked := map[string]Action{
		"violations": Tells(func(struct{}) any { return append([]string{}, h.Violations()...) }),
	}
	maps.Copy(asked, questions)
	all := map[string]Action{
		"revoke_token":  Does(func(struct{}) { h.RevokeToken() }),
		"restore_token": Does(func(struct{}) { h.RestoreToken() }),
		"advance": Does(func(c struct{ Seconds float64 }) {
			h.Advance(time.Duration(c.Seconds * float64(time.Second)))
		}),
	}
	maps.Copy(all, asked)
	for _, some := range actions {
		maps.Copy(all, some)
	}
	api.Handle("GET /_control/{action}", commands(asked))
	api.Handle("POST /_control/{action}", commands(all))
}

// commands are actions by name.
type commands map[string]Action

func (c commands) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, why string) { WriteJSON(w, status, map[string]any{"error": why}) }
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
	if r.Method == http.MethodGet && err == nil {
		asked := map[string]string{}
		for name := range r.URL.Query() {
			asked[name] = r.URL.Query().Get(name)
		}
		body, err = json.Marshal(asked)
	}
	if err != nil {
		fail(http.StatusBadRequest, err.Error())
		return
	}
	name := r.PathValue("action")
	do, ok := c[name]
	if !ok {
		fail(http.StatusNotFound, "no action "+name)
		return
	}
	answer, err := do(body)
	if bad, ok := errors.AsType[malformed](err); ok {
		fail(http.StatusBadRequest, bad.Error())
		return
	}
	if err != nil && !errors.Is(err, ErrNobodyListens) {
		fail(http.StatusUnprocessableEntity, err.Error())
		return
	}
	WriteJSON(w, http.StatusOK, answer)
}
