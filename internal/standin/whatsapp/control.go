package whatsapp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// command is the body of every /_control/ call; each action reads what it
// needs.
type command struct {
	From      string          `json:"from"`
	To        string          `json:"to"`
	Customer  string          `json:"customer"`
	Text      string          `json:"text"`
	Emoji     string          `json:"emoji"`
	MessageID string          `json:"message_id"`
	ButtonID  string          `json:"button_id"`
	File      File            `json:"file"`
	Files     []File          `json:"files"`
	Place     Place           `json:"place"`
	Name      string          `json:"name"`
	Phone     string          `json:"phone"`
	UserID    string          `json:"user_id"`
	AdID      string          `json:"ad_id"`
	Type      string          `json:"type"`
	State     string          `json:"state"`
	Code      int             `json:"code"`
	Language  string          `json:"language"`
	Reason    string          `json:"reason"`
	URL       string          `json:"url"`
	Token     string          `json:"verify_token"`
	Field     string          `json:"field"`
	Value     json.RawMessage `json:"value"`
	Seconds   float64         `json:"seconds"`
	Product   string          `json:"product"`
	Quantity  int             `json:"quantity"`
	Price     float64         `json:"price"`
	Currency  string          `json:"currency"`
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
		"send_text":      sends(func(c command) (string, error) { return s.SendText(c.From, c.Text) }),
		"send_reply":     sends(func(c command) (string, error) { return s.SendReply(c.From, c.MessageID, c.Text) }),
		"send_forwarded": sends(func(c command) (string, error) { return s.SendForwarded(c.From, c.Text) }),
		"send_media":     sends(func(c command) (string, error) { return s.SendMedia(c.From, c.File) }),
		"send_album": func(c command) (any, error) {
			ids, err := s.SendAlbum(c.From, c.Files...)
			return m{"ids": ids}, err
		},
		"send_location":    sends(func(c command) (string, error) { return s.SendLocation(c.From, c.Place) }),
		"send_contact":     sends(func(c command) (string, error) { return s.SendContact(c.From, c.Name, c.Phone) }),
		"share_own_number": sends(func(c command) (string, error) { return s.ShareOwnNumber(c.From, c.Phone) }),
		"react":            sends(func(c command) (string, error) { return s.React(c.From, c.MessageID, c.Emoji) }),
		"press_button":     sends(func(c command) (string, error) { return s.PressButton(c.From, c.MessageID, c.ButtonID) }),
		"send_from_ad":     sends(func(c command) (string, error) { return s.SendFromAd(c.From, c.Text, c.AdID, c.Name) }),
		"send_order": sends(func(c command) (string, error) {
			return s.SendOrder(c.From, c.Product, c.Quantity, c.Price, c.Currency)
		}),
		"send_unsupported": sends(func(c command) (string, error) { return s.SendUnsupported(c.From, c.Type) }),
		"send_unknown":     sends(func(c command) (string, error) { return s.SendUnknown(c.From, c.Type) }),
		"edit_message":     sends(func(c command) (string, error) { return s.EditMessage(c.From) }),
		"delete_message":   sends(func(c command) (string, error) { return s.DeleteMessage(c.From) }),
		"call":             sends(func(c command) (string, error) { return s.Call(c.From) }),
		"change_number":    sends(func(c command) (string, error) { return s.ChangeNumber(c.From, c.Phone, c.UserID) }),
		"change_user_id":   sends(func(c command) (string, error) { return s.ChangeUserID(c.From, c.UserID) }),
		"write_from_phone": sends(func(c command) (string, error) { return s.WriteFromPhone(c.To, c.Text) }),
		"read":             tries(func(c command) error { return s.Read(c.Customer) }),
		"block":            does(func(c command) { s.Block(c.Customer) }),
		"unblock":          does(func(c command) { s.Unblock(c.Customer) }),
		"leave":            does(func(c command) { s.Leave(c.Customer) }),
	}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]action {
	return map[string]action{
		"add_customer": func(c command) (any, error) {
			var in Customer
			err := json.Unmarshal(c.raw, &in)
			if err != nil {
				return nil, err
			}
			return s.AddCustomer(in), nil
		},
		"add_template": func(c command) (any, error) {
			var in Template
			err := json.Unmarshal(c.raw, &in)
			if err != nil {
				return nil, err
			}
			s.AddTemplate(in)
			return m{"ok": true}, nil
		},
		"fail": func(c command) (any, error) {
			var in Fault
			err := json.Unmarshal(c.raw, &in)
			if err != nil {
				return nil, err
			}
			s.Fail(in)
			return m{"ok": true}, nil
		},
		"clear_faults":       does(func(command) { s.ClearFaults() }),
		"status":             tries(func(c command) error { return s.Status(c.MessageID, c.State, c.Code) }),
		"template_status":    tries(func(c command) error { return s.TemplateStatus(c.Name, c.Language, c.State, c.Reason) }),
		"redeliver":          tries(func(c command) error { return s.Redeliver(c.MessageID) }),
		"send_raw":           tries(func(c command) error { return s.SendRaw(c.Customer, c.Field, c.Value) }),
		"hold":               does(func(command) { s.Hold() }),
		"flush":              tries(func(command) error { return s.Flush() }),
		"set_webhook":        tries(func(c command) error { return s.SetWebhook(c.URL, c.Token) }),
		"verify":             tries(func(c command) error { return s.Verify(c.URL, c.Token) }),
		"lapse_subscription": does(func(command) { s.LapseSubscription() }),
		"revoke_token":       does(func(command) { s.RevokeToken() }),
		"restore_token":      does(func(command) { s.RestoreToken() }),
		"expire_media":       does(func(c command) { s.ExpireMedia(c.MessageID) }),
		"advance":            does(func(c command) { s.Advance(time.Duration(c.Seconds * float64(time.Second))) }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]action {
	return map[string]action{
		"ledger":     func(command) (any, error) { return s.Ledger(), nil },
		"delivered":  func(c command) (any, error) { return s.Delivered(c.Customer), nil },
		"messages":   func(c command) (any, error) { return s.Messages(c.Customer), nil },
		"violations": func(command) (any, error) { return append([]string{}, s.Violations()...), nil },
		"webhook":    func(command) (any, error) { return s.Webhook(), nil },
		"calls":      func(c command) (any, error) { return m{"calls": s.Calls(c.Name)}, nil },
		"account": func(command) (any, error) {
			return m{
				"token": s.cfg.Token, "app_secret": s.cfg.AppSecret, "app_id": s.cfg.AppID, "waba_id": s.cfg.WABA,
				"phone_number_id": s.cfg.PhoneNumberID, "display_number": s.cfg.DisplayNumber, "api_url": s.url,
			}, nil
		},
	}
}

// serveControl plays customers and platform for scripts: POST
// /_control/{action} with a JSON object, or GET with query parameters for
// questions.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	var c command
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 200<<20))
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &c)
	}
	c.raw = body
	if r.Method == http.MethodGet {
		c.Customer, c.Name = r.URL.Query().Get("customer"), r.URL.Query().Get("name")
	}
	if err != nil {
		s.writeJSON(w, http.StatusBadRequest, "", m{"error": err.Error()})
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
		s.writeJSON(w, http.StatusNotFound, "", m{"error": "no action " + name})
		return
	}
	out, err := do(c)
	if err != nil && !errors.Is(err, errNotSubscribed) {
		s.writeJSON(w, http.StatusUnprocessableEntity, "", m{"error": err.Error()})
		return
	}
	s.writeJSON(w, http.StatusOK, "", out)
}
