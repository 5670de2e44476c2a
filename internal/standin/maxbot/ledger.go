package maxbot

import "time"

// Entry is one line of the ledger: a message that a customer sent, or one of
// ours that the platform took.
type Entry struct {
	Seq int `json:"seq"`
	// Direction is "in" from the customer or "out" from the business.
	Direction string `json:"direction"`
	// ID is the message's mid; a native voice note has none.
	ID       string `json:"id"`
	Chat     int64  `json:"chat"`
	Customer int64  `json:"customer,omitempty"`
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	ReplyTo  string `json:"reply_to,omitempty"`
	// Order is the message's place in the chat, both sides counted.
	Order int       `json:"order"`
	At    time.Time `json:"at"`
	// Attempts counts deliveries of an incoming message, Acked says that one
	// of them was accepted.
	Attempts int  `json:"attempts,omitempty"`
	Acked    bool `json:"acked,omitempty"`
	// Edited and Removed say what became of it later.
	Edited  bool `json:"edited,omitempty"`
	Removed bool `json:"removed,omitempty"`
}

// Ledger lists everything so far in the order of sending.
func (s *Server) Ledger() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ledger.Copy(nil)
}

// Delivered lists what reached a customer, in order.
func (s *Server) Delivered(user int64) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.customers[user]
	return s.ledger.Copy(func(e *Entry) bool {
		return c != nil && e.Direction == "out" && !e.Removed && e.Chat == c.dialog
	})
}

func (s *Server) record(e *Entry) {
	e.Seq = s.ledger.Next()
	if c := s.chats[e.Chat]; c != nil {
		c.order++
		e.Order = c.order
	}
	s.ledger.Add(e)
}

// note changes the entry of a message.
func (s *Server) note(id string, change func(*Entry)) {
	if e := s.ledger.Latest(func(e *Entry) bool { return e.ID == id }); e != nil {
		change(e)
		s.ledger.Save(e)
	}
}

func (u *update) attempt() {
	if u.entry != nil {
		u.entry.Attempts++
	}
}

func (s *Server) acknowledge(u *update) {
	if u.entry != nil && !u.entry.Acked {
		u.entry.Acked = true
		s.ledger.Save(u.entry)
	}
}
