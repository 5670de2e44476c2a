package maxbot

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// press is a button press that waits for its answer.
type press struct {
	Press
	message string
}

// Press is what became of a button press.
type Press struct {
	ID       string `json:"id"`
	Answered bool   `json:"answered"`
	Times    int    `json:"times,omitempty"`
	// Notification is what the customer was shown.
	Notification string `json:"notification,omitempty"`
}

// PressButton makes a customer press a callback button, named by its payload
// or text; the answer is the callback's id.
func (s *Server) PressButton(user int64, messageID, which string) (string, error) {
	s.mu.Lock()
	msg := s.messages[messageID]
	if msg == nil || msg.Removed {
		s.mu.Unlock()
		return "", fmt.Errorf("max stand-in: no message %s", messageID)
	}
	b, ok := msg.button(which)
	if !ok {
		s.mu.Unlock()
		return "", fmt.Errorf("max stand-in: message %s has no button %q", messageID, which)
	}
	c := s.who(user)
	s.seq++
	id := fmt.Sprintf("cb%d_%d", user, s.seq)
	s.callbacks[id] = &press{Press: Press{ID: id}, message: messageID}
	now := s.Now().UnixMilli()
	message := s.render(msg)
	if s.cfg.DialogCallbacksWithoutChat && s.chats[msg.Chat].kind == "dialog" {
		recipient, _ := message["recipient"].(m)
		delete(recipient, "chat_id")
	}
	body := m{
		"update_type": "message_callback", "timestamp": now, "user_locale": c.Locale, "message": message,
		"callback": m{"timestamp": now, "callback_id": id, "payload": b.Payload, "user": c.user(s)},
	}
	chatID := msg.Chat
	s.mu.Unlock()
	return id, s.emit(chatID, id, nil, body)
}

// button finds a callback button by payload or text.
func (msg *Message) button(which string) (button, bool) {
	for _, a := range msg.Attachments {
		if a["type"] != "inline_keyboard" {
			continue
		}
		raw, err := json.Marshal(a)
		if err != nil {
			continue
		}
		var k attachment
		if json.Unmarshal(raw, &k) != nil {
			continue
		}
		for _, row := range k.Payload.Buttons {
			for _, b := range row {
				if b.Type == "callback" && (b.Payload == which || b.Text == which) {
					return b, true
				}
			}
		}
	}
	return button{}, false
}

// Pressed says what became of a press.
func (s *Server) Pressed(id string) (Press, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.callbacks[id]
	if p == nil {
		return Press{}, false
	}
	return p.Press, true
}

// postAnswer answers a press: a notification, a changed message, or both.
func (s *Server) postAnswer(r *http.Request) (any, error) {
	var in struct {
		Message      *newBody `json:"message"`
		Notification *string  `json:"notification"`
	}
	if err := s.readJSON(r, "CallbackAnswer", &in); err != nil {
		return nil, err
	}
	if in.Notification != nil && units(*in.Notification) > maxNotify {
		s.Violate("POST /answers: notification of %d characters", units(*in.Notification))
	}
	if in.Message != nil {
		if why := in.Message.breaks(false); why != "" {
			s.Violate("POST /answers: %s", why)
			return nil, refuse(http.StatusBadRequest, "", "%s", why)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.callbacks[r.URL.Query().Get("callback_id")]
	if p == nil {
		return nil, refuse(http.StatusNotFound, "callback.not.found", "Callback not found")
	}
	if in.Message != nil {
		msg := s.messages[p.message]
		if msg == nil || msg.Removed {
			return failure("error.edit.invalid.message"), nil
		}
		if err := s.fill(msg, *in.Message); err != nil {
			return nil, err
		}
		msg.Edits++
	}
	p.Answered = true
	p.Times++
	if in.Notification != nil {
		p.Notification = *in.Notification
	}
	return success(), nil
}
