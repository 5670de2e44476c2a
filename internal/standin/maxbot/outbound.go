package maxbot

import (
	"encoding/json"
	"net/http"
	"time"
)

// editable is how old a message without buttons may be to be edited in a
// dialog.
const editable = 7 * 24 * time.Hour

// newBody is the body of POST and PUT /messages.
type newBody struct {
	Text        *string            `json:"text"`
	Format      *string            `json:"format"`
	Attachments *[]json.RawMessage `json:"attachments"`
	Link        *struct {
		Type string `json:"type"`
		MID  string `json:"mid"`
	} `json:"link"`
}

// postMessage creates a message of the bot.
func (s *Server) postMessage(r *http.Request) (any, error) {
	var in newBody
	if err := s.readJSON(r, "NewMessageBody", &in); err != nil {
		return nil, err
	}
	chatID, _, err := number(r, "chat_id")
	if err != nil {
		return nil, err
	}
	userID, _, err := number(r, "user_id")
	if err != nil {
		return nil, err
	}
	if why := in.breaks(true); why != "" {
		s.Violate("POST /messages: %s", why)
		return nil, refuse(http.StatusBadRequest, "", "%s", why)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.reachable(chatID, userID)
	if err != nil {
		return nil, err
	}
	draft := &Message{}
	if err := s.fill(draft, in); err != nil {
		return nil, err
	}
	if in.Link != nil {
		other := s.messages[in.Link.MID]
		if other == nil || other.Removed {
			return nil, refuse(http.StatusNotFound, "message.not.found", "Message %s not found", in.Link.MID)
		}
		if in.Link.Type == "reply" {
			draft.ReplyTo = other.ID
		} else {
			draft.ForwardOf = other.ID
		}
	}
	msg := s.newMessage(c.id, s.cfg.BotID)
	draft.ID, draft.Chat, draft.Seq, draft.At, draft.From = msg.ID, msg.Chat, msg.Seq, msg.At, msg.From
	*msg = *draft
	s.record(&Entry{Direction: "out", ID: msg.ID, Chat: c.id, Customer: c.user, Type: msg.plain(), Text: msg.Text, ReplyTo: msg.ReplyTo, At: msg.At})
	return m{"message": s.render(msg)}, nil
}

// fill takes a body's text and attachments into a message: what is null
// stays as it is.
func (s *Server) fill(msg *Message, in newBody) error {
	if in.Text != nil {
		text, marks := *in.Text, []Markup(nil)
		msg.Format = ""
		if in.Format != nil {
			msg.Format = *in.Format
			switch *in.Format {
			case "html":
				var err error
				if text, marks, err = parseHTML(text); err != nil {
					return refuse(http.StatusBadRequest, "", "text: %v", err)
				}
			case "markdown":
				text, marks = parseMarkdown(text)
			}
		}
		msg.Text, msg.Markup = text, marks
	}
	if in.Attachments == nil {
		return nil
	}
	list := make([]m, 0, len(*in.Attachments))
	for _, raw := range *in.Attachments {
		a, err := s.resolve(raw)
		if err != nil {
			return err
		}
		list = append(list, a...)
	}
	msg.Attachments = list
	return nil
}

// attachment is one attachment of a request.
type attachment struct {
	Type    string `json:"type"`
	Payload struct {
		Token  string `json:"token"`
		URL    string `json:"url"`
		Code   string `json:"code"`
		Photos map[string]struct {
			Token string `json:"token"`
		} `json:"photos"`
		Name    string     `json:"name"`
		VCF     string     `json:"vcf_info"`
		Phone   string     `json:"vcf_phone"`
		Buttons [][]button `json:"buttons"`
	} `json:"payload"`
	Latitude  *float64 `json:"latitude"`
	Longitude *float64 `json:"longitude"`
}

// resolve turns an attachment of a request into those of a message.
func (s *Server) resolve(raw json.RawMessage) ([]m, error) {
	var a attachment
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, refuse(http.StatusBadRequest, "", "attachments: %v", err)
	}
	switch a.Type {
	case "image", "video", "audio", "file":
		return s.resolveFile(a)
	case "sticker":
		return []m{{"type": "sticker", "payload": m{"code": a.Payload.Code, "url": s.base() + "/_media/avatar-sticker"}, "width": 512, "height": 512}}, nil
	case "contact":
		vcf := a.Payload.VCF
		if vcf == "" {
			vcf = vcard(a.Payload.Name, a.Payload.Phone)
		}
		return []m{{"type": "contact", "payload": m{"vcf_info": vcf}}}, nil
	case "location":
		return []m{{"type": "location", "latitude": *a.Latitude, "longitude": *a.Longitude}}, nil
	}
	var same m // a keyboard or a share: kept as it came
	if err := json.Unmarshal(raw, &same); err != nil {
		return nil, refuse(http.StatusBadRequest, "", "attachments: %v", err)
	}
	return []m{same}, nil
}

func (s *Server) resolveFile(a attachment) ([]m, error) {
	tokens := []string{a.Payload.Token}
	if a.Type == "image" && a.Payload.Token == "" {
		if a.Payload.URL != "" {
			f := s.newFile("image")
			f.used, f.MIME, f.Name = true, "image/png", "external"
			return []m{s.attached(f)}, nil
		}
		tokens = nil
		for _, p := range a.Payload.Photos {
			tokens = append(tokens, p.Token)
		}
	}
	var out []m
	for _, token := range tokens {
		f := s.files[token]
		if f == nil || f.token != token || f.Kind != a.Type {
			return nil, refuse(http.StatusBadRequest, "", "Attachment token %q is not valid", token)
		}
		if !f.used || time.Now().Before(f.ready) {
			return nil, refuse(http.StatusBadRequest, "attachment.not.ready", "Key: errors.process.attachment.%s.not.processed", a.Type)
		}
		out = append(out, s.attached(f))
	}
	if len(out) == 0 {
		return nil, refuse(http.StatusBadRequest, "", "Attachment without a token")
	}
	return out, nil
}

// putMessage edits a message of the bot.
func (s *Server) putMessage(r *http.Request) (any, error) {
	var in newBody
	if err := s.readJSON(r, "NewMessageBody", &in); err != nil {
		return nil, err
	}
	if why := in.breaks(false); why != "" {
		s.Violate("PUT /messages: %s", why)
		return nil, refuse(http.StatusBadRequest, "", "%s", why)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := s.messages[r.URL.Query().Get("message_id")]
	if msg == nil || msg.Removed {
		return nil, refuse(http.StatusNotFound, "message.not.found", "Message not found")
	}
	if msg.From != s.cfg.BotID {
		return failure("error.edit.invalid.message"), nil
	}
	c, err := s.reachable(msg.Chat, 0)
	if err != nil {
		return nil, err
	}
	if c.kind == "dialog" && !msg.hasKeyboard() && s.Now().Sub(msg.At) > editable {
		return failure("error.edit.invalid.message: too old"), nil
	}
	changed := *msg
	if err := s.fill(&changed, in); err != nil {
		return nil, err
	}
	changed.Edits++
	*msg = changed
	s.note(msg.ID, func(e *Entry) { e.Text, e.Edited = msg.Text, true })
	return success(), nil
}

func (msg *Message) hasKeyboard() bool {
	for _, a := range msg.Attachments {
		if a["type"] == "inline_keyboard" {
			return true
		}
	}
	return false
}

// deleteMessage removes a message of the bot.
func (s *Server) deleteMessage(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	msg := s.messages[r.URL.Query().Get("message_id")]
	if msg == nil || msg.Removed {
		return failure("Message not found"), nil
	}
	if msg.From != s.cfg.BotID && s.chats[msg.Chat].kind == "dialog" {
		return nil, refuse(http.StatusForbidden, "access.denied", "No permission to delete this message")
	}
	msg.Removed = true
	s.note(msg.ID, func(e *Entry) { e.Removed = true })
	return success(), nil
}
