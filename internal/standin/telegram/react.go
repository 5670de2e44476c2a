package telegram

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// press is a button press that waits for its answer.
type press struct {
	Answered bool   `json:"answered"`
	Text     string `json:"text,omitempty"`
}

func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return raw
}

// mine finds a message in the chat of a post.
func (s *Server) mine(p Post, id int) (*Message, error) {
	pl, _, err := s.seat(p)
	if err != nil {
		return nil, err
	}
	msg := s.find(pl.conn, pl.chat, id)
	if msg == nil {
		return nil, fmt.Errorf("telegram stand-in: no message %d in %s", id, pl.key())
	}
	return msg, nil
}

// EditText changes the text or caption of a person's message.
func (s *Server) EditText(p Post, id int, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, err := s.mine(p, id)
	if err != nil {
		return err
	}
	name := "text"
	if msg.Type != "text" {
		name = "caption"
	}
	msg.body[name], msg.Text, msg.Edited = text, text, true
	msg.body["edit_date"] = s.Now().Unix()
	delete(msg.body, "entities")
	update := "edited_message"
	if msg.place.conn != "" {
		update = "edited_business_message"
	}
	s.emit(update, msg.place.lane(), msg.body, nil)
	return nil
}

// MoveLocation moves a live location.
func (s *Server) MoveLocation(p Post, id int, spot Spot) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, err := s.mine(p, id)
	if err != nil {
		return err
	}
	msg.body["location"] = m{"latitude": spot.Latitude, "longitude": spot.Longitude, "live_period": max(spot.LivePeriod, 60)}
	msg.body["edit_date"] = s.Now().Unix()
	s.emit("edited_message", msg.place.lane(), msg.body, nil)
	return nil
}

// Delete deletes messages. Only in a business chat is the bot told; elsewhere
// the platform keeps silent.
func (s *Server) Delete(p Post, ids ...int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var last *Message
	for _, id := range ids {
		msg, err := s.mine(p, id)
		if err != nil {
			return err
		}
		msg.Deleted = true
		last = msg
	}
	if last != nil && last.place.conn != "" {
		s.emit("deleted_business_messages", last.place.lane(), m{
			"business_connection_id": last.place.conn, "chat": s.chat(last.place), "message_ids": ids,
		}, nil)
	}
	return nil
}

// React sets a person's reaction to a message, "" takes it back.
func (s *Server) React(p Post, id int, emoji string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, err := s.mine(p, id)
	if err != nil {
		return err
	}
	list := func(emoji string) []any {
		if emoji == "" {
			return []any{}
		}
		return []any{m{"type": "emoji", "emoji": emoji}}
	}
	old := msg.reactions[p.From]
	msg.reactions[p.From] = emoji
	s.emit("message_reaction", msg.place.lane(), m{
		"chat": s.chat(msg.place), "message_id": id, "user": s.who(p.From).user(), "date": s.Now().Unix(),
		"old_reaction": list(old), "new_reaction": list(emoji),
	}, nil)
	return nil
}

// PressButton presses the inline button of a bot's message that has this
// data, and returns the id of the press.
func (s *Server) PressButton(p Post, id int, data string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, err := s.mine(p, id)
	if err != nil {
		return "", err
	}
	if !hasButton(msg.body["reply_markup"], data) {
		return "", fmt.Errorf("telegram stand-in: message %d has no button %q", id, data)
	}
	s.seq++
	key := strconv.FormatInt(4382000000000+s.seq, 10)
	s.presses[key] = &press{}
	s.emit("callback_query", msg.place.lane(), m{
		"id": key, "from": s.who(p.From).user(), "message": msg.body, "chat_instance": "-42", "data": data,
	}, nil)
	return key, nil
}

func hasButton(markup any, data string) bool {
	var kb struct {
		Rows [][]struct {
			Data string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	if json.Unmarshal(mustJSON(markup), &kb) != nil {
		return false
	}
	for _, row := range kb.Rows {
		for _, b := range row {
			if b.Data == data && data != "" {
				return true
			}
		}
	}
	return false
}

// Answered says whether a press was answered, and with which text.
func (s *Server) Answered(pressID string) (bool, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.presses[pressID]
	if !ok {
		return false, ""
	}
	return p.Answered, p.Text
}

// Actions counts the chat actions ("typing") shown in a chat.
func (s *Server) Actions(chat, action string) int {
	return s.Calls("action:" + chat + ":" + action)
}
