package maxbot

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Customer is a person with MAX.
type Customer struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	// Phone is what his own contact card says.
	Phone  string `json:"phone,omitempty"`
	Locale string `json:"locale,omitempty"`
}

// customer is a Customer with what the platform remembers.
type customer struct {
	Customer
	dialog  int64 // the chat with the bot
	started bool  // pressed Start or wrote: the bot may write
	stopped bool
	removed bool // deleted the dialog
}

// chat is a dialog or a group.
type chat struct {
	id    int64
	kind  string // dialog, chat or channel
	title string
	user  int64 // of a dialog
	order int
	admin bool // the bot may read and write in the group
	gone  bool // the bot was removed
}

// AddCustomer makes a customer or changes the one with this id.
func (s *Server) AddCustomer(c Customer) Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addCustomer(c).Customer
}

func (s *Server) addCustomer(c Customer) *customer {
	if c.FirstName == "" {
		c.FirstName = "Клиент " + strconv.FormatInt(c.ID, 10)
	}
	if c.Locale == "" {
		c.Locale = "ru"
	}
	if c.Phone == "" {
		c.Phone = fmt.Sprintf("+7900%07d", c.ID%10_000_000)
	}
	if old := s.customers[c.ID]; old != nil {
		old.Customer = c
		return old
	}
	made := &customer{Customer: c, dialog: c.ID ^ s.cfg.BotID}
	s.customers[c.ID] = made
	s.chats[made.dialog] = &chat{id: made.dialog, kind: "dialog", user: c.ID, admin: true}
	return made
}

// who finds the customer that an action is about, or makes one.
func (s *Server) who(id int64) *customer {
	if c := s.customers[id]; c != nil {
		return c
	}
	return s.addCustomer(Customer{ID: id})
}

// Dialog is the id of a customer's chat with the bot.
func (s *Server) Dialog(user int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who(user).dialog
}

// user is the customer as messages name him.
func (c *customer) user(s *Server) m {
	out := m{
		"user_id": c.ID, "first_name": c.FirstName, "is_bot": false,
		"last_activity_time": s.Now().UnixMilli(), "name": strings.TrimSpace(c.FirstName + " " + c.LastName),
	}
	if c.LastName != "" {
		out["last_name"] = c.LastName
	}
	if c.Username != "" {
		out["username"] = c.Username
	}
	return out
}

// withPhoto is the customer as updates about the dialog name him.
func (c *customer) withPhoto(s *Server) m {
	out := c.user(s)
	out["avatar_url"] = fmt.Sprintf("%s/_media/avatar-%d", s.base(), c.ID)
	out["full_avatar_url"] = fmt.Sprintf("%s/_media/avatar-%d", s.base(), c.ID)
	return out
}

// AddGroup makes a group that the bot is in.
func (s *Server) AddGroup(id int64, title string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id > 0 {
		id = -id
	}
	s.chats[id] = &chat{id: id, kind: "chat", title: title, admin: true}
}

// reachable finds the chat that a call is about, or the platform's refusal.
func (s *Server) reachable(chatID, userID int64) (*chat, error) {
	var c *chat
	switch {
	case userID != 0:
		person := s.customers[userID]
		if person == nil {
			return nil, refuse(http.StatusNotFound, "chat.not.found", "User %d not found", userID)
		}
		c = s.chats[person.dialog]
	case chatID != 0:
		c = s.chats[chatID]
	default:
		return nil, refuse(http.StatusForbidden, "chat.denied", "Invalid chatId: 0")
	}
	if c == nil || c.gone {
		return nil, refuse(http.StatusNotFound, "chat.not.found", "Chat %d not found", chatID)
	}
	if c.kind == "dialog" {
		person := s.customers[c.user]
		switch {
		case person.removed || !person.started:
			return nil, refuse(http.StatusNotFound, "chat.not.found", "Chat %d not found", c.id)
		case person.stopped:
			return nil, refuse(http.StatusForbidden, "chat.denied", "Key: error.dialog.suspended, args: [%d,].", c.user)
		}
	}
	if !c.admin {
		return nil, refuse(http.StatusForbidden, "chat.denied", "Key: error.chat.no.permission")
	}
	return c, nil
}

// getChat describes a chat.
func (s *Server) getChat(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("chat"), 10, 64)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "", "chat: not a number")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil || c.gone {
		return nil, refuse(http.StatusNotFound, "chat.not.found", "Chat %d not found", id)
	}
	out := m{"chat_id": c.id, "type": c.kind, "status": "active", "last_event_time": s.Now().UnixMilli(), "participants_count": 2, "is_public": false}
	if c.kind == "dialog" {
		out["dialog_with_user"] = s.customers[c.user].withPhoto(s)
	} else {
		out["title"] = c.title
	}
	return out, nil
}

func (s *Server) getMembership(r *http.Request) (any, error) {
	if _, err := s.getChat(r); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.bot()
	now := s.Now().UnixMilli()
	out["last_access_time"], out["join_time"] = now, now
	out["is_owner"], out["is_admin"] = false, true
	out["permissions"] = []any{"read_all_messages", "write"}
	return out, nil
}
