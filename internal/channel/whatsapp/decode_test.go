package whatsapp_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// decode decodes one change.
func decode(t *testing.T, field, value string) []channel.Update {
	t.Helper()
	updates, err := offline(t, nil).Decode(channel.Raw{Key: "k", Order: "o", Body: []byte(wrap(field, value))})
	if err != nil {
		t.Fatal(err)
	}
	return updates
}

// received decodes one message.
func received(t *testing.T, rest string) channel.Update {
	t.Helper()
	u := decode(t, "messages", `{`+meta+`,"contacts":[{"profile":{"name":"Ирина","username":"irina"},"wa_id":"79005556677","user_id":"RU.1"}],"messages":[{`+
		`"from":"79005556677","from_user_id":"RU.1","id":"wamid.1","timestamp":"1790000000",`+rest+`}]}`)
	if len(u) != 1 {
		t.Fatalf("%d updates", len(u))
	}
	return u[0]
}

func TestSender(t *testing.T) {
	u := received(t, `"type":"text","text":{"body":"x"}`)
	want := channel.Person{ID: "RU.1", Scope: "102290129340398", Name: "Ирина", Username: "irina", Phone: "+79005556677"}
	if u.Sender != want || u.Chat.Key != "RU.1" || !u.At.Equal(time.Unix(1790000000, 0)) {
		t.Errorf("%+v in %+v at %s, want %+v", u.Sender, u.Chat, u.At, want)
	}
	// A hidden number; and the time before scoped ids.
	hidden := decode(t, "messages", `{`+meta+`,"contacts":[{"profile":{"name":"П"},"user_id":"RU.2"}],"messages":[{"from_user_id":"RU.2","id":"w","type":"text","text":{"body":"x"}}]}`)[0]
	if hidden.Sender.Phone != "" || hidden.Sender.ID != "RU.2" || hidden.Chat.Key != "RU.2" {
		t.Errorf("hidden: %+v", hidden.Sender)
	}
	legacy := decode(t, "messages", `{`+meta+`,"contacts":[{"profile":{"name":"Л"},"wa_id":"79001"}],"messages":[{"from":"79001","id":"w","type":"text","text":{"body":"x"}}]}`)[0]
	if legacy.Sender.ID != "79001" || legacy.Sender.Scope != "" || legacy.Sender.Phone != "+79001" || legacy.Chat.Key != "79001" {
		t.Errorf("legacy: %+v in %+v", legacy.Sender, legacy.Chat)
	}
	// A number as a JSON number, and the scoped id in contacts only.
	odd := decode(t, "messages", `{`+meta+`,"contacts":[{"wa_id":79001,"user_id":"RU.3"}],"messages":[{"from":79001,"id":"w","timestamp":1790000000,"type":"text","text":{"body":"x"}}]}`)[0]
	if odd.Sender.ID != "RU.3" || odd.Sender.Phone != "+79001" || odd.Chat.Key != "RU.3" || odd.At.IsZero() {
		t.Errorf("odd: %+v in %+v", odd.Sender, odd.Chat)
	}
}

func TestContents(t *testing.T) {
	file := func(kind channel.AttachmentKind, name, mime string) []channel.Attachment {
		return []channel.Attachment{{Kind: kind, Name: name, MIME: mime, Ref: "100"}}
	}
	pressed := func(payload, text string) channel.Content {
		return channel.Content{Text: text, Pressed: &channel.Button{Kind: channel.ButtonCallback, Text: text, Payload: payload}}
	}
	for in, want := range map[string]channel.Content{
		`"type":"image","image":{"id":"100","mime_type":"image/jpeg","caption":"*вот*"}`: {
			Text: "вот", Marks: []channel.Mark{mark(channel.Bold, 0, 3)}, Attachments: file(channel.Image, "", "image/jpeg"),
		},
		`"type":"audio","audio":{"id":"100","mime_type":"audio/ogg; codecs=opus","voice":true}`: {Attachments: file(channel.Voice, "", "audio/ogg; codecs=opus")},
		`"type":"audio","audio":{"id":"100","mime_type":"audio/mpeg","voice":false}`:            {Attachments: file(channel.Audio, "", "audio/mpeg")},
		`"type":"document","document":{"id":"100","filename":"Счёт.pdf"}`:                       {Attachments: file(channel.Document, "Счёт.pdf", "")},
		`"type":"image","image":{"mime_type":"image/jpeg"}`:                                     {Unsupported: "image"},
		`"type":"image","image":{"id":"../1"}`:                                                  {Unsupported: "image"},
		`"type":"location","location":{"latitude":1.5,"longitude":-2,"name":"Офис","address":"Ленина, 1"}`: {
			Location: &channel.Location{Latitude: 1.5, Longitude: -2, Title: "Офис", Address: "Ленина, 1"},
		},
		`"type":"location","location":{"latitude":100,"longitude":0}`: {Unsupported: "location"},
		`"type":"location","location":{"name":"нигде"}`:               {Unsupported: "location"},
		`"type":"contacts","contacts":[{"name":{"first_name":"Иван","last_name":"П"},"phones":[{"wa_id":"7900"},{"phone":"8 (912) 1"}],"emails":[{"email":"a@b.example"}]}]`: {
			Contacts: []channel.Card{{Name: "Иван П", Phones: []string{"+7900", "8 (912) 1"}, Emails: []string{"a@b.example"}}},
		},
		`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"y","title":"Да"}}`:                pressed("y", "Да"),
		`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"Раз","description":"—"}}`: pressed("1", "Раз"),
		`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{}"}}`:                       {Unsupported: "interactive.nfm_reply"},
		`"type":"button","button":{"payload":"stop","text":"Хватит"}`:                                                      pressed("stop", "Хватит"),
		`"type":"order","order":{"text":"быстрее","product_items":[{"product_retailer_id":"sku-1","quantity":2,"item_price":30.5,"currency":"RUB"}]}`: {
			Text: "быстрее\nsku-1 × 2, 30.5 RUB",
		},
		`"type":"unsupported","unsupported":{"type":"edit"},"errors":[{"code":131051}]`: {Unsupported: "edit"},
		`"type":"unsupported","errors":[{"code":131060}]`:                               {Unsupported: "unsupported"},
		`"type":"hologram","hologram":{}`:                                               {Unsupported: "hologram"},
		`"type":"text","text":"не объект"`:                                              {Unsupported: "text"},
		`"kind":"no type"`: {Unsupported: "unknown"},
		`"type":"text","text":{"body":"x"},"context":{"frequently_forwarded":true}`: {Text: "x", Forwarded: "WhatsApp"},
	} {
		u := received(t, in)
		if u.Message == nil || !reflect.DeepEqual(u.Message.Content, want) {
			t.Errorf("%s\n got %+v\nwant %+v", in, u.Message, want)
		}
	}
}

func TestReferralIsTheSource(t *testing.T) {
	m := received(t, `"type":"text","text":{"body":"x"},"referral":{"source_url":"https://fb.me/1","source_id":"120226","source_type":"ad","headline":"Скидки"}`).Message
	for _, part := range []string{"ad", "120226", "Скидки", "https://fb.me/1"} {
		if !strings.Contains(m.Source, part) {
			t.Errorf("source %q lacks %s", m.Source, part)
		}
	}
}

func TestEchoesAreOurOwn(t *testing.T) {
	u := decode(t, "smb_message_echoes", `{`+meta+`,"message_echoes":[{"from":"79001112233","to":"79005556677","to_user_id":"RU.1","id":"w","timestamp":"1790000000","type":"text","text":{"body":"с телефона"}}]}`)
	if len(u) != 1 || u[0].Message == nil || !u[0].Message.Own || u[0].Message.Echo || u[0].Chat.Key != "RU.1" || u[0].Message.Content.Text != "с телефона" {
		t.Errorf("%+v", u)
	}
}

func TestPersonChanged(t *testing.T) {
	tests := map[string]struct {
		field, value string
		old, now     channel.Person
		from, to     string
	}{
		"number": {
			"messages", `{` + meta + `,"messages":[{"from":"79001","from_user_id":"RU.1","id":"w","timestamp":"1790000000","type":"system","system":{"type":"user_changed_number","wa_id":"79002","user_id":"RU.2"}}]}`,
			channel.Person{ID: "RU.1", Scope: "102290129340398", Phone: "+79001"},
			channel.Person{ID: "RU.2", Scope: "102290129340398", Phone: "+79002"},
			"RU.1", "RU.2",
		},
		"number before scoped ids": {
			"messages", `{` + meta + `,"messages":[{"from":"79001","id":"w","type":"system","system":{"type":"user_changed_number","wa_id":"79002"}}]}`,
			channel.Person{ID: "79001", Phone: "+79001"},
			channel.Person{ID: "79002", Phone: "+79002"},
			"79001", "79002",
		},
		"scoped id": {
			"user_id_update", `{` + meta + `,"contacts":[{"profile":{"name":"И"},"user_id":"RU.2"}],"user_id_update":[{"wa_id":"79001","timestamp":"1790000000","user_id":{"previous":"RU.1","current":"RU.2"}}]}`,
			channel.Person{ID: "RU.1", Scope: "102290129340398"},
			channel.Person{ID: "RU.2", Scope: "102290129340398", Phone: "+79001", Name: "И"},
			"RU.1", "RU.2",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u := decode(t, tt.field, tt.value)
			if len(u) != 2 || u[0].PersonChanged == nil || u[1].Migration == nil {
				t.Fatalf("%+v", u)
			}
			if u[0].PersonChanged.Old != tt.old || u[0].Sender != tt.now || u[0].Chat.Key != tt.from || u[1].Chat.Key != tt.from || u[1].Migration.To != tt.to {
				t.Errorf("from %+v to %+v, chat %s to %s", u[0].PersonChanged.Old, u[0].Sender, u[1].Chat.Key, u[1].Migration.To)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	state := func(rest string) channel.Update {
		t.Helper()
		u := decode(t, "messages", `{`+meta+`,"statuses":[{"id":"wamid.O","timestamp":"1790000000","recipient_id":"79005556677",`+rest+`}]}`)
		if len(u) != 1 {
			t.Fatalf("%+v", u)
		}
		return u[0]
	}
	for in, want := range map[string]channel.DeliveryState{
		"sent": channel.StateSent, "delivered": channel.StateDelivered, "read": channel.StateRead, "played": channel.StateRead,
	} {
		u := state(`"status":"` + in + `"`)
		if u.Status == nil || u.Status.State != want || u.Status.ExternalID != "wamid.O" || u.Status.UpTo || u.Chat.Key != "79005556677" {
			t.Errorf("%s: %+v in %s", in, u.Status, u.Chat.Key)
		}
	}
	// What was sent along says which item and chat it is about.
	u := state(`"status":"failed","biz_opaque_callback_data":"item-5 RU.1","errors":[{"code":131047,"title":"Re-engagement message","error_data":{"details":"More than 24 hours"}}]`)
	want := channel.Status{
		ExternalID: "wamid.O", ItemID: "item-5", State: channel.StateFailed, Reason: channel.ReasonWindowClosed, Detail: "Re-engagement message: More than 24 hours",
	}
	if *u.Status != want || u.Chat.Key != "RU.1" {
		t.Errorf("%+v in %s, want %+v", u.Status, u.Chat.Key, want)
	}
	if u := state(`"status":"sent","biz_opaque_callback_data":"another-system"`); u.Status.ItemID != "" || u.Chat.Key != "79005556677" {
		t.Errorf("another system's data: %+v", u)
	}
	if u := state(`"status":"teleported"`); u.Notice == nil {
		t.Errorf("unknown status: %+v", u)
	}
	if u := state(`"status":"failed"`); u.Status.Reason != channel.ReasonRejected {
		t.Errorf("failed without errors: %+v", u.Status)
	}
}

func TestNotices(t *testing.T) {
	for _, tt := range []struct{ field, value, code, detail string }{
		{"message_template_status_update", `{"event":"PAUSED","message_template_name":"sale","message_template_language":"ru","reason":"NONE"}`, "template_status", "sale (ru) PAUSED"},
		{"message_template_status_update", `{"event":"REJECTED","message_template_name":"sale","message_template_language":"ru","reason":"ABUSIVE_CONTENT"}`, "template_status", "sale (ru) REJECTED ABUSIVE_CONTENT"},
		{"phone_number_quality_update", `{"event":"FLAGGED","current_limit":"TIER_1K"}`, "number_quality", "FLAGGED TIER_1K"},
		{"account_update", `{"event":"DISABLED_UPDATE"}`, "account_update", "DISABLED_UPDATE"},
		{"messages", `{` + meta + `,"errors":[{"code":130429,"title":"Rate limit hit"}]}`, "platform_error", "Rate limit hit"},
		{"telepathy", `{"a":1}`, "unknown_update", "telepathy"},
		{"telepathy", `[1,2]`, "unknown_update", "telepathy"},
		{"messages", `{"metadata":{"display_phone_number":"79998887766","phone_number_id":"999"},"messages":[{"from":"1","id":"w","type":"text","text":{"body":"x"}}]}`, "other_number", "79998887766"},
	} {
		u := decode(t, tt.field, tt.value)
		if len(u) != 1 || u[0].Notice == nil || u[0].Notice.Code != tt.code || u[0].Notice.Detail != tt.detail {
			t.Errorf("%s %s: %+v", tt.field, tt.value, u)
		}
	}
	ring := decode(t, "calls", `{`+meta+`,"calls":[{"id":"wacid.1","from":"79005556677","event":"connect","timestamp":"1790000000"}]}`)
	if len(ring) != 1 || ring[0].Message == nil || ring[0].Message.Content.Unsupported != "call" || ring[0].Chat.Key != "79005556677" {
		t.Errorf("a call: %+v", ring)
	}
}

func TestGroups(t *testing.T) {
	body := []byte(wrap("messages", `{`+meta+`,"messages":[{"from":"7900","group_id":"G1","id":"w","type":"text","text":{"body":"x"}}]}`))
	u, err := offline(t, nil).Decode(channel.Raw{Body: body})
	if err != nil || len(u) != 1 || u[0].Chat != (channel.Chat{Key: "g:G1", Group: true}) {
		t.Errorf("%+v %v", u, err)
	}
	u, err = offline(t, map[string]string{"groups": "false"}).Decode(channel.Raw{Body: body})
	if err != nil || len(u) != 0 {
		t.Errorf("groups are off: %+v %v", u, err)
	}
}

func TestNotAnUpdate(t *testing.T) {
	for _, body := range []string{"", "x", "[]", "{}", `{"object":"page"}`, `{"object":1}`, "null"} {
		if u, err := offline(t, nil).Decode(channel.Raw{Body: []byte(body)}); err == nil {
			t.Errorf("%q: %+v, want an error", body, u)
		}
	}
}
