package whatsapp

import (
	"context"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// interactive composes a message with buttons: up to three reply buttons, a
// list of up to ten rows, one link, or one request for number or location:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
func (a *adapter) interactive(ctx context.Context, o channel.Outgoing, words string) (string, any, error) {
	var buttons []channel.Button
	for _, row := range o.Content.Buttons {
		buttons = append(buttons, row...)
	}
	if len(buttons) == 0 {
		return "", nil, refused(channel.ReasonUnsupported, "rows without buttons")
	}
	kind, action, err := a.action(buttons)
	if err != nil {
		return "", nil, err
	}
	if strings.TrimSpace(words) == "" {
		return "", nil, refused(channel.ReasonUnsupported, "buttons need a text")
	}
	if n := units(words); n > maxBody {
		return "", nil, tooLong(n, maxBody)
	}
	out := object{"type": kind, "body": object{"text": words}, "action": action}
	if len(o.Content.Attachments) == 1 {
		if kind != "button" && kind != "cta_url" {
			return "", nil, refused(channel.ReasonUnsupported, "a file goes with up to three reply buttons or a link only")
		}
		header, err := a.header(ctx, o)
		if err != nil {
			return "", nil, err
		}
		out["header"] = header
	}
	return "interactive", out, nil
}

// header is the file above an interactive message's text.
func (a *adapter) header(ctx context.Context, o channel.Outgoing) (object, error) {
	switch o.Content.Attachments[0].Kind {
	case channel.Image, channel.Video, channel.Document:
	case channel.Audio, channel.Voice, channel.Sticker, channel.Animation:
		return nil, refused(channel.ReasonUnsupported, "only a picture, video or document goes with buttons")
	}
	kind, file, err := a.media(ctx, o)
	if err != nil {
		return nil, err
	}
	return object{"type": kind, kind: file}, nil
}

// action is what the buttons amount to.
func (a *adapter) action(buttons []channel.Button) (string, object, error) {
	first := buttons[0]
	if first.Kind != channel.ButtonCallback {
		if len(buttons) > 1 {
			return "", nil, refused(channel.ReasonUnsupported, "a link or a request is the only button of its message")
		}
		return only(first)
	}
	ids, titles := map[string]bool{}, map[string]bool{}
	for _, b := range buttons {
		id, title := buttonID(b), strings.TrimSpace(b.Text)
		switch {
		case b.Kind != channel.ButtonCallback:
			return "", nil, refused(channel.ReasonUnsupported, "a link or a request is the only button of its message")
		case title == "" || id == "":
			return "", nil, refused(channel.ReasonUnsupported, "a button needs a text")
		case ids[id] || titles[title]:
			return "", nil, refused(channel.ReasonUnsupported, "two buttons are the same")
		}
		ids[id], titles[title] = true, true
	}
	if len(buttons) <= maxButtons {
		return replies(buttons)
	}
	return a.list(buttons)
}

// buttonID is what comes back on a press; outer spaces are not allowed.
func buttonID(b channel.Button) string {
	if id := strings.TrimSpace(b.Payload); id != "" {
		return id
	}
	return strings.TrimSpace(b.Text)
}

func replies(buttons []channel.Button) (string, object, error) {
	list := make([]object, 0, len(buttons))
	for _, b := range buttons {
		id, title := buttonID(b), strings.TrimSpace(b.Text)
		if n := units(title); n > maxButtonText {
			return "", nil, tooLong(n, maxButtonText)
		}
		if n := units(id); n > maxButtonID {
			return "", nil, tooLong(n, maxButtonID)
		}
		list = append(list, object{"type": "reply", "reply": object{"id": id, "title": title}})
	}
	return "button", object{"buttons": list}, nil
}

func (a *adapter) list(buttons []channel.Button) (string, object, error) {
	if len(buttons) > maxRows {
		return "", nil, refused(channel.ReasonTooBig, "at most ten buttons")
	}
	rows := make([]object, 0, len(buttons))
	for _, b := range buttons {
		id, title := buttonID(b), strings.TrimSpace(b.Text)
		if n := units(title); n > maxRowText {
			return "", nil, tooLong(n, maxRowText)
		}
		if n := units(id); n > maxRowID {
			return "", nil, tooLong(n, maxRowID)
		}
		rows = append(rows, object{"id": id, "title": title})
	}
	return "list", object{"button": a.settings.listLabel, "sections": []object{{"rows": rows}}}, nil
}

// only is a message with one button that is not a reply.
func only(b channel.Button) (string, object, error) {
	switch b.Kind {
	case channel.ButtonURL:
		title := strings.TrimSpace(b.Text)
		if title == "" || b.URL == "" {
			return "", nil, refused(channel.ReasonUnsupported, "a link needs a text and an address")
		}
		if n := units(title); n > maxButtonText {
			return "", nil, tooLong(n, maxButtonText)
		}
		return "cta_url", object{"name": "cta_url", "parameters": object{"display_text": title, "url": b.URL}}, nil
	case channel.ButtonPhone:
		return "request_contact_info", object{"name": "request_contact_info"}, nil
	case channel.ButtonLocation:
		return "location_request_message", object{"name": "send_location"}, nil
	case channel.ButtonCallback:
	}
	return "", nil, refused(channel.ReasonUnsupported, "unknown kind of button")
}
