package whatsapp

import "time"

// Entry is one line of the ledger: a message that a customer sent, or one of
// ours that the platform took.
type Entry struct {
	Seq int `json:"seq"`
	// Direction is "in" from the customer or "out" from the business.
	Direction string `json:"direction"`
	ID        string `json:"id"`
	Customer  string `json:"customer"`
	UserID    string `json:"user_id,omitempty"`
	Type      string `json:"type"`
	Text      string `json:"text,omitempty"`
	ReplyTo   string `json:"reply_to,omitempty"`
	Opaque    string `json:"opaque,omitempty"`
	// Order is the message's place in the chat, both sides counted.
	Order int       `json:"order"`
	At    time.Time `json:"at"`
	// Attempts counts webhook requests with an incoming message, Acked says
	// that one of them got 2xx.
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

// Delivered lists what reached a customer, in order.
func (s *Server) Delivered(customer string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(customer)
	return s.ledger.Copy(func(e *Entry) bool {
		return c != nil && e.Direction == "out" && e.Delivered && e.Customer == c.key
	})
}

func (s *Server) record(e *Entry) {
	e.Seq = s.ledger.Next()
	s.ledger.Add(e)
}

// each changes the entries of some messages.
func (s *Server) each(ids []string, f func(*Entry)) {
	for _, id := range ids {
		if e := s.ledger.Latest(func(e *Entry) bool { return e.ID == id }); e != nil {
			f(e)
		}
	}
}

func (s *Server) attempt(ids []string) {
	s.each(ids, func(e *Entry) {
		if e.Direction == "in" {
			e.Attempts++
		}
	})
}

func (s *Server) acknowledge(ids []string) {
	s.each(ids, func(e *Entry) {
		if e.Direction == "in" && !e.Acked {
			e.Acked = true
			s.ledger.Save(e)
		}
	})
}

// fail takes a message back that was counted as delivered.
func (s *Server) fail(id string) {
	s.each([]string{id}, func(e *Entry) {
		if e.Delivered {
			e.Delivered = false
			s.ledger.Save(e)
		}
	})
}
