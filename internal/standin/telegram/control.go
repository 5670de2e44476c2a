package telegram

import (
	"github.com/okno-hq/okno/internal/standin/platform"
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
}

// customerActions are what people do; they are named like the methods.
func (s *Server) customerActions() map[string]platform.Action {
	return map[string]platform.Action{
		"send_text":  platform.Sends(func(c command) (int, error) { return s.SendText(c.Post, c.Text) }),
		"start":      platform.Sends(func(c command) (int, error) { return s.OpenChat(c.From, c.Payload) }),
		"send_media": platform.Sends(func(c command) (int, error) { return s.SendMedia(c.Post, c.File) }),
		"send_album": platform.Answers(func(c command) (any, error) {
			ids, err := s.SendAlbum(c.Post, c.Files...)
			return m{"ids": ids}, err
		}),
		"send_location":     platform.Sends(func(c command) (int, error) { return s.SendLocation(c.Post, c.Spot) }),
		"send_contact":      platform.Sends(func(c command) (int, error) { return s.SendContact(c.Post, c.Card) }),
		"share_own_contact": platform.Sends(func(c command) (int, error) { return s.ShareOwnContact(c.Post) }),
		"send_parts":        platform.Sends(func(c command) (int, error) { return s.SendParts(c.Post, c.Type, c.Parts) }),
		"send_unknown":      platform.Sends(func(c command) (int, error) { return s.SendUnknown(c.Post, c.Type) }),
		"edit_text":         platform.Tries(func(c command) error { return s.EditText(c.Post, c.MessageID, c.Text) }),
		"move_location":     platform.Tries(func(c command) error { return s.MoveLocation(c.Post, c.MessageID, c.Spot) }),
		"delete":            platform.Tries(func(c command) error { return s.Delete(c.Post, append(c.IDs, nonempty(c.MessageID)...)...) }),
		"react":             platform.Tries(func(c command) error { return s.React(c.Post, c.MessageID, c.Emoji) }),
		"press_button":      platform.Sends(func(c command) (string, error) { return s.PressButton(c.Post, c.MessageID, c.Data) }),
		"block":             platform.Does(func(c command) { s.Block(c.From) }),
		"unblock":           platform.Does(func(c command) { s.Unblock(c.From) }),
		"delete_account":    platform.Does(func(c command) { s.DeleteAccount(c.From) }),
		"migrate":           platform.Tries(func(c command) error { return s.Migrate(c.Chat, c.To) }),
		"remove_from_group": platform.Tries(func(c command) error { return s.RemoveFromGroup(c.Chat, c.By) }),
		"mute":              platform.Tries(func(c command) error { return s.Mute(c.Chat, c.ReadOnly) }),
	}
}

func nonempty(id int) []int {
	if id == 0 {
		return nil
	}
	return []int{id}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]platform.Action {
	return map[string]platform.Action{
		"add_customer": platform.Does(func(c Customer) { s.AddCustomer(c) }),
		"add_group":    platform.Does(func(g Group) { s.AddGroup(g, 1000) }),
		"connect":      platform.Does(s.Connect),
		"fail":         platform.Does(s.Fail),
		"clear_faults": platform.Does(func(command) { s.ClearFaults() }),
		"send_raw":     func(body []byte) (any, error) { id, err := s.SendRaw(body); return m{"update_id": id}, err },
		"redeliver":    platform.Tries(func(c command) error { return s.Redeliver(c.Key, c.ID) }),
		"set_webhook":  platform.Does(func(c command) { s.SetWebhook(c.URL, c.Secret) }),
		"expire_files": platform.Does(func(command) { s.ExpireFiles() }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]platform.Action {
	return map[string]platform.Action{
		"ledger":    platform.Tells(func(command) any { return s.Ledger() }),
		"delivered": platform.Tells(func(c command) any { return s.Delivered(c.Key) }),
		"messages":  platform.Tells(func(c command) any { return s.Messages(c.Key) }),
		"webhook":   platform.Tells(func(command) any { return s.Webhook() }),
		"calls":     platform.Tells(func(c command) any { return m{"calls": s.Calls(c.Method)} }),
		"actions":   platform.Tells(func(c command) any { return m{"calls": s.Actions(c.Key, c.Type)} }),
		"answered": platform.Tells(func(c command) any {
			answered, text := s.Answered(c.ID)
			return m{"answered": answered, "text": text}
		}),
		"account": platform.Tells(func(command) any {
			return m{"token": s.cfg.Token, "username": s.cfg.BotUsername, "api_url": s.URL(), "file_url": s.URL() + "/file"}
		}),
	}
}
