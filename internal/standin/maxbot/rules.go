package maxbot

import (
	"encoding/json"
	"fmt"
)

// Limits of https://dev.max.ru/docs-api.
const (
	maxText        = 4000
	maxMedia       = 12
	maxRows        = 30
	maxButtons     = 210
	maxPerRow      = 7
	maxWidePerRow  = 3
	maxButtonText  = 128
	maxPayload     = 1024
	maxButtonURL   = 2048
	maxNotify      = 200
	maxStartLength = 512
)

type button struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	Payload string `json:"payload"`
	URL     string `json:"url"`
}

// breaks says which limit a message breaks, or "". A new message must have
// something in it.
func (in newBody) breaks(fresh bool) string {
	text := ""
	if in.Text != nil {
		text = *in.Text
	}
	if n := units(text); n > maxText {
		return fmt.Sprintf("text has %d characters, the limit is %d", n, maxText)
	}
	var media, alone, keyboards, all int
	if in.Attachments != nil {
		for _, raw := range *in.Attachments {
			var a attachment
			if err := json.Unmarshal(raw, &a); err != nil {
				return "attachments: " + err.Error()
			}
			switch a.Type {
			case "image", "video":
				media++
			case "inline_keyboard":
				keyboards++
				if why := keyboardBreaks(a.Payload.Buttons); why != "" {
					return why
				}
			default: // file, audio, sticker, contact, location, share
				alone++
			}
		}
		all = media + alone
	}
	switch {
	case fresh && text == "" && all == 0 && (in.Link == nil || in.Link.Type != "forward"):
		return "a message needs a text or an attachment"
	case media > maxMedia:
		return fmt.Sprintf("%d pictures and videos, the limit is %d", media, maxMedia)
	case alone > 1 || (alone == 1 && media > 0):
		return "files, audio, stickers, contacts and locations go alone"
	case keyboards > 1:
		return "more than one keyboard"
	}
	return ""
}

func keyboardBreaks(rows [][]button) string {
	if len(rows) == 0 || len(rows) > maxRows {
		return fmt.Sprintf("keyboard of %d rows, the limit is %d", len(rows), maxRows)
	}
	total := 0
	for _, row := range rows {
		limit := maxPerRow
		for _, b := range row {
			total++
			switch b.Type {
			case "link", "open_app", "request_contact", "request_geo_location":
				limit = maxWidePerRow
			}
			switch {
			case units(b.Text) == 0 || units(b.Text) > maxButtonText:
				return fmt.Sprintf("button text of %d characters", units(b.Text))
			case units(b.Payload) > maxPayload:
				return fmt.Sprintf("button payload of %d characters", units(b.Payload))
			case len(b.URL) > maxButtonURL:
				return fmt.Sprintf("button url of %d characters", len(b.URL))
			}
		}
		if len(row) == 0 || len(row) > limit {
			return fmt.Sprintf("row of %d buttons, the limit is %d", len(row), limit)
		}
	}
	if total > maxButtons {
		return fmt.Sprintf("%d buttons, the limit is %d", total, maxButtons)
	}
	return ""
}
