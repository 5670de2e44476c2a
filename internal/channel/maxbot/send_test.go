package maxbot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/maxbot"
	"github.com/okno-hq/okno/internal/fault"
	standin "github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

type script func(*http.Request) (int, string)

func (s script) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	status, body := s(r)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// scripted opens an adapter at the platform's own address whose calls a
// function answers.
func scripted(t testing.TB, answer script) channel.Adapter {
	t.Helper()
	d := deps()
	d.NotReadyPause = time.Millisecond
	d.Transport = answer
	a, err := maxbot.NewFactory(d).Open(channel.Account{
		ID: 7, Kind: channel.MAX, Secrets: map[string]string{"token": "token-1"},
		WebhookURL: "https://okno.example/hooks/max/7", WebhookSecret: hookSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func TestSettings(t *testing.T) {
	for field, a := range map[string]channel.Account{
		"token":      {},
		"mode":       {Settings: map[string]string{"mode": "carrier pigeon"}, Secrets: map[string]string{"token": "t"}},
		"per_second": {Settings: map[string]string{"per_second": "31"}, Secrets: map[string]string{"token": "t"}},
		"username":   {Settings: map[string]string{"username": "a/b"}, Secrets: map[string]string{"token": "t"}},
		"api_url":    {Settings: map[string]string{"api_url": "ftp://x"}, Secrets: map[string]string{"token": "t"}},
		"ca_bundle":  {Settings: map[string]string{"ca_bundle": "not PEM"}, Secrets: map[string]string{"token": "t"}},
		"proxy_url":  {Secrets: map[string]string{"token": "t", "proxy_url": "gopher://x"}},
	} {
		_, err := maxbot.NewFactory(deps()).Open(a)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Kind != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if maxbot.NewFactory(deps()).Kind() != channel.MAX {
		t.Error("kind")
	}
}

func TestTheTokenGoesBareAndOnlyToTheAPI(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]string{}
	a := scripted(t, func(r *http.Request) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Host] = r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/uploads":
			return 200, `{"url":"https://fu.oneme.example/u"}`
		case "/u":
			return 200, `{"token":"tok"}`
		}
		return 200, `{"message":{"body":{"mid":"mid.1"}}}`
	})
	o := with(channel.Outgoing{Chat: "1"}, channel.Attachment{Kind: channel.Document, Name: "a.pdf"}, []byte("pdf"))
	if _, err := a.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if seen["platform-api2.max.ru"] != "token-1" || seen["fu.oneme.example"] != "" || len(seen) != 2 {
		t.Errorf("%v", seen)
	}
}

func TestUploadsThatAreNotReady(t *testing.T) {
	s := start(t, func(c *standin.Config) { c.NotReady = 60 * time.Millisecond })
	a := open(t, account(s))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	at := channel.Attachment{FileID: "file-1", Kind: channel.Document, Name: "Счёт.pdf", MIME: "application/pdf"}
	o := with(toUser(s, 501, channel.Content{Text: "вот"}), at, []byte("pdf"))
	if _, err := a.Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if d := s.Delivered(501); len(d) != 1 || s.Calls("send") < 2 || s.Calls("uploads") != 1 {
		t.Errorf("%d messages after %d calls and %d uploads", len(d), s.Calls("send"), s.Calls("uploads"))
	}
	// The same file again is not brought again; the platform has other words
	// for the same thing.
	s.Fail(standin.Fault{Method: "send", Status: 400, Code: "proto.payload", Message: "Key: errors.process.attachment.file.not.processed"})
	if _, err := a.Send(t.Context(), o); err != nil || s.Calls("uploads") != 1 {
		t.Errorf("%v, %d uploads", err, s.Calls("uploads"))
	}
	// Given up while waiting: refused so far, so it may be tried again.
	s.Fail(standin.Fault{Method: "send", Status: 400, Code: "attachment.not.ready", Times: -1})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := a.Send(ctx, o)
	if se := sendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonMedia {
		t.Errorf("%+v", se)
	}
	if len(s.Delivered(501)) != 2 {
		t.Error("nothing more was delivered")
	}
	standintest.Clean(t, s)
}

func TestUploadFailures(t *testing.T) {
	s := start(t, nil)
	a := open(t, account(s))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	send := func() *channel.SendError {
		o := with(toUser(s, 501, channel.Content{}), channel.Attachment{Kind: channel.Image, MIME: "image/png"}, []byte("png"))
		_, err := a.Send(t.Context(), o)
		return sendError(t, err)
	}
	for _, c := range []struct {
		fault   standin.Fault
		outcome channel.Outcome
		reason  channel.Reason
	}{
		{standin.Fault{Method: "uploads", Status: 429, RetryAfter: 2}, channel.Retry, channel.ReasonRateLimited},
		{standin.Fault{Method: "uploads", Status: 500}, channel.Retry, channel.ReasonPlatformDown},
		{standin.Fault{Method: "uploads", DropAfter: true}, channel.Retry, channel.ReasonUnreachable},
		{standin.Fault{Method: "upload", Status: 500, Body: "<html>"}, channel.Retry, channel.ReasonPlatformDown},
		{standin.Fault{Method: "upload", DropAfter: true}, channel.Retry, channel.ReasonUnreachable},
		{standin.Fault{Method: "upload", Status: 413}, channel.Failed, channel.ReasonTooBig},
		{standin.Fault{Method: "upload", Status: 400}, channel.Failed, channel.ReasonMedia},
		{standin.Fault{Method: "send", Status: 403, Code: "chat.denied", Message: "Key: error.dialog.suspended, args: [1,]."}, channel.Failed, channel.ReasonBlocked},
		{standin.Fault{Method: "send", Status: 404, Code: "chat.not.found"}, channel.Failed, channel.ReasonChatGone},
		{standin.Fault{Method: "send", Status: 403, Code: "access.denied"}, channel.Failed, channel.ReasonNoPermission},
		{standin.Fault{Method: "send", Status: 400, Code: "proto.payload", Message: "oops"}, channel.Failed, channel.ReasonRejected},
		{standin.Fault{Method: "send", Status: 500}, channel.Uncertain, channel.ReasonPlatformDown},
		{standin.Fault{Method: "send", Status: 502, Body: "<html>"}, channel.Uncertain, channel.ReasonPlatformDown},
		{standin.Fault{Method: "send", DropAfter: true}, channel.Uncertain, channel.ReasonNoAnswer},
	} {
		s.Fail(c.fault)
		if se := send(); se.Outcome != c.outcome || se.Reason != c.reason {
			t.Errorf("%+v: %+v", c.fault, se)
		}
	}
	odd := channel.Attachment{Kind: channel.Image, Name: "a.svg", MIME: "image/svg+xml"}
	o := with(toUser(s, 501, channel.Content{}), odd, []byte("<svg>"))
	sent, err := a.Send(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(sent.ExternalIDs[0]); m.Attachments[0]["type"] != "file" {
		t.Errorf("a picture that MAX does not show goes as a document: %+v", m.Attachments)
	}
	o = with(o, channel.Attachment{Kind: channel.Image, MIME: "image/png"}, []byte("png"))
	if _, err := a.Send(t.Context(), o); sendError(t, err).Reason != channel.ReasonUnsupported {
		t.Error(err)
	}
	standintest.Clean(t, s)
}

// TestUncertainIsSettled: whatever became of a send whose answer was lost is
// found in the history.
func TestUncertainIsSettled(t *testing.T) {
	s := start(t, nil)
	d := deps()
	d.Settle = 30 * time.Second
	a, err := maxbot.NewFactory(d).Open(account(s))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	reconcile := func(o channel.Outgoing, since time.Time) (channel.Sent, bool, error) {
		return a.(channel.Reconciler).Reconcile(t.Context(), o, since)
	}
	content := channel.Content{
		Text: "Ваш заказ готов & ждёт", Marks: []channel.Mark{{Type: channel.Bold, Offset: 0, Length: 3}},
		Buttons: [][]channel.Button{{{Kind: channel.ButtonURL, Text: "Открыть", URL: "https://a.example"}}},
	}
	o := toUser(s, 501, content)
	since := time.Now()
	s.Fail(standin.Fault{Method: "send", DropAfter: true})
	if _, err := a.Send(t.Context(), o); sendError(t, err).Outcome != channel.Uncertain {
		t.Fatal(err)
	}
	sent, found, err := reconcile(o, since)
	if err != nil || !found || sent.ExternalIDs[0] != s.Delivered(501)[0].ID || sent.At.IsZero() {
		t.Errorf("%+v %v %v", sent, found, err)
	}
	// Never taken, and never an answer: not there, once enough time passed.
	lost := toUser(s, 501, channel.Content{Text: "не дошло"})
	since = time.Now()
	s.Fail(standin.Fault{Method: "send", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := a.Send(ctx, lost); sendError(t, err).Outcome != channel.Uncertain {
		t.Fatal(err)
	}
	if _, found, err := reconcile(lost, since.Add(-time.Minute)); found || err != nil {
		t.Errorf("%v %v, want surely not there", found, err)
	}
	if _, _, err := reconcile(lost, time.Now()); sendError(t, err).Outcome != channel.Retry {
		t.Error("just sent: too early to tell")
	}
	// The same words a minute ago might be it, if the clocks differ.
	if _, _, err := reconcile(o, time.Now().Add(time.Minute)); sendError(t, err).Outcome != channel.Retry {
		t.Error("an equal message before the send must leave a doubt")
	}
	// A reply is another message than its words alone.
	reply := o
	reply.ReplyTo = "mid.other"
	if _, found, err := reconcile(reply, time.Now().Add(-time.Minute)); found || err != nil {
		t.Errorf("%v %v", found, err)
	}
	// Only known by the person: there is no history to look at.
	byPerson := o
	byPerson.Chat = "user:501"
	if _, _, err := reconcile(byPerson, since); sendError(t, err).Outcome != channel.Failed {
		t.Error(err)
	}
	standintest.Clean(t, s)
}

func TestSendByPerson(t *testing.T) {
	s := start(t, nil)
	a := open(t, account(s))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	for _, o := range []channel.Outgoing{
		{Chat: "user:501", Content: channel.Content{Text: "раз"}},
		{Recipient: "501", Content: channel.Content{Text: "два"}},
	} {
		if _, err := a.Send(t.Context(), o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if len(s.Delivered(501)) != 2 {
		t.Error("both must arrive")
	}
	if _, err := a.Send(t.Context(), channel.Outgoing{Chat: "-1&user_id=5", Content: channel.Content{Text: "x"}}); sendError(t, err).Outcome != channel.Failed {
		t.Error(err)
	}
	standintest.Clean(t, s)
}

func TestRefusedBeforeSending(t *testing.T) {
	s := start(t, nil)
	a := open(t, account(s))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	image, doc := channel.Attachment{Kind: channel.Image}, channel.Attachment{Kind: channel.Document}
	wide := make([]channel.Button, 250)
	for i := range wide {
		wide[i] = channel.Button{Kind: channel.ButtonCallback, Text: "x", Payload: "y"}
	}
	many := make([]channel.Attachment, 13)
	for i := range many {
		many[i] = image
	}
	for name, c := range map[string]channel.Content{
		"template":      {Template: &channel.Template{Name: "x"}},
		"mixed":         {Attachments: []channel.Attachment{image, doc}},
		"two documents": {Attachments: []channel.Attachment{doc, doc}},
		"thirteen":      {Attachments: many},
		"huge picture":  {Attachments: []channel.Attachment{{Kind: channel.Image, Width: 8000}}},
		"sticker":       {Attachments: []channel.Attachment{{Kind: channel.Sticker}}},
		"two cards":     {Contacts: []channel.Card{{Name: "a"}, {Name: "b"}}},
		"250 buttons":   {Text: "x", Buttons: [][]channel.Button{wide}},
		"button text":   {Text: "x", Buttons: [][]channel.Button{{{Kind: channel.ButtonCallback, Text: strings.Repeat("я", 129)}}}},
		"payload":       {Text: "x", Buttons: [][]channel.Button{{{Kind: channel.ButtonCallback, Text: "x", Payload: strings.Repeat("я", 1025)}}}},
		"long links":    {Text: strings.Repeat("я", 3990), Marks: []channel.Mark{{Type: channel.Link, Length: 5, URL: "https://a.example"}}},
	} {
		if _, err := a.Send(t.Context(), toUser(s, 501, c)); sendError(t, err).Outcome != channel.Failed {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.Calls("send")+s.Calls("uploads") != 0 {
		t.Error("nothing may be asked of the platform")
	}
	// Rows that are too wide are broken; decoration that does not fit is left out.
	if _, err := a.Send(t.Context(), toUser(s, 501, channel.Content{Text: "x", Buttons: [][]channel.Button{wide[:10]}})); err != nil {
		t.Error(err)
	}
	long := channel.Content{Text: strings.Repeat("я", 3999), Marks: []channel.Mark{{Type: channel.Bold, Length: 5}}}
	if _, err := a.Send(t.Context(), toUser(s, 501, long)); err != nil {
		t.Error(err)
	}
	standintest.Clean(t, s)
}

func TestEdits(t *testing.T) {
	s := start(t, nil)
	a := open(t, account(s))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	yes := [][]channel.Button{{{Kind: channel.ButtonCallback, Text: "Да", Payload: "y"}}}
	sent, err := a.Send(t.Context(), with(toUser(s, 501, channel.Content{Text: "фото", Buttons: yes}), channel.Attachment{Kind: channel.Image, MIME: "image/png"}, []byte("png")))
	if err != nil {
		t.Fatal(err)
	}
	target := channel.Target{Chat: chatOf(s, 501), ExternalID: sent.ExternalIDs[0], Media: true}
	edit := func(c channel.Content) standin.Message {
		t.Helper()
		if err := a.(channel.Editor).Edit(t.Context(), target, c); err != nil {
			t.Fatal(err)
		}
		m, _ := s.Message(target.ExternalID)
		return m
	}
	if m := edit(channel.Content{Text: "новое фото", Buttons: yes}); m.Text != "новое фото" || len(m.Attachments) != 2 {
		t.Errorf("the picture and the button must stay: %+v", m)
	}
	if m := edit(channel.Content{Text: "подпись"}); len(m.Attachments) == 0 {
		t.Errorf("the picture must stay: %+v", m)
	}
	sent, err = a.Send(t.Context(), toUser(s, 501, channel.Content{Text: "да?", Buttons: yes}))
	if err != nil {
		t.Fatal(err)
	}
	target = channel.Target{Chat: chatOf(s, 501), ExternalID: sent.ExternalIDs[0]}
	if m := edit(channel.Content{Text: "решено"}); len(m.Attachments) != 0 {
		t.Errorf("the buttons must go: %+v", m)
	}
	s.Advance(8 * 24 * time.Hour)
	err = a.(channel.Editor).Edit(t.Context(), target, channel.Content{Text: "поздно"})
	if se := sendError(t, err); se.Outcome != channel.Failed || se.Reason != channel.ReasonTooOld {
		t.Errorf("a refusal with status 200 is a refusal: %+v", se)
	}
	standintest.Clean(t, s)
}
