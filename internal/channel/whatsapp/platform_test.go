package whatsapp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	"github.com/okno-hq/okno/internal/channel/whatsapp"
	"github.com/okno-hq/okno/internal/standin/standintest"
	standin "github.com/okno-hq/okno/internal/standin/whatsapp"
)

// The customers: one with a number, one who hides it behind a username.
const (
	irina = "79005556677"
	petr  = "RU.13491208655302741918"
)

// platform is the stand-in as the contract suite wants it.
type platform struct {
	*standin.Server
	hook   *channeltest.Hook
	sticky []string // ids of the customers' files
}

var (
	_ channeltest.Platform      = (*platform)(nil)
	_ channeltest.Observer      = (*platform)(nil)
	_ channeltest.BodySigner    = (*platform)(nil)
	_ channeltest.SilentBlocker = (*platform)(nil)
)

func newPlatform(t *testing.T) *platform {
	t.Helper()
	s, err := standin.New(standin.Config{Specs: standintest.Specs(t, "whatsapp", standin.SpecFile), RetryDelays: []time.Duration{5 * time.Millisecond}})
	standintest.Start(t, s, err)
	s.AddCustomer(standin.Customer{Phone: irina, Name: "Ирина"})
	s.AddCustomer(standin.Customer{UserID: petr, Name: "Пётр", Username: "petr", Hidden: true})
	return &platform{Server: s, hook: channeltest.NewHook(t)}
}

func TestContract(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Platform { return newPlatform(t) })
}

func (p *platform) Factory() channel.Factory { return whatsapp.NewFactory(whatsapp.Deps{}) }

func (p *platform) Account() channel.Account {
	c := p.Config()
	return channel.Account{
		ID: 1, Kind: channel.WhatsApp, Name: "WhatsApp",
		Settings: map[string]string{
			"phone_number_id": c.PhoneNumberID, "waba_id": c.WABA, "api_url": p.URL(), "number": c.DisplayNumber, "portfolio_id": "5550001",
		},
		Secrets:    map[string]string{"token": c.Token, "app_secret": c.AppSecret},
		WebhookURL: p.hook.URL, WebhookSecret: "verify-me-please",
	}
}

func (p *platform) Hook() *channeltest.Hook { return p.hook }
func (p *platform) SignsBody() bool         { return true }
func (p *platform) BlocksSilently() bool    { return true }

func who(customer int) string { return []string{irina, petr}[customer] }

func (p *platform) Do(a channeltest.Action) (string, error) {
	from := who(a.Customer)
	switch a.Verb {
	case channeltest.Write:
		text, ok := markup(a.Text, a.Marks)
		if !ok {
			return "", channeltest.ErrLacks
		}
		return p.SendText(from, text)
	case channeltest.Reply:
		return p.SendReply(from, a.To, a.Text)
	case channeltest.Forward:
		return p.SendForwarded(from, a.Text)
	case channeltest.SendFiles:
		return p.files(from, a)
	case channeltest.SendPlace:
		return p.SendLocation(from, standin.Place{Latitude: a.Location.Latitude, Longitude: a.Location.Longitude})
	case channeltest.SendCard:
		return p.SendContact(from, a.Card.Name, a.Card.Phones[0])
	case channeltest.SharePhone:
		return p.ShareOwnNumber(from, a.Card.Phones[0])
	case channeltest.React:
		return p.React(from, a.To, a.Emoji)
	case channeltest.Press:
		return p.PressButton(from, a.To, a.Payload)
	case channeltest.Read:
		return "", p.Read(from)
	case channeltest.Block:
		p.Block(from)
		return "", nil
	case channeltest.Unblock:
		p.Unblock(from)
		return "", nil
	case channeltest.SendUnknown:
		return p.SendUnknown(from, "hologram")
	case channeltest.Surprise:
		return "", p.SendRaw(from, "telepathy_update", json.RawMessage(`{"thought":{"id":1}}`))
	case channeltest.EditText, channeltest.Delete, channeltest.Type, channeltest.Start:
	}
	return "", channeltest.ErrLacks
}

func (p *platform) files(from string, a channeltest.Action) (string, error) {
	id := ""
	for i, f := range a.Files {
		if f.Kind == channel.Animation {
			return "", channeltest.ErrLacks
		}
		mime := f.MIME
		if f.Kind == channel.Voice {
			mime = "audio/ogg; codecs=opus"
		}
		file := standin.File{Kind: string(f.Kind), Name: f.Name, MIME: mime, Data: f.Data}
		if i == 0 {
			file.Caption = a.Text
		}
		var err error
		if id, err = p.SendMedia(from, file); err != nil {
			return "", err
		}
		if msg, ok := p.Message(id); ok {
			for _, hit := range regexp.MustCompile(`"id":"(\d+)"`).FindAllSubmatch(msg.Body, -1) {
				p.sticky = append(p.sticky, string(hit[1]))
			}
		}
	}
	return id, nil
}

func (p *platform) Break(f channeltest.Fault) error {
	switch f.Kind {
	case channeltest.Busy:
		p.Fail(standin.Fault{Method: "messages", Times: -1, Code: 130429, RetryAfter: int(f.RetryAfter / time.Second)})
	case channeltest.Revoked:
		p.RevokeToken()
	case channeltest.Lapsed:
		p.LapseSubscription()
	case channeltest.Expired:
		for _, id := range p.sticky {
			p.ExpireMedia(id)
		}
	case channeltest.Outage:
		p.Fail(standin.Fault{Method: "messages", Times: -1, Code: 131016, Details: "try later"})
	case channeltest.FailLater:
		p.Fail(standin.Fault{FailLater: 131026})
	default:
		return channeltest.ErrLacks
	}
	return nil
}

func (p *platform) SawTyping(customer int) bool {
	for _, m := range p.Messages(who(customer)) {
		if m.Typing {
			return true
		}
	}
	return false
}

func (p *platform) SawRead(_ int, id string) bool {
	m, ok := p.Message(id)
	return ok && m.Read
}

func (p *platform) SawReaction(customer int, id string) string { return p.Reaction(who(customer), id) }

// Seen resolves what was sent into what the app shows.
func (p *platform) Seen(customer int) ([]channeltest.Seen, error) {
	var out []channeltest.Seen
	for _, m := range p.Messages(who(customer)) {
		if !m.Business || m.Type == "reaction" || m.Status == "failed" || m.Code != 0 {
			continue
		}
		s := channeltest.Seen{ID: m.ID, ReplyTo: m.ReplyTo}
		s.Text, s.Marks = shown(m.Text)
		var body map[string]json.RawMessage
		if err := json.Unmarshal(m.Body, &body); err != nil {
			return nil, err
		}
		if err := p.look(&s, m.Type, body[m.Type]); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (p *platform) look(s *channeltest.Seen, kind string, body json.RawMessage) error {
	var v struct {
		ID       string
		Filename string
		Voice    bool
		Name     any

		Latitude, Longitude float64
		Type                string
		Action              struct {
			Buttons []struct {
				Reply struct{ ID, Title string }
			}
			Sections []struct {
				Rows []struct{ ID, Title string }
			}
			Parameters struct {
				Text string `json:"display_text"`
				URL  string
			}
		}
	}
	if kind == "contacts" {
		var cards []struct {
			Name struct {
				Formatted string `json:"formatted_name"`
			}
			Phones []struct{ Phone string }
		}
		err := json.Unmarshal(body, &cards)
		for _, c := range cards {
			card := channel.Card{Name: c.Name.Formatted}
			for _, n := range c.Phones {
				card.Phones = append(card.Phones, n.Phone)
			}
			s.Cards = append(s.Cards, card)
		}
		return err
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	switch kind {
	case "image", "video", "audio", "document", "sticker":
		data, mime, _, ok := p.File(v.ID)
		if !ok {
			return fmt.Errorf("no file %s", v.ID)
		}
		file := channeltest.File{Kind: channel.AttachmentKind(kind), Name: v.Filename, MIME: mime, Data: data}
		if v.Voice {
			file.Kind = channel.Voice
		}
		s.Files = []channeltest.File{file}
	case "location":
		s.Location = &channel.Location{Latitude: v.Latitude, Longitude: v.Longitude}
	case "template":
		s.Template, _ = v.Name.(string)
	case "interactive":
		for _, b := range v.Action.Buttons {
			s.Buttons = append(s.Buttons, channel.Button{Kind: channel.ButtonCallback, Text: b.Reply.Title, Payload: b.Reply.ID})
		}
		for _, section := range v.Action.Sections {
			for _, r := range section.Rows {
				s.Buttons = append(s.Buttons, channel.Button{Kind: channel.ButtonCallback, Text: r.Title, Payload: r.ID})
			}
		}
		switch v.Type {
		case "cta_url":
			s.Buttons = []channel.Button{{Kind: channel.ButtonURL, Text: v.Action.Parameters.Text, URL: v.Action.Parameters.URL}}
		case "request_contact_info":
			s.Buttons = []channel.Button{{Kind: channel.ButtonPhone}}
		case "location_request_message":
			s.Buttons = []channel.Button{{Kind: channel.ButtonLocation}}
		}
	}
	return nil
}

// markup writes a text as a customer types it; ok is false where WhatsApp has
// no such formatting. It knows one mark over whole words.
func markup(text string, marks []channel.Mark) (string, bool) {
	if len(marks) == 0 {
		return text, true
	}
	m := marks[0]
	u := utf16.Encode([]rune(text))
	before, in, after := string(utf16.Decode(u[:m.Offset])), string(utf16.Decode(u[m.Offset:m.Offset+m.Length])), string(utf16.Decode(u[m.Offset+m.Length:]))
	sign, ok := map[channel.MarkType][2]string{
		channel.Bold: {"*", "*"}, channel.Italic: {"_", "_"}, channel.Strike: {"~", "~"}, channel.Code: {"`", "`"}, channel.Pre: {"```", "```"}, channel.Quote: {"> ", ""},
	}[m.Type]
	return before + sign[0] + in + sign[1] + after, ok
}

// shown is the app's rendering, written apart from the adapter's: it peels the
// innermost marks off by regular expressions until none is left.
func shown(s string) (string, []channel.Mark) {
	patterns := []struct {
		kind channel.MarkType
		re   *regexp.Regexp
	}{
		{channel.Pre, regexp.MustCompile("(?s)()```(.+?)```()")},
		{channel.Quote, regexp.MustCompile(`(?m)(^)> (.+)($)`)},
		{channel.Code, regexp.MustCompile("(^|[^\\pL\\pN`])`([^\\s`](?:[^`\\n]*[^\\s`])?)`($|[^\\pL\\pN`])")},
		{channel.Bold, regexp.MustCompile(`(^|[^\pL\pN*])\*([^\s*](?:[^*\n]*[^\s*])?)\*($|[^\pL\pN*])`)},
		{channel.Italic, regexp.MustCompile(`(^|[^\pL\pN_])_([^\s_](?:[^_\n]*[^\s_])?)_($|[^\pL\pN_])`)},
		{channel.Strike, regexp.MustCompile(`(^|[^\pL\pN~])~([^\s~](?:[^~\n]*[^\s~])?)~($|[^\pL\pN~])`)},
	}
	var marks []channel.Mark
	units := func(s string) int { return len(utf16.Encode([]rune(s))) }
	for again := true; again; {
		again = false
		for _, p := range patterns {
			at := p.re.FindStringSubmatchIndex(s)
			if at == nil {
				continue
			}
			again = true
			begin, start, end, finish := at[3], at[4], at[5], at[6]
			open, shut, from := units(s[begin:start]), units(s[end:finish]), units(s[:begin])
			length := units(s[start:end])
			for i, m := range marks { // what was found before moves
				edge := func(x int) int {
					switch {
					case x >= from+open+length+shut:
						return x - open - shut
					case x > from+open+length:
						return from + length
					case x >= from+open:
						return x - open
					}
					return min(x, from)
				}
				a, b := edge(m.Offset), edge(m.Offset+m.Length)
				marks[i].Offset, marks[i].Length = a, b-a
			}
			s = s[:begin] + s[start:end] + s[finish:]
			marks = append(marks, channel.Mark{Type: p.kind, Offset: from, Length: length})
			break
		}
	}
	return s, marks
}

func TestTheTestsOwnRendering(t *testing.T) {
	text, marks := shown("*а _б_* ~в~\n> г\n```д```, snake_case_x 2*3*4")
	if text != "а б в\nг\nд, snake_case_x 2*3*4" || len(marks) != 5 {
		t.Fatalf("%q %+v", text, marks)
	}
	for _, m := range marks {
		u := utf16.Encode([]rune(text))
		got := string(utf16.Decode(u[m.Offset : m.Offset+m.Length]))
		want := map[channel.MarkType]string{channel.Bold: "а б", channel.Italic: "б", channel.Strike: "в", channel.Quote: "г", channel.Pre: "д"}[m.Type]
		if got != want {
			t.Errorf("%s over %q, want %q", m.Type, got, want)
		}
	}
	if !strings.Contains(text, "snake") || bytes.Contains([]byte(text), []byte("```")) {
		t.Error("signs are left")
	}
}
