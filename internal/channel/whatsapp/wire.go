package whatsapp

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
)

// objectName is the object of every WhatsApp notification.
const objectName = "whatsapp_business_account"

// The notification, down to where types differ.
type (
	envelope struct {
		Object string  `json:"object"`
		Entry  []entry `json:"entry"`
	}
	entry struct {
		ID      string   `json:"id"`
		Changes []change `json:"changes"`
	}
	change struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}
)

// text is a string that the platform sometimes sends as a number; anything
// else counts as absent, so that one odd field does not cost the message.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err //nolint:wrapcheck // a decoder's own error
		}
		*t = text(s)
	case len(b) > 0 && (b[0] == '-' || (b[0] >= '0' && b[0] <= '9')):
		*t = text(b)
	default:
		*t = ""
	}
	return nil
}

// ids are the identifiers of any item of a notification.
type ids struct {
	ID              text `json:"id"`
	Type            text `json:"type"`
	From            text `json:"from"`
	FromUserID      text `json:"from_user_id"`
	To              text `json:"to"`
	ToUserID        text `json:"to_user_id"`
	GroupID         text `json:"group_id"`
	RecipientID     text `json:"recipient_id"`
	RecipientUserID text `json:"recipient_user_id"`
	WaID            text `json:"wa_id"`
	Timestamp       text `json:"timestamp"`
	Status          text `json:"status"`
}

// contact is an entry of contacts.
type contact struct {
	Profile struct {
		Name     text `json:"name"`
		Username text `json:"username"`
	} `json:"profile"`
	WaID   text `json:"wa_id"`
	UserID text `json:"user_id"`
}

// mine says whether the contact is the one an item is about.
func (c contact) mine(i ids) bool {
	same := func(a text, b ...text) bool {
		for _, x := range b {
			if a != "" && a == x {
				return true
			}
		}
		return false
	}
	return same(c.UserID, i.FromUserID, i.ToUserID, i.RecipientUserID) || same(c.WaID, i.From, i.To, i.RecipientID, i.WaID)
}

// pick keeps of a change's contacts the one that an item is about.
func (i ids) pick(raw json.RawMessage) json.RawMessage {
	var all []json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &all) != nil || len(all) == 0 {
		return nil
	}
	if len(all) == 1 {
		return raw
	}
	for _, one := range all {
		var c contact
		if json.Unmarshal(one, &c) == nil && c.mine(i) {
			return append(append(json.RawMessage("["), one...), ']')
		}
	}
	return nil
}

// first decodes the first contact, if there is one.
func first(raw json.RawMessage) contact {
	var all []contact
	if len(raw) == 0 || json.Unmarshal(raw, &all) != nil || len(all) == 0 {
		return contact{}
	}
	return all[0]
}

// groupPrefix marks the chat keys of groups.
const groupPrefix = "g:"

// chat is the key of the chat that an item belongs to: the group, else the
// person's business-scoped id, else the phone, which people with a username
// keep to themselves.
func (i ids) chat(contacts json.RawMessage) string {
	if i.GroupID != "" {
		return groupPrefix + string(i.GroupID)
	}
	known := text("")
	if i.From != "" || i.FromUserID != "" {
		known = first(contacts).UserID
	}
	for _, key := range []text{i.FromUserID, known, i.ToUserID, i.RecipientUserID, i.From, i.To, i.RecipientID} {
		if key != "" {
			return string(key)
		}
	}
	return ""
}

// scopedID is the form of a business-scoped user id: a country, perhaps ENT
// for one that spans portfolios, and letters and digits.
var scopedID = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// phone writes a wa_id as a phone number.
func phone(waID text) string {
	d := digits(string(waID))
	if d == "" || strings.Contains(string(waID), ".") {
		return ""
	}
	return "+" + d
}

// lenient decodes what fits: a field of an unexpected type is left out rather
// than costing the whole message.
func lenient(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil
	}
	return err //nolint:wrapcheck // the caller says what was being read
}
