package whatsapp

import (
	"fmt"
	"strconv"
	"time"
)

// Status reports on a message of ours: sent, delivered, read, played or
// failed with a code. Tests may report in any order and again.
func (s *Server) Status(id, state string, code int) error {
	s.mu.Lock()
	msg, ok := s.messages[id]
	if !ok || !msg.Business {
		s.mu.Unlock()
		return fmt.Errorf("whatsapp stand-in: no message %s of the business", id)
	}
	msg.Status = state
	if state == "failed" {
		msg.Code = code
		s.fail(id)
	}
	c := s.who(msg.Customer)
	status := m{"id": id, "status": state, "timestamp": s.stamp()}
	if !msg.toUserID || (c.Phone != "" && !c.Hidden) {
		status["recipient_id"] = c.Phone
	}
	if !c.Legacy && (state != "failed" || msg.toUserID) {
		status["recipient_user_id"] = c.UserID
	}
	if msg.Opaque != "" {
		status["biz_opaque_callback_data"] = msg.Opaque
	}
	value := m{"messaging_product": "whatsapp", "metadata": s.metadata(), "statuses": []any{status}}
	switch state {
	case "failed":
		status["errors"] = []any{webhookError(code, refuse(code, "").Title)}
	case "sent", "delivered":
		category := map[bool]string{true: "utility", false: "service"}[msg.Type == "template"]
		conversation := m{"id": "c0ffee" + last(id, 8), "origin": m{"type": category}}
		if state == "sent" {
			conversation["expiration_timestamp"] = strconv.FormatInt(s.Now().Add(24*time.Hour).Unix(), 10)
		}
		status["conversation"] = conversation
		status["pricing"] = m{"billable": msg.Type == "template", "pricing_model": "PMP", "category": category, "type": "regular"}
		value["contacts"] = []any{c.contact()}
	default:
		value["contacts"] = []any{c.contact()}
	}
	lane := c.key
	s.mu.Unlock()
	return s.emit(lane, "messages", value, id)
}

// Read is a customer opening the chat: every message of ours that has reached
// him is reported as read, oldest first.
func (s *Server) Read(customer string) error {
	s.mu.Lock()
	var ids []string
	if c := s.find(customer); c != nil {
		for _, e := range s.ledger.Entries() {
			msg := s.messages[e.ID]
			if msg != nil && e.Customer == c.key && msg.Business && (msg.Status == "sent" || msg.Status == "delivered") {
				ids = append(ids, e.ID)
			}
		}
	}
	s.mu.Unlock()
	for _, id := range ids {
		if err := s.Status(id, "read", 0); err != nil {
			return err
		}
	}
	return nil
}
