package telegram

import (
	"fmt"
	"strconv"
	"time"
)

// Customer is a person with Telegram.
type Customer struct {
	ID        int64  `json:"id"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Language  string `json:"language,omitempty"`
	// Phone is what ShareOwnContact shares.
	Phone string `json:"phone,omitempty"`
	// Photo is the profile picture.
	Photo []byte `json:"photo,omitempty"`
}

// customer is a Customer with what the platform remembers.
type customer struct {
	Customer
	started bool // wrote to the bot once
	blocked bool
	gone    bool
	photo   *file
}

// Group is a group or supergroup with the bot in it.
type Group struct {
	// ID is negative; a supergroup's begins with -100.
	ID         int64  `json:"id"`
	Title      string `json:"title"`
	Supergroup bool   `json:"supergroup,omitempty"`
	// Forum is a supergroup with topics.
	Forum bool `json:"forum,omitempty"`
	// Direct is the direct messages chat of a channel, a topic per person.
	Direct bool `json:"direct,omitempty"`
}

type group struct {
	Group
	migratedTo int64
	removed    bool // the bot is no longer a member
	readOnly   bool // the bot may not write
}

// Connection is a business account that works through the bot.
type Connection struct {
	ID       string `json:"id"`
	OwnerID  int64  `json:"owner_id"`
	CanReply bool   `json:"can_reply"`
	Disabled bool   `json:"disabled,omitempty"`
	// Silent leaves out the updates about the bot's own messages.
	Silent bool `json:"silent,omitempty"`
}

type connection struct {
	Connection
	lastIn map[int64]time.Time // by chat
}

// AddCustomer makes a customer or changes the one with this id.
func (s *Server) AddCustomer(c Customer) Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.who(c.ID)
	if c.FirstName == "" {
		c.FirstName = known.FirstName
	}
	known.Customer = c
	if len(c.Photo) > 0 {
		known.photo = s.keep("photos", File{Name: "photo.jpg", MIME: "image/jpeg", Data: c.Photo})
	}
	return known.Customer
}

// who finds a customer or makes one.
func (s *Server) who(id int64) *customer {
	c, ok := s.customers[id]
	if !ok {
		c = &customer{Customer: Customer{ID: id, FirstName: "Клиент " + strconv.FormatInt(id%10000, 10), Language: "ru"}}
		s.customers[id] = c
	}
	return c
}

func (c *customer) user() m {
	u := m{"id": c.ID, "is_bot": false, "first_name": c.FirstName}
	set(u, "last_name", c.LastName)
	set(u, "username", c.Username)
	set(u, "language_code", c.Language)
	return u
}

func (c *customer) chat() m {
	u := m{"id": c.ID, "type": "private", "first_name": c.FirstName}
	set(u, "last_name", c.LastName)
	set(u, "username", c.Username)
	return u
}

func (g *group) chat() m {
	u := m{"id": g.ID, "type": "group", "title": g.Title}
	if g.Supergroup || g.Forum || g.Direct {
		u["type"] = "supergroup"
	}
	if g.Forum {
		u["is_forum"] = true
	}
	if g.Direct {
		u["is_direct_messages"] = true
	}
	return u
}

func set(o m, name, value string) {
	if value != "" {
		o[name] = value
	}
}

func (s *Server) bot() m {
	return m{"id": s.botID, "is_bot": true, "first_name": s.cfg.BotName, "username": s.cfg.BotUsername}
}

// Block lets a customer block the bot; Unblock undoes it.
func (s *Server) Block(id int64) { s.membership(id, true) }

// Unblock undoes Block.
func (s *Server) Unblock(id int64) { s.membership(id, false) }

func (s *Server) membership(id int64, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setBlocked(s.who(id), blocked)
}

func (s *Server) setBlocked(c *customer, blocked bool) {
	if c.blocked == blocked {
		return
	}
	c.blocked = blocked
	member, kicked := m{"status": "member", "user": s.bot()}, m{"status": "kicked", "user": s.bot(), "until_date": 0}
	change := m{"chat": c.chat(), "from": c.user(), "date": s.Now().Unix(), "old_chat_member": member, "new_chat_member": kicked}
	if !blocked {
		change["old_chat_member"], change["new_chat_member"] = kicked, member
	}
	s.emit("my_chat_member", laneOf("", c.ID), change, nil)
}

// DeleteAccount makes a customer a deleted account.
func (s *Server) DeleteAccount(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.who(id).gone = true
}

// AddGroup adds the bot to a group, and says so if the group is new.
func (s *Server) AddGroup(g Group, by int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, known := s.groups[g.ID]
	s.groups[g.ID] = &group{Group: g}
	if !known {
		s.botStatus(g.ID, by, m{"status": "left", "user": s.bot()}, m{"status": "member", "user": s.bot()})
	}
}

// RemoveFromGroup removes the bot from a group.
func (s *Server) RemoveFromGroup(id, by int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.groups[id]
	if !ok {
		return fmt.Errorf("telegram stand-in: no group %d", id)
	}
	g.removed = true
	s.botStatus(id, by, m{"status": "member", "user": s.bot()}, m{"status": "kicked", "user": s.bot(), "until_date": 0})
	return nil
}

// Mute takes the bot's right to write in a group.
func (s *Server) Mute(id int64, readOnly bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.groups[id]
	if !ok {
		return fmt.Errorf("telegram stand-in: no group %d", id)
	}
	g.readOnly = readOnly
	return nil
}

func (s *Server) botStatus(id, by int64, was, is m) {
	s.emit("my_chat_member", laneOf("", id), m{
		"chat": s.groups[id].chat(), "from": s.who(by).user(), "date": s.Now().Unix(), "old_chat_member": was, "new_chat_member": is,
	}, nil)
}

// Migrate turns a group into a supergroup with a new id, telling the bot by
// a service message in each.
func (s *Server) Migrate(from, to int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.groups[from]
	if !ok {
		return fmt.Errorf("telegram stand-in: no group %d", from)
	}
	g.migratedTo = to
	next := *g
	next.ID, next.Supergroup, next.migratedTo = to, true, 0
	s.groups[to] = &next
	admin := s.who(1000)
	for _, step := range []struct {
		g    *group
		name string
		id   int64
	}{{g, "migrate_to_chat_id", to}, {&next, "migrate_from_chat_id", from}} {
		s.emit("message", laneOf("", step.g.ID), m{
			"message_id": s.box(boxKey("", step.g.ID)).take(), "date": s.Now().Unix(), "chat": step.g.chat(), "from": admin.user(), step.name: step.id,
		}, nil)
	}
	return nil
}

// Connect makes or changes a business connection and tells the bot.
func (s *Server) Connect(c Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.connections[c.ID]
	if !ok {
		known = &connection{lastIn: map[int64]time.Time{}}
		s.connections[c.ID] = known
	}
	known.Connection = c
	s.emit("business_connection", "bc:"+c.ID, s.connectionInfo(known), nil)
}

func (s *Server) connectionInfo(c *connection) m {
	rights := m{"can_read_messages": true}
	if c.CanReply {
		rights["can_reply"] = true
		rights["can_delete_sent_messages"] = true
	}
	owner := s.who(c.OwnerID)
	return m{
		"id": c.ID, "user": owner.user(), "user_chat_id": owner.ID, "date": s.Now().Unix(), "rights": rights, "is_enabled": !c.Disabled,
	}
}
