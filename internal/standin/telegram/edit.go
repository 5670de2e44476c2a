package telegram

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// old finds a message that a method names.
func (s *Server) old(a *args, id integer, missing string) (*Message, *apiError) {
	p, e := s.target(a)
	if e != nil {
		return nil, e
	}
	msg := s.find(p.conn, p.chat, int(id))
	if msg == nil {
		return nil, badRequest("%s", missing)
	}
	return msg, nil
}

// editMessage changes the bot's own text, caption or buttons.
func (s *Server) editMessage(r *request, a *args) (any, *apiError) {
	msg, e := s.old(a, a.MessageID, "message to edit not found")
	if e != nil {
		return nil, e
	}
	isText := msg.Type == "text"
	before := mustJSON(msg.body)
	inline, keyboard, e := checkMarkup(a)
	switch {
	case e != nil:
		return nil, e
	case !msg.Bot:
		return nil, badRequest("message can't be edited")
	case keyboard != nil:
		return nil, badRequest("inline keyboard expected")
	case r.method == "editMessageText" && !isText:
		return nil, badRequest("there is no text in the message to edit")
	case r.method == "editMessageCaption" && (isText || msg.Type == "sticker"):
		return nil, badRequest("there is no caption in the message to edit")
	}
	changed := m{}
	switch r.method {
	case "editMessageText":
		if e := s.checkText(a.Text, a.Entities, maxText); e != nil {
			return nil, e
		}
		if strings.TrimSpace(a.Text) == "" {
			return nil, badRequest("message text is empty")
		}
		changed = m{"text": a.Text, "entities": a.Entities}
	case "editMessageCaption":
		if e := s.checkText(a.Caption, a.CaptionMarks, maxCaption); e != nil {
			return nil, e
		}
		changed = m{"caption": a.Caption, "caption_entities": a.CaptionMarks}
	}
	for name, v := range changed {
		if reflect.ValueOf(v).Len() == 0 {
			delete(msg.body, name)
		} else {
			msg.body[name] = v
		}
	}
	delete(msg.body, "reply_markup")
	if inline != nil {
		msg.body["reply_markup"] = inline
	}
	if same(before, mustJSON(msg.body)) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	msg.Text, msg.Edited = textOf(msg.body), true
	msg.body["edit_date"] = s.Now().Unix()
	return msg.body, nil
}

func same(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func (s *Server) deleteMessage(_ *request, a *args) (any, *apiError) {
	msg, e := s.old(a, a.MessageID, "message to delete not found")
	if e != nil {
		return nil, e
	}
	if s.Now().Sub(msg.At) > deletable {
		return nil, badRequest("message can't be deleted for everyone")
	}
	msg.Deleted = true
	return true, nil
}

// deleteMessages skips what is not there, as the platform does.
func (s *Server) deleteMessages(_ *request, a *args) (any, *apiError) {
	if len(a.MessageIDs) < 1 || len(a.MessageIDs) > 100 {
		return nil, badRequest("expected 1 to 100 message identifiers")
	}
	p, e := s.target(a)
	if e != nil {
		return nil, e
	}
	for _, id := range a.MessageIDs {
		if msg := s.find(p.conn, p.chat, int(id)); msg != nil {
			if s.Now().Sub(msg.At) > deletable {
				return nil, badRequest("message can't be deleted for everyone")
			}
			msg.Deleted = true
		}
	}
	return true, nil
}

// deleteBusiness deletes messages of one chat of a business account.
func (s *Server) deleteBusiness(_ *request, a *args) (any, *apiError) {
	c, ok := s.connections[a.Business]
	if !ok || c.Disabled {
		return nil, badRequest("BUSINESS_CONNECTION_INVALID")
	}
	if !c.CanReply {
		return nil, badRequest("BUSINESS_CONNECTION_NOT_ALLOWED")
	}
	b := s.box(boxKey(a.Business, 0))
	for _, id := range a.MessageIDs {
		msg, ok := b.messages[int(id)]
		if !ok || msg.Deleted {
			return nil, badRequest("message %d to delete not found", id)
		}
		msg.Deleted = true
	}
	return true, nil
}

func (s *Server) readBusiness(_ *request, a *args) (any, *apiError) {
	p, e := s.target(a)
	if e != nil {
		return nil, e
	}
	msg := s.find(p.conn, p.chat, int(a.MessageID))
	if msg == nil {
		return nil, badRequest("MESSAGE_ID_INVALID")
	}
	for _, other := range s.box(boxKey(p.conn, p.chat)).messages {
		if other.place.chat == p.chat && !other.Bot && !other.Owner && other.ID <= msg.ID {
			other.Read = true
		}
	}
	return true, nil
}

func (s *Server) setReaction(_ *request, a *args) (any, *apiError) {
	msg, e := s.old(a, a.MessageID, "message to react not found")
	if e != nil {
		return nil, e
	}
	if len(a.Reaction) > 1 {
		return nil, badRequest("REACTIONS_TOO_MANY")
	}
	emoji := ""
	for _, r := range a.Reaction {
		if r.Type != "emoji" || !s.contract.reaction(r.Emoji) {
			return nil, badRequest("REACTION_INVALID")
		}
		emoji = r.Emoji
	}
	msg.Reaction = emoji
	return true, nil
}

// reaction says whether bots may react with an emoji: the specification lists
// them in words.
func (c *contract) reaction(emoji string) bool {
	if c == nil {
		return emoji != ""
	}
	for _, f := range c.Types["ReactionTypeEmoji"].Fields {
		if f.Name == "emoji" {
			return strings.Contains(f.Description, strconv.Quote(emoji)) || strings.Contains(f.Description, `"`+emoji+`"`)
		}
	}
	return false
}
