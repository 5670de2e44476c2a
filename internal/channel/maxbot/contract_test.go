package maxbot_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	"github.com/okno-hq/okno/internal/channel/maxbot"
	standin "github.com/okno-hq/okno/internal/standin/maxbot"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// platform gives the contract suite the stand-in.
type platform struct {
	t    *testing.T
	s    *standin.Server
	hook *channeltest.Hook
}

func TestContractWebhook(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Platform {
		return &platform{t: t, s: start(t, nil), hook: channeltest.NewHook(t)}
	})
}

func TestContractPolling(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Platform { return &platform{t: t, s: start(t, nil)} })
}

// throughWire makes the stand-in name the suite's address for files, so that
// the network between fails for them, too.
type throughWire struct {
	*maxbot.Factory
	s *standin.Server
}

func (f throughWire) Open(a channel.Account) (channel.Adapter, error) {
	f.s.SetPublicURL(a.Settings["api_url"])
	return f.Factory.Open(a)
}

func (p *platform) Factory() channel.Factory {
	return throughWire{Factory: maxbot.NewFactory(deps()), s: p.s}
}

func (p *platform) Hook() *channeltest.Hook { return p.hook }
func (p *platform) Violations() []string    { return p.s.Violations() }

func (p *platform) Account() channel.Account {
	a := account(p.s)
	a.Settings["username"] = p.s.Config().Username
	if p.hook == nil {
		a.Settings["mode"] = "polling"
		a.WebhookURL = ""
		return a
	}
	a.WebhookURL = p.hook.URL
	return a
}

func (p *platform) SawTyping(customer int) bool {
	for _, a := range p.s.Actions() {
		if a.Chat == p.s.Dialog(user(customer)) && a.Action == "typing_on" {
			return true
		}
	}
	return false
}

func (p *platform) SawRead(int, string) bool       { return false }
func (p *platform) SawReaction(int, string) string { return "" }

func user(customer int) int64 { return 501 + int64(customer) }

func (p *platform) Do(a channeltest.Action) (string, error) {
	from := user(a.Customer)
	switch a.Verb {
	case channeltest.Write:
		return p.s.SendText(from, a.Text, markup(a.Marks)...)
	case channeltest.Reply:
		return p.s.SendReply(from, a.To, a.Text)
	case channeltest.Forward:
		p.s.AddGroup(-900, "Другой чат")
		p.s.AddCustomer(standin.Customer{ID: 777, FirstName: "Пётр", LastName: "Чужой"})
		other, err := p.s.Send(standin.Incoming{From: 777, Chat: -900, Text: a.Text})
		if err != nil {
			return "", err
		}
		return p.s.SendForward(from, other)
	case channeltest.SendFiles:
		return p.sendFiles(from, a)
	case channeltest.SendPlace:
		return p.s.SendLocation(from, a.Location.Latitude, a.Location.Longitude)
	case channeltest.SendCard:
		return p.s.SendContact(from, a.Card.Name, a.Card.Phones[0])
	case channeltest.SharePhone:
		p.s.AddCustomer(standin.Customer{ID: from, FirstName: a.Card.Name, Phone: a.Card.Phones[0]})
		return p.s.ShareOwnContact(from, false)
	case channeltest.EditText:
		return "", p.s.EditMessage(a.To, a.Text)
	case channeltest.Delete:
		return "", p.s.RemoveMessage(a.To)
	case channeltest.Press:
		_, err := p.s.PressButton(from, a.To, a.Payload)
		return "", err
	case channeltest.Start, channeltest.Unblock:
		return "", p.s.StartBot(from, a.Payload)
	case channeltest.Block:
		return "", p.s.StopBot(from)
	case channeltest.SendUnknown:
		return "", p.s.SendRaw(p.s.Dialog(from), fmt.Appendf(nil,
			`{"update_type":"message_created","timestamp":%d,"message":{"sender":{"user_id":%d,"first_name":"Ирина","is_bot":false},"recipient":{"chat_id":%d,"chat_type":"dialog"},"timestamp":%d,"body":{"mid":"mid.unknown","seq":1,"attachments":[{"type":"hologram","payload":{"depth":3}}]}}}`,
			time.Now().UnixMilli(), from, p.s.Dialog(from), time.Now().UnixMilli()))
	case channeltest.Surprise:
		return "", p.s.SendRaw(p.s.Dialog(from), fmt.Appendf(nil,
			`{"update_type":"poll_created","timestamp":%d,"chat_id":%d,"user":{"user_id":%d,"first_name":"Ирина","is_bot":false}}`,
			time.Now().UnixMilli(), p.s.Dialog(from), from))
	case channeltest.React, channeltest.Type, channeltest.Read:
	}
	return "", channeltest.ErrLacks
}

func (p *platform) sendFiles(from int64, a channeltest.Action) (string, error) {
	kinds := map[channel.AttachmentKind]string{
		channel.Image: "image", channel.Video: "video", channel.Audio: "audio", channel.Document: "file", channel.Sticker: "sticker",
	}
	var files []standin.File
	for _, f := range a.Files {
		kind, ok := kinds[f.Kind]
		if !ok { // voice notes are not handed over, animations do not exist
			return "", channeltest.ErrLacks
		}
		files = append(files, standin.File{Kind: kind, Name: f.Name, MIME: f.MIME, Data: f.Data})
	}
	return p.s.SendFiles(from, a.Text, files...)
}

func markTypes() map[string]channel.MarkType {
	return map[string]channel.MarkType{
		"strong": channel.Bold, "emphasized": channel.Italic, "underline": channel.Underline, "strikethrough": channel.Strike,
		"monospaced": channel.Code, "quote": channel.Quote, "link": channel.Link,
	}
}

func markup(marks []channel.Mark) []standin.Markup {
	var out []standin.Markup
	for _, k := range marks {
		for name, kind := range markTypes() {
			if kind == k.Type {
				out = append(out, standin.Markup{Type: name, From: k.Offset, Length: k.Length, URL: k.URL})
			}
		}
	}
	return out
}

func (p *platform) Seen(customer int) ([]channeltest.Seen, error) {
	var out []channeltest.Seen
	for _, m := range p.s.Messages(p.s.Dialog(user(customer))) {
		if m.From != p.s.Config().BotID {
			continue
		}
		seen := channeltest.Seen{ID: m.ID, Text: m.Text, ReplyTo: m.ReplyTo}
		for _, k := range m.Markup {
			seen.Marks = append(seen.Marks, channel.Mark{Type: markTypes()[k.Type], Offset: k.From, Length: k.Length, URL: k.URL})
		}
		for _, a := range m.Attachments {
			if err := p.see(&seen, a); err != nil {
				return nil, err
			}
		}
		out = append(out, seen)
	}
	return out, nil
}

// see adds an attachment to what the customer sees.
func (p *platform) see(seen *channeltest.Seen, a map[string]any) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	var at struct {
		Type      string
		Latitude  float64
		Longitude float64
		Payload   struct {
			VCF     string `json:"vcf_info"`
			Buttons [][]struct{ Type, Text, Payload, URL string }
		}
	}
	if err := json.Unmarshal(raw, &at); err != nil {
		return err
	}
	switch at.Type {
	case "location":
		seen.Location = &channel.Location{Latitude: at.Latitude, Longitude: at.Longitude}
	case "contact":
		card := channel.Card{}
		for line := range strings.SplitSeq(at.Payload.VCF, "\r\n") {
			if v, ok := strings.CutPrefix(line, "FN:"); ok {
				card.Name = v
			}
			if v, ok := strings.CutPrefix(line, "TEL;TYPE=cell:"); ok {
				card.Phones = append(card.Phones, v)
			}
		}
		seen.Cards = append(seen.Cards, card)
	case "inline_keyboard":
		kinds := map[string]channel.ButtonKind{
			"callback": channel.ButtonCallback, "link": channel.ButtonURL,
			"request_contact": channel.ButtonPhone, "request_geo_location": channel.ButtonLocation,
		}
		for _, row := range at.Payload.Buttons {
			for _, b := range row {
				seen.Buttons = append(seen.Buttons, channel.Button{Kind: kinds[b.Type], Text: b.Text, Payload: b.Payload, URL: b.URL})
			}
		}
	default:
		f, ok := p.s.FileOf(a)
		if !ok {
			return fmt.Errorf("no file behind %s", raw)
		}
		kinds := map[string]channel.AttachmentKind{"image": channel.Image, "video": channel.Video, "audio": channel.Audio, "file": channel.Document}
		if f.MIME == "audio/ogg" { // MAX has one kind of sound for bots: the recorded ones are Ogg
			kinds["audio"] = channel.Voice
		}
		seen.Files = append(seen.Files, channeltest.File{Kind: kinds[f.Kind], Name: f.Name, MIME: f.MIME, Data: f.Data})
	}
	return nil
}

func (p *platform) Break(f channeltest.Fault) error {
	switch f.Kind {
	case channeltest.Busy:
		p.s.Fail(standin.Fault{Status: 429, RetryAfter: int(f.RetryAfter / time.Second), Times: -1})
	case channeltest.Revoked:
		p.s.RevokeToken()
	case channeltest.Lapsed:
		if p.hook == nil {
			return channeltest.ErrLacks
		}
		p.s.LapseSubscriptions()
	case channeltest.Expired:
		p.s.ExpireMedia()
	case channeltest.Outage:
		p.s.Fail(standin.Fault{Status: 503, Times: -1})
	default:
		return channeltest.ErrLacks
	}
	return nil
}
