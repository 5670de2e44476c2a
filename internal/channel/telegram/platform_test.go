package telegram_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	"github.com/okno-hq/okno/internal/channel/telegram"
	"github.com/okno-hq/okno/internal/standin/standintest"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

// platform is a stand-in with two customers in their private chats with the
// bot. Business accounts and groups have tests of their own.
type platform struct {
	*standin.Server
	hook *channeltest.Hook
}

type kind struct{ polling bool }

func newPlatform(t testing.TB, k kind) *platform {
	t.Helper()
	s, err := standin.New(standin.Config{Specs: standintest.Specs(t, "telegram", standin.SpecFile), RetryDelays: []time.Duration{20 * time.Millisecond}})
	standintest.Start(t, s, err)
	p := &platform{Server: s}
	if !k.polling {
		p.hook = channeltest.NewHook(t)
	}
	for i := range 2 {
		s.AddCustomer(standin.Customer{ID: person(i), FirstName: "Ирина", LastName: "П", Username: "irina" + strconv.Itoa(i), Phone: "+79005556677"})
	}
	return p
}

func person(customer int) int64 { return int64(501 + customer) }

func (p *platform) Factory() channel.Factory {
	return telegram.NewFactory(telegram.Deps{PollWait: time.Second})
}

func (p *platform) Account() channel.Account {
	a := channel.Account{
		ID: 1, Kind: channel.Telegram, Name: "Test",
		Settings:      map[string]string{"api_url": p.URL(), "file_url": p.URL() + "/file", "mode": "polling", "username": p.Config().BotUsername},
		Secrets:       map[string]string{"token": p.Config().Token},
		WebhookSecret: "webhook-secret_1",
	}
	if p.hook != nil {
		a.WebhookURL = p.hook.URL
		a.Settings["mode"] = "webhook"
	}
	return a
}

func (p *platform) Hook() *channeltest.Hook { return p.hook }

func entities(marks []channel.Mark) []standin.Entity {
	names := map[channel.MarkType]string{
		channel.Bold: "bold", channel.Italic: "italic", channel.Underline: "underline", channel.Strike: "strikethrough",
		channel.Spoiler: "spoiler", channel.Code: "code", channel.Pre: "pre", channel.Quote: "blockquote", channel.Link: "text_link",
	}
	var out []standin.Entity
	for _, m := range marks {
		out = append(out, standin.Entity{Type: names[m.Type], Offset: m.Offset, Length: m.Length, URL: m.URL})
	}
	return out
}

func files(list []channeltest.File) []standin.File {
	names := map[channel.AttachmentKind]string{
		channel.Image: "photo", channel.Video: "video", channel.Audio: "audio", channel.Voice: "voice", channel.Document: "document",
		channel.Sticker: "sticker", channel.Animation: "animation",
	}
	var out []standin.File
	for _, f := range list {
		out = append(out, standin.File{Kind: names[f.Kind], Name: f.Name, MIME: f.MIME, Data: f.Data, Duration: 2})
	}
	return out
}

func str(id int, err error) (string, error) { return strconv.Itoa(id), err }

func (p *platform) Do(a channeltest.Action) (string, error) {
	post := standin.Post{From: person(a.Customer)}
	to, _ := strconv.Atoi(a.To)
	post.Entities = entities(a.Marks)
	switch a.Verb {
	case channeltest.Write:
		return str(p.SendText(post, a.Text))
	case channeltest.Reply:
		post.ReplyTo = to
		return str(p.SendText(post, a.Text))
	case channeltest.Forward:
		post.Forwarded = "Пётр"
		return str(p.SendText(post, a.Text))
	case channeltest.SendFiles:
		post.Caption = a.Text
		list := files(a.Files)
		if len(list) == 1 {
			return str(p.SendMedia(post, list[0]))
		}
		ids, err := p.SendAlbum(post, list...)
		return strconv.Itoa(ids[0]), err
	case channeltest.SendPlace:
		return str(p.SendLocation(post, standin.Spot{Latitude: a.Location.Latitude, Longitude: a.Location.Longitude}))
	case channeltest.SendCard:
		return str(p.SendContact(post, standin.Card{Phone: a.Card.Phones[0], FirstName: a.Card.Name}))
	case channeltest.SharePhone:
		p.AddCustomer(standin.Customer{ID: post.From, FirstName: "Ирина", Phone: a.Card.Phones[0]})
		return str(p.ShareOwnContact(post))
	case channeltest.EditText:
		return a.To, p.EditText(post, to, a.Text)
	case channeltest.SendUnknown:
		return str(p.SendUnknown(post, "hologram"))
	case channeltest.Surprise:
		_, err := p.SendRaw(json.RawMessage(`{"telepathy":{"chat":{"id":501,"type":"private","first_name":"И"},"strength":9}}`))
		return "", err
	case channeltest.React:
		return "", p.React(post, to, a.Emoji)
	case channeltest.Press:
		_, err := p.PressButton(post, to, a.Payload)
		return "", err
	case channeltest.Start:
		_, err := p.OpenChat(post.From, a.Payload)
		return "", err
	case channeltest.Block:
		p.Block(post.From)
	case channeltest.Unblock:
		p.Unblock(post.From)
	case channeltest.Delete, channeltest.Type, channeltest.Read:
		return "", channeltest.ErrLacks // the platform keeps them from bots
	default:
		return "", channeltest.ErrLacks
	}
	return "", nil
}

func (p *platform) chat(customer int) string {
	return strconv.FormatInt(person(customer), 10)
}

// body is a message as the platform has it.
type body struct {
	Text, Caption   string
	Entities        []standin.Entity
	CaptionEntities []standin.Entity `json:"caption_entities"`
	Photo           []fileID
	Video           *fileID
	Animation       *fileID
	Audio           *fileID
	Voice           *fileID
	Document        *fileID
	Sticker         *fileID
	Location        *struct{ Latitude, Longitude float64 }
	Contact         *struct {
		Phone string `json:"phone_number"`
		First string `json:"first_name"`
	}
	Markup struct {
		Inline [][]struct {
			Text, URL string
			Data      string `json:"callback_data"`
		} `json:"inline_keyboard"`
	} `json:"reply_markup"`
}

type fileID struct {
	ID   string `json:"file_id"`
	Name string `json:"file_name"`
	MIME string `json:"mime_type"`
}

func (p *platform) Seen(customer int) ([]channeltest.Seen, error) {
	var out []channeltest.Seen
	for _, msg := range p.Messages(p.chat(customer)) {
		if !msg.Bot || msg.Deleted {
			continue
		}
		var b body
		if err := json.Unmarshal(msg.Body, &b); err != nil {
			return nil, err
		}
		seen := channeltest.Seen{ID: strconv.Itoa(msg.ID), Text: msg.Text, Marks: seenMarks(append(b.Entities, b.CaptionEntities...)), Files: p.seenFiles(b)}
		if msg.ReplyTo != 0 {
			seen.ReplyTo = strconv.Itoa(msg.ReplyTo)
		}
		if b.Location != nil {
			seen.Location = &channel.Location{Latitude: b.Location.Latitude, Longitude: b.Location.Longitude}
		}
		if b.Contact != nil {
			seen.Cards = []channel.Card{{Name: b.Contact.First, Phones: []string{b.Contact.Phone}}}
		}
		seen.Buttons = seenButtons(b, msg.Keyboard)
		out = append(out, seen)
	}
	return out, nil
}

func seenMarks(list []standin.Entity) []channel.Mark {
	names := map[string]channel.MarkType{
		"bold": channel.Bold, "italic": channel.Italic, "underline": channel.Underline, "strikethrough": channel.Strike,
		"spoiler": channel.Spoiler, "code": channel.Code, "pre": channel.Pre, "blockquote": channel.Quote, "text_link": channel.Link,
	}
	var out []channel.Mark
	for _, e := range list {
		out = append(out, channel.Mark{Type: names[e.Type], Offset: e.Offset, Length: e.Length, URL: e.URL})
	}
	return out
}

func (p *platform) seenFiles(b body) []channeltest.File {
	var out []channeltest.File
	add := func(kind channel.AttachmentKind, f *fileID) {
		if f != nil && len(out) == 0 {
			data, _ := p.FileData(f.ID)
			out = append(out, channeltest.File{Kind: kind, Name: f.Name, MIME: f.MIME, Data: data})
		}
	}
	if len(b.Photo) > 0 {
		add(channel.Image, &b.Photo[len(b.Photo)-1])
	}
	add(channel.Animation, b.Animation)
	add(channel.Video, b.Video)
	add(channel.Audio, b.Audio)
	add(channel.Voice, b.Voice)
	add(channel.Document, b.Document)
	add(channel.Sticker, b.Sticker)
	return out
}

func seenButtons(b body, keyboard json.RawMessage) []channel.Button {
	var out []channel.Button
	for _, row := range b.Markup.Inline {
		for _, x := range row {
			button := channel.Button{Kind: channel.ButtonCallback, Text: x.Text, Payload: x.Data, URL: x.URL}
			if x.URL != "" {
				button.Kind = channel.ButtonURL
			}
			out = append(out, button)
		}
	}
	var kb struct {
		Rows [][]struct {
			Text    string
			Contact bool `json:"request_contact"`
			Place   bool `json:"request_location"`
		} `json:"keyboard"`
	}
	if json.Unmarshal(keyboard, &kb) == nil {
		for _, row := range kb.Rows {
			for _, x := range row {
				button := channel.Button{Kind: channel.ButtonPhone, Text: x.Text}
				if x.Place {
					button.Kind = channel.ButtonLocation
				}
				out = append(out, button)
			}
		}
	}
	return out
}

func (p *platform) Break(f channeltest.Fault) error {
	switch f.Kind {
	case channeltest.Busy:
		seconds := int(f.RetryAfter.Seconds())
		p.Fail(standin.Fault{Times: -1, Code: 429, Description: "Too Many Requests: retry after " + strconv.Itoa(seconds), RetryAfter: seconds})
	case channeltest.Revoked:
		p.RevokeToken()
	case channeltest.Lapsed:
		if p.hook == nil {
			return channeltest.ErrLacks
		}
		p.SetWebhook("", "")
	case channeltest.Expired:
		p.ExpireFiles()
	case channeltest.Outage:
		p.Fail(standin.Fault{Times: -1, Code: 500, Description: "Internal Server Error"})
	case channeltest.FailLater:
		return channeltest.ErrLacks
	default:
		return channeltest.ErrLacks
	}
	return nil
}

func (p *platform) SawTyping(customer int) bool { return p.Actions(p.chat(customer), "typing") > 0 }

// SawRead: only business accounts show it, and those are not here.
func (p *platform) SawRead(int, string) bool { return true }

func (p *platform) SawReaction(customer int, id string) string {
	n, _ := strconv.Atoi(id)
	msg, _ := p.Message(p.chat(customer), n)
	return msg.Reaction
}

func TestContract(t *testing.T) {
	for name, k := range map[string]kind{"webhook": {}, "polling": {polling: true}} {
		t.Run(name, func(t *testing.T) {
			channeltest.Run(t, func(t *testing.T) channeltest.Platform { return newPlatform(t, k) })
		})
	}
}
