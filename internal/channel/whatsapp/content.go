package whatsapp

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

func textContent(body json.RawMessage) (channel.Content, bool) {
	var v struct {
		Body text `json:"body"`
	}
	if lenient(body, &v) != nil || v.Body == "" {
		return channel.Content{}, false
	}
	words, marks := parse(string(v.Body))
	return channel.Content{Text: words, Marks: marks}, true
}

func mediaContent(kind string, body json.RawMessage) (channel.Content, bool) {
	var v struct {
		ID       text `json:"id"`
		MIME     text `json:"mime_type"`
		Caption  text `json:"caption"`
		Filename text `json:"filename"`
		Voice    bool `json:"voice"`
		Emoji    text `json:"emoji"`
	}
	if lenient(body, &v) != nil || !mediaID.MatchString(string(v.ID)) {
		return channel.Content{}, false
	}
	file := channel.Attachment{
		Kind: channel.AttachmentKind(kind), Name: string(v.Filename), MIME: string(v.MIME), Emoji: string(v.Emoji), Ref: string(v.ID),
	}
	if kind == "audio" && v.Voice {
		file.Kind = channel.Voice
	}
	words, marks := parse(string(v.Caption))
	return channel.Content{Text: words, Marks: marks, Attachments: []channel.Attachment{file}}, true
}

func locationContent(body json.RawMessage) (channel.Content, bool) {
	var v struct {
		Latitude  *float64 `json:"latitude"`
		Longitude *float64 `json:"longitude"`
		Name      text     `json:"name"`
		Address   text     `json:"address"`
	}
	if lenient(body, &v) != nil || v.Latitude == nil || v.Longitude == nil || math.Abs(*v.Latitude) > 90 || math.Abs(*v.Longitude) > 180 {
		return channel.Content{}, false
	}
	return channel.Content{Location: &channel.Location{
		Latitude: *v.Latitude, Longitude: *v.Longitude, Title: string(v.Name), Address: string(v.Address),
	}}, true
}

func cardContent(body json.RawMessage, own bool) (channel.Content, bool) {
	var list []struct {
		Name struct {
			Formatted text `json:"formatted_name"`
			First     text `json:"first_name"`
			Last      text `json:"last_name"`
		} `json:"name"`
		Phones []struct {
			Phone text `json:"phone"`
			WaID  text `json:"wa_id"`
		} `json:"phones"`
		Emails []struct {
			Email text `json:"email"`
		} `json:"emails"`
		VCard text `json:"vcard"`
	}
	if lenient(body, &list) != nil || len(list) == 0 {
		return channel.Content{}, false
	}
	var c channel.Content
	for _, v := range list {
		card := channel.Card{Name: string(v.Name.Formatted), VCard: string(v.VCard), Own: own}
		if card.Name == "" {
			card.Name = join(" ", string(v.Name.First), string(v.Name.Last))
		}
		for _, p := range v.Phones {
			number := string(p.Phone)
			if number == "" {
				number = phone(p.WaID)
			}
			if number != "" {
				card.Phones = append(card.Phones, number)
			}
		}
		for _, e := range v.Emails {
			if e.Email != "" {
				card.Emails = append(card.Emails, string(e.Email))
			}
		}
		c.Contacts = append(c.Contacts, card)
	}
	return c, true
}

// pressContent is the press of a reply button or the choice of a list's row.
func pressContent(body json.RawMessage) (channel.Content, bool) {
	type reply struct {
		ID    text `json:"id"`
		Title text `json:"title"`
	}
	var v struct {
		Type   text   `json:"type"`
		Button *reply `json:"button_reply"`
		List   *reply `json:"list_reply"`
	}
	if lenient(body, &v) != nil {
		return channel.Content{}, false
	}
	pressed := v.Button
	if pressed == nil {
		pressed = v.List
	}
	if pressed == nil || (pressed.ID == "" && pressed.Title == "") {
		return channel.Content{Unsupported: join(".", "interactive", string(v.Type))}, true
	}
	return press(string(pressed.ID), string(pressed.Title)), true
}

// quickReplyContent is the press of a template's quick reply.
func quickReplyContent(body json.RawMessage) (channel.Content, bool) {
	var v struct {
		Payload text `json:"payload"`
		Text    text `json:"text"`
	}
	if lenient(body, &v) != nil || (v.Payload == "" && v.Text == "") {
		return channel.Content{}, false
	}
	return press(string(v.Payload), string(v.Text)), true
}

func press(payload, title string) channel.Content {
	if title == "" {
		title = payload
	}
	return channel.Content{Text: title, Pressed: &channel.Button{Kind: channel.ButtonCallback, Text: title, Payload: payload}}
}

// orderContent writes an order from the catalogue as text, an item a line.
func orderContent(body json.RawMessage) (channel.Content, bool) {
	var v struct {
		Text  text `json:"text"`
		Items []struct {
			ID       text `json:"product_retailer_id"`
			Quantity text `json:"quantity"`
			Price    text `json:"item_price"`
			Currency text `json:"currency"`
		} `json:"product_items"`
	}
	if lenient(body, &v) != nil || len(v.Items) == 0 {
		return channel.Content{}, false
	}
	lines := []string{}
	if v.Text != "" {
		lines = append(lines, string(v.Text))
	}
	for _, i := range v.Items {
		lines = append(lines, fmt.Sprintf("%s × %s, %s %s", i.ID, i.Quantity, i.Price, i.Currency))
	}
	return channel.Content{Text: strings.Join(lines, "\n")}, true
}
