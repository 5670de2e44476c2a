package whatsapp

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"
)

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
	out := make([]Entry, len(s.ledger))
	for i, e := range s.ledger {
		out[i] = *e
	}
	return out
}

// Delivered lists what reached a customer, in order.
func (s *Server) Delivered(customer string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Entry
	c := s.find(customer)
	for _, e := range s.ledger {
		if c != nil && e.Direction == "out" && e.Delivered && e.Customer == c.key {
			out = append(out, *e)
		}
	}
	return out
}

func (s *Server) record(e *Entry) {
	e.Seq = len(s.ledger) + 1
	s.ledger = append(s.ledger, e)
	s.ledgerFile.append(e)
}

// each runs over the entries of some messages, newest first.
func (s *Server) each(ids []string, f func(*Entry)) {
	left := len(ids)
	for i := len(s.ledger) - 1; i >= 0 && left > 0; i-- {
		if slices.Contains(ids, s.ledger[i].ID) {
			f(s.ledger[i])
			left--
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
			s.ledgerFile.append(e)
		}
	})
}

// fail takes a message back that was counted as delivered.
func (s *Server) fail(id string) {
	s.each([]string{id}, func(e *Entry) {
		if e.Delivered {
			e.Delivered = false
			s.ledgerFile.append(e)
		}
	})
}

// ledgerFile keeps the ledger outside the process: a line per change.
type ledgerFile struct{ f *os.File }

func openLedger(path string) (*ledgerFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("whatsapp stand-in: ledger: %w", err)
	}
	return &ledgerFile{f: f}, nil
}

func (l *ledgerFile) append(e *Entry) {
	if l == nil {
		return
	}
	if line, err := json.Marshal(e); err == nil {
		_, _ = l.f.Write(append(line, '\n'))
	}
}

func (l *ledgerFile) close() { _ = l.f.Close() }
