package whatsapp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/channeltest"
	standin "github.com/okno-hq/okno/internal/standin/whatsapp"
)

// connect opens an adapter to a stand-in where Irina has written.
func connect(t *testing.T) (*platform, channel.Adapter) {
	t.Helper()
	p := newPlatform(t)
	adapter, err := p.Factory().Open(p.Account())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(adapter.Close)
	for _, c := range []string{irina, petr} {
		// Nobody listens yet: what counts is that the window is open.
		_, _ = p.SendText(c, "Здравствуйте")
	}
	return p, adapter
}

func to(recipient string, c channel.Content) channel.Outgoing {
	return channel.Outgoing{ItemID: "item-1", Chat: recipient, Recipient: recipient, Content: c}
}

func withFile(o channel.Outgoing, f channeltest.File) channel.Outgoing {
	o.Content.Attachments = []channel.Attachment{{Kind: f.Kind, Name: f.Name, MIME: f.MIME, Size: int64(len(f.Data))}}
	o.Open = func(context.Context, int) (io.ReadSeekCloser, int64, error) {
		return struct {
			io.ReadSeeker
			io.Closer
		}{strings.NewReader(string(f.Data)), io.NopCloser(nil)}, int64(len(f.Data)), nil
	}
	return o
}

// body sends and returns the request's body as the platform took it.
func body(t *testing.T, p *platform, a channel.Adapter, o channel.Outgoing) map[string]any {
	t.Helper()
	sent, err := a.Send(t.Context(), o)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	m, ok := p.Message(sent.ExternalIDs[0])
	if !ok {
		t.Fatalf("no message %s", sent.ExternalIDs[0])
	}
	var out map[string]any
	if err := json.Unmarshal(m.Body, &out); err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Violations() {
		t.Errorf("broke the specification: %s", v)
	}
	return out
}

func sendError(t *testing.T, err error) *channel.SendError {
	t.Helper()
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		t.Fatalf("error %v is not a SendError", err)
	}
	return se
}

func TestAddresses(t *testing.T) {
	p, a := connect(t)
	hello := channel.Content{Text: "привет"}
	for recipient, want := range map[string][2]string{
		irina: {"to", irina}, "+7 (900) 555-66-77": {"to", irina}, "RU." + irina: {"recipient", "RU." + irina}, petr: {"recipient", petr},
	} {
		got := body(t, p, a, to(recipient, hello))
		if got[want[0]] != want[1] || got["biz_opaque_callback_data"] != "item-1 "+recipient {
			t.Errorf("%s: %v", recipient, got)
		}
	}
	for _, recipient := range []string{"", "x", "123", "RU.", "g:", "g:G1", strings.Repeat("1", 20)} {
		_, err := a.Send(t.Context(), to(recipient, hello))
		if se := sendError(t, err); se.Outcome != channel.Failed {
			t.Errorf("%q: %+v", recipient, se)
		}
	}
}

func TestLinksGetAPreview(t *testing.T) {
	p, a := connect(t)
	for text, want := range map[string]bool{"без ссылки": false, "см. https://shop.example/": true} {
		got := body(t, p, a, to(irina, channel.Content{Text: text}))["text"].(map[string]any)
		if got["preview_url"] != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// buttons makes n reply buttons, one a row.
func buttons(n int) [][]channel.Button {
	var rows [][]channel.Button
	for i := range n {
		rows = append(rows, []channel.Button{{Kind: channel.ButtonCallback, Text: fmt.Sprint("Вариант ", i), Payload: fmt.Sprint("v:", i)}})
	}
	return rows
}

func TestButtonsBecomeRepliesOrAList(t *testing.T) {
	p, a := connect(t)
	for n, want := range map[int]string{1: "button", 3: "button", 4: "list", 10: "list"} {
		got := body(t, p, a, to(irina, channel.Content{Text: "Выберите", Buttons: buttons(n)}))["interactive"].(map[string]any)
		if got["type"] != want {
			t.Errorf("%d buttons: %v", n, got["type"])
		}
	}
	picture := withFile(to(irina, channel.Content{Text: "Этот?", Buttons: buttons(2)}), channeltest.Sample(t, channel.Image))
	header := body(t, p, a, picture)["interactive"].(map[string]any)["header"].(map[string]any)
	if header["type"] != "image" {
		t.Errorf("header %v", header)
	}
	link := channel.Button{Kind: channel.ButtonURL, Text: "Сайт", URL: "https://shop.example/"}
	long := channel.Button{Kind: channel.ButtonCallback, Text: strings.Repeat("я", 21), Payload: "1"}
	for name, c := range map[string]channel.Content{
		"eleven":      {Text: "?", Buttons: buttons(11)},
		"no text":     {Buttons: buttons(1)},
		"long text":   {Text: strings.Repeat("я", 1025), Buttons: buttons(1)},
		"mixed":       {Text: "?", Buttons: [][]channel.Button{{link}, {{Kind: channel.ButtonCallback, Text: "Да"}}}},
		"mixed too":   {Text: "?", Buttons: [][]channel.Button{{{Kind: channel.ButtonCallback, Text: "Да"}}, {link}}},
		"two links":   {Text: "?", Buttons: [][]channel.Button{{link, link}}},
		"twice":       {Text: "?", Buttons: append(buttons(1), buttons(1)...)},
		"long title":  {Text: "?", Buttons: [][]channel.Button{{long}}},
		"no title":    {Text: "?", Buttons: [][]channel.Button{{{Kind: channel.ButtonCallback, Payload: " "}}}},
		"empty rows":  {Text: "?", Buttons: [][]channel.Button{{}, {}}},
		"no address":  {Text: "?", Buttons: [][]channel.Button{{{Kind: channel.ButtonURL, Text: "Сайт"}}}},
		"unknown":     {Text: "?", Buttons: [][]channel.Button{{{Kind: "pay", Text: "Оплатить"}}}},
		"with place":  {Text: "?", Location: &channel.Location{}},
		"only spaces": {Text: "  ", Buttons: buttons(1)},
	} {
		_, err := a.Send(t.Context(), to(irina, c))
		if se := sendError(t, err); se.Outcome != channel.Failed {
			t.Errorf("%s: %+v", name, se)
		}
	}
	if n := p.Calls("messages"); n != 5 {
		t.Errorf("%d messages were asked for, want 5: the rest is refused here", n)
	}
}

func TestVoiceMustBeOpus(t *testing.T) {
	p, a := connect(t)
	voice := channeltest.Sample(t, channel.Voice)
	got := body(t, p, a, withFile(to(irina, channel.Content{}), voice))["audio"].(map[string]any)
	if got["voice"] != true {
		t.Errorf("audio %v", got)
	}
	_, mime, _, _ := p.File(got["id"].(string))
	if mime != "audio/ogg; codecs=opus" {
		t.Errorf("uploaded as %s", mime)
	}
	vorbis := voice
	vorbis.Data = []byte("OggS\x00\x02" + strings.Repeat("\x00", 22) + "\x01vorbis........")
	tiny := voice
	tiny.Data = []byte("Og")
	webm := voice
	webm.MIME = "audio/webm;codecs=opus"
	for name, f := range map[string]channeltest.File{"vorbis": vorbis, "tiny": tiny, "webm": webm} {
		_, err := a.Send(t.Context(), withFile(to(irina, channel.Content{}), f))
		if se := sendError(t, err); se.Outcome != channel.Failed || se.Reason != channel.ReasonMedia {
			t.Errorf("%s: %+v", name, se)
		}
	}
}

func TestPicturesKeepTheirLimitAsDocuments(t *testing.T) {
	p, a := connect(t)
	big := channeltest.File{Kind: channel.Document, Name: "a.png", MIME: "image/png", Data: make([]byte, 5<<20+1)}
	_, err := a.Send(t.Context(), withFile(to(irina, channel.Content{}), big))
	if se := sendError(t, err); se.Reason != channel.ReasonTooBig || p.Calls("media_upload") != 0 {
		t.Errorf("%+v after %d uploads", se, p.Calls("media_upload"))
	}
}

func TestTheWindow(t *testing.T) {
	p, a := connect(t)
	if w := a.Capabilities().Window; w != 24*time.Hour {
		t.Errorf("window %s", w)
	}
	p.Advance(24*time.Hour + time.Minute)
	_, err := a.Send(t.Context(), to(irina, channel.Content{Text: "ещё здесь?"}))
	if se := sendError(t, err); se.Outcome != channel.Failed || se.Reason != channel.ReasonWindowClosed || se.WholeAccount {
		t.Errorf("%+v", se)
	}
	got := body(t, p, a, to(irina, channel.Content{Template: &channel.Template{
		Name: "appointment", Language: "ru", Variables: map[string]string{"body.name": "Ирина", "body.date": "2 \n декабря"},
	}}))
	want := `{"components":[{"parameters":[{"parameter_name":"date","text":"2 декабря","type":"text"},{"parameter_name":"name","text":"Ирина","type":"text"}],"type":"body"}],"language":{"code":"ru"},"name":"appointment"}`
	if raw, _ := json.Marshal(got["template"]); string(raw) != want {
		t.Errorf("template %s, want %s", raw, want)
	}
}

func TestTemplatesTellTheirVariables(t *testing.T) {
	p, a := connect(t)
	for i := range 450 { // more than two pages
		p.AddTemplate(standin.Template{Name: fmt.Sprint("t", i), Language: "ru", Category: "UTILITY", Status: "PENDING", Components: []standin.TemplateComponent{{Type: "BODY", Text: "x"}}})
	}
	list, err := a.(channel.TemplateLister).Templates(t.Context())
	if err != nil || len(list) != 455 {
		t.Fatalf("%d templates, %v", len(list), err)
	}
	for _, info := range list {
		switch info.Name {
		case "order_update":
			want := "[{header.1 № 123} {body.1 Ирина} {body.2 № 123} {button.0 123}]"
			if fmt.Sprint(info.Variables) != want || info.Header != "Заказ {{1}}" || len(info.Buttons) != 2 || info.Buttons[0].Kind != channel.ButtonURL {
				t.Errorf("%+v, want variables %s", info, want)
			}
		case "appointment":
			if got := fmt.Sprint(info.Variables); got != "[{body.name Ирина} {body.date 2 декабря}]" {
				t.Errorf("variables %s", got)
			}
		case "sale":
			if got := fmt.Sprint(info.Variables); got != "[{header.image https://scontent.whatsapp.net/sale.jpg} {body.1 25 %} {button.0.copy_code FALL25}]" {
				t.Errorf("variables %s", got)
			}
		}
	}
	sale := channel.Content{Template: &channel.Template{Name: "sale", Language: "ru", Variables: map[string]string{"body.1": "25 %", "button.0.copy_code": "X"}}}
	got := body(t, p, a, withFile(to(irina, sale), channeltest.Sample(t, channel.Image)))
	if raw, _ := json.Marshal(got); !strings.Contains(string(raw), `"image":{"id":"`) {
		t.Errorf("the attachment is not the header: %s", raw)
	}
	for _, vars := range []map[string]string{{"body.1": " "}, {"nonsense": "x"}, {"footer.1": "x"}, {"body.": "x"}} {
		_, err := a.Send(t.Context(), to(irina, channel.Content{Template: &channel.Template{Name: "sale", Language: "ru", Variables: vars}}))
		if se := sendError(t, err); se.Reason != channel.ReasonTemplate {
			t.Errorf("%v: %+v", vars, se)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	p, a := connect(t)
	for code, want := range map[int]channel.SendError{
		1:      {Outcome: channel.Retry, Reason: channel.ReasonPlatformDown},
		4:      {Outcome: channel.Retry, Reason: channel.ReasonRateLimited, RetryAfter: time.Minute, WholeAccount: true},
		10:     {Reason: channel.ReasonNoPermission, WholeAccount: true},
		33:     {Reason: channel.ReasonMisconfigured, WholeAccount: true},
		100:    {Reason: channel.ReasonRejected},
		190:    {Reason: channel.ReasonTokenRevoked, WholeAccount: true},
		200:    {Reason: channel.ReasonNoPermission, WholeAccount: true},
		130429: {Outcome: channel.Retry, Reason: channel.ReasonRateLimited, RetryAfter: time.Second, WholeAccount: true},
		131000: {Outcome: channel.Retry, Reason: channel.ReasonPlatformDown},
		131026: {Reason: channel.ReasonRecipient},
		131030: {Reason: channel.ReasonRecipient},
		131042: {Reason: channel.ReasonBilling, WholeAccount: true},
		131047: {Reason: channel.ReasonWindowClosed},
		131049: {Reason: channel.ReasonRejected},
		131051: {Reason: channel.ReasonUnsupported},
		131053: {Reason: channel.ReasonMedia},
		131056: {Outcome: channel.Retry, Reason: channel.ReasonRateLimited, RetryAfter: 6 * time.Second},
		132000: {Reason: channel.ReasonTemplate},
		132015: {Reason: channel.ReasonTemplate},
		133010: {Reason: channel.ReasonMisconfigured, WholeAccount: true},
		999999: {Reason: channel.ReasonRejected},
	} {
		p.Fail(standin.Fault{Method: "messages", Code: code, Details: "подробности EAAtest-system-user-token"})
		_, err := a.Send(t.Context(), to(irina, channel.Content{Text: "x"}))
		got := sendError(t, err)
		if got.Outcome != want.Outcome || got.Reason != want.Reason || got.RetryAfter != want.RetryAfter || got.WholeAccount != want.WholeAccount {
			t.Errorf("%d: %+v, want %+v", code, got, want)
		}
		if !strings.Contains(got.Detail, "подробности") || strings.Contains(err.Error(), p.Config().Token) {
			t.Errorf("%d: detail %q, error %v", code, got.Detail, err)
		}
	}
}

func TestFetchGetsAFreshAddress(t *testing.T) {
	p, a := connect(t)
	id, err := p.SendMedia(irina, standin.File{Kind: "image", Data: []byte("картинка")})
	if err == nil {
		t.Fatalf("%s was delivered to nobody", id)
	}
	const ref = "1003383421000003" // the third thing that the stand-in numbered
	if _, _, _, ok := p.File(ref); !ok {
		t.Fatal("no such file")
	}
	fetcher := a.(channel.MediaFetcher)
	p.Fail(standin.Fault{Method: "media_download", Status: 404})
	media, err := fetcher.Fetch(t.Context(), ref)
	if err != nil {
		t.Fatalf("one address had expired: %v", err)
	}
	data, err := io.ReadAll(media.Body)
	if err != nil || string(data) != "картинка" || media.MIME != "image/jpeg" || media.Body.Close() != nil {
		t.Errorf("%q %+v %v", data, media, err)
	}
	p.Fail(standin.Fault{Method: "media_download", Status: 503, Body: "<html>"})
	_, err = fetcher.Fetch(t.Context(), ref)
	if se := sendError(t, err); se.Outcome != channel.Retry {
		t.Errorf("%+v", se)
	}
	p.Advance(8 * 24 * time.Hour)
	_, err = fetcher.Fetch(t.Context(), ref)
	if se := sendError(t, err); se.Outcome != channel.Failed || se.Reason != channel.ReasonExpired {
		t.Errorf("%+v", se)
	}
}
