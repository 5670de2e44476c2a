package whatsapp_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/whatsapp"
)

const customer = "79005556677"

type obj = map[string]any

func message(kind string, content any) obj {
	return obj{"messaging_product": "whatsapp", "recipient_type": "individual", "to": customer, "type": kind, kind: content}
}

func TestSendsEveryKind(t *testing.T) {
	s, _ := start(t, nil)
	in, err := s.SendText(customer, "Здравствуйте")
	if err != nil {
		t.Fatal(err)
	}
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 64)...)
	ogg := append([]byte("OggS\x00\x02"), append(make([]byte, 22), "OpusHead........"...)...)
	file := func(name, mime string, data []byte) string {
		status, out := upload(t, s, name, mime, data)
		if status != http.StatusOK {
			t.Fatalf("upload %s: %d %v", mime, status, out)
		}
		return out["id"].(string)
	}
	for name, msg := range map[string]obj{
		"text":     message("text", obj{"body": "Добрый день", "preview_url": false}),
		"image":    message("image", obj{"id": file("a.png", "image/png", png), "caption": "вот"}),
		"video":    message("video", obj{"id": file("a.mp4", "video/mp4", png)}),
		"voice":    message("audio", obj{"id": file("a.ogg", "audio/ogg; codecs=opus", ogg), "voice": true}),
		"document": message("document", obj{"id": file("a.pdf", "application/pdf", png), "filename": "Счёт.pdf"}),
		"sticker":  message("sticker", obj{"id": file("a.webp", "image/webp", png)}),
		"location": message("location", obj{"latitude": 55.7558, "longitude": 37.6176, "name": "Офис"}),
		"contacts": message("contacts", []obj{{"name": obj{"formatted_name": "Иван", "first_name": "Иван"}, "phones": []obj{{"phone": "+79001112233"}}}}),
		"reaction": message("reaction", obj{"message_id": in, "emoji": "👍"}),
		"buttons": message("interactive", obj{"type": "button", "body": obj{"text": "Вопрос"}, "action": obj{"buttons": []obj{
			{"type": "reply", "reply": obj{"id": "y", "title": "Да"}}, {"type": "reply", "reply": obj{"id": "n", "title": "Нет"}},
		}}}),
		"list": message("interactive", obj{"type": "list", "body": obj{"text": "Выберите"}, "action": obj{"button": "Открыть", "sections": []obj{
			{"rows": []obj{{"id": "1", "title": "Первый"}, {"id": "2", "title": "Второй", "description": "подробно"}}},
		}}}),
		"link": message("interactive", obj{"type": "cta_url", "body": obj{"text": "Сайт"}, "action": obj{
			"name": "cta_url", "parameters": obj{"display_text": "Открыть", "url": "https://shop.example/"},
		}}),
		"ask location": message("interactive", obj{"type": "location_request_message", "body": obj{"text": "Где вы?"}, "action": obj{"name": "send_location"}}),
		"ask phone":    message("interactive", obj{"type": "request_contact_info", "body": obj{"text": "Ваш номер?"}, "action": obj{"name": "request_contact_info"}}),
		"template": message("template", obj{"name": "order_update", "language": obj{"code": "ru"}, "components": []obj{
			{"type": "header", "parameters": []obj{{"type": "text", "text": "№ 5"}}},
			{"type": "body", "parameters": []obj{{"type": "text", "text": "Ирина"}, {"type": "text", "text": "№ 5"}}},
			{"type": "button", "sub_type": "url", "index": "0", "parameters": []obj{{"type": "text", "text": "5"}}},
		}}),
		"reply": func() obj {
			m := message("text", obj{"body": "ответ"})
			m["context"] = obj{"message_id": in}
			return m
		}(),
		"scoped id": {"messaging_product": "whatsapp", "recipient": "RU." + customer, "type": "text", "text": obj{"body": "по id"}},
	} {
		if status, out := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", msg); status != http.StatusOK {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	settle(t, s)
	standintest.Clean(t, s)
	if got := s.Reaction(customer, in); got != "👍" {
		t.Errorf("reaction %q", got)
	}
	if n := len(s.Delivered(customer)); n != 17 {
		t.Errorf("%d messages delivered, want 17", n)
	}
}

func TestRefusesWhatThePlatformRefuses(t *testing.T) {
	button := func(n int, title string) obj {
		var list []obj
		for i := range n {
			list = append(list, obj{"type": "reply", "reply": obj{"id": fmt.Sprint(i), "title": fmt.Sprintf("%s%d", title, i)}})
		}
		return message("interactive", obj{"type": "button", "body": obj{"text": "?"}, "action": obj{"buttons": list}})
	}
	var rows []obj
	for i := range 11 {
		rows = append(rows, obj{"id": fmt.Sprint(i), "title": fmt.Sprint("Строка ", i)})
	}
	tests := map[string]struct {
		msg  obj
		code int
	}{
		"no type known":      {message("poll", obj{"q": 1}), 100},
		"text too long":      {message("text", obj{"body": strings.Repeat("я", 4097)}), 100},
		"text empty":         {message("text", obj{"body": ""}), 100},
		"caption too long":   {message("image", obj{"id": "1", "caption": strings.Repeat("я", 1025)}), 100},
		"id and link":        {message("image", obj{"id": "1", "link": "https://x.example/"}), 100},
		"nobody":             {obj{"messaging_product": "whatsapp", "type": "text", "text": obj{"body": "x"}}, 100},
		"other product":      {obj{"messaging_product": "sms", "to": customer, "type": "text", "text": obj{"body": "x"}}, 100},
		"to ourselves":       {obj{"messaging_product": "whatsapp", "to": "79001112233", "type": "text", "text": obj{"body": "x"}}, 131021},
		"four buttons":       {button(4, "Кнопка "), 100},
		"long button":        {button(1, strings.Repeat("я", 21)), 100},
		"eleven rows":        {message("interactive", obj{"type": "list", "body": obj{"text": "?"}, "action": obj{"button": "Ещё", "sections": []obj{{"rows": rows}}}}), 100},
		"audio caption":      {message("audio", obj{"id": "1", "caption": "x"}), 131009},
		"template newline":   {message("template", obj{"name": "appointment", "language": obj{"code": "ru"}, "components": []obj{{"type": "body", "parameters": []obj{{"type": "text", "text": "a\nb"}}}}}), 131009},
		"card without name":  {message("contacts", []obj{{"phones": []obj{{"phone": "1"}}}}), 100},
		"reaction to nobody": {message("reaction", obj{"emoji": "👍"}), 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := start(t, nil)
			if _, err := s.SendText(customer, "привет"); err != nil {
				t.Fatal(err)
			}
			status, out := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", tt.msg)
			if status < 400 || code(out) != tt.code {
				t.Errorf("%d %v, want code %d", status, out, tt.code)
			}
			if len(s.Violations()) != 1 {
				t.Errorf("violations %q, want one", s.Violations())
			}
		})
	}
}

func TestWindowAndTemplates(t *testing.T) {
	s, _ := start(t, nil)
	hello := message("text", obj{"body": "x"})
	template := func(name string, params ...obj) obj {
		t := obj{"name": name, "language": obj{"code": "ru"}}
		if params != nil {
			t["components"] = []obj{{"type": "body", "parameters": params}}
		}
		return message("template", t)
	}
	ok := template("appointment", obj{"type": "text", "parameter_name": "name", "text": "Ирина"}, obj{"type": "text", "parameter_name": "date", "text": "завтра"})
	send := func(msg obj, want int) {
		t.Helper()
		if _, out := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", msg); code(out) != want {
			t.Errorf("answer %v, want code %d", out, want)
		}
	}
	send(hello, 131047)
	send(ok, 0)
	if _, err := s.SendText(customer, "привет"); err != nil {
		t.Fatal(err)
	}
	send(hello, 0)
	s.Advance(24*time.Hour + time.Second)
	send(hello, 131047)
	send(template("appointment"), 132000)
	send(template("nothing"), 132001)
	send(template("paused_offer"), 132015)
	send(template("appointment", obj{"type": "text", "parameter_name": "who", "text": "x"}, obj{"type": "text", "parameter_name": "date", "text": "x"}), 132012)
	send(template("sale", obj{"type": "text", "text": "25 %"}), 132012)
	if got := s.Delivered(customer); got[0].Text != "Ирина, ждём вас завтра." {
		t.Errorf("template shows %q", got[0].Text)
	}
	settle(t, s)
	standintest.Clean(t, s)
}

func TestMediaLivesAsLongAsOnThePlatform(t *testing.T) {
	s, _ := start(t, nil)
	data := bytes.Repeat([]byte("голос"), 100)
	if _, err := s.SendMedia(customer, whatsapp.File{Kind: "voice", Data: data}); err != nil {
		t.Fatal(err)
	}
	id := "1003383421000001"
	status, info := call(t, s, "GET", id, nil)
	if status != http.StatusOK {
		t.Fatalf("media: %d %v", status, info)
	}
	get := func(token string) int {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, info["url"].(string), nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode
	}
	if got := get(s.Config().Token); got != http.StatusOK {
		t.Errorf("download %d", got)
	}
	if got := get("wrong"); got != http.StatusUnauthorized {
		t.Errorf("download without the token %d", got)
	}
	s.Advance(5*time.Minute + time.Second)
	if got := get(s.Config().Token); got != http.StatusNotFound {
		t.Errorf("expired address %d", got)
	}
	s.Advance(7 * 24 * time.Hour)
	if status, out := call(t, s, "GET", id, nil); status != http.StatusBadRequest || code(out) != 100 {
		t.Errorf("media after 7 days: %d %v", status, out)
	}
	standintest.Clean(t, s)
	if status, out := upload(t, s, "a.zip", "application/zip", data); status != http.StatusBadRequest || code(out) != 100 {
		t.Errorf("zip: %d %v", status, out)
	}
	if status, _ := upload(t, s, "a.webp", "image/webp", make([]byte, 501<<10)); status != http.StatusBadRequest {
		t.Errorf("big sticker: %d", status)
	}
}

func TestTemplatesArePaged(t *testing.T) {
	s, _ := start(t, nil)
	for i := range 30 {
		s.AddTemplate(whatsapp.Template{Name: fmt.Sprint("t", i), Language: "ru", Category: "UTILITY", Status: "APPROVED", Components: []whatsapp.TemplateComponent{{Type: "BODY", Text: "x"}}})
	}
	seen, after := 0, ""
	for range 10 {
		_, out := call(t, s, "GET", s.Config().WABA+"/message_templates?limit=10&after="+after, nil)
		seen += len(out["data"].([]any))
		paging := out["paging"].(obj)
		if paging["next"] == nil {
			break
		}
		after = paging["cursors"].(obj)["after"].(string)
	}
	if seen != 35 {
		t.Errorf("%d templates, want 35", seen)
	}
	status, out := call(t, s, "POST", s.Config().WABA+"/message_templates", obj{"name": "new_one", "language": "ru", "category": "UTILITY", "components": []obj{{"type": "BODY", "text": "Привет"}}})
	if status != http.StatusOK || out["status"] != "PENDING" {
		t.Errorf("create: %d %v", status, out)
	}
	if status, _ := call(t, s, "DELETE", s.Config().WABA+"/message_templates?name=new_one", nil); status != http.StatusOK {
		t.Errorf("delete: %d", status)
	}
	standintest.Clean(t, s)
}

func TestLimitsAndToken(t *testing.T) {
	s, _ := start(t, func(c *whatsapp.Config) { c.PairBurst, c.PerSecond = 2, 5 })
	if _, err := s.SendText(customer, "привет"); err != nil {
		t.Fatal(err)
	}
	got := map[int]int{}
	for range 8 {
		_, out := call(t, s, "POST", s.Config().PhoneNumberID+"/messages", message("text", obj{"body": "x"}))
		got[code(out)]++
	}
	if got[0] != 2 || got[131056] < 3 || got[130429] < 1 {
		t.Errorf("codes %v", got)
	}
	s.RevokeToken()
	if status, out := call(t, s, "GET", s.Config().PhoneNumberID, nil); status != http.StatusUnauthorized || code(out) != 190 {
		t.Errorf("revoked: %d %v", status, out)
	}
	s.RestoreToken()
	if status, out := call(t, s, "GET", s.Config().PhoneNumberID, nil); status != http.StatusOK || out["verified_name"] != "Okno Test" {
		t.Errorf("restored: %d %v", status, out)
	}
	standintest.Clean(t, s)
}
