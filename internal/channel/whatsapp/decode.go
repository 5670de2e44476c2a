package whatsapp

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Codes of the notices that this channel makes; see channel.Notice.
const (
	noticeUnknown       = "unknown_update"
	noticeOtherNumber   = "other_number"
	noticePlatformError = "platform_error"
)

// Decode implements channel.Adapter.
func (a *adapter) Decode(raw channel.Raw) ([]channel.Update, error) {
	var in envelope
	if err := lenient(raw.Body, &in); err != nil {
		return nil, fault.Wrap(fault.Invalid, "channel.not_an_update", err)
	}
	if in.Object != objectName {
		return nil, fault.New(fault.Invalid, "channel.not_an_update")
	}
	var out []channel.Update
	for _, e := range in.Entry {
		for _, c := range e.Changes {
			out = append(out, a.change(c)...)
		}
	}
	return out, nil
}

// change decodes one change of a notification.
func (a *adapter) change(c change) []channel.Update {
	var parts map[string]json.RawMessage
	if json.Unmarshal(c.Value, &parts) != nil {
		return []channel.Update{unknown(c.Field)}
	}
	var meta struct {
		Display  text `json:"display_phone_number"`
		NumberID text `json:"phone_number_id"`
	}
	if raw, ok := parts["metadata"]; ok {
		_ = lenient(raw, &meta) // without metadata it counts as ours
	}
	if meta.NumberID != "" && string(meta.NumberID) != a.settings.numberID {
		// An account's numbers share a callback unless each has its own.
		return []channel.Update{notice(noticeOtherNumber, string(meta.Display))}
	}
	known, out := false, []channel.Update(nil)
	for _, list := range []struct {
		name   string
		decode func(item, contacts json.RawMessage) []channel.Update
	}{
		{"messages", a.message},
		{"message_echoes", a.echo},
		{"statuses", a.status},
		{"user_id_update", a.newUserID},
		{"calls", a.call},
		{"errors", a.failed},
	} {
		var items []json.RawMessage
		if raw, ok := parts[list.name]; !ok || json.Unmarshal(raw, &items) != nil {
			continue
		}
		known = true
		for _, item := range items {
			out = append(out, list.decode(item, parts["contacts"])...)
		}
	}
	if known {
		return out
	}
	return []channel.Update{a.about(c)}
}

// about decodes a change about the account itself.
func (a *adapter) about(c change) channel.Update {
	var v struct {
		Event    text `json:"event"`
		Name     text `json:"message_template_name"`
		Language text `json:"message_template_language"`
		Reason   text `json:"reason"`
		Limit    text `json:"current_limit"`
		Decision text `json:"decision"`
		Category text `json:"new_category"`
		Quality  text `json:"new_quality_score"`
	}
	if lenient(c.Value, &v) != nil {
		return unknown(c.Field)
	}
	switch c.Field {
	case "message_template_status_update":
		return notice("template_status", join(" ", string(v.Name), bracket(string(v.Language)), string(v.Event), reasonWord(string(v.Reason))))
	case "message_template_quality_update":
		return notice("template_quality", join(" ", string(v.Name), bracket(string(v.Language)), string(v.Quality)))
	case "template_category_update":
		return notice("template_category", join(" ", string(v.Name), bracket(string(v.Language)), string(v.Category)))
	case "phone_number_quality_update":
		return notice("number_quality", join(" ", string(v.Event), string(v.Limit)))
	case "account_update", "account_review_update", "account_alerts", "phone_number_name_update", "business_capability_update", "security":
		return notice(c.Field, join(" ", string(v.Event), string(v.Decision), string(v.Reason)))
	}
	a.log.Warn("unknown field in a notification", slog.String("field", c.Field))
	return unknown(c.Field)
}

func reasonWord(s string) string {
	if s == "NONE" {
		return ""
	}
	return s
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func notice(code, detail string) channel.Update {
	return channel.Update{Notice: &channel.Notice{Code: code, Detail: clip(detail)}}
}

func unknown(what string) channel.Update { return notice(noticeUnknown, what) }

// failed is an error of the platform that concerns no message.
func (a *adapter) failed(item, _ json.RawMessage) []channel.Update {
	var e webhookError
	if lenient(item, &e) != nil {
		return []channel.Update{unknown("errors")}
	}
	return []channel.Update{notice(noticePlatformError, e.words(a))}
}

// call is a customer ringing within WhatsApp: nobody can answer it here, but
// the agents must know.
func (a *adapter) call(item, contacts json.RawMessage) []channel.Update {
	var c struct {
		ids
		Event     text `json:"event"`
		Direction text `json:"direction"`
	}
	if lenient(item, &c) != nil || c.ID == "" || c.chat(contacts) == "" {
		return []channel.Update{unknown("calls")}
	}
	if c.Event != "connect" || c.Direction == "BUSINESS_INITIATED" {
		return nil // the end of a call that was shown already
	}
	u := a.from(c.ids, contacts)
	u.Message = &channel.Message{ExternalID: string(c.ID), Content: channel.Content{Unsupported: "call"}}
	return []channel.Update{u}
}

// from starts an update that a customer caused.
func (a *adapter) from(i ids, contacts json.RawMessage) channel.Update {
	who := first(i.pick(contacts))
	id, number := i.FromUserID, i.From
	if id == "" {
		id = who.UserID
	}
	if number == "" {
		number = who.WaID
	}
	p := a.person(id, number)
	p.Name, p.Username = string(who.Profile.Name), string(who.Profile.Username)
	return channel.Update{Chat: a.chat(i, contacts), At: when(i.Timestamp), Sender: p}
}

// person identifies somebody by the business-scoped id, or by the number as
// before 2026.
func (a *adapter) person(userID, waID text) channel.Person {
	p := channel.Person{ID: string(userID), Phone: phone(waID)}
	if p.ID == "" {
		p.ID = digits(string(waID))
		return p
	}
	p.Scope = a.settings.portfolio
	if p.Scope == "" {
		p.Scope = a.settings.wabaID
	}
	return p
}

func (a *adapter) chat(i ids, contacts json.RawMessage) channel.Chat {
	return channel.Chat{Key: i.chat(contacts), Group: i.GroupID != ""}
}

// when reads the platform's seconds; what is no time of this age is unknown.
func when(t text) time.Time {
	s, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || s < 1_000_000_000 || s > 10_000_000_000 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}
