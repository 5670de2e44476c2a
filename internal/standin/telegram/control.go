package telegram

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// command is the body of every /_control/ call; each action reads what it
// needs besides the fields of Post.
type command struct {
	Post
	Text      string         `json:"text"`
	Emoji     string         `json:"emoji"`
	Data      string         `json:"data"`
	Payload   string         `json:"payload"`
	MessageID int            `json:"message_id"`
	IDs       []int          `json:"message_ids"`
	ID        string         `json:"id"`
	Key       string         `json:"key"` // of a chat
	File      File           `json:"file"`
	Files     []File         `json:"files"`
	Spot      Spot           `json:"spot"`
	Card      Card           `json:"card"`
	Type      string         `json:"type"`
	Parts     map[string]any `json:"parts"`
	To        int64          `json:"to"`
	By        int64          `json:"by"`
	ReadOnly  bool           `json:"read_only"`
	URL       string         `json:"url"`
	Secret    string         `json:"secret"`
	Method    string         `json:"method"`
	Seconds   float64        `json:"seconds"`
	raw       []byte
}

type action func(command) (any, error)

func sends(f func(command) (int, error)) action {
	return func(c command) (any, error) {
		id, err := f(c)
		return m{"id": id}, err
	}
}

func does(f func(command)) action {
	return func(c command) (any, error) { f(c); return m{"ok": true}, nil }
}

func tries(f func(command) error) action {
	return func(c command) (any, error) { return m{"ok": true}, f(c) }
}

// with decodes the whole body as T.
func with[T any](f func(T)) action {
	return func(c command) (any, error) {
		var in T
		if err := json.Unmarshal(c.raw, &in); err != nil {
			return nil, err //nolint:wrapcheck // shown to the caller as it is
		}
		f(in)
		return m{"ok": true}, nil
	}
}

// customerActions are what people do; they are named like the methods.
func (s *Server) customerActions() map[string]action {
	return map[string]action{
		"send_text":  sends(func(c command) (int, error) { return s.SendText(c.Post, c.Text) }),
		"start":      sends(func(c command) (int, error) { return s.OpenChat(c.From, c.Payload) }),
		"send_media": sends(func(c command) (int, error) { return s.SendMedia(c.Post, c.File) }),
		"send_album": func(c command) (any, error) {
			ids, err := s.SendAlbum(c.Post, c.Files...)
			return m{"ids": ids}, err
		},
		"send_location":     sends(func(c command) (int, error) { return s.SendLocation(c.Post, c.Spot) }),
		"send_contact":      sends(func(c command) (int, error) { return s.SendContact(c.Post, c.Card) }),
		"share_own_contact": sends(func(c command) (int, error) { return s.ShareOwnContact(c.Post) }),
		"send_parts":        sends(func(c command) (int, error) { return s.SendParts(c.Post, c.Type, c.Parts) }),
		"send_unknown":      sends(func(c command) (int, error) { return s.SendUnknown(c.Post, c.Type) }),
		"edit_text":         tries(func(c command) error { return s.EditText(c.Post, c.MessageID, c.Text) }),
		"move_location":     tries(func(c command) error { return s.MoveLocation(c.Post, c.MessageID, c.Spot) }),
		"delete":            tries(func(c command) error { return s.Delete(c.Post, append(c.IDs, nonempty(c.MessageID)...)...) }),
		"react":             tries(func(c command) error { return s.React(c.Post, c.MessageID, c.Emoji) }),
		"press_button": func(c command) (any, error) {
			id, err := s.PressButton(c.Post, c.MessageID, c.Data)
			return m{"id": id}, err
		},
		"block":             does(func(c command) { s.Block(c.From) }),
		"unblock":           does(func(c command) { s.Unblock(c.From) }),
		"delete_account":    does(func(c command) { s.DeleteAccount(c.From) }),
		"migrate":           tries(func(c command) error { return s.Migrate(c.Chat, c.To) }),
		"remove_from_group": tries(func(c command) error { return s.RemoveFromGroup(c.Chat, c.By) }),
		"mute":              tries(func(c command) error { return s.Mute(c.Chat, c.ReadOnly) }),
	}
}

func nonempty(id int) []int {
	if id == 0 {
		return nil
	}
	return []int{id}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]action {
	return map[string]action{
		"add_customer":  with(func(c Customer) { s.AddCustomer(c) }),
		"add_group":     with(func(g Group) { s.AddGroup(g, 1000) }),
		"connect":       with(s.Connect),
		"fail":          with(s.Fail),
		"clear_faults":  does(func(command) { s.ClearFaults() }),
		"send_raw":      func(c command) (any, error) { id, err := s.SendRaw(c.raw); return m{"update_id": id}, err },
		"redeliver":     tries(func(c command) error { return s.Redeliver(c.Key, c.ID) }),
		"set_webhook":   does(func(c command) { s.SetWebhook(c.URL, c.Secret) }),
		"revoke_token":  does(func(command) { s.RevokeToken() }),
		"restore_token": does(func(command) { s.RestoreToken() }),
		"expire_files":  does(func(command) { s.ExpireFiles() }),
		"advance":       does(func(c command) { s.Advance(time.Duration(c.Seconds * float64(time.Second))) }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]action {
	return map[string]action{
		"ledger":     func(command) (any, error) { return s.Ledger(), nil },
		"delivered":  func(c command) (any, error) { return s.Delivered(c.Key), nil },
		"messages":   func(c command) (any, error) { return s.Messages(c.Key), nil },
		"violations": func(command) (any, error) { return append([]string{}, s.Violations()...), nil },
		"webhook":    func(command) (any, error) { return s.Webhook(), nil },
		"calls":      func(c command) (any, error) { return m{"calls": s.Calls(c.Method)}, nil },
		"actions":    func(c command) (any, error) { return m{"calls": s.Actions(c.Key, c.Type)}, nil },
		"answered": func(c command) (any, error) {
			answered, text := s.Answered(c.ID)
			return m{"answered": answered, "text": text}, nil
		},
		"account": func(command) (any, error) {
			return m{"token": s.cfg.Token, "username": s.cfg.BotUsername, "api_url": s.url, "file_url": s.url + "/file"}, nil
		},
	}
}

// serveControl plays people and platform for scripts: POST
// /_control/{action} with a JSON object, or GET with query parameters for
// questions.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	var c command
	name := r.PathValue("action")
	own := []string{"send_raw", "add_customer", "add_group", "connect", "fail"} // read the body themselves
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 200<<20))
	if err == nil && len(strings.TrimSpace(string(body))) > 0 && !slices.Contains(own, name) {
		err = json.Unmarshal(body, &c)
	}
	c.raw = body
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		c.Key, c.Method, c.ID, c.Type = q.Get("key"), q.Get("method"), q.Get("id"), q.Get("type")
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, m{"error": err.Error()})
		return
	}
	do, ok := s.questions()[name]
	if !ok && r.Method == http.MethodPost {
		if do, ok = s.customerActions()[name]; !ok {
			do, ok = s.platformActions()[name]
		}
	}
	if !ok {
		writeJSON(w, http.StatusNotFound, m{"error": "no action " + name})
		return
	}
	out, err := do(c)
	if err != nil {
		writeJSON(w, http.StatusUnprocessableEntity, m{"error": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, out)
}
