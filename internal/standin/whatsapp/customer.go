package whatsapp

import (
	"fmt"
	"strings"
	"time"
)

// Customer is a person with WhatsApp.
type Customer struct {
	// Phone is the number in digits; UserID the business-scoped id, made from
	// the phone when left out.
	Phone  string `json:"phone,omitempty"`
	UserID string `json:"user_id,omitempty"`
	Name   string `json:"name,omitempty"`
	// Username is set for people who adopted one; Hidden leaves their phone
	// out of every notification.
	Username string `json:"username,omitempty"`
	Hidden   bool   `json:"hidden,omitempty"`
	// Legacy leaves out the scoped id, as before April 2026.
	Legacy bool `json:"legacy,omitempty"`
}

// customer is a Customer with what the platform remembers.
type customer struct {
	Customer
	key         string // stays when phone and id change
	lastInbound time.Time
	blocked     bool
	absent      bool // has no WhatsApp
	order       int
	pair        bucket
	reactions   map[string]string // by message id
}

// Key is how the ledger and the control interface name the customer.
func (c Customer) Key() string {
	if c.Phone != "" {
		return c.Phone
	}
	return c.UserID
}

// AddCustomer makes a customer or changes the one with this phone or id.
func (s *Server) AddCustomer(c Customer) Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addCustomer(c).Customer
}

func (s *Server) addCustomer(c Customer) *customer {
	c.Phone = digits(c.Phone)
	if c.UserID == "" && !c.Legacy {
		c.UserID = "RU." + c.Phone
	}
	if c.Name == "" {
		c.Name = "Клиент " + last(c.Key(), 4)
	}
	if old := s.find(c.Phone); old != nil {
		old.Customer = c
		return old
	}
	if old := s.find(c.UserID); old != nil {
		old.Customer = c
		return old
	}
	made := &customer{Customer: c, key: c.Key(), reactions: map[string]string{}}
	s.customers = append(s.customers, made)
	return made
}

func last(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[len(s)-n:]
}

// find looks a customer up by phone or scoped id.
func (s *Server) find(key string) *customer {
	if key == "" {
		return nil
	}
	for _, c := range s.customers {
		if c.UserID == key || c.key == key || (c.Phone != "" && !strings.Contains(key, ".") && c.Phone == digits(key)) {
			return c
		}
	}
	return nil
}

// who finds the customer that an action is about, or makes one.
func (s *Server) who(key string) *customer {
	if c := s.find(key); c != nil {
		return c
	}
	if strings.Contains(key, ".") {
		return s.addCustomer(Customer{UserID: key, Hidden: true})
	}
	return s.addCustomer(Customer{Phone: key})
}

// Block makes everything sent to a customer undeliverable.
func (s *Server) Block(key string) { s.change(key, func(c *customer) { c.blocked = true }) }

// Unblock undoes Block.
func (s *Server) Unblock(key string) { s.change(key, func(c *customer) { c.blocked = false }) }

// Leave takes a customer off WhatsApp.
func (s *Server) Leave(key string) { s.change(key, func(c *customer) { c.absent = true }) }

func (s *Server) change(key string, f func(*customer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.who(key))
}

// contact is the contacts entry of a notification.
func (c *customer) contact() m {
	profile := m{"name": c.Name}
	if c.Username != "" {
		profile["username"] = c.Username
	}
	out := m{"profile": profile}
	if c.Phone != "" && !c.Hidden {
		out["wa_id"] = c.Phone
	}
	if !c.Legacy {
		out["user_id"] = c.UserID
	}
	return out
}

// sign writes the sender's ids into a message.
func (c *customer) sign(msg m) {
	if c.Phone != "" && !c.Hidden {
		msg["from"] = c.Phone
	}
	if !c.Legacy {
		msg["from_user_id"] = c.UserID
	}
}

// ChangeNumber gives a customer a new phone and with it a new scoped id, and
// tells the business as the platform does.
func (s *Server) ChangeNumber(key, phone, userID string) (string, error) {
	s.mu.Lock()
	c := s.who(key)
	old := c.Customer
	c.Phone = digits(phone)
	if userID == "" {
		userID = "RU." + c.Phone
	}
	if !c.Legacy {
		c.UserID = userID
	}
	id := s.newID(c.Phone)
	system := m{"type": "user_changed_number", "wa_id": c.Phone, "body": fmt.Sprintf("User %s changed from %s to %s", c.Name, old.Phone, c.Phone)}
	msg := m{"id": id, "timestamp": s.stamp(), "type": "system", "system": system}
	if !c.Legacy {
		system["user_id"] = c.UserID
		msg["from_user_id"] = old.UserID
	}
	if old.Phone != "" && !old.Hidden {
		msg["from"] = old.Phone
	}
	lane := c.key
	s.mu.Unlock()
	return id, s.emit(lane, "messages", m{"messaging_product": "whatsapp", "metadata": s.metadata(), "messages": []any{msg}}, id)
}

// ChangeUserID gives a customer a new scoped id: a system message with the
// new one and a user_id_update that names both.
func (s *Server) ChangeUserID(key, userID string) (string, error) {
	s.mu.Lock()
	c := s.who(key)
	old := c.UserID
	c.UserID = userID
	id := s.newID(c.UserID)
	msg := m{"id": id, "timestamp": s.stamp(), "type": "system", "system": m{
		"type": "user_changed_user_id", "user_id": userID, "body": fmt.Sprintf("User %s changed from %s to %s", c.Name, old, userID),
	}}
	update := m{"detail": "User id for " + c.Name + " has been updated.", "timestamp": s.stamp(), "user_id": m{"previous": old, "current": userID}}
	if c.Phone != "" && !c.Hidden {
		update["wa_id"] = c.Phone
	}
	contact, lane := c.contact(), c.key
	s.mu.Unlock()
	if err := s.emit(lane, "messages", m{"messaging_product": "whatsapp", "metadata": s.metadata(), "messages": []any{msg}}, id); err != nil {
		return id, err
	}
	return id, s.emit(lane, "user_id_update", m{
		"messaging_product": "whatsapp", "metadata": s.metadata(), "contacts": []any{contact}, "user_id_update": []any{update},
	})
}
