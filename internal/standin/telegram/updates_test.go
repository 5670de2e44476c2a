package telegram_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/standin/standintest"
	"github.com/okno-hq/okno/internal/standin/telegram"
)

func setWebhook(t testing.TB, s *telegram.Server, e *endpoint, more object) {
	t.Helper()
	params := object{"url": e.URL, "secret_token": "s3cret"}
	maps.Copy(params, more)
	if a := call(t, s, "setWebhook", params); !a.OK {
		t.Fatalf("%+v", a)
	}
}

func settle(t testing.TB, s *telegram.Server) {
	t.Helper()
	done := make(chan struct{})
	timer := time.AfterFunc(5*time.Second, func() { close(done) })
	defer timer.Stop()
	if !s.Settle(done) {
		t.Fatalf("not delivered: %+v", s.Webhook())
	}
}

// TestWebhookOrder: a refused update comes again and holds its chat back, and
// only its chat.
func TestWebhookOrder(t *testing.T) {
	s, e := start(t, nil), newEndpoint(t)
	setWebhook(t, s, e, nil)
	refusals := 3
	e.refuses(func(u object) bool {
		msg, _ := u["message"].(object)
		if msg["text"] == "раз" && refusals > 0 {
			refusals--
			return true
		}
		return false
	})
	for _, text := range []string{"раз", "два", "три"} {
		say(t, s, telegram.Post{From: 501}, text)
	}
	say(t, s, telegram.Post{From: 502}, "другой чат")
	got := e.texts(t, 4)
	settle(t, s)
	at := func(text string) int { return slices.Index(got, text) }
	if at("раз") > at("два") || at("два") > at("три") || at("другой чат") > at("раз") {
		t.Errorf("order %q", got)
	}
	first := s.Ledger()[0]
	if first.Attempts != 4 || !first.Acked || first.Direction != "in" || first.Text != "раз" || first.Chat != "501" {
		t.Errorf("%+v", first)
	}
	for _, secret := range e.secrets {
		if secret != "s3cret" {
			t.Errorf("secret %q", secret)
		}
	}
	if w := s.Webhook(); !strings.Contains(w.LastError, "503") {
		t.Errorf("%+v", w)
	}
	if err := s.Redeliver("501", "2"); err != nil {
		t.Fatal(err)
	}
	if again := e.texts(t, 5); again[4] != "два" {
		t.Errorf("redelivered %q", again[4])
	}
	standintest.Clean(t, s)
}

// TestUpdatesWait: what nobody took is kept and goes the next way.
func TestUpdatesWait(t *testing.T) {
	s, e := start(t, nil), newEndpoint(t)
	say(t, s, telegram.Post{From: 501}, "рано")
	for range 2 {
		if len(poll(t, s, object{})) != 1 {
			t.Error("not kept until confirmed")
		}
	}
	setWebhook(t, s, e, nil)
	if got := e.texts(t, 1); got[0] != "рано" {
		t.Errorf("%q", got)
	}
	settle(t, s)
	refused(t, call(t, s, "getUpdates", object{}), 409, "webhook is active")
	e.refuses(func(object) bool { return true })
	say(t, s, telegram.Post{From: 501}, "не взяли")
	<-e.came
	if a := call(t, s, "deleteWebhook", object{}); !a.OK {
		t.Fatalf("%+v", a)
	}
	if got := poll(t, s, object{}); len(got) != 1 {
		t.Errorf("%d updates after the webhook went", len(got))
	}
	if a := call(t, s, "deleteWebhook", object{"drop_pending_updates": true}); !a.OK || len(poll(t, s, object{})) != 0 {
		t.Error("not dropped")
	}
	standintest.Clean(t, s)
}

func poll(t testing.TB, s *telegram.Server, params object) []object {
	t.Helper()
	a := call(t, s, "getUpdates", params)
	var out []object
	if err := json.Unmarshal(a.Result, &out); err != nil {
		t.Fatalf("%v in %+v", err, a)
	}
	return out
}

func TestLongPoll(t *testing.T) {
	s := start(t, nil)
	for _, text := range []string{"раз", "два", "три"} {
		say(t, s, telegram.Post{From: 501}, text)
	}
	all := poll(t, s, object{"limit": 2})
	if len(all) != 2 {
		t.Fatalf("%d updates", len(all))
	}
	id, ok := all[1]["update_id"].(float64)
	if !ok {
		t.Fatalf("%+v", all[1])
	}
	if rest := poll(t, s, object{"offset": int64(id) + 1}); len(rest) != 1 {
		t.Errorf("%d left", len(rest))
	}
	if n := s.Webhook().Pending; n != 1 {
		t.Errorf("%d pending", n)
	}
	if none := poll(t, s, object{"offset": int64(id) + 2}); len(none) != 0 {
		t.Errorf("%d left", len(none))
	}
	// One poll at a time: the newer one wins, and gets what comes.
	first := make(chan answer, 1)
	go func() { first <- call(t, s, "getUpdates", object{"timeout": 10}) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for s.Calls("getUpdates") < 4 {
		<-tick.C
	}
	second := make(chan answer, 1)
	go func() { second <- call(t, s, "getUpdates", object{"timeout": 10}) }()
	select {
	case a := <-first:
		if a.Code == 0 { // the second came sooner
			a = <-second
		}
		refused(t, a, 409, "terminated by other getUpdates")
	case <-time.After(5 * time.Second):
		t.Fatal("two polls at once")
	}
	say(t, s, telegram.Post{From: 501}, "четыре")
	select {
	case a := <-second:
		if !strings.Contains(string(a.Result), "четыре") {
			t.Errorf("%+v", a)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the poll was not answered")
	}
	standintest.Clean(t, s)
}

// TestAllowedUpdates: the default leaves reactions out.
func TestAllowedUpdates(t *testing.T) {
	s := start(t, nil)
	react := func() {
		id := say(t, s, telegram.Post{From: 501}, "x")
		if err := s.React(telegram.Post{From: 501}, id, "👍"); err != nil {
			t.Fatal(err)
		}
	}
	react()
	if got := poll(t, s, object{}); len(got) != 1 {
		t.Errorf("by default: %+v", got)
	}
	poll(t, s, object{"allowed_updates": []string{"message_reaction"}, "offset": -1})
	react()
	for _, u := range poll(t, s, object{})[1:] {
		if u["message_reaction"] == nil {
			t.Errorf("not asked for: %+v", u)
		}
	}
	standintest.Clean(t, s)
}

// TestEverybodyActs: every action makes updates that the specification has.
func TestEverybodyActs(t *testing.T) {
	s := start(t, nil)
	poll(t, s, object{"allowed_updates": []string{
		"message", "edited_message", "business_connection", "business_message", "edited_business_message", "deleted_business_messages",
		"callback_query", "message_reaction", "my_chat_member",
	}})
	s.AddCustomer(telegram.Customer{ID: 501, FirstName: "Ирина", LastName: "П", Username: "irina", Language: "ru", Phone: "+79005556677"})
	s.Connect(telegram.Connection{ID: "bc", OwnerID: 77, CanReply: true})
	s.AddGroup(telegram.Group{ID: -100123, Title: "Опт", Forum: true}, 501)
	s.AddGroup(telegram.Group{ID: -100777, Title: "Канал", Direct: true}, 501)
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []telegram.Post{
		{From: 501},
		{From: 501, Topic: 7},
		{From: 501, Business: "bc"},
		{From: 501, Business: "bc", Owner: true},
		{From: 501, Chat: -100123, Topic: 7},
		{From: 501, Chat: -100777},
	} {
		id := say(t, s, p, "раз два")
		reply := p
		reply.ReplyTo, reply.Quote, reply.Forwarded = id, "два", "Пётр"
		reply.Entities = []telegram.Entity{{Type: "bold", Offset: 0, Length: 1}}
		say(t, s, reply, "x")
		for _, kind := range []string{"photo", "video", "video_note", "audio", "voice", "document", "animation", "sticker"} {
			must(s.SendMedia(p, telegram.File{Kind: kind, Data: []byte("x"), Emoji: "😀"}))
		}
		p.Caption = "подпись"
		must(s.SendAlbum(p, telegram.File{Kind: "photo", Data: []byte("x")}, telegram.File{Kind: "video", Data: []byte("x")}))
		p.Caption = ""
		must(s.SendLocation(p, telegram.Spot{Latitude: 1, Longitude: 2, LivePeriod: 60}))
		must(s.SendLocation(p, telegram.Spot{Latitude: 1, Longitude: 2, Title: "Офис", Address: "Тверская"}))
		must(s.SendContact(p, telegram.Card{Phone: "+7", FirstName: "x"}))
		must(s.ShareOwnContact(p))
		must(nil, s.EditText(p, id, "правка"))
		must(nil, s.React(p, id, "👍"))
		must(nil, s.React(p, id, ""))
		must(nil, s.Delete(p, id))
	}
	must(nil, s.Mute(-100123, true))
	must(nil, s.RemoveFromGroup(-100123, 501))
	s.Block(501)
	s.Unblock(501)
	standintest.Clean(t, s)
	if n := s.Webhook().Pending; n < 100 {
		t.Errorf("%d updates", n)
	}
	if _, err := s.SendText(telegram.Post{From: 501, Chat: -100123}, "x"); err == nil {
		t.Error("a message from a group that the bot left")
	}
}

// TestLedgerFile: a line for each change, the last one of each entry counting.
func TestLedgerFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	s, e := start(t, func(c *telegram.Config) { c.LedgerPath = path }), newEndpoint(t)
	setWebhook(t, s, e, nil)
	say(t, s, telegram.Post{From: 501}, "туда")
	e.texts(t, 1)
	settle(t, s)
	call(t, s, "sendMessage", object{"chat_id": 501, "text": "обратно"})
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := map[int]telegram.Entry{}
	for line := range strings.Lines(string(raw)) {
		var entry telegram.Entry
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		last[entry.Seq] = entry
	}
	if in := last[1]; in.Direction != "in" || in.Text != "туда" || !in.Acked || in.Order != 1 || in.UpdateID == 0 || in.Customer != "501" {
		t.Errorf("%+v", in)
	}
	if out := last[2]; out.Direction != "out" || out.Text != "обратно" || !out.Delivered || out.Order != 2 {
		t.Errorf("%+v", out)
	}
}

func TestControl(t *testing.T) {
	s := start(t, nil)
	control := func(action string, body any, status int) object {
		t.Helper()
		code, raw := post(t, s.URL()+"/_control/"+action, body)
		var out any
		if err := json.Unmarshal(raw, &out); err != nil || code != status {
			t.Fatalf("%s: %d %s", action, code, raw)
		}
		o, _ := out.(object)
		return o
	}
	if id := control("send_text", object{"from": 501, "text": "привет"}, 200)["id"]; id != 1.0 {
		t.Errorf("id %v", id)
	}
	control("add_customer", object{"id": 501, "first_name": "Ирина"}, 200)
	control("fail", object{"method": "sendMessage", "code": 500}, 200)
	refused(t, call(t, s, "sendMessage", object{"chat_id": 501, "text": "x"}), 500, "Internal")
	control("send_raw", object{"telepathy": object{}}, 200)
	control("edit_text", object{"from": 501, "message_id": 99, "text": "x"}, 422)
	control("nonsense", object{}, 404)
	control("send_text", []any{}, 400)
	res, err := http.Get(s.URL() + "/_control/messages?key=501") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var list []telegram.Message
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil || len(list) != 1 || list[0].Text != "привет" {
		t.Errorf("%+v, %v", list, err)
	}
	standintest.Clean(t, s)
}
