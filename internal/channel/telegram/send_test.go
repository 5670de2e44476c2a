package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
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
	for k, v := range settings {
		account.Settings[k] = v
	}
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

// TestPlatformErrors: the platform's words in ours.
func TestPlatformErrors(t *testing.T) {
	p, a := met(t, map[string]string{"groups": "true"})
	for i, c := range []struct {
		code        int
		description string
		outcome     channel.Outcome
		reason      channel.Reason
		account     bool
	}{
		{403, "Forbidden: bot was blocked by the user", channel.Failed, channel.ReasonBlocked, false},
		{403, "Forbidden: user is deactivated", channel.Failed, channel.ReasonChatGone, false},
		{403, "Forbidden: bot was kicked from the supergroup chat", channel.Failed, channel.ReasonChatGone, false},
		{403, "Forbidden: bot can't initiate conversation with a user", channel.Failed, channel.ReasonRecipient, false},
		{403, "Forbidden: something new", channel.Failed, channel.ReasonNoPermission, false},
		{400, "Bad Request: chat not found", channel.Failed, channel.ReasonChatGone, false},
		{400, "Bad Request: PEER_ID_INVALID", channel.Failed, channel.ReasonChatGone, false},
		{400, "Bad Request: not enough rights to send text messages to the chat", channel.Failed, channel.ReasonNoPermission, false},
		{400, "Bad Request: TOPIC_CLOSED", channel.Failed, channel.ReasonNoPermission, false},
		{400, "Bad Request: message to be replied not found", channel.Failed, channel.ReasonReplyGone, false},
		{400, "Bad Request: message is too long", channel.Failed, channel.ReasonTooBig, false},
		{400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", channel.Failed, channel.ReasonNoPermission, false},
		{400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", channel.Failed, channel.ReasonWindowClosed, false},
		{400, "Bad Request: PHOTO_INVALID_DIMENSIONS", channel.Failed, channel.ReasonMedia, false},
		{400, "Bad Request: something new", channel.Failed, channel.ReasonRejected, false},
		{401, "Unauthorized", channel.Failed, channel.ReasonTokenRevoked, true},
		{404, "Not Found", channel.Failed, channel.ReasonTokenRevoked, true},
		{413, "Request Entity Too Large", channel.Failed, channel.ReasonTooBig, false},
		{500, "Internal Server Error", channel.Uncertain, channel.ReasonPlatformDown, false},
		{502, "Bad Gateway", channel.Uncertain, channel.ReasonPlatformDown, false},
	} {
		t.Run(c.description, func(t *testing.T) {
			chat := int64(700 + i) // each with a pace of its own
			if _, err := p.SendText(standin.Post{From: chat}, "здравствуйте"); err != nil {
				t.Fatal(err)
			}
			p.Fail(standin.Fault{Method: "sendMessage", Code: c.code, Description: c.description})
			_, err := a.Send(t.Context(), text(strconv.FormatInt(chat, 10), "x"))
			se := asSendError(t, err)
			if se.Outcome != c.outcome || se.Reason != c.reason || se.WholeAccount != c.account || se.Detail != c.description {
				t.Errorf("%+v", se)
			}
		})
	}
	p.Fail(standin.Fault{Method: "sendMessage", Code: 413, Body: "<html>413 Request Entity Too Large</html>"})
	if _, err := a.Send(t.Context(), text("501", "x")); asSendError(t, err).Reason != channel.ReasonTooBig {
		t.Errorf("a gateway's limit: %v", err)
	}
	if all := p.Messages("501"); len(all) != 1 {
		t.Errorf("the chat has %d messages, want the customer's only", len(all))
	}
}

// TestErrorsHoldNoToken: a platform that repeats what we sent.
func TestErrorsHoldNoToken(t *testing.T) {
	p, a := met(t, nil)
	p.Fail(standin.Fault{Method: "sendMessage", Code: 400, Description: "Bad Request: no https://api.telegram.org/bot" + token + "/sendMessage for " + token})
	_, err := a.Send(t.Context(), text("501", "x"))
	if se := asSendError(t, err); strings.Contains(se.Detail, "AAHdq") {
		t.Errorf("detail %q", se.Detail)
	}
}

func TestRateLimitHoldsEveryChatBack(t *testing.T) {
	p, a := met(t, nil)
	if _, err := p.SendText(standin.Post{From: 502}, "и я"); err != nil {
		t.Fatal(err)
	}
	p.Fail(standin.Fault{Method: "sendMessage", Code: 429, Description: "Too Many Requests: retry after 1", RetryAfter: 1})
	_, err := a.Send(t.Context(), text("501", "x"))
	se := asSendError(t, err)
	if se.Outcome != channel.Retry || se.Reason != channel.ReasonRateLimited || se.RetryAfter != time.Second || !se.WholeAccount {
		t.Errorf("%+v", se)
	}
	// Who cannot wait that long is told at once and nothing is asked of the
	// platform; who can is sent when the time has come.
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = a.Send(ctx, text("502", "рано"))
	if se := asSendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonRateLimited {
		t.Errorf("%+v", se)
	}
	mustSend(t, a, text("502", "вовремя"))
	if n := p.Calls("sendMessage"); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

// TestGroupPace: groups are written to more slowly than people.
func TestGroupPace(t *testing.T) {
	p, a := met(t, map[string]string{"groups": "true"})
	p.AddGroup(standin.Group{ID: -100123, Title: "Опт", Forum: true}, 501)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	sent := 0
	for range 10 {
		topic := []string{"-100123", "-100123:7"}[sent%2] // one limit for all topics
		if _, err := a.Send(ctx, text(topic, "x")); err != nil {
			if se := asSendError(t, err); se.Reason != channel.ReasonRateLimited || se.Outcome != channel.Retry {
				t.Fatalf("%+v", se)
			}
			break
		}
		sent++
	}
	if sent != 5 {
		t.Errorf("%d messages at once, want 5", sent)
	}
}

// TestUncertain: done and answered late, broken or not at all.
func TestUncertain(t *testing.T) {
	for name, f := range map[string]standin.Fault{
		"answer lost": {Method: "sendDocument", DropAfter: true},
		"no answer":   {Method: "sendDocument", Hang: true},
	} {
		t.Run(name, func(t *testing.T) {
			p, a := met(t, nil)
			p.Fail(f)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := a.Send(ctx, attach(text("501", ""), channeltest.Sample(t, channel.Document)))
			if se := asSendError(t, err); se.Outcome != channel.Uncertain || se.Reason != channel.ReasonNoAnswer {
				t.Errorf("%+v, want uncertain", se)
			}
			if n := p.Calls("sendDocument"); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
	t.Run("file breaks off", func(t *testing.T) {
		p, a := met(t, nil)
		o := attach(text("501", ""), channeltest.Sample(t, channel.Document))
		o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
			return memory{bytes.NewReader([]byte("half"))}, 8, nil
		}
		_, err := a.Send(t.Context(), o)
		if se := asSendError(t, err); se.Outcome != channel.Retry || len(p.Messages("501")) != 1 {
			t.Errorf("%+v, want retry", se)
		}
	})
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
