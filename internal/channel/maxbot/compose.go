package maxbot

import (
	"github.com/okno-hq/okno/internal/channel"
)

type object = map[string]any

// newMessage is NewMessageBody: what is left out of an edit stays as it is.
type newMessage struct {
	Text        *string   `json:"text,omitempty"`
	Format      string    `json:"format,omitempty"`
	Attachments *[]object `json:"attachments,omitempty"`
	Link        *newLink  `json:"link,omitempty"`
}

type newLink struct {
	Type string `json:"type"`
	MID  string `json:"mid"`
}

// words are a content's text with the parts that the platform has no place
// for: the name and address of a location.
func words(c channel.Content) string {
	text := c.Text
	if c.Location != nil {
		for _, line := range []string{c.Location.Title, c.Location.Address} {
			switch {
			case line == "":
			case text == "":
				text = line
			default:
				text += "\n" + line
			}
		}
	}
	return text
}

// compose makes a message of everything but its files.
func compose(o channel.Outgoing) (newMessage, *channel.SendError) {
	c := o.Content
	if c.Template != nil {
		return newMessage{}, refused(channel.ReasonUnsupported, "MAX has no templates")
	}
	if c.Empty() {
		return newMessage{}, refused(channel.ReasonUnsupported, "there is nothing to send")
	}
	if err := checkFiles(c); err != nil {
		return newMessage{}, err
	}
	text, format, err := render(words(c), c.Marks)
	if err != nil {
		return newMessage{}, err
	}
	out := newMessage{Format: format}
	if text != "" {
		out.Text = &text
	}
	var list []object
	if c.Location != nil {
		list = append(list, object{"type": "location", "latitude": c.Location.Latitude, "longitude": c.Location.Longitude})
	}
	for _, card := range c.Contacts {
		body := object{"name": card.Name, "vcf_info": vcard(card)}
		if len(card.Phones) > 0 {
			body["vcf_phone"] = card.Phones[0]
		}
		list = append(list, object{"type": "contact", "payload": body})
	}
	if len(c.Buttons) > 0 {
		keys, err := buttons(c.Buttons)
		if err != nil {
			return newMessage{}, err
		}
		list = append(list, keys)
	}
	if len(list) > 0 {
		out.Attachments = &list
	}
	if o.ReplyTo != "" {
		out.Link = &newLink{Type: "reply", MID: o.ReplyTo}
	}
	return out, nil
}

// checkFiles refuses combinations that the platform does not deliver: only
// pictures and videos may share a message, all else goes alone.
func checkFiles(c channel.Content) *channel.SendError {
	media, alone := 0, len(c.Contacts)
	if c.Location != nil {
		alone++
	}
	for i, at := range c.Attachments {
		switch at.Kind {
		case channel.Image, channel.Video:
			media++
			if at.Kind == channel.Image && uploadType(c, i) == "image" && max(at.Width, at.Height) > maxImageSide {
				return refused(channel.ReasonTooBig, "the picture is larger than 7680 × 7680")
			}
		case channel.Audio, channel.Voice, channel.Document:
			alone++
		case channel.Sticker, channel.Animation:
			return refused(channel.ReasonUnsupported, "MAX does not take such files from bots")
		default:
			return refused(channel.ReasonUnsupported, "an unknown kind of file")
		}
	}
	switch {
	case media > maxMedia:
		return refused(channel.ReasonUnsupported, "more than 12 pictures and videos")
	case alone > 1 || (alone == 1 && media > 0):
		return refused(channel.ReasonUnsupported, "files, sounds, contacts and locations go one at a time")
	}
	return nil
}

// buttons is an inline keyboard. Rows that are too wide are broken.
func buttons(rows [][]channel.Button) (object, *channel.SendError) {
	lines := [][]object{}
	total := 0
	for _, row := range rows {
		limit := maxPerRow
		for _, b := range row {
			if b.Kind != channel.ButtonCallback {
				limit = maxWidePerRow
			}
		}
		var line []object
		for _, b := range row {
			one, err := buttonObject(b)
			if err != nil {
				return nil, err
			}
			if len(line) == limit {
				lines, line = append(lines, line), nil
			}
			line = append(line, one)
			total++
		}
		if len(line) > 0 {
			lines = append(lines, line)
		}
	}
	switch {
	case len(lines) == 0:
		return nil, refused(channel.ReasonUnsupported, "a keyboard without buttons")
	case len(lines) > maxRows || total > maxButtons:
		return nil, refused(channel.ReasonTooBig, "too many buttons: at most 30 rows")
	}
	return object{"type": "inline_keyboard", "payload": object{"buttons": lines}}, nil
}

func buttonObject(b channel.Button) (object, *channel.SendError) {
	if n := units(b.Text); n == 0 || n > maxButtonText {
		return nil, refused(channel.ReasonTooBig, "a button's text has 1 to 128 characters")
	}
	out := object{"text": b.Text}
	switch b.Kind {
	case channel.ButtonCallback:
		if units(b.Payload) > maxPayload {
			return nil, refused(channel.ReasonTooBig, "a button's payload has at most 1024 characters")
		}
		out["type"], out["payload"] = "callback", b.Payload
	case channel.ButtonURL:
		if b.URL == "" || len(b.URL) > maxButtonURL {
			return nil, refused(channel.ReasonTooBig, "a button's link has 1 to 2048 characters")
		}
		out["type"], out["url"] = "link", b.URL
	case channel.ButtonPhone:
		out["type"] = "request_contact"
	case channel.ButtonLocation:
		out["type"] = "request_geo_location"
	default:
		return nil, refused(channel.ReasonUnsupported, "an unknown kind of button")
	}
	return out, nil
}
