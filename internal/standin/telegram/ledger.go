package telegram

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
	out := make([]Entry, len(s.ledger))
	for i, e := range s.ledger {
		out[i] = *e
	}
	return out
}

// Delivered lists what reached a chat, in order.
func (s *Server) Delivered(chat string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Entry
	for _, e := range s.ledger {
		if e.Direction == "out" && e.Delivered && e.Chat == chat {
			out = append(out, *e)
		}
	}
	return out
}

func (s *Server) record(e *Entry) *Entry {
	e.Seq = len(s.ledger) + 1
	s.ledger = append(s.ledger, e)
	s.ledgerFile.append(e)
	return e
}

// acknowledge notes that an incoming message was taken.
func (s *Server) acknowledge(e *Entry) {
	if e != nil && !e.Acked {
		e.Acked = true
		s.ledgerFile.append(e)
	}
}

// ledgerFile keeps the ledger outside the process: a line per change, the last
// line of a Seq counts.
type ledgerFile struct{ f *os.File }

func openLedger(path string) (*ledgerFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("telegram stand-in: ledger: %w", err)
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
