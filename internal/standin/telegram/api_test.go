package telegram_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/telegram"
)

// TestRequestsAreChecked: whatever the specification does not have is a
// violation and refused.
func TestRequestsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		method string
		params object
		words  string
	}{
		"unknown method":        {"sendPigeon", object{}, "no method sendPigeon"},
		"known, not here":       {"sendDice", object{"chat_id": 501}, "does not have this method"},
		"missing parameter":     {"sendMessage", object{"chat_id": 501}, "text is missing"},
		"unknown parameter":     {"sendMessage", object{"chat_id": 501, "text": "x", "caption": "y"}, "no field caption"},
		"text for a number":     {"deleteMessage", object{"chat_id": 501, "message_id": "1"}, "want Integer"},
		"fraction for a number": {"deleteMessage", object{"chat_id": 501, "message_id": 1.5}, "want Integer"},
		"number for a text":     {"sendMessage", object{"chat_id": 501, "text": 5}, "want String"},
		"nested, unknown":       {"sendMessage", object{"chat_id": 501, "text": "x", "reply_parameters": object{"message_id": 1, "x": 1}}, "no field x"},
		"nested, missing":       {"sendMessage", object{"chat_id": 501, "text": "x", "entities": []object{{"type": "bold", "offset": 0}}}, "length is missing"},
		"wrong union":           {"sendMessage", object{"chat_id": 501, "text": "x", "reply_markup": object{"buttons": []any{}}}, "sendMessage.reply_markup"},
		"wrong media type":      {"sendMediaGroup", object{"chat_id": 501, "media": []object{{"type": "sticker", "media": "x"}, {"type": "photo", "media": "x"}}}, "not InputMedia"},
		"entity beyond":         {"sendMessage", object{"chat_id": 501, "text": "x", "entities": []object{{"type": "bold", "offset": 0, "length": 2}}}, "outside of a text"},
		"entity cuts":           {"sendMessage", object{"chat_id": 501, "text": "😀", "entities": []object{{"type": "bold", "offset": 0, "length": 1}}}, "cuts a character"},
		"file by URL":           {"sendPhoto", object{"chat_id": 501, "photo": "https://okno.example/a.png"}, "by its URL"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, nil)
			say(t, s, telegram.Post{From: 501}, "здравствуйте")
			a := call(t, s, c.method, c.params)
			if v := s.Violations(); len(v) != 1 || !strings.Contains(v[0], c.words) {
				t.Errorf("violations %q, want one with %q", v, c.words)
			}
			if a.OK && name != "entity cuts" {
				t.Errorf("answered %+v", a)
			}
		})
	}
}

// TestUpdatesAreChecked: what we send ourselves is checked as well.
func TestUpdatesAreChecked(t *testing.T) {
	s := start(t, nil)
	if _, err := s.SendParts(telegram.Post{From: 501}, "dice", object{"dice": object{"emoji": "🎲", "value": 3}}); err != nil {
		t.Fatal(err)
	}
	standintest.Clean(t, s)
	if _, err := s.SendParts(telegram.Post{From: 501}, "dice", object{"dice": object{"emoji": "🎲"}}); err != nil {
		t.Fatal(err)
	}
	if v := s.Violations(); len(v) != 1 || !strings.Contains(v[0], "value is missing") {
		t.Errorf("violations %q", v)
	}
}

func TestWithoutSpecification(t *testing.T) {
	if _, err := telegram.New(telegram.Config{}); err == nil {
		t.Error("a stand-in that checks nothing without having been told so")
	}
	s, err := telegram.New(telegram.Config{Unchecked: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	say(t, s, telegram.Post{From: 501}, "здравствуйте")
	if a := call(t, s, "sendMessage", object{"chat_id": 501, "text": "ответ"}); !a.OK {
		t.Errorf("%+v", a)
	}
	if a := upload(t, s, "sendDocument", map[string]string{"chat_id": "501", "caption": "5"}, "document", "a.txt", []byte("x")); !a.OK {
		t.Errorf("%+v", a)
	}
	if n := len(s.Delivered("501")); n != 2 {
		t.Errorf("%d messages reached the customer, want 2", n)
	}
	standintest.Clean(t, s)
}

// upload calls a method with a file.
func upload(t testing.TB, s *telegram.Server, method string, fields map[string]string, name, file string, data []byte) answer {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(name, file)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/bot"+s.Config().Token+"/"+method, &buf)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var a answer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLimits(t *testing.T) {
	s := start(t, func(c *telegram.Config) { c.MaxUpload, c.MaxPhoto, c.MaxDownload = 3000, 2000, 1000 })
	say(t, s, telegram.Post{From: 501}, "здравствуйте")
	png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 1992)...)
	for name, c := range map[string]struct {
		a     answer
		code  int
		words string
	}{
		"text":            {call(t, s, "sendMessage", object{"chat_id": 501, "text": strings.Repeat("я", 4097)}), 400, "message is too long"},
		"text of pairs":   {call(t, s, "sendMessage", object{"chat_id": 501, "text": strings.Repeat("😀", 2049)}), 400, "message is too long"},
		"blank text":      {call(t, s, "sendMessage", object{"chat_id": 501, "text": " \n"}), 400, "text is empty"},
		"caption":         {upload(t, s, "sendPhoto", map[string]string{"chat_id": "501", "caption": strings.Repeat("x", 1025)}, "photo", "a.png", png), 400, "caption is too long"},
		"file":            {upload(t, s, "sendDocument", map[string]string{"chat_id": "501"}, "document", "a", make([]byte, 3001)), 413, "Too Large"},
		"empty file":      {upload(t, s, "sendDocument", map[string]string{"chat_id": "501"}, "document", "a", nil), 400, "non-empty"},
		"photo":           {upload(t, s, "sendPhoto", map[string]string{"chat_id": "501"}, "photo", "a.png", append(png, 0)), 400, "too big"},
		"no photo":        {upload(t, s, "sendPhoto", map[string]string{"chat_id": "501"}, "photo", "a.png", []byte("hello")), 400, "IMAGE_PROCESS_FAILED"},
		"callback_data":   {call(t, s, "sendMessage", object{"chat_id": 501, "text": "x", "reply_markup": object{"inline_keyboard": [][]object{{{"text": "x", "callback_data": strings.Repeat("x", 65)}}}}}), 400, "BUTTON_DATA_INVALID"},
		"chat":            {call(t, s, "sendMessage", object{"chat_id": 999, "text": "x"}), 400, "chat not found"},
		"name of a chat":  {call(t, s, "sendMessage", object{"chat_id": "@nobody", "text": "x"}), 400, "chat not found"},
		"album of one":    {call(t, s, "sendMediaGroup", object{"chat_id": 501, "media": []object{{"type": "photo", "media": "x"}}}), 400, "expected 2 to 10"},
		"file of nobody":  {call(t, s, "getFile", object{"file_id": "x"}), 400, "invalid file_id"},
		"foreign message": {call(t, s, "editMessageText", object{"chat_id": 501, "message_id": 1, "text": "x"}), 400, "can't be edited"},
		"unknown emoji":   {call(t, s, "setMessageReaction", object{"chat_id": 501, "message_id": 1, "reaction": []object{{"type": "emoji", "emoji": "🪑"}}}), 400, "REACTION_INVALID"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.a, c.code, c.words) })
	}
	id, err := s.SendMedia(telegram.Post{From: 501}, telegram.File{Kind: "document", Name: "a.iso", Size: 1001})
	if err != nil {
		t.Fatal(err)
	}
	msg, _ := s.Message("501", id)
	var b struct {
		Document struct {
			ID string `json:"file_id"`
		}
	}
	if err := json.Unmarshal(msg.Body, &b); err != nil {
		t.Fatal(err)
	}
	refused(t, call(t, s, "getFile", object{"file_id": b.Document.ID}), 400, "file is too big")
	if a := call(t, s, "sendMessage", object{"chat_id": 501, "text": strings.Repeat("я", 4096)}); !a.OK {
		t.Errorf("4096 letters: %+v", a)
	}
	s.Advance(49 * time.Hour)
	refused(t, call(t, s, "deleteMessage", object{"chat_id": 501, "message_id": id}), 400, "can't be deleted")
	standintest.Clean(t, s)
}

func TestWhoMayBeWrittenTo(t *testing.T) {
	s := start(t, nil)
	s.AddCustomer(telegram.Customer{ID: 501})
	send := func(chat int64) answer { return call(t, s, "sendMessage", object{"chat_id": chat, "text": "x"}) }
	refused(t, send(501), 403, "can't initiate")
	if _, err := s.OpenChat(501, "ad"); err != nil {
		t.Fatal(err)
	}
	if a := send(501); !a.OK {
		t.Errorf("%+v", a)
	}
	s.Block(501)
	refused(t, send(501), 403, "blocked by the user")
	say(t, s, telegram.Post{From: 501}, "передумал") // unblocks
	if a := send(501); !a.OK {
		t.Errorf("%+v", a)
	}
	s.DeleteAccount(501)
	refused(t, send(501), 403, "deactivated")
	s.AddGroup(telegram.Group{ID: -5, Title: "Опт"}, 501)
	if a := send(-5); !a.OK {
		t.Errorf("%+v", a)
	}
	if err := s.Migrate(-5, -1005); err != nil {
		t.Fatal(err)
	}
	a := send(-5)
	refused(t, a, 400, "upgraded to a supergroup")
	if a.Parameters.MigrateTo != -1005 {
		t.Errorf("%+v", a)
	}
	if err := s.RemoveFromGroup(-1005, 501); err != nil {
		t.Fatal(err)
	}
	refused(t, send(-1005), 403, "kicked")
	standintest.Clean(t, s)
}

func TestRates(t *testing.T) {
	t.Run("chat", func(t *testing.T) {
		s := start(t, func(c *telegram.Config) { c.ChatBurst = 2 })
		say(t, s, telegram.Post{From: 501}, "x")
		say(t, s, telegram.Post{From: 502}, "x")
		for range 2 {
			if a := call(t, s, "sendMessage", object{"chat_id": 501, "text": "x"}); !a.OK {
				t.Fatalf("%+v", a)
			}
		}
		a := call(t, s, "sendMessage", object{"chat_id": 501, "text": "x"})
		refused(t, a, 429, "retry after 1")
		if a.Parameters.RetryAfter != 1 {
			t.Errorf("%+v", a)
		}
		refused(t, call(t, s, "sendMessage", object{"chat_id": 502, "text": "x"}), 429, "retry after") // the whole bot waits
		s.Advance(2 * time.Second)
		if a := call(t, s, "sendMessage", object{"chat_id": 502, "text": "x"}); !a.OK {
			t.Errorf("%+v", a)
		}
	})
	t.Run("bot", func(t *testing.T) {
		s := start(t, func(c *telegram.Config) { c.PerSecond = 3 })
		limited := false
		for i := range int64(6) {
			say(t, s, telegram.Post{From: 501 + i}, "x")
			limited = limited || call(t, s, "sendMessage", object{"chat_id": 501 + i, "text": "x"}).Code == 429
		}
		if !limited {
			t.Error("six messages in a moment were taken")
		}
	})
	t.Run("group", func(t *testing.T) {
		s := start(t, func(c *telegram.Config) { c.GroupPerMinute = 2 })
		s.AddGroup(telegram.Group{ID: -5, Title: "x"}, 501)
		for want := range 3 {
			if a := call(t, s, "sendMessage", object{"chat_id": -5, "text": "x"}); a.OK != (want < 2) {
				t.Errorf("message %d: %+v", want+1, a)
			}
		}
	})
}

func TestFaults(t *testing.T) {
	s := start(t, nil)
	say(t, s, telegram.Post{From: 501}, "x")
	s.Fail(telegram.Fault{Method: "sendMessage", Code: 502, Body: "<html>Bad Gateway</html>"})
	if status, raw := post(t, s.URL()+"/bot"+s.Config().Token+"/sendMessage", object{"chat_id": 501, "text": "x"}); status != 502 || !strings.Contains(string(raw), "<html>") {
		t.Errorf("%d %s", status, raw)
	}
	s.Fail(telegram.Fault{Method: "sendMessage", DropAfter: true})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		fmt.Sprintf("%s/bot%s/sendMessage?chat_id=501&text=x", s.URL(), s.Config().Token), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		t.Errorf("answered %s", res.Status)
	}
	if n := len(s.Delivered("501")); n != 1 {
		t.Error("the dropped answer's message did not arrive")
	}
	s.RevokeToken()
	refused(t, call(t, s, "getMe", object{}), 401, "Unauthorized")
	s.RestoreToken()
	if a := call(t, s, "getMe", object{}); !a.OK {
		t.Errorf("%+v", a)
	}
	standintest.Clean(t, s)
}

func TestDownload(t *testing.T) {
	s := start(t, nil)
	id, err := s.SendMedia(telegram.Post{From: 501}, telegram.File{Kind: "voice", Data: []byte("OggS")})
	if err != nil {
		t.Fatal(err)
	}
	msg, _ := s.Message("501", id)
	var b struct {
		Voice struct {
			ID string `json:"file_id"`
		}
	}
	if err := json.Unmarshal(msg.Body, &b); err != nil {
		t.Fatal(err)
	}
	var f struct {
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(call(t, s, "getFile", object{"file_id": b.Voice.ID}).Result, &f); err != nil {
		t.Fatal(err)
	}
	get := func(token string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/file/bot"+token+"/"+f.Path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(body)
	}
	if status, body := get(s.Config().Token); status != 200 || body != "OggS" {
		t.Errorf("%d %q", status, body)
	}
	if status, _ := get("1:x"); status != 401 {
		t.Errorf("another token: %d", status)
	}
	s.Advance(2 * time.Hour)
	if status, _ := get(s.Config().Token); status != 404 {
		t.Errorf("two hours later: %d", status)
	}
}
