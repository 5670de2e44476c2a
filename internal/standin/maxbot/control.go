package maxbot

import (
	"encoding/json"
	"time"

	"github.com/okno-hq/okno/internal/standin/platform"
)

// command is the body of every /_control/ call; each action reads what it
// needs.
type command struct {
	Incoming
	User      json.Number     `json:"user"` // a question may come as text
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
}

func (c command) user() int64 {
	id, _ := c.User.Int64() // 0 is nobody's
	return id
}

// customerActions are what a customer may do; they are named like the methods.
func (s *Server) customerActions() map[string]platform.Action {
	return map[string]platform.Action{
		"send":              platform.Sends(func(c command) (string, error) { return s.Send(c.Incoming) }),
		"send_text":         platform.Sends(func(c command) (string, error) { return s.SendText(c.From, c.Text, c.Markup...) }),
		"send_files":        platform.Sends(func(c command) (string, error) { return s.SendFiles(c.From, c.Text, c.Files...) }),
		"send_reply":        platform.Sends(func(c command) (string, error) { return s.SendReply(c.From, c.MessageID, c.Text) }),
		"send_forward":      platform.Sends(func(c command) (string, error) { return s.SendForward(c.From, c.MessageID) }),
		"send_sticker":      platform.Sends(func(c command) (string, error) { return s.SendSticker(c.From, c.Code) }),
		"send_location":     platform.Sends(func(c command) (string, error) { return s.SendLocation(c.From, c.Latitude, c.Longitude) }),
		"send_share":        platform.Sends(func(c command) (string, error) { return s.SendShare(c.From, c.URL, c.Title) }),
		"send_contact":      platform.Sends(func(c command) (string, error) { return s.SendContact(c.From, c.Name, c.Phone) }),
		"share_own_contact": platform.Sends(func(c command) (string, error) { return s.ShareOwnContact(c.From, c.Forged) }),
		"press_button":      platform.Sends(func(c command) (string, error) { return s.PressButton(c.From, c.MessageID, c.Payload) }),
		"send_voice":        platform.Tries(func(c command) error { return s.SendVoice(c.From) }),
		"edit_message":      platform.Tries(func(c command) error { return s.EditMessage(c.MessageID, c.Text) }),
		"remove_message":    platform.Tries(func(c command) error { return s.RemoveMessage(c.MessageID) }),
		"start_bot":         platform.Tries(func(c command) error { return s.StartBot(c.From, c.Payload) }),
		"stop_bot":          platform.Tries(func(c command) error { return s.StopBot(c.From) }),
		"remove_dialog":     platform.Tries(func(c command) error { return s.RemoveDialog(c.From) }),
		"clear_dialog":      platform.Tries(func(c command) error { return s.ClearDialog(c.From) }),
		"mute": platform.Tries(func(c command) error {
			return s.Mute(c.From, s.Now().Add(time.Duration(c.Seconds*float64(time.Second))))
		}),
		"unmute":      platform.Tries(func(c command) error { return s.Unmute(c.From) }),
		"group_event": platform.Tries(func(c command) error { return s.GroupEvent(c.Kind, c.Chat, c.From, c.Title) }),
	}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]platform.Action {
	return map[string]platform.Action{
		"add_customer":        platform.Tells(func(c Customer) any { return s.AddCustomer(c) }),
		"fail":                platform.Does(s.Fail),
		"add_group":           platform.Does(func(c command) { s.AddGroup(c.Chat, c.Title) }),
		"clear_faults":        platform.Does(func(command) { s.ClearFaults() }),
		"redeliver":           platform.Tries(func(c command) error { return s.Redeliver(c.MessageID) }),
		"send_raw":            platform.Tries(func(c command) error { return s.SendRaw(c.Chat, c.Update) }),
		"subscribe":           platform.Does(func(c command) { s.Subscribe(c.URL, c.Secret) }),
		"lapse_subscriptions": platform.Does(func(command) { s.LapseSubscriptions() }),
		"expire_media":        platform.Does(func(command) { s.ExpireMedia() }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]platform.Action {
	return map[string]platform.Action{
		"ledger":    platform.Tells(func(command) any { return s.Ledger() }),
		"delivered": platform.Tells(func(c command) any { return s.Delivered(c.user()) }),
		"messages":  platform.Tells(func(c command) any { return s.Messages(s.Dialog(c.user())) }),
		"webhooks":  platform.Tells(func(command) any { return s.Webhooks() }),
		"actions":   platform.Tells(func(command) any { return s.Actions() }),
		"calls":     platform.Tells(func(c command) any { return m{"calls": s.Calls(c.Name)} }),
		"pressed": platform.Tells(func(c command) any {
			p, _ := s.Pressed(c.Name)
			return p
		}),
		"account": platform.Tells(func(command) any {
			return m{"token": s.cfg.Token, "username": s.cfg.Username, "user_id": s.cfg.BotID, "api_url": s.URL()}
		}),
	}
}
