package maxbot

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// attachment is any attachment of a message:
// https://dev.max.ru/docs-api/objects/Message
type attachment struct {
	Type          text              `json:"type"`
	Payload       optional[payload] `json:"payload"`
	Filename      text              `json:"filename"`
	Size          number            `json:"size"`
	Width         number            `json:"width"`
	Height        number            `json:"height"`
	Duration      number            `json:"duration"` // seconds
	Transcription text              `json:"transcription"`
	Title         text              `json:"title"`
	Latitude      optional[float64] `json:"latitude"`
	Longitude     optional[float64] `json:"longitude"`
}

type payload struct {
	URL     text                           `json:"url"`
	Token   text                           `json:"token"`
	VCF     text                           `json:"vcf_info"`
	Hash    text                           `json:"hash"`
	Owner   optional[user]                 `json:"max_info"`
	Buttons optional[[][]optional[button]] `json:"buttons"`
}

type button struct {
	Type    text `json:"type"`
	Text    text `json:"text"`
	Payload text `json:"payload"`
	URL     text `json:"url"`
}

func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// content is what a message says, with what it forwards.
func (a *adapter) content(m message) channel.Content {
	own := m.Content.or()
	out := channel.Content{Text: string(own.Text), Marks: marks(own)}
	a.attach(&out, own, m.Sender.v)
	if l := m.Link.v; l != nil && l.Type == "forward" {
		inner := l.Content.or()
		out.Forwarded = l.Sender.v.person("").Name
		if out.Forwarded == "" {
			out.Forwarded = l.ChatID.String()
		}
		if inner.Text != "" {
			shift := 0
			if out.Text != "" {
				out.Text += "\n\n"
				shift = units(out.Text)
			}
			out.Text += string(inner.Text)
			for _, mark := range marks(inner) {
				mark.Offset += shift
				out.Marks = append(out.Marks, mark)
			}
		}
		a.attach(&out, inner, nil) // what is passed on proves nothing about who passes it
	}
	return out
}

// attach adds a body's attachments.
func (a *adapter) attach(out *channel.Content, b body, sender *user) {
	for _, raw := range b.Attachments.or() {
		var at attachment
		if json.Unmarshal(raw, &at) != nil {
			out.Unsupported = "attachment"
			continue
		}
		p := at.Payload.or()
		switch at.Type {
		case "image", "video", "audio", "file", "sticker":
			out.Attachments = append(out.Attachments, at.file())
		case "contact":
			out.Contacts = append(out.Contacts, a.card(p, sender))
		case "location":
			if at.Latitude.v == nil || at.Longitude.v == nil {
				out.Unsupported = "location"
				continue
			}
			out.Location = &channel.Location{Latitude: *at.Latitude.v, Longitude: *at.Longitude.v}
		case "inline_keyboard":
			out.Buttons = append(out.Buttons, keyboard(p.Buttons.or())...)
		case "share":
			share(out, string(p.URL), string(at.Title))
		default:
			out.Unsupported = clip(string(at.Type))
			if at.Type == "" {
				out.Unsupported = "attachment"
			}
		}
	}
}

// file is a file to be fetched.
func (at attachment) file() channel.Attachment {
	p := at.Payload.or()
	out := channel.Attachment{
		Name: string(at.Filename), Size: max(int64(at.Size), 0), Width: int(max(at.Width, 0)), Height: int(max(at.Height, 0)),
		Duration: time.Duration(min(max(at.Duration, 0), 1<<31)) * time.Second, Transcript: string(at.Transcription),
	}
	switch at.Type {
	case "image":
		out.Kind = channel.Image
	case "video":
		out.Kind = channel.Video
	case "audio":
		out.Kind = channel.Audio
	case "sticker":
		out.Kind = channel.Sticker
	default:
		out.Kind = channel.Document
	}
	switch {
	case at.Type == "video" && p.Token != "":
		out.Ref = videoRef(string(p.Token), string(p.URL))
	case p.URL != "":
		out.Ref = urlRef(string(p.URL))
	default:
		out.Unfetchable = channel.ReasonMedia
	}
	return out
}

// share is the preview of a link, which the text mostly holds already.
func share(out *channel.Content, url, title string) {
	if url == "" || strings.Contains(out.Text, url) {
		return
	}
	if title != "" && !strings.Contains(out.Text, title) {
		url = title + "\n" + url
	}
	if out.Text != "" {
		out.Text += "\n"
	}
	out.Text += url
}

func keyboard(rows [][]optional[button]) [][]channel.Button {
	kinds := map[text]channel.ButtonKind{
		"callback": channel.ButtonCallback, "link": channel.ButtonURL,
		"request_contact": channel.ButtonPhone, "request_geo_location": channel.ButtonLocation,
	}
	var out [][]channel.Button
	for _, row := range rows {
		var line []channel.Button
		for _, one := range row {
			b := one.or()
			if kind, ok := kinds[b.Type]; ok {
				line = append(line, channel.Button{Kind: kind, Text: string(b.Text), Payload: string(b.Payload), URL: string(b.URL)})
			}
		}
		if len(line) > 0 {
			out = append(out, line)
		}
	}
	return out
}

// marks reads a body's formatting. Headings and highlights have no equal
// elsewhere: they are bold.
func marks(b body) []channel.Mark {
	types := map[text]channel.MarkType{
		"strong": channel.Bold, "heading": channel.Bold, "highlighted": channel.Bold, "emphasized": channel.Italic,
		"underline": channel.Underline, "strikethrough": channel.Strike, "monospaced": channel.Code,
		"link": channel.Link, "quote": channel.Quote, "user_mention": channel.Mention,
	}
	size := units(string(b.Text))
	var out []channel.Mark
	for _, one := range b.Markup.or() {
		k := one.or()
		kind, ok := types[k.Type]
		if !ok || k.From < 0 || k.Length <= 0 || int64(k.From) >= int64(size) {
			continue
		}
		mark := channel.Mark{Type: kind, Offset: int(k.From), Length: int(min(int64(k.Length), int64(size)-int64(k.From)))}
		switch kind {
		case channel.Link:
			mark.URL = string(k.URL)
		case channel.Mention:
			mark.URL = string(k.Link)
		default:
		}
		out = append(out, mark)
	}
	return out
}
