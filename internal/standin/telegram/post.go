package telegram

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Post says who writes and where. With From alone it is the private chat with
// the bot.
type Post struct {
	From int64 `json:"from"`
	// Chat is a group; Topic a topic in it or in the private chat.
	Chat  int64 `json:"chat,omitempty"`
	Topic int   `json:"topic,omitempty"`
	// Business is a connection: the customer From writes to its owner, or with
	// Owner the owner writes to the customer From on his own phone.
	Business string `json:"business,omitempty"`
	Owner    bool   `json:"owner,omitempty"`
	// ReplyTo is a message id, Quote the part of it that is quoted.
	ReplyTo int    `json:"reply_to,omitempty"`
	Quote   string `json:"quote,omitempty"`
	// Forwarded names somebody whose words these are.
	Forwarded string `json:"forwarded,omitempty"`
	Caption   string `json:"caption,omitempty"`
	// Entities format the text or caption.
	Entities []Entity `json:"entities,omitempty"`
}

// Entity formats a part of a text; offsets are in UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
}

// Spot is a place on the map.
type Spot struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Title     string  `json:"title,omitempty"` // with it the spot is a venue
	Address   string  `json:"address,omitempty"`
	// LivePeriod is in seconds.
	LivePeriod int `json:"live_period,omitempty"`
}

// Card is a contact card; UserID is the Telegram user it belongs to.
type Card struct {
	Phone     string `json:"phone"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	UserID    int64  `json:"user_id,omitempty"`
	VCard     string `json:"vcard,omitempty"`
}

// say posts a message of a person and tells the bot. The id returned is the
// message's.
func (s *Server) say(p Post, kind string, parts m) (int, error) {
	pl, from, err := s.seat(p)
	if err != nil {
		return 0, err
	}
	if p.Caption != "" {
		parts["caption"] = p.Caption
	}
	if len(p.Entities) > 0 {
		name := "entities"
		if p.Caption != "" {
			name = "caption_entities"
		}
		parts[name] = p.Entities
	}
	if p.Forwarded != "" {
		parts["forward_origin"] = m{"type": "hidden_user", "date": s.Now().Unix(), "sender_user_name": p.Forwarded}
	}
	if p.ReplyTo != 0 {
		to := s.find(pl.conn, pl.chat, p.ReplyTo)
		if to == nil {
			return 0, fmt.Errorf("telegram stand-in: no message %d to reply to", p.ReplyTo)
		}
		parts["reply_to_message"] = to.quoted()
		if p.Quote != "" {
			parts["quote"] = m{"text": p.Quote, "position": strings.Index(to.Text, p.Quote), "is_manual": true}
		}
	}
	msg := s.store(pl, from.user(), kind, parts)
	msg.From, msg.Owner, msg.ReplyTo, msg.Quote = from.ID, p.Owner, p.ReplyTo, p.Quote
	direction, update := "in", "message"
	if pl.conn != "" {
		update = "business_message"
		if p.Owner {
			direction = "own"
		}
	}
	album, _ := parts["media_group_id"].(string)
	entry := s.record(&Entry{
		Direction: direction, ID: strconv.Itoa(msg.ID), Chat: msg.Chat, Customer: strconv.FormatInt(p.From, 10), Type: kind, Text: msg.Text,
		ReplyTo: nonzero(p.ReplyTo), Album: album, Order: msg.Order, At: msg.At,
	})
	s.emit(update, pl.lane(), msg.body, entry)
	return msg.ID, nil
}

// seat finds where and as whom a person writes.
func (s *Server) seat(p Post) (place, *customer, error) {
	from := s.who(p.From)
	switch {
	case p.Business != "":
		c, ok := s.connections[p.Business]
		if !ok {
			return place{}, nil, fmt.Errorf("telegram stand-in: no business connection %s", p.Business)
		}
		if p.Owner {
			from = s.who(c.OwnerID)
		} else {
			c.lastIn[p.From] = s.Now()
		}
		return place{conn: p.Business, chat: p.From}, from, nil
	case p.Chat != 0:
		g, ok := s.groups[p.Chat]
		if !ok || g.migratedTo != 0 || g.removed {
			return place{}, nil, fmt.Errorf("telegram stand-in: the bot is in no group %d", p.Chat)
		}
		if g.Direct {
			return place{chat: p.Chat, topic: int(p.From), direct: true}, from, nil
		}
		return place{chat: p.Chat, topic: p.Topic}, from, nil
	}
	if from.blocked {
		s.setBlocked(from, false) // one cannot write without unblocking
	}
	from.started = true
	return place{chat: p.From, topic: p.Topic}, from, nil
}

func nonzero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// SendText sends a text.
func (s *Server) SendText(p Post, text string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say(p, "text", m{"text": text})
}

// OpenChat opens the chat with the bot, through a deep link if payload is set.
func (s *Server) OpenChat(from int64, payload string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.TrimSpace("/start " + payload)
	return s.say(Post{From: from}, "text", m{"text": text, "entities": []any{m{"type": "bot_command", "offset": 0, "length": 6}}})
}

// SendMedia sends a file.
func (s *Server) SendMedia(p Post, f File) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.media(p, f, m{})
}

func (s *Server) media(p Post, f File, parts m) (int, error) {
	f = f.withDefaults()
	if f.Kind == "" {
		return 0, errors.New("telegram stand-in: a file needs a kind")
	}
	stored := s.keep(folder(f.Kind), f)
	parts[f.Kind] = s.describe(stored)
	if f.Kind == "animation" { // for old clients
		parts["document"] = m{"file_id": stored.id, "file_unique_id": stored.unique, "file_size": stored.size(), "mime_type": f.MIME, "file_name": f.Name}
	}
	return s.say(p, f.Kind, parts)
}

// SendAlbum sends several files together; the caption goes with the first.
func (s *Server) SendAlbum(p Post, files ...File) ([]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	album := strconv.FormatInt(13000000000000000+s.seq, 10)
	var ids []int
	for i, f := range files {
		if i > 0 {
			p.Caption, p.Entities = "", nil
		}
		id, err := s.media(p, f, m{"media_group_id": album})
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// SendLocation sends a spot, as a venue when it has a title.
func (s *Server) SendLocation(p Post, spot Spot) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	location := m{"latitude": spot.Latitude, "longitude": spot.Longitude}
	if spot.LivePeriod > 0 {
		location["live_period"] = spot.LivePeriod
	}
	parts := m{"location": location}
	kind := "location"
	if spot.Title != "" {
		kind = "venue"
		parts["venue"] = m{"location": location, "title": spot.Title, "address": spot.Address}
	}
	return s.say(p, kind, parts)
}

// SendContact sends somebody's card.
func (s *Server) SendContact(p Post, card Card) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contact(p, card)
}

// ShareOwnContact presses the button that asks for the customer's number.
func (s *Server) ShareOwnContact(p Post) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.who(p.From)
	if c.Phone == "" {
		return 0, fmt.Errorf("telegram stand-in: customer %d has no phone", p.From)
	}
	return s.contact(p, Card{Phone: c.Phone, FirstName: c.FirstName, LastName: c.LastName, UserID: c.ID})
}

func (s *Server) contact(p Post, card Card) (int, error) {
	contact := m{"phone_number": card.Phone, "first_name": card.FirstName}
	set(contact, "last_name", card.LastName)
	set(contact, "vcard", card.VCard)
	if card.UserID != 0 {
		contact["user_id"] = card.UserID
	}
	return s.say(p, "contact", m{"contact": contact})
}

// SendParts sends a message of any parts, checked like all others: dice,
// polls, service messages.
func (s *Server) SendParts(p Post, kind string, parts map[string]any) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.say(p, kind, parts)
}

// SendUnknown sends a message of a type that the specification does not have.
func (s *Server) SendUnknown(p Post, kind string) (int, error) {
	s.mu.Lock()
	pl, from, err := s.seat(p)
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	msg := s.store(pl, from.user(), kind, m{kind: m{"value": 1}})
	name := "message"
	if pl.conn != "" {
		name = "business_message"
	}
	raw := m{name: msg.body}
	s.mu.Unlock()
	_, err = s.SendRaw(mustJSON(raw))
	return msg.ID, err
}
