package telegram

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// receipt is what we need of the message that was made.
type receipt struct {
	ID   int64 `json:"message_id"`
	Date int64 `json:"date"`
}

// Send implements channel.Adapter.
func (a *adapter) Send(ctx context.Context, o channel.Outgoing) (channel.Sent, error) {
	ref, err := parseChat(o.Chat)
	if err != nil {
		return channel.Sent{}, refused(channel.ReasonMisconfigured, err.Error())
	}
	params := ref.params()
	if err := replyTo(params, o); err != nil {
		return channel.Sent{}, err
	}
	if err := buttons(params, ref, o.Content.Buttons); err != nil {
		return channel.Sent{}, err
	}
	c := o.Content
	switch {
	case c.Template != nil:
		return channel.Sent{}, refused(channel.ReasonUnsupported, "the platform has no templates")
	case len(c.Attachments) > 1:
		return a.sendAlbum(ctx, ref, params, o)
	case len(c.Attachments) == 1:
		return a.sendFile(ctx, ref, params, o)
	case c.Location != nil:
		return a.sendLocation(ctx, ref, params, c)
	case len(c.Contacts) > 0:
		return a.sendContact(ctx, ref, params, c)
	}
	if strings.TrimSpace(c.Text) == "" {
		return channel.Sent{}, refused(channel.ReasonRejected, "nothing to send")
	}
	if units(c.Text) > maxText {
		return channel.Sent{}, refused(channel.ReasonTooBig, "text too long")
	}
	params["text"] = c.Text
	if list := entitiesOf(c.Text, c.Marks); len(list) > 0 {
		params["entities"] = list
	}
	return a.create(ctx, "sendMessage", ref, params)
}

// create makes one message by a JSON call.
func (a *adapter) create(ctx context.Context, method string, ref chatRef, params map[string]any) (channel.Sent, error) {
	var result json.RawMessage
	if err := a.call(ctx, method, params, &result, egress.Key(ref.lane())); err != nil {
		return channel.Sent{}, err
	}
	return sent(result)
}

// sent reads the receipt of one message, or of an album's.
func sent(result json.RawMessage) (channel.Sent, error) {
	var many []receipt
	var one receipt
	if json.Unmarshal(result, &many) != nil {
		if err := json.Unmarshal(result, &one); err != nil {
			return channel.Sent{}, unreadable(err)
		}
		many = []receipt{one}
	}
	var out channel.Sent
	for _, r := range many {
		if r.ID <= 0 {
			return channel.Sent{}, unreadable(nil)
		}
		out.ExternalIDs = append(out.ExternalIDs, decimal(r.ID))
		out.At = seconds(r.Date)
	}
	if len(out.ExternalIDs) == 0 {
		return channel.Sent{}, unreadable(nil)
	}
	return out, nil
}

func unreadable(err error) *channel.SendError {
	return &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Detail: "unreadable receipt", Cause: err}
}

// replyTo adds what is answered. If the customer deleted it meanwhile, the
// answer is sent all the same.
func replyTo(params map[string]any, o channel.Outgoing) error {
	if o.ReplyTo == "" {
		return nil
	}
	id, err := messageID(o.ReplyTo)
	if err != nil {
		return refused(channel.ReasonReplyGone, err.Error())
	}
	reply := map[string]any{"message_id": id, "allow_sending_without_reply": true}
	if o.ReplyQuote != "" && units(o.ReplyQuote) <= maxQuote {
		reply["quote"] = o.ReplyQuote
	}
	params["reply_parameters"] = reply
	return nil
}

// caption adds a text to files.
func caption(params map[string]any, c channel.Content) error {
	if units(c.Text) > maxCaption {
		return refused(channel.ReasonTooBig, "caption too long")
	}
	if strings.TrimSpace(c.Text) == "" {
		return nil
	}
	params["caption"] = c.Text
	if list := entitiesOf(c.Text, c.Marks); len(list) > 0 {
		params["caption_entities"] = list
	}
	return nil
}

// buttons adds an inline keyboard, or the keyboard that asks for a number or
// a place; one message has one of them.
func buttons(params map[string]any, ref chatRef, rows [][]channel.Button) error {
	var inline, asking [][]map[string]any
	total := 0
	for _, row := range rows {
		var in, ask []map[string]any
		for _, b := range row {
			total++
			made, asks, err := button(b)
			if err != nil {
				return err
			}
			if asks {
				ask = append(ask, made)
			} else {
				in = append(in, made)
			}
		}
		if len(in) > 0 {
			inline = append(inline, in)
		}
		if len(ask) > 0 {
			asking = append(asking, ask)
		}
	}
	switch {
	case total == 0:
		return nil
	case total > maxButtons:
		return refused(channel.ReasonTooBig, "too many buttons")
	case len(inline) > 0 && len(asking) > 0:
		return refused(channel.ReasonUnsupported, "buttons of both kinds in one message")
	case len(inline) > 0:
		params["reply_markup"] = map[string]any{"inline_keyboard": inline}
	case ref.conn != "" || ref.id < 0:
		return refused(channel.ReasonUnsupported, "the platform asks for a number or place in chats with the bot only")
	default:
		params["reply_markup"] = map[string]any{"keyboard": asking, "resize_keyboard": true, "one_time_keyboard": true}
	}
	return nil
}

func button(b channel.Button) (made map[string]any, asks bool, err error) {
	if strings.TrimSpace(b.Text) == "" {
		return nil, false, refused(channel.ReasonUnsupported, "a button without a text")
	}
	switch b.Kind {
	case channel.ButtonCallback:
		if b.Payload == "" || len(b.Payload) > maxCallback {
			return nil, false, refused(channel.ReasonTooBig, "a button's payload must have 1 to 64 bytes")
		}
		return map[string]any{"text": b.Text, "callback_data": b.Payload}, false, nil
	case channel.ButtonURL:
		return map[string]any{"text": b.Text, "url": b.URL}, false, nil
	case channel.ButtonPhone:
		return map[string]any{"text": b.Text, "request_contact": true}, true, nil
	case channel.ButtonLocation:
		return map[string]any{"text": b.Text, "request_location": true}, true, nil
	}
	return nil, false, refused(channel.ReasonUnsupported, "unknown kind of button")
}

func (a *adapter) sendLocation(ctx context.Context, ref chatRef, params map[string]any, c channel.Content) (channel.Sent, error) {
	if c.Text != "" {
		return channel.Sent{}, refused(channel.ReasonUnsupported, "a place has no caption")
	}
	params["latitude"], params["longitude"] = c.Location.Latitude, c.Location.Longitude
	if c.Location.Title == "" && c.Location.Address == "" {
		return a.create(ctx, "sendLocation", ref, params)
	}
	params["title"], params["address"] = c.Location.Title, c.Location.Address
	for _, pair := range [][2]string{{"title", c.Location.Address}, {"address", c.Location.Title}} {
		if params[pair[0]] == "" { // the platform wants both
			params[pair[0]] = pair[1]
		}
	}
	return a.create(ctx, "sendVenue", ref, params)
}

func (a *adapter) sendContact(ctx context.Context, ref chatRef, params map[string]any, c channel.Content) (channel.Sent, error) {
	card := c.Contacts[0]
	switch {
	case len(c.Contacts) > 1 || c.Text != "":
		return channel.Sent{}, refused(channel.ReasonUnsupported, "one card per message, without a caption")
	case len(card.Phones) == 0 || card.Phones[0] == "":
		return channel.Sent{}, refused(channel.ReasonUnsupported, "a card needs a phone number")
	}
	params["phone_number"] = card.Phones[0]
	params["first_name"] = card.Name
	if card.Name == "" {
		params["first_name"] = card.Phones[0]
	}
	if card.VCard != "" && len(card.VCard) <= 2048 {
		params["vcard"] = card.VCard
	}
	return a.create(ctx, "sendContact", ref, params)
}
