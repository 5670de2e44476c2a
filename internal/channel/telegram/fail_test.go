package telegram_test

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	standin "github.com/okno-hq/okno/internal/standin/telegram"
)

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
