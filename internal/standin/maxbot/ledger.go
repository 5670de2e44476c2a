package maxbot

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

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
	out := make([]Entry, len(s.ledger))
	for i, e := range s.ledger {
		out[i] = *e
	}
	return out
}

// Delivered lists what reached a customer, in order.
func (s *Server) Delivered(user int64) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Entry
	c := s.customers[user]
	for _, e := range s.ledger {
		if c != nil && e.Direction == "out" && !e.Removed && e.Chat == c.dialog {
			out = append(out, *e)
		}
	}
	return out
}

func (s *Server) record(e *Entry) {
	e.Seq = len(s.ledger) + 1
	if c := s.chats[e.Chat]; c != nil {
		c.order++
		e.Order = c.order
	}
	s.ledger = append(s.ledger, e)
	s.ledgerFile.append(e)
}

// note changes the entry of a message, newest first.
func (s *Server) note(id string, change func(*Entry)) {
	for i := len(s.ledger) - 1; i >= 0; i-- {
		if s.ledger[i].ID == id {
			change(s.ledger[i])
			s.ledgerFile.append(s.ledger[i])
			return
		}
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
		s.ledgerFile.append(u.entry)
	}
}

// ledgerFile keeps the ledger outside the process: a line per change.
type ledgerFile struct{ f *os.File }

func openLedger(path string) (*ledgerFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("max stand-in: ledger: %w", err)
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

func (l *ledgerFile) close() {
	if l != nil {
		_ = l.f.Close()
	}
}
