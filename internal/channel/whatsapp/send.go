package whatsapp

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

type object = map[string]any

// accepted is the platform's answer to a message: it took it, which is not
// yet delivery.
type accepted struct {
	Messages []struct {
		ID string `json:"id"`
	} `json:"messages"`
}

// Send implements channel.Adapter.
func (a *adapter) Send(ctx context.Context, o channel.Outgoing) (channel.Sent, error) {
	msg, err := a.address(o.Chat, o.Recipient)
	if err != nil {
		return channel.Sent{}, err
	}
	kind, content, err := a.compose(ctx, o)
	if err != nil {
		return channel.Sent{}, err
	}
	msg["type"], msg[kind] = kind, content
	if o.ReplyTo != "" {
		msg["context"] = object{"message_id": o.ReplyTo}
	}
	if opaque := pack(o.ItemID, o.Chat); opaque != "" {
		msg["biz_opaque_callback_data"] = opaque
	}
	var answer accepted
	err = a.client.JSON(ctx, http.MethodPost, a.settings.numberID+"/messages", nil, a.bearer(), msg, &answer,
		egress.Operation("messages"), egress.Key(o.Chat))
	if err != nil {
		return channel.Sent{}, a.failure(err)
	}
	if len(answer.Messages) == 0 || answer.Messages[0].ID == "" {
		return channel.Sent{}, &channel.SendError{
			Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Detail: "the answer names no message",
		}
	}
	return channel.Sent{ExternalIDs: []string{answer.Messages[0].ID}, At: time.Now().UTC()}, nil
}

// address begins a message to a person or group. The business-scoped id goes
// into recipient, a number into to.
func (a *adapter) address(chat, recipient string) (object, error) {
	msg := object{"messaging_product": "whatsapp", "recipient_type": "individual"}
	if group, ok := strings.CutPrefix(chat, groupPrefix); ok {
		if !a.settings.groups || group == "" {
			return nil, refused(channel.ReasonNoPermission, "groups are switched off for this number")
		}
		msg["recipient_type"], msg["to"] = "group", group
		return msg, nil
	}
	if recipient == "" {
		recipient = chat
	}
	if scopedID.MatchString(recipient) {
		msg["recipient"] = recipient
		return msg, nil
	}
	number := digits(recipient)
	if len(number) < 7 || len(number) > 15 { // E.164
		return nil, refused(channel.ReasonRecipient, "neither a number nor a user id of WhatsApp")
	}
	msg["to"] = number
	return msg, nil
}

// compose turns content into a message's type and its content. Files are
// uploaded on the way.
func (a *adapter) compose(ctx context.Context, o channel.Outgoing) (string, any, error) {
	c := o.Content
	if len(c.Attachments) > 1 {
		return "", nil, refused(channel.ReasonUnsupported, "one file in a message")
	}
	kinds := 0
	for _, there := range []bool{c.Text != "" || len(c.Attachments) > 0, c.Location != nil, len(c.Contacts) > 0} {
		if there {
			kinds++
		}
	}
	if n := units(c.Text); n > maxText {
		return "", nil, tooLong(n, maxText)
	}
	words := render(c.Text, c.Marks)
	switch {
	case c.Template != nil:
		return a.template(ctx, o)
	case kinds == 0:
		return "", nil, refused(channel.ReasonUnsupported, "nothing to send")
	case kinds > 1:
		return "", nil, refused(channel.ReasonUnsupported, "text, place and contacts are separate messages")
	case len(c.Buttons) > 0:
		return a.interactive(ctx, o, words)
	case len(c.Attachments) == 1:
		return a.file(ctx, o, words)
	case c.Location != nil:
		return placed(*c.Location)
	case len(c.Contacts) > 0:
		return carded(c.Contacts)
	}
	if n := units(words); n > maxText {
		return "", nil, tooLong(n, maxText)
	}
	preview := strings.Contains(words, "https://") || strings.Contains(words, "http://")
	return "text", object{"body": words, "preview_url": preview}, nil
}

func placed(l channel.Location) (string, any, error) {
	out := object{"latitude": l.Latitude, "longitude": l.Longitude}
	if l.Title != "" {
		out["name"] = l.Title
	}
	if l.Address != "" {
		out["address"] = l.Address
	}
	return "location", out, nil
}

func carded(cards []channel.Card) (string, any, error) {
	out := make([]object, 0, len(cards))
	for _, c := range cards {
		name := c.Name
		if name == "" && len(c.Phones) > 0 {
			name = c.Phones[0]
		}
		if name == "" {
			return "", nil, refused(channel.ReasonUnsupported, "a contact needs a name or a phone")
		}
		// The platform wants the formatted name and one part besides.
		card := object{"name": object{"formatted_name": name, "first_name": name}}
		var phones, emails []object
		for _, p := range c.Phones {
			phone := object{"phone": p, "type": "WORK"}
			if id := digits(p); strings.HasPrefix(strings.TrimSpace(p), "+") && id != "" {
				phone["wa_id"] = id // shows the button to write there
			}
			phones = append(phones, phone)
		}
		for _, e := range c.Emails {
			emails = append(emails, object{"email": e, "type": "WORK"})
		}
		if phones != nil {
			card["phones"] = phones
		}
		if emails != nil {
			card["emails"] = emails
		}
		out = append(out, card)
	}
	return "contacts", out, nil
}
