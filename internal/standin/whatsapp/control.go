package whatsapp

import (
	"encoding/json"

	"github.com/okno-hq/okno/internal/standin/platform"
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
	Product   string          `json:"product"`
	Quantity  int             `json:"quantity"`
	Price     float64         `json:"price"`
	Currency  string          `json:"currency"`
}

// customerActions are what a customer may do; they are named like the methods.
func (s *Server) customerActions() map[string]platform.Action {
	return map[string]platform.Action{
		"send_text":      platform.Sends(func(c command) (string, error) { return s.SendText(c.From, c.Text) }),
		"send_reply":     platform.Sends(func(c command) (string, error) { return s.SendReply(c.From, c.MessageID, c.Text) }),
		"send_forwarded": platform.Sends(func(c command) (string, error) { return s.SendForwarded(c.From, c.Text) }),
		"send_media":     platform.Sends(func(c command) (string, error) { return s.SendMedia(c.From, c.File) }),
		"send_album": platform.Answers(func(c command) (any, error) {
			ids, err := s.SendAlbum(c.From, c.Files...)
			return m{"ids": ids}, err
		}),
		"send_location":    platform.Sends(func(c command) (string, error) { return s.SendLocation(c.From, c.Place) }),
		"send_contact":     platform.Sends(func(c command) (string, error) { return s.SendContact(c.From, c.Name, c.Phone) }),
		"share_own_number": platform.Sends(func(c command) (string, error) { return s.ShareOwnNumber(c.From, c.Phone) }),
		"react":            platform.Sends(func(c command) (string, error) { return s.React(c.From, c.MessageID, c.Emoji) }),
		"press_button":     platform.Sends(func(c command) (string, error) { return s.PressButton(c.From, c.MessageID, c.ButtonID) }),
		"send_from_ad":     platform.Sends(func(c command) (string, error) { return s.SendFromAd(c.From, c.Text, c.AdID, c.Name) }),
		"send_order": platform.Sends(func(c command) (string, error) {
			return s.SendOrder(c.From, c.Product, c.Quantity, c.Price, c.Currency)
		}),
		"send_unsupported": platform.Sends(func(c command) (string, error) { return s.SendUnsupported(c.From, c.Type) }),
		"send_unknown":     platform.Sends(func(c command) (string, error) { return s.SendUnknown(c.From, c.Type) }),
		"edit_message":     platform.Sends(func(c command) (string, error) { return s.EditMessage(c.From) }),
		"delete_message":   platform.Sends(func(c command) (string, error) { return s.DeleteMessage(c.From) }),
		"call":             platform.Sends(func(c command) (string, error) { return s.Call(c.From) }),
		"change_number":    platform.Sends(func(c command) (string, error) { return s.ChangeNumber(c.From, c.Phone, c.UserID) }),
		"change_user_id":   platform.Sends(func(c command) (string, error) { return s.ChangeUserID(c.From, c.UserID) }),
		"write_from_phone": platform.Sends(func(c command) (string, error) { return s.WriteFromPhone(c.To, c.Text) }),
		"read":             platform.Tries(func(c command) error { return s.Read(c.Customer) }),
		"block":            platform.Does(func(c command) { s.Block(c.Customer) }),
		"unblock":          platform.Does(func(c command) { s.Unblock(c.Customer) }),
		"leave":            platform.Does(func(c command) { s.Leave(c.Customer) }),
	}
}

// platformActions are what the platform or a test may do.
func (s *Server) platformActions() map[string]platform.Action {
	return map[string]platform.Action{
		"add_customer":       platform.Tells(func(c Customer) any { return s.AddCustomer(c) }),
		"add_template":       platform.Does(s.AddTemplate),
		"fail":               platform.Does(s.Fail),
		"clear_faults":       platform.Does(func(command) { s.ClearFaults() }),
		"status":             platform.Tries(func(c command) error { return s.Status(c.MessageID, c.State, c.Code) }),
		"template_status":    platform.Tries(func(c command) error { return s.TemplateStatus(c.Name, c.Language, c.State, c.Reason) }),
		"redeliver":          platform.Tries(func(c command) error { return s.Redeliver(c.MessageID) }),
		"send_raw":           platform.Tries(func(c command) error { return s.SendRaw(c.Customer, c.Field, c.Value) }),
		"hold":               platform.Does(func(command) { s.Hold() }),
		"flush":              platform.Tries(func(command) error { return s.Flush() }),
		"set_webhook":        platform.Tries(func(c command) error { return s.SetWebhook(c.URL, c.Token) }),
		"verify":             platform.Tries(func(c command) error { return s.Verify(c.URL, c.Token) }),
		"lapse_subscription": platform.Does(func(command) { s.LapseSubscription() }),
		"expire_media":       platform.Does(func(c command) { s.ExpireMedia(c.MessageID) }),
	}
}

// questions are the read-only calls, answered to GET and POST alike.
func (s *Server) questions() map[string]platform.Action {
	return map[string]platform.Action{
		"ledger":    platform.Tells(func(command) any { return s.Ledger() }),
		"delivered": platform.Tells(func(c command) any { return s.Delivered(c.Customer) }),
		"messages":  platform.Tells(func(c command) any { return s.Messages(c.Customer) }),
		"webhook":   platform.Tells(func(command) any { return s.Webhook() }),
		"calls":     platform.Tells(func(c command) any { return m{"calls": s.Calls(c.Name)} }),
		"account": platform.Tells(func(command) any {
			return m{
				"token": s.cfg.Token, "app_secret": s.cfg.AppSecret, "app_id": s.cfg.AppID, "waba_id": s.cfg.WABA,
				"phone_number_id": s.cfg.PhoneNumberID, "display_number": s.cfg.DisplayNumber, "api_url": s.URL(),
			}
		}),
	}
}
