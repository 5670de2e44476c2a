package telegram

import "time"

// Entry is one line of the ledger: a message that a customer sent, or one of
// ours that the platform took.
type Entry struct {
	Seq int `json:"seq"`
	// Direction is "in" from the customer, "own" from the owner of a business
	// account, "out" from the bot.
	Direction string `json:"direction"`
	// ID is the message's id within the chat, Chat the chat as
	// "501", "501:7" (topic), "bc:<connection>:601" or "-100123:7".
	ID   string `json:"id"`
	Chat string `json:"chat"`
	// Customer is the person who wrote or was written to.
	Customer string `json:"customer"`
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	ReplyTo  string `json:"reply_to,omitempty"`
	Album    string `json:"album,omitempty"`
	// Order is the message's place in the chat, both sides counted.
	Order int       `json:"order"`
	At    time.Time `json:"at"`
	// UpdateID is the update that carries an incoming message.
	UpdateID int64 `json:"update_id,omitempty"`
	// Attempts counts deliveries of that update, Acked says that it was
	// answered with 2xx or passed by getUpdates' offset.
	Attempts int  `json:"attempts,omitempty"`
	Acked    bool `json:"acked,omitempty"`
	// Delivered says that an outgoing message reached the customer.
	Delivered bool `json:"delivered,omitempty"`
}

// Ledger lists everything so far in the order of sending.
func (s *Server) Ledger() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.Copy(nil)
}

// Delivered lists what reached a chat, in order.
func (s *Server) Delivered(chat string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.Copy(func(e *Entry) bool { return e.Direction == "out" && e.Delivered && e.Chat == chat })
}

func (s *Server) record(e *Entry) *Entry {
	e.Seq = s.ledger.Next()
	s.ledger.Add(e)
	return e
}

// acknowledge notes that an incoming message was taken.
func (s *Server) acknowledge(e *Entry) {
	if e != nil && !e.Acked {
		e.Acked = true
		s.ledger.Save(e)
	}
}
