package maxbot

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
)

// command is the body of every /_control/ call; each action reads what it
// needs.
type command struct {
	Incoming
	User      int64           `json:"user"`
	MessageID string          `json:"message_id"`
	Payload   string          `json:"payload"`
	Name      string          `json:"name"`
	Phone     string          `json:"phone"`
	Title     string          `json:"title"`
	URL       string          `json:"url"`
	Secret    string          `json:"secret"`
	Kind      string          `json:"kind"`
	Code      string          `json:"code"`
	Forged    bool            `json:"forged"`
	Latitude  float64         `json:"latitude"`
	Longitude float64         `json:"longitude"`
	Seconds   float64         `json:"seconds"`
	Update    json.RawMessage `json:"update"`
	raw       []byte
}

type action func(command) (any, error)

func sends(f func(command) (string, error)) action {
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

// customerActions are what a customer may do; they are named like the methods.
func (s *Server) customerActions() map[string]action {
	return map[string]action{
		"send":              sends(func(c command) (string, error) { return s.Send(c.Incoming) }),
		"send_text":         sends(func(c command) (string, error) { return s.SendText(c.From, c.Text, c.Markup...) }),
		"send_files":        sends(func(c command) (string, error) { return s.SendFiles(c.From, c.Text, c.Files...) }),
		"send_reply":        sends(func(c command) (string, error) { return s.SendReply(c.From, c.MessageID, c.Text) }),
		"send_forward":      sends(func(c command) (string, error) { return s.SendForward(c.From, c.MessageID) }),
		"send_sticker":      sends(func(c command) (string, error) { return s.SendSticker(c.From, c.Code) }),
		"send_location":     sends(func(c command) (string, error) { return s.SendLocation(c.From, c.Latitude, c.Longitude) }),
		"send_share":        sends(func(c command) (string, error) { return s.SendShare(c.From, c.URL, c.Title) }),
		"send_contact":      sends(func(c command) (string, error) { return s.SendContact(c.From, c.Name, c.Phone) }),
		"share_own_contact": sends(func(c command) (string, error) { return s.ShareOwnContact(c.From, c.Forged) }),
		"press_button":      sends(func(c command) (string, error) { return s.PressButton(c.From, c.MessageID, c.Payload) }),
		"send_voice":        tries(func(c command) error { return s.SendVoice(c.From) }),
		"edit_message":      tries(func(c command) error { return s.EditMessage(c.MessageID, c.Text) }),
		"remove_message":    tries(func(c command) error { return s.RemoveMessage(c.MessageID) }),
		"start_bot":         tries(func(c command) error { return s.StartBot(c.From, c.Payload) }),
		"stop_bot":          tries(func(c command) error { return s.StopBot(c.From) }),
		"remove_dialog":     tries(func(c command) error { return s.RemoveDialog(c.From) }),
		"clear_dialog":      tries(func(c command) error { return s.ClearDialog(c.From) }),
		"mute": tries(func(c command) error {
			return s.Mute(c.From, s.Now().Add(time.Duration(c.Seconds*float64(time.Second))))
		}),
		"unmute":      tries(func(c command) error { return s.Unmute(c.From) }),
		"group_event": tries(func(c command) error { return s.GroupEvent(c.Kind, c.Chat, c.From, c.Title) }),
	}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]action {
	return map[string]action{
		"add_customer": func(c command) (any, error) {
			var in Customer
			if err := json.Unmarshal(c.raw, &in); err != nil {
				return nil, err
			}
			return s.AddCustomer(in), nil
		},
		"fail": func(c command) (any, error) {
			var in Fault
			if err := json.Unmarshal(c.raw, &in); err != nil {
				return nil, err
			}
			s.Fail(in)
			return m{"ok": true}, nil
		},
		"add_group":           does(func(c command) { s.AddGroup(c.Chat, c.Title) }),
		"clear_faults":        does(func(command) { s.ClearFaults() }),
		"redeliver":           tries(func(c command) error { return s.Redeliver(c.MessageID) }),
		"send_raw":            tries(func(c command) error { return s.SendRaw(c.Chat, c.Update) }),
		"subscribe":           does(func(c command) { s.Subscribe(c.URL, c.Secret) }),
		"lapse_subscriptions": does(func(command) { s.LapseSubscriptions() }),
		"revoke_token":        does(func(command) { s.RevokeToken() }),
		"restore_token":       does(func(command) { s.RestoreToken() }),
		"expire_media":        does(func(command) { s.ExpireMedia() }),
		"advance":             does(func(c command) { s.Advance(time.Duration(c.Seconds * float64(time.Second))) }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]action {
	return map[string]action{
		"ledger":     func(command) (any, error) { return s.Ledger(), nil },
		"delivered":  func(c command) (any, error) { return s.Delivered(c.User), nil },
		"messages":   func(c command) (any, error) { return s.Messages(s.Dialog(c.User)), nil },
		"violations": func(command) (any, error) { return append([]string{}, s.Violations()...), nil },
		"webhooks":   func(command) (any, error) { return s.Webhooks(), nil },
		"actions":    func(command) (any, error) { return s.Actions(), nil },
		"calls":      func(c command) (any, error) { return m{"calls": s.Calls(c.Name)}, nil },
		"pressed": func(c command) (any, error) {
			p, _ := s.Pressed(c.Name)
			return p, nil
		},
		"account": func(command) (any, error) {
			return m{"token": s.cfg.Token, "username": s.cfg.Username, "user_id": s.cfg.BotID, "api_url": s.url}, nil
		},
	}
}

// serveControl plays customers and platform for scripts: POST
// /_control/{action} with a JSON object, or GET with query parameters for
// questions.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	var c command
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 400<<20))
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &c)
	}
	c.raw = body
	if r.Method == http.MethodGet {
		c.Name = r.URL.Query().Get("name")
		if user := r.URL.Query().Get("user"); user != "" && err == nil {
			c.User, err = strconv.ParseInt(user, 10, 64)
		}
	}
	if err != nil {
		s.writeJSON(w, http.StatusBadRequest, m{"error": err.Error()})
		return
	}
	name := r.PathValue("action")
	do, ok := s.questions()[name]
	if !ok && r.Method == http.MethodPost {
		if do, ok = s.customerActions()[name]; !ok {
			do, ok = s.platformActions()[name]
		}
	}
	if !ok {
		s.writeJSON(w, http.StatusNotFound, m{"error": "no action " + name})
		return
	}
	out, err := do(c)
	if err != nil {
		s.writeJSON(w, http.StatusUnprocessableEntity, m{"error": err.Error()})
		return
	}
	s.writeJSON(w, http.StatusOK, out)
}
