package whatsapp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

// File is what a customer sends.
type File struct {
	// Kind is image, video, audio, voice, document or sticker.
	Kind     string `json:"kind"`
	Name     string `json:"name,omitempty"`
	MIME     string `json:"mime,omitempty"`
	Data     []byte `json:"data"`
	Caption  string `json:"caption,omitempty"`
	Animated bool   `json:"animated,omitempty"`
}

// Place is a location that a customer shares.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
	URL       string  `json:"url,omitempty"`
}

// newID makes a message id that looks like the platform's.
func (s *Server) newID(who string) string {
	s.seq++
	tail := make([]byte, 9)
	_, _ = rand.Read(tail)
	return "wamid." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%06d:%x", who, s.seq, tail))
}

func (s *Server) stamp() string { return strconv.FormatInt(s.Now().Unix(), 10) }

func (s *Server) metadata() m {
	return m{"display_phone_number": digits(s.cfg.DisplayNumber), "phone_number_id": s.cfg.PhoneNumberID}
}

// receive is a customer's message on its way to the business. extra goes on
// top of the message next to its content.
func (s *Server) receive(from, kind string, content any, shown string, extra m) (string, error) {
	s.mu.Lock()
	c := s.who(from)
	id := s.newID(c.key)
	msg := m{"id": id, "timestamp": s.stamp(), "type": kind}
	c.sign(msg)
	if content != nil {
		msg[kind] = content
	}
	maps.Copy(msg, extra)
	c.lastInbound = s.Now()
	c.order++
	body, err := json.Marshal(msg)
	if err != nil {
		s.mu.Unlock()
		return "", fmt.Errorf("whatsapp stand-in: %s: %w", kind, err)
	}
	s.messages[id] = &Message{ID: id, Customer: c.key, Type: kind, Text: shown, Order: c.order, At: s.Now(), Body: body}
	s.record(&Entry{Direction: "in", ID: id, Customer: c.key, UserID: c.UserID, Type: kind, Text: shown, Order: c.order, At: s.Now()})
	value := m{"messaging_product": "whatsapp", "metadata": s.metadata(), "contacts": []any{c.contact()}, "messages": []any{msg}}
	lane := c.key
	s.mu.Unlock()
	return id, s.emit(lane, "messages", value, id)
}

// SendText is a customer writing; formatting is WhatsApp's own (*bold*).
func (s *Server) SendText(from, text string) (string, error) {
	return s.receive(from, "text", m{"body": text}, text, nil)
}

// SendReply is a customer replying to an earlier message.
func (s *Server) SendReply(from, to, text string) (string, error) {
	return s.receive(from, "text", m{"body": text}, text, m{"context": s.context(to)})
}

// SendForwarded is a customer forwarding somebody's text.
func (s *Server) SendForwarded(from, text string) (string, error) {
	return s.receive(from, "text", m{"body": text}, text, m{"context": m{"forwarded": true}})
}

// context names the message replied to and whose it was.
func (s *Server) context(id string) m {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg, ok := s.messages[id]
	if !ok || msg.Business {
		return m{"from": digits(s.cfg.DisplayNumber), "id": id}
	}
	if c := s.who(msg.Customer); !c.Hidden {
		return m{"from": c.Phone, "id": id}
	}
	return m{"id": id}
}

// SendMedia is a customer sending a file.
func (s *Server) SendMedia(from string, f File) (string, error) {
	kind := f.Kind
	if kind == "voice" {
		kind = "audio"
	}
	if f.MIME == "" {
		f.MIME = map[string]string{
			"image": "image/jpeg", "video": "video/mp4", "audio": "audio/mpeg", "voice": "audio/ogg; codecs=opus",
			"document": "application/pdf", "sticker": "image/webp",
		}[f.Kind]
	}
	sum := sha256.Sum256(f.Data)
	s.mu.Lock()
	id := s.addMedia(&media{mime: f.MIME, name: f.Name, data: f.Data, sha: hex.EncodeToString(sum[:]), inbound: true})
	s.mu.Unlock()
	content := m{"id": id, "mime_type": f.MIME, "sha256": base64.StdEncoding.EncodeToString(sum[:])}
	if f.Caption != "" {
		content["caption"] = f.Caption
	}
	switch f.Kind {
	case "audio", "voice":
		content["voice"] = f.Kind == "voice"
	case "sticker":
		content["animated"] = f.Animated
	case "document":
		content["filename"] = f.Name
	}
	return s.receive(from, kind, content, f.Caption, nil)
}

// SendAlbum is a customer sending several pictures at once: on WhatsApp they
// come as separate messages.
func (s *Server) SendAlbum(from string, files ...File) ([]string, error) {
	var ids []string
	for _, f := range files {
		id, err := s.SendMedia(from, f)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// SendLocation is a customer sharing a place.
func (s *Server) SendLocation(from string, p Place) (string, error) {
	content := m{"latitude": p.Latitude, "longitude": p.Longitude}
	for key, v := range map[string]string{"name": p.Name, "address": p.Address, "url": p.URL} {
		if v != "" {
			content[key] = v
		}
	}
	return s.receive(from, "location", content, p.Name, nil)
}

// SendContact is a customer sharing somebody's card.
func (s *Server) SendContact(from, name, phone string) (string, error) {
	card := m{"name": m{"formatted_name": name, "first_name": name}, "phones": []any{m{"phone": phone, "wa_id": digits(phone), "type": "CELL"}}}
	return s.receive(from, "contacts", []any{card}, name, nil)
}

// ShareOwnNumber is a customer with a hidden phone answering our request for
// it: the platform vouches for the card.
func (s *Server) ShareOwnNumber(from, phone string) (string, error) {
	vcard := "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;type=CELL:+" + digits(phone) + "\r\nEND:VCARD"
	card := m{"vcard": vcard, "phones": []any{m{"phone": "+" + digits(phone)}}}
	return s.receive(from, "contacts", []any{card}, phone, m{"origin": "contact_request"})
}

// React is a customer reacting to a message; an empty emoji takes it back.
func (s *Server) React(from, to, emoji string) (string, error) {
	return s.receive(from, "reaction", m{"message_id": to, "emoji": emoji}, emoji, nil)
}

// SendFromAd is a customer who comes through an advertisement.
func (s *Server) SendFromAd(from, text, adID, headline string) (string, error) {
	return s.receive(from, "text", m{"body": text}, text, m{"referral": m{
		"source_url": "https://fb.me/" + adID, "source_id": adID, "source_type": "ad", "headline": headline,
		"body": headline, "media_type": "image", "image_url": "https://scontent.xx.fbcdn.net/" + adID, "ctwa_clid": "Aff-" + adID,
	}})
}

// SendOrder is a customer ordering from the catalogue.
func (s *Server) SendOrder(from, product string, quantity int, price float64, currency string) (string, error) {
	return s.receive(from, "order", m{"catalog_id": "194836987003835", "text": "", "product_items": []any{
		m{"product_retailer_id": product, "quantity": quantity, "item_price": price, "currency": currency},
	}}, product, nil)
}

// SendUnsupported is something the platform does not hand over: an edit, a
// poll, a disappearing message. what names it, as newer notifications do.
func (s *Server) SendUnsupported(from, what string) (string, error) {
	extra := m{"errors": []any{webhookError(131051, "Message type is currently not supported.")}}
	if what != "" {
		extra["unsupported"] = m{"type": what}
	}
	return s.receive(from, "unsupported", nil, "", extra)
}

// EditMessage is a customer changing a message: the business only learns that
// something unsupported happened.
func (s *Server) EditMessage(from string) (string, error) { return s.SendUnsupported(from, "edit") }

// DeleteMessage is a customer deleting a message for everyone.
func (s *Server) DeleteMessage(from string) (string, error) { return s.SendUnsupported(from, "revoke") }

// SendUnknown is a message of a type that nobody knows yet.
func (s *Server) SendUnknown(from, kind string) (string, error) {
	s.mu.Lock()
	c := s.who(from)
	id := s.newID(c.key)
	msg := m{"id": id, "timestamp": s.stamp(), "type": kind, kind: m{"anything": true}}
	c.sign(msg)
	value := m{"messaging_product": "whatsapp", "metadata": s.metadata(), "contacts": []any{c.contact()}, "messages": []any{msg}}
	lane := c.key
	s.mu.Unlock()
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("whatsapp stand-in: %s: %w", kind, err)
	}
	return id, s.SendRaw(lane, "messages", raw)
}

// PressButton is a customer pressing a button or choosing a row of one of our
// messages: interactive ones by id, a template's quick reply by its label.
func (s *Server) PressButton(from, messageID, buttonID string) (string, error) {
	s.mu.Lock()
	msg, ok := s.messages[messageID]
	s.mu.Unlock()
	if !ok || !msg.Business {
		return "", fmt.Errorf("whatsapp stand-in: no message %s of the business", messageID)
	}
	extra := m{"context": s.context(messageID)}
	kind, title := msg.button(buttonID)
	switch kind {
	case "button_reply", "list_reply":
		reply := m{"type": kind, kind: m{"id": buttonID, "title": title}}
		return s.receive(from, "interactive", reply, title, extra)
	case "quick_reply":
		return s.receive(from, "button", m{"payload": buttonID, "text": title}, title, extra)
	}
	return "", fmt.Errorf("whatsapp stand-in: message %s has no button %s", messageID, buttonID)
}

// WriteFromPhone is the business's owner writing from the WhatsApp Business
// app beside us (coexistence).
func (s *Server) WriteFromPhone(to, text string) (string, error) {
	s.mu.Lock()
	c := s.who(to)
	id := s.newID(c.key)
	echo := m{"from": digits(s.cfg.DisplayNumber), "id": id, "timestamp": s.stamp(), "type": "text", "text": m{"body": text}}
	if c.Phone != "" && !c.Hidden {
		echo["to"] = c.Phone
	}
	if !c.Legacy {
		echo["to_user_id"] = c.UserID
	}
	lane := c.key
	s.mu.Unlock()
	return id, s.emit(lane, "smb_message_echoes", m{"messaging_product": "whatsapp", "metadata": s.metadata(), "message_echoes": []any{echo}}, id)
}

// Call is a customer ringing the business within WhatsApp.
func (s *Server) Call(from string) (string, error) {
	s.mu.Lock()
	c := s.who(from)
	s.seq++
	id := fmt.Sprintf("wacid.%06d", s.seq)
	call := m{"id": id, "to": digits(s.cfg.DisplayNumber), "event": "connect", "timestamp": s.stamp(), "direction": "USER_INITIATED"}
	c.sign(call)
	lane := c.key
	s.mu.Unlock()
	return id, s.emit(lane, "calls", m{"messaging_product": "whatsapp", "metadata": s.metadata(), "calls": []any{call}}, id)
}
