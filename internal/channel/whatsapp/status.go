package whatsapp

import (
	"encoding/json"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// webhookError is an error within a notification.
type webhookError struct {
	Code    int  `json:"code"`
	Title   text `json:"title"`
	Message text `json:"message"`
	Data    struct {
		Details text `json:"details"`
	} `json:"error_data"`
}

func (e webhookError) words(a *adapter) string {
	title := string(e.Title)
	if title == "" {
		title = string(e.Message)
	}
	return a.words(title, string(e.Data.Details))
}

// status decodes one entry of statuses. They come in any order, more than
// once, and failed may follow accepted: which one counts is the inbox's to say.
func (a *adapter) status(item, contacts json.RawMessage) []channel.Update {
	var s struct {
		ids
		Opaque text           `json:"biz_opaque_callback_data"`
		Errors []webhookError `json:"errors"`
	}
	if lenient(item, &s) != nil || s.ID == "" {
		return []channel.Update{unknown("statuses")}
	}
	if s.GroupID != "" && !a.settings.groups {
		return nil
	}
	out := &channel.Status{ExternalID: string(s.ID)}
	var key string
	out.ItemID, key = unpack(string(s.Opaque))
	switch s.Status {
	case "sent":
		out.State = channel.StateSent
	case "delivered":
		out.State = channel.StateDelivered
	case "read", "played": // played: a voice message, which is more than read
		out.State = channel.StateRead
	case "failed":
		out.State, out.Reason = channel.StateFailed, channel.ReasonRejected
		if len(s.Errors) > 0 {
			out.Reason, out.Detail = meaningOf(s.Errors[0].Code).reason, s.Errors[0].words(a)
		}
	default:
		return []channel.Update{unknown("status " + string(s.Status))}
	}
	u := channel.Update{Chat: a.chat(s.ids, contacts), At: when(s.Timestamp), Status: out}
	if key != "" {
		// The customer's number in the status need not be what his chat goes
		// by; the key sent along is.
		u.Chat = channel.Chat{Key: key, Group: strings.HasPrefix(key, groupPrefix)}
	}
	return []channel.Update{u}
}

// maxOpaque is the platform's limit of data given back with statuses.
const maxOpaque = 512

// pack writes what we want back: the item and its chat.
func pack(item, chat string) string {
	if item == "" || strings.Contains(item, " ") || len(item)+1+len(chat) > maxOpaque {
		return ""
	}
	return item + " " + chat
}

func unpack(opaque string) (item, chat string) {
	item, chat, ok := strings.Cut(opaque, " ")
	if !ok {
		return "", "" // another system's
	}
	return item, chat
}

// clip keeps texts of the platform at a length for people.
func clip(s string) string {
	const limit = 300
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}
