package whatsapp

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// message decodes one entry of messages.
func (a *adapter) message(item, contacts json.RawMessage) []channel.Update {
	in, ok := read(item)
	if !ok || in.chat(contacts) == "" && in.Type != "system" {
		return []channel.Update{unknown("messages")}
	}
	if in.GroupID != "" && !a.settings.groups {
		return nil // the admin does not want groups here
	}
	u := a.from(in.ids, contacts)
	switch in.Type {
	case "reaction":
		var r reaction
		if lenient(in.parts["reaction"], &r) != nil || r.MessageID == "" {
			return []channel.Update{unknown("reaction")}
		}
		u.Reaction = &channel.Reaction{ExternalID: string(r.MessageID)}
		if r.Emoji != "" {
			u.Reaction.Emoji = []string{string(r.Emoji)}
		}
		return []channel.Update{u}
	case "system":
		return a.system(in, contacts)
	case "request_welcome":
		u.Start = &channel.Start{}
		return []channel.Update{u}
	}
	if in.ID == "" {
		return []channel.Update{unknown("messages")}
	}
	u.Message = in.message()
	return []channel.Update{u}
}

// echo decodes what the business wrote in the app beside us.
func (a *adapter) echo(item, contacts json.RawMessage) []channel.Update {
	in, ok := read(item)
	if !ok || in.ID == "" {
		return []channel.Update{unknown("message_echoes")}
	}
	to := in.ids
	to.From, to.FromUserID = "", ""
	u := channel.Update{Chat: a.chat(to, contacts), At: when(in.Timestamp)}
	if u.Chat.Key == "" {
		return []channel.Update{unknown("message_echoes")}
	}
	if in.Type == "reaction" {
		return nil // our own reaction is not a message
	}
	u.Message = in.message()
	u.Message.Own = true
	return []channel.Update{u}
}

// system tells of a person's new number or scoped id.
func (a *adapter) system(in incoming, contacts json.RawMessage) []channel.Update {
	var s struct {
		Type   text `json:"type"`
		WaID   text `json:"wa_id"`
		UserID text `json:"user_id"`
	}
	if lenient(in.parts["system"], &s) != nil || (s.WaID == "" && s.UserID == "") {
		return []channel.Update{unknown("system")}
	}
	if in.From == "" && in.FromUserID == "" {
		return nil // the old id comes with user_id_update
	}
	who := first(in.pick(contacts))
	return a.changed(ids{Timestamp: in.Timestamp}, a.person(in.FromUserID, in.From), a.person(s.UserID, s.WaID), string(who.Profile.Name))
}

// newUserID decodes one entry of user_id_update.
func (a *adapter) newUserID(item, contacts json.RawMessage) []channel.Update {
	var v struct {
		WaID      text `json:"wa_id"`
		Timestamp text `json:"timestamp"`
		UserID    struct {
			Previous text `json:"previous"`
			Current  text `json:"current"`
		} `json:"user_id"`
	}
	if lenient(item, &v) != nil || v.UserID.Previous == "" || v.UserID.Current == "" {
		return []channel.Update{unknown("user_id_update")}
	}
	who := first(contacts)
	return a.changed(ids{Timestamp: v.Timestamp}, a.person(v.UserID.Previous, ""), a.person(v.UserID.Current, v.WaID), string(who.Profile.Name))
}

// changed says that a person, and with him his chat, goes by another id.
func (a *adapter) changed(i ids, was, is channel.Person, name string) []channel.Update {
	is.Name = name
	u := channel.Update{Chat: channel.Chat{Key: was.ID}, At: when(i.Timestamp), Sender: is}
	person, moved := u, u
	person.PersonChanged = &channel.PersonChanged{Old: was}
	if was.ID == "" || is.ID == "" || was.ID == is.ID {
		return []channel.Update{person}
	}
	moved.Migration = &channel.Migration{To: is.ID}
	return []channel.Update{person, moved}
}

// incoming is a message with its parts by name.
type incoming struct {
	ids
	Origin  text `json:"origin"`
	Context struct {
		ID        text `json:"id"`
		Forwarded bool `json:"forwarded"`
		Often     bool `json:"frequently_forwarded"`
	} `json:"context"`
	Referral struct {
		Type     text `json:"source_type"`
		ID       text `json:"source_id"`
		URL      text `json:"source_url"`
		Headline text `json:"headline"`
	} `json:"referral"`
	parts map[string]json.RawMessage
}

type reaction struct {
	MessageID text `json:"message_id"`
	Emoji     text `json:"emoji"`
}

func read(item json.RawMessage) (incoming, bool) {
	var in incoming
	if lenient(item, &in) != nil || json.Unmarshal(item, &in.parts) != nil {
		return in, false
	}
	return in, true
}

// forwardedFrom is shown as the origin of forwarded messages: the platform
// does not say more.
const forwardedFrom = "WhatsApp"

// message is the message without sender and chat.
func (in incoming) message() *channel.Message {
	m := &channel.Message{ExternalID: string(in.ID), Content: in.content(), Source: in.source()}
	if in.Context.Forwarded || in.Context.Often {
		m.Content.Forwarded = forwardedFrom
	} else {
		m.ReplyTo = string(in.Context.ID)
	}
	return m
}

// source says which advertisement or post the customer came by.
func (in incoming) source() string {
	r := in.Referral
	return join(" ", string(r.Type), string(r.ID), string(r.Headline), string(r.URL))
}

// content decodes what a message says; what cannot be shown is marked as such.
func (in incoming) content() channel.Content {
	kind := string(in.Type)
	body := in.parts[kind]
	var c channel.Content
	ok := false
	switch kind {
	case "text":
		c, ok = textContent(body)
	case "image", "video", "audio", "document", "sticker":
		c, ok = mediaContent(kind, body)
	case "location":
		c, ok = locationContent(body)
	case "contacts":
		c, ok = cardContent(body, in.Origin == "contact_request")
	case "interactive":
		c, ok = pressContent(body)
	case "button":
		c, ok = quickReplyContent(body)
	case "order":
		c, ok = orderContent(body)
	case "unsupported":
		var what struct {
			Type text `json:"type"`
		}
		_ = lenient(body, &what) // older notifications do not name it
		if kind = string(what.Type); kind == "" {
			kind = "unsupported"
		}
	}
	if !ok {
		if kind == "" {
			kind = "unknown"
		}
		c.Unsupported = kind
	}
	return c
}

// join joins what is not empty.
func join(by string, parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	var out strings.Builder
	for i, p := range parts {
		if i > 0 {
			out.WriteString(by)
		}
		out.WriteString(p)
	}
	return out.String()
}
