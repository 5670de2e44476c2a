package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	"github.com/okno-hq/okno/internal/channel/telegram"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

// connect opens an adapter to the stand-in with settings changed; at its end
// nothing may have broken the specification.
func connect(t testing.TB, p *platform, settings map[string]string) channel.Adapter {
	t.Helper()
	account := p.Account()
	maps.Copy(account.Settings, settings)
	a, err := telegram.NewFactory(telegram.Deps{PollWait: time.Second}).Open(account)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.Close()
		if v := p.Violations(); len(v) > 0 {
			t.Errorf("broke the specification: %q", v)
		}
	})
	return a
}

// met is a stand-in whose customer has written, and an adapter.
func met(t testing.TB, settings map[string]string) (*platform, channel.Adapter) {
	t.Helper()
	p := newPlatform(t, kind{polling: true})
	if _, err := p.SendText(standin.Post{From: 501}, "здравствуйте"); err != nil {
		t.Fatal(err)
	}
	return p, connect(t, p, settings)
}

func text(chat, text string) channel.Outgoing {
	return channel.Outgoing{ItemID: "1", Chat: chat, Content: channel.Content{Text: text}}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// attach gives a message files.
func attach(o channel.Outgoing, list ...channeltest.File) channel.Outgoing {
	for _, f := range list {
		o.Content.Attachments = append(o.Content.Attachments, channel.Attachment{
			Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: int64(len(f.Data)), Duration: 1400 * time.Millisecond,
		})
	}
	o.Open = func(_ context.Context, i int) (io.ReadSeekCloser, int64, error) {
		return memory{bytes.NewReader(list[i].Data)}, int64(len(list[i].Data)), nil
	}
	return o
}

func mustSend(t testing.TB, a channel.Adapter, o channel.Outgoing) channel.Sent {
	t.Helper()
	sent, err := a.Send(t.Context(), o)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	return sent
}

func asSendError(t testing.TB, err error) *channel.SendError {
	t.Helper()
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("%T %v is no *channel.SendError", err, err)
	}
	for text := err; text != nil; text = errors.Unwrap(text) {
		if strings.Contains(text.Error(), "AAHdqTcv") || strings.Contains(text.Error(), "://") {
			t.Errorf("the error holds a secret or an address: %v", text)
		}
	}
	return se
}

func lastOf(t testing.TB, p *platform, chat string) standin.Message {
	t.Helper()
	all := p.Messages(chat)
	if len(all) == 0 {
		t.Fatalf("nothing in %s", chat)
	}
	return all[len(all)-1]
}

func TestVoiceIsTrueVoice(t *testing.T) {
	p, a := met(t, nil)
	mustSend(t, a, attach(text("501", "послушайте"), channeltest.Sample(t, channel.Voice)))
	msg := lastOf(t, p, "501")
	var b struct {
		Voice struct {
			Duration int
			MIME     string `json:"mime_type"`
		}
		Caption string
	}
	if err := json.Unmarshal(msg.Body, &b); err != nil || msg.Type != "voice" || b.Voice.Duration != 1 || b.Voice.MIME != "audio/ogg" || b.Caption != "послушайте" {
		t.Errorf("the customer got %s %+v, error %v", msg.Type, b, err)
	}
	webm := attach(text("501", ""), channeltest.File{Kind: channel.Voice, MIME: "audio/webm;codecs=opus", Data: []byte("\x1aE\xdf\xa3")})
	if _, err := a.Send(t.Context(), webm); asSendError(t, err).Reason != channel.ReasonMedia {
		t.Errorf("a voice message that would be none: %v", err)
	}
	if n := p.Calls("sendVoice"); n != 1 {
		t.Errorf("%d calls of sendVoice, want 1", n)
	}
}

// TestShapes: how each file is sent.
func TestShapes(t *testing.T) {
	p, a := met(t, nil)
	gif := channeltest.Sample(t, channel.Animation, "image/gif")
	for name, c := range map[string]struct {
		file channeltest.File
		want string
	}{
		"gif as a picture":          {channeltest.File{Kind: channel.Image, MIME: "image/gif", Name: "a.gif", Data: gif.Data}, "animation"},
		"picture nobody shows":      {channeltest.File{Kind: channel.Image, MIME: "image/heic", Name: "a.heic", Data: []byte("heic")}, "document"},
		"video nobody shows":        {channeltest.File{Kind: channel.Video, MIME: "video/x-msvideo", Name: "a.avi", Data: []byte("RIFF")}, "document"},
		"audio of another format":   {channeltest.File{Kind: channel.Audio, MIME: "audio/ogg", Name: "a.ogg", Data: []byte("OggS")}, "document"},
		"picture sent as a file":    {channeltest.File{Kind: channel.Document, MIME: "image/png", Name: "a.png", Data: []byte("png")}, "document"},
		"type with parameters":      {channeltest.File{Kind: channel.Voice, MIME: "audio/ogg; codecs=opus", Data: channeltest.Speech()}, "voice"},
		"a name with line breaks":   {channeltest.File{Kind: channel.Document, MIME: "text/plain", Name: "a\r\nb\"/../c.txt", Data: []byte("x")}, "document"},
		"nameless, of unknown type": {channeltest.File{Kind: channel.Document, Data: []byte("x")}, "document"},
	} {
		t.Run(name, func(t *testing.T) {
			mustSend(t, a, attach(text("501", ""), c.file))
			if msg := lastOf(t, p, "501"); msg.Type != c.want {
				t.Errorf("sent as %s, want %s", msg.Type, c.want)
			}
		})
	}
	wide := attach(text("501", ""), channeltest.Sample(t, channel.Image))
	wide.Content.Attachments[0].Width, wide.Content.Attachments[0].Height = 9000, 100
	mustSend(t, a, wide)
	if msg := lastOf(t, p, "501"); msg.Type != "document" {
		t.Errorf("a picture too wide was sent as %s", msg.Type)
	}
}

func TestAlbums(t *testing.T) {
	p, a := met(t, nil)
	image, video, pdf := channeltest.Sample(t, channel.Image), channeltest.Sample(t, channel.Video), channeltest.Sample(t, channel.Document)
	for name, c := range map[string]struct {
		files []channeltest.File
		want  []string
	}{
		"pictures and videos":  {[]channeltest.File{image, video, image}, []string{"photo", "video", "photo"}},
		"documents":            {[]channeltest.File{pdf, pdf}, []string{"document", "document"}},
		"pictures with others": {[]channeltest.File{image, pdf}, []string{"document", "document"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(p.Messages("501"))
			sent := mustSend(t, a, attach(text("501", "подпись"), c.files...))
			got := p.Messages("501")[before:]
			var types []string
			for _, m := range got {
				types = append(types, m.Type)
			}
			if !slices.Equal(types, c.want) || len(sent.ExternalIDs) != len(c.want) || got[0].Text != "подпись" || got[1].Text != "" {
				t.Errorf("the customer got %v under %v with %q, want %v", types, sent.ExternalIDs, got[0].Text, c.want)
			}
		})
	}
	if p.Calls("sendMediaGroup") != 3 {
		t.Errorf("%d calls, want one for each album", p.Calls("sendMediaGroup"))
	}
	// All of an album is deleted at once.
	sent := mustSend(t, a, attach(text("501", ""), image, image))
	if err := a.(channel.Deleter).Delete(t.Context(), channel.Target{Chat: "501", ExternalID: sent.ExternalIDs[0], ExternalIDs: sent.ExternalIDs}); err != nil {
		t.Fatal(err)
	}
	for _, m := range p.Messages("501")[len(p.Messages("501"))-2:] {
		if !m.Deleted {
			t.Errorf("message %d is still there", m.ID)
		}
	}
}

// TestRefused: what the platform would refuse, or worse, half do, is not sent
// at all.
func TestRefused(t *testing.T) {
	p, a := met(t, nil)
	image, sticker := channeltest.Sample(t, channel.Image), channeltest.Sample(t, channel.Sticker)
	buttons := func(chat string, list ...channel.Button) channel.Outgoing {
		o := text(chat, "?")
		o.Content.Buttons = [][]channel.Button{list}
		return o
	}
	eleven := make([]channeltest.File, 11)
	for i := range eleven {
		eleven[i] = image
	}
	withButtons := attach(buttons("501", channel.Button{Kind: channel.ButtonURL, Text: "x", URL: "https://x.example"}), image, image)
	card := text("501", "")
	card.Content.Contacts = []channel.Card{{Name: "без номера"}}
	template := text("501", "")
	template.Content.Template = &channel.Template{Name: "x"}
	reply := text("501", "x")
	reply.ReplyTo = "wamid.x"
	for name, c := range map[string]struct {
		o      channel.Outgoing
		reason channel.Reason
	}{
		"no such chat key":        {text("whatsapp:1", "x"), channel.ReasonMisconfigured},
		"blank text":              {text("501", " \n"), channel.ReasonRejected},
		"caption too long":        {attach(text("501", strings.Repeat("я", 1025)), image), channel.ReasonTooBig},
		"eleven files":            {attach(text("501", ""), eleven...), channel.ReasonUnsupported},
		"album with a sticker":    {attach(text("501", ""), image, sticker), channel.ReasonUnsupported},
		"album with buttons":      {withButtons, channel.ReasonUnsupported},
		"sticker with a caption":  {attach(text("501", "x"), sticker), channel.ReasonUnsupported},
		"empty file":              {attach(text("501", ""), channeltest.File{Kind: channel.Document, Name: "x"}), channel.ReasonMedia},
		"payload of 65 bytes":     {buttons("501", channel.Button{Kind: channel.ButtonCallback, Text: "x", Payload: strings.Repeat("x", 65)}), channel.ReasonTooBig},
		"payload of 34 letters":   {buttons("501", channel.Button{Kind: channel.ButtonCallback, Text: "x", Payload: strings.Repeat("я", 34)}), channel.ReasonTooBig},
		"button without a text":   {buttons("501", channel.Button{Kind: channel.ButtonURL, URL: "https://x.example"}), channel.ReasonUnsupported},
		"two keyboards":           {buttons("501", channel.Button{Kind: channel.ButtonPhone, Text: "x"}, channel.Button{Kind: channel.ButtonCallback, Text: "y", Payload: "y"}), channel.ReasonUnsupported},
		"number asked in a group": {buttons("-5", channel.Button{Kind: channel.ButtonPhone, Text: "x"}), channel.ReasonUnsupported},
		"card without a number":   {card, channel.ReasonUnsupported},
		"template":                {template, channel.ReasonUnsupported},
		"reply to another id":     {reply, channel.ReasonReplyGone},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Send(t.Context(), c.o)
			if se := asSendError(t, err); se.Outcome != channel.Failed || se.Reason != c.reason {
				t.Errorf("%+v, want failed, %s", se, c.reason)
			}
		})
	}
	if all := p.Messages("501"); len(all) != 1 {
		t.Errorf("the chat has %d messages, want the customer's only", len(all))
	}
}

func TestReplyIsKeptWithoutItsTarget(t *testing.T) {
	p, a := met(t, nil)
	o := text("501", "ответ")
	o.ReplyTo, o.ReplyQuote = "1", "здрав"
	mustSend(t, a, o)
	if m := lastOf(t, p, "501"); m.ReplyTo != 1 || m.Quote != "здрав" {
		t.Errorf("reply to %d, quote %q", m.ReplyTo, m.Quote)
	}
	if err := p.Delete(standin.Post{From: 501}, 1); err != nil {
		t.Fatal(err)
	}
	mustSend(t, a, o)
	if m := lastOf(t, p, "501"); m.ReplyTo != 0 || m.Text != "ответ" {
		t.Errorf("%+v", m)
	}
	if _, err := p.SendText(standin.Post{From: 501}, "другое"); err != nil {
		t.Fatal(err)
	}
	o.ReplyTo, o.ReplyQuote = "4", "не отсюда"
	_, err := a.Send(t.Context(), o)
	if se := asSendError(t, err); se.Reason != channel.ReasonReplyGone {
		t.Errorf("%+v, want reply_gone", se)
	}
}

func TestPlacesAndCards(t *testing.T) {
	p, a := met(t, nil)
	o := text("501", "")
	o.Content.Location = &channel.Location{Latitude: 55.75, Longitude: 37.61, Title: "Офис"}
	mustSend(t, a, o)
	var b struct {
		Venue   struct{ Title, Address string }
		Contact struct {
			Phone string `json:"phone_number"`
			First string `json:"first_name"`
			VCard string
		}
	}
	if err := json.Unmarshal(lastOf(t, p, "501").Body, &b); err != nil || b.Venue.Title != "Офис" || b.Venue.Address == "" {
		t.Errorf("venue %+v, error %v", b.Venue, err)
	}
	o = text("501", "")
	o.Content.Contacts = []channel.Card{{Phones: []string{"+74951234567"}, VCard: "BEGIN:VCARD\nEND:VCARD"}}
	mustSend(t, a, o)
	if err := json.Unmarshal(lastOf(t, p, "501").Body, &b); err != nil || b.Contact.First == "" || b.Contact.VCard == "" {
		t.Errorf("card %+v, error %v", b.Contact, err)
	}
}

func TestCaptionKeepsItsMarks(t *testing.T) {
	p, a := met(t, nil)
	o := attach(text("501", "😀 важное фото"), channeltest.Sample(t, channel.Image))
	o.Content.Marks = []channel.Mark{{Type: channel.Bold, Offset: 3, Length: 6}}
	o.Content.Buttons = [][]channel.Button{{{Kind: channel.ButtonCallback, Text: "Да", Payload: "y"}}}
	mustSend(t, a, o)
	seen, err := p.Seen(0)
	if err != nil || !slices.Equal(seen[0].Marks, o.Content.Marks) || len(seen[0].Buttons) != 1 || seen[0].Buttons[0].Payload != "y" {
		t.Errorf("the customer sees %+v, error %v", seen, err)
	}
}
