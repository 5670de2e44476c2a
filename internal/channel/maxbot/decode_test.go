package maxbot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/maxbot"
	"github.com/okno-hq/okno/internal/fault"
	standin "github.com/okno-hq/okno/internal/standin/maxbot"
	"github.com/okno-hq/okno/internal/standin/standintest"
)

// offline opens an adapter that is never to call anybody.
func offline(t testing.TB, settings map[string]string) channel.Adapter {
	t.Helper()
	return open(t, channel.Account{
		ID: 7, Kind: channel.MAX, Settings: settings, Secrets: map[string]string{"token": "token-1"},
		WebhookURL: "https://okno.example/hooks/max/7", WebhookSecret: hookSecret,
	})
}

func decode(t testing.TB, a channel.Adapter, body string) []channel.Update {
	t.Helper()
	updates, err := a.Decode(channel.Raw{Key: "k", Body: []byte(body)})
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return updates
}

// kind names the pointer of an update that is set.
func kind(u channel.Update) string {
	v := reflect.ValueOf(u)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			return v.Type().Field(i).Name
		}
	}
	return ""
}

// TestRecorded decodes everything that the vendor recorded, as a webhook
// brings it and as a poll does.
func TestRecorded(t *testing.T) {
	a := offline(t, map[string]string{"groups": "true"})
	want := map[string]string{
		"bot_added": "Access", "bot_removed": "Reach", "bot_started": "Reach+Start", "bot_stopped": "Reach", "chat_title_changed": "Notice",
		"dialog_cleared": "Notice", "dialog_muted": "Notice", "dialog_removed": "Reach", "dialog_unmuted": "Notice",
		"message_callback": "Press", "message_created": "Message", "message_edited": "Edit", "message_removed": "Deletion",
		"user_added": "Notice", "user_removed": "Notice",
	}
	for name, what := range want {
		for _, form := range []string{"webhook", "update"} {
			body, err := os.ReadFile(filepath.Join(standintest.Specs(t, "max", standin.SpecFile), "recorded", form+"."+name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			raws, _, err := a.(channel.Webhook).Accept(channel.Request{
				Method: http.MethodPost, Header: map[string][]string{"X-Max-Bot-Api-Secret": {hookSecret}}, Body: body,
			})
			if err != nil || len(raws) != 1 || raws[0].Order == "account" || raws[0].Order == "" {
				t.Errorf("%s: %d raw updates %+v, %v", name, len(raws), raws, err)
				continue
			}
			var got []string
			for _, u := range decode(t, a, string(raws[0].Body)) {
				got = append(got, kind(u))
				if u.Chat.Key != raws[0].Order || u.Sender.ID == "" || u.At.Year() != 2026 {
					t.Errorf("%s: %+v in lane %s", name, u, raws[0].Order)
				}
			}
			if strings.Join(got, "+") != what {
				t.Errorf("%s %s: %v, want %s", form, name, got, what)
			}
			if whole := decode(t, a, string(body)); len(whole) != len(got) {
				t.Errorf("%s: the whole decodes to %d updates, its parts to %d", name, len(whole), len(got))
			}
		}
	}
}

// TestRecordedAnswers feeds recorded answers of the API to the calls that get
// them.
func TestRecordedAnswers(t *testing.T) {
	folder := filepath.Join(standintest.Specs(t, "max", standin.SpecFile), "recorded")
	answer := func(status int, file string) func(*http.Request) (int, string) {
		body, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		return func(*http.Request) (int, string) { return status, string(body) }
	}
	ctx := t.Context()
	a := scripted(t, answer(200, "chats/dialog-with-user.json"))
	p, err := a.(channel.Profiler).Profile(ctx, "182182182", channel.Person{ID: "123123123"})
	if err != nil || p.Name != "John Doe" {
		t.Errorf("profile %+v, %v", p, err)
	}
	a = scripted(t, answer(200, "chats/get-chat-by-id.json"))
	if _, err := a.(channel.Profiler).Profile(ctx, "-70000000000005", channel.Person{}); sendError(t, err).Reason != channel.ReasonUnsupported {
		t.Errorf("a group is nobody's profile: %v", err)
	}
	a = scripted(t, answer(401, "error.invalid-token.json"))
	if h := a.Check(ctx); h.State != channel.Failing || h.Reason != channel.ReasonTokenRevoked {
		t.Errorf("%+v", h)
	}
	a = scripted(t, func(r *http.Request) (int, string) {
		if r.URL.Path == "/me" {
			return answer(200, "botInfo.ok.json")(r)
		}
		return 200, `{"subscriptions":[]}`
	})
	if h := a.Check(ctx); h.Account != "@test-bot" || h.Reason != channel.ReasonWebhookMissing {
		t.Errorf("%+v", h)
	}
	if link := a.(channel.Linker).DeepLink("ticket 5"); link != "https://max.ru/test-bot?start=ticket+5" {
		t.Error(link)
	}
	calls := 0
	a = scripted(t, func(r *http.Request) (int, string) { calls++; return answer(400, "error.attachment.not.ready.json")(r) })
	_, err = a.Send(ctx, channel.Outgoing{Chat: "1", Content: channel.Content{Text: "x"}})
	if se := sendError(t, err); se.Outcome != channel.Retry || se.Reason != channel.ReasonMedia || calls < 3 {
		t.Errorf("%+v after %d calls", se, calls)
	}
	a = scripted(t, func(r *http.Request) (int, string) {
		switch r.URL.Path {
		case "/uploads":
			return 200, `{"url":"https://vu.okcdn.example/upload.do","token":"tok"}`
		case "/upload.do":
			return answer(200, "upload.video.response.xml")(r)
		}
		return 200, `{"message":{"recipient":{"chat_id":1,"chat_type":"dialog"},"timestamp":1775026671403,"body":{"mid":"mid.1","seq":1}}}`
	})
	o := with(channel.Outgoing{Chat: "1"}, channel.Attachment{Kind: channel.Video, MIME: "video/mp4"}, []byte("mp4"))
	if sent, err := a.Send(ctx, o); err != nil || sent.ExternalIDs[0] != "mid.1" {
		t.Errorf("%+v %v", sent, err)
	}
}

func TestVoiceIsNoticed(t *testing.T) {
	a := offline(t, nil)
	body := `{"timestamp":1790000000123,"user_locale":"ru","update_type":"message_created"}`
	for _, b := range []string{body, strings.Replace(body, "{", `{"message":null,`, 1)} {
		u := decode(t, a, b)
		if len(u) != 1 || u[0].Notice == nil || u[0].Notice.Code != maxbot.NoticeVoice || u[0].Chat.Key != "" {
			t.Errorf("%+v", u)
		}
	}
	raws, _, err := a.(channel.Webhook).Accept(channel.Request{
		Method: http.MethodPost, Header: map[string][]string{"X-Max-Bot-Api-Secret": {hookSecret}}, Body: []byte(body),
	})
	if err != nil || len(raws) != 1 || raws[0].Key == "" || raws[0].Order != "account" {
		t.Errorf("%+v %v", raws, err)
	}
}

func TestOwnContactIsProven(t *testing.T) {
	const vcf = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;TYPE=cell:79005556677\r\nFN:Ирина П\r\nEND:VCARD\r\n"
	hash := standin.ContactHash("token-1", vcf)
	escaped, err := json.Marshal(vcf)
	if err != nil {
		t.Fatal(err)
	}
	contact := func(hash string, owner int) string {
		return fmt.Sprintf(`[{"type":"contact","payload":{"vcf_info":%s,"hash":%q,"max_info":{"user_id":%d,"first_name":"Ирина","is_bot":false}}}]`, escaped, hash, owner)
	}
	direct := func(attachments string) string {
		return fmt.Sprintf(`{"update_type":"message_created","timestamp":1,"message":{"sender":{"user_id":501,"first_name":"И","is_bot":false},"recipient":{"chat_id":1,"chat_type":"dialog"},"timestamp":1,"body":{"mid":"m1","seq":1,"attachments":%s}}}`, attachments)
	}
	forwarded := fmt.Sprintf(`{"update_type":"message_created","timestamp":1,"message":{"sender":{"user_id":666,"first_name":"З","is_bot":false},"recipient":{"chat_id":1,"chat_type":"dialog"},"timestamp":1,"body":{"mid":"m1","seq":1},"link":{"type":"forward","sender":{"user_id":501,"first_name":"И","is_bot":false},"message":{"mid":"m0","seq":0,"attachments":%s}}}}`, contact(hash, 501))
	a := offline(t, nil)
	for name, c := range map[string]struct {
		body string
		own  bool
	}{
		"proven":                        {direct(contact(hash, 501)), true},
		"upper case":                    {direct(contact(strings.ToUpper(hash), 501)), true},
		"another bot's hash":            {direct(contact(standin.ContactHash("token-2", vcf), 501)), false},
		"no hash":                       {direct(contact("", 501)), false},
		"somebody else's card":          {direct(contact(hash, 502)), false},
		"somebody else's, passed on":    {forwarded, false},
		"hash of somebody, no max_info": {direct(strings.Replace(contact(hash, 501), `"max_info"`, `"other"`, 1)), false},
	} {
		u := decode(t, a, c.body)
		cards := u[0].Message.Content.Contacts
		if len(cards) != 1 || cards[0].Own != c.own || cards[0].Phones[0] != "+79005556677" || cards[0].Name != "Ирина П" {
			t.Errorf("%s: %+v, want own %v", name, cards, c.own)
		}
	}
}

func TestCallbackWithoutChat(t *testing.T) {
	s := start(t, func(c *standin.Config) { c.DialogCallbacksWithoutChat = true })
	a := open(t, with2(account(s), "mode", "polling"))
	if _, err := s.SendText(501, "привет"); err != nil {
		t.Fatal(err)
	}
	sent, err := a.Send(t.Context(), toUser(s, 501, channel.Content{
		Text: "Да?", Buttons: [][]channel.Button{{{Kind: channel.ButtonCallback, Text: "Да", Payload: "y"}}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.PressButton(501, sent.ExternalIDs[0], "y")
	if err != nil {
		t.Fatal(err)
	}
	raws, _, err := a.(channel.Poller).Poll(t.Context(), "")
	if err != nil || len(raws) != 1 {
		t.Fatalf("%+v %v", raws, err)
	}
	u := decode(t, a, string(raws[0].Body))[0]
	if u.Press == nil || u.Chat.Key != chatOf(s, 501) || raws[0].Order != u.Chat.Key || u.Press.Button.Text != "Да" || u.Sender.ID != "501" {
		t.Errorf("%+v in %s", u, raws[0].Order)
	}
	// An answer without words must end the waiting, too.
	if err := a.(channel.PressAnswerer).AnswerPress(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	if p, _ := s.Pressed(id); !p.Answered {
		t.Errorf("%+v", p)
	}
	standintest.Clean(t, s)
}

func with2(a channel.Account, name, value string) channel.Account {
	a.Settings[name] = value
	return a
}

func TestContentDetails(t *testing.T) {
	a := offline(t, nil)
	message := func(inner string) channel.Update {
		t.Helper()
		return decode(t, a, `{"update_type":"message_created","timestamp":1790000000123,"user_locale":"ru","message":{"sender":{"user_id":501,"first_name":"Ирина","last_name":"П","is_bot":false},"recipient":{"chat_id":1,"chat_type":"dialog"},"timestamp":1790000000100,`+inner+`}}`)[0]
	}
	u := message(`"body":{"mid":"m","seq":1,"text":"слово","markup":[{"type":"strong","from":0,"length":99},{"type":"emphasized","from":-1,"length":2},{"type":"heading","from":1,"length":2},{"type":"new","from":0,"length":1}]}`)
	if marks := u.Message.Content.Marks; len(marks) != 2 || marks[0].Length != 5 || marks[1].Type != channel.Bold {
		t.Errorf("%+v", marks)
	}
	if u.Sender.Name != "Ирина П" || u.Sender.Language != "ru" || !u.At.Equal(time.UnixMilli(1790000000100)) {
		t.Errorf("%+v at %s", u.Sender, u.At)
	}
	u = message(`"body":{"mid":"m","seq":1,"attachments":[{"type":"share","payload":{"url":"https://a.example"},"title":"Сайт"}]}`)
	if u.Message.Content.Text != "Сайт\nhttps://a.example" {
		t.Errorf("%+v", u.Message.Content)
	}
	u = message(`"body":{"mid":"m","seq":1,"text":"см. https://a.example","attachments":[{"type":"share","payload":{"url":"https://a.example"}}]}`)
	if u.Message.Content.Text != "см. https://a.example" {
		t.Errorf("the text holds the link already: %+v", u.Message.Content)
	}
	u = message(`"body":{"mid":"m","seq":1},"link":{"type":"forward","sender":{"user_id":9,"first_name":"Тод","is_bot":false},"message":{"mid":"x","seq":0,"text":"слова","attachments":[{"type":"image","payload":{"photo_id":1,"token":"t","url":"https://i.oneme.example/i"}}]}}`)
	if c := u.Message.Content; c.Forwarded != "Тод" || c.Text != "слова" || len(c.Attachments) != 1 {
		t.Errorf("%+v", c)
	}
	u = message(`"body":{"mid":"m","seq":1}`)
	if u.Message.Content.Unsupported == "" {
		t.Errorf("an empty message must be visible: %+v", u.Message)
	}
	u = message(`"body":"garbage"`)
	if u.Message == nil || u.Message.Content.Unsupported == "" {
		t.Errorf("an unreadable message must be visible, and is no voice note: %+v", u)
	}
}

func TestGroupsAreAChoice(t *testing.T) {
	body, err := os.ReadFile(filepath.Join(standintest.Specs(t, "max", standin.SpecFile), "recorded", "webhook.message_created.json"))
	if err != nil {
		t.Fatal(err)
	}
	if u := decode(t, offline(t, nil), string(body)); len(u) != 0 {
		t.Errorf("groups are off: %+v", u)
	}
	u := decode(t, offline(t, map[string]string{"groups": "true"}), string(body))
	if len(u) != 1 || !u[0].Chat.Group || u[0].Message.Content.Forwarded != "Tod V" {
		t.Errorf("%+v", u)
	}
}

func TestAcceptChecksTheSecret(t *testing.T) {
	a := offline(t, nil).(channel.Webhook)
	body := []byte(`{"update_type":"bot_started","timestamp":1,"chat_id":1,"user":{"user_id":1}}`)
	for name, r := range map[string]channel.Request{
		"none":   {Method: http.MethodPost, Body: body},
		"wrong":  {Method: http.MethodPost, Body: body, Header: map[string][]string{"X-Max-Bot-Api-Secret": {"secret-of-account-8"}}},
		"two":    {Method: http.MethodPost, Body: body, Header: map[string][]string{"X-Max-Bot-Api-Secret": {hookSecret, hookSecret}}},
		"method": {Method: http.MethodGet, Body: body, Header: map[string][]string{"X-Max-Bot-Api-Secret": {hookSecret}}},
	} {
		if raws, _, err := a.Accept(r); fault.KindOf(err) != fault.Unauthenticated || len(raws) != 0 {
			t.Errorf("%s: %d updates, %v", name, len(raws), err)
		}
	}
	open, err := maxbot.NewFactory(deps()).Open(channel.Account{Kind: channel.MAX, Secrets: map[string]string{"token": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	r := channel.Request{Method: http.MethodPost, Body: body, Header: map[string][]string{"X-Max-Bot-Api-Secret": {""}}}
	if _, _, err := open.(channel.Webhook).Accept(r); fault.KindOf(err) != fault.Unauthenticated {
		t.Error("without a secret nobody is let in")
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "specs", "max", "recorded", "*.json"))
	for _, name := range files {
		if body, err := os.ReadFile(name); err == nil {
			f.Add(body)
		}
	}
	f.Add([]byte(`{"timestamp":1,"user_locale":"ru","update_type":"message_created"}`))
	f.Add([]byte(`{"update_type":"message_created","message":{"body":{"mid":"mid.00000000000000010000000000000002","text":"a","markup":[{"type":"strong","from":0,"length":9223372036854775807}],"attachments":[{"type":"contact","payload":{"vcf_info":"TEL:1\r\n 2","hash":"x"}},{"type":"video","duration":1e300,"payload":{"token":"t"}}]}}}`))
	a := offline(f, map[string]string{"groups": "true"})
	f.Fuzz(func(t *testing.T, body []byte) {
		raws, _, err := a.(channel.Webhook).Accept(channel.Request{
			Method: http.MethodPost, Header: map[string][]string{"X-Max-Bot-Api-Secret": {hookSecret}}, Body: body,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range raws {
			if raw.Key == "" || raw.Order == "" {
				t.Errorf("raw without key or order: %+v", raw)
			}
			updates, err := a.Decode(raw)
			if err != nil {
				continue
			}
			for _, u := range updates {
				if kind(u) == "" {
					t.Errorf("an update that says nothing: %+v", u)
				}
				if u.Message != nil && (u.Message.ExternalID == "" || u.Chat.Key == "") {
					t.Errorf("a message without id or chat: %+v", u)
				}
			}
		}
	})
}
