package telegram_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/telegram"
)

const (
	token     = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
	irina     = `{"id":501,"is_bot":false,"first_name":"Ирина","last_name":"П","username":"irina","language_code":"ru"}`
	irinaChat = `{"id":501,"type":"private","first_name":"Ирина"}`
	petr      = `{"id":601,"is_bot":false,"first_name":"Пётр"}`
	petrChat  = `{"id":601,"type":"private","first_name":"Пётр"}`
	owner     = `{"id":77,"is_bot":false,"first_name":"Владелец"}`
	forum     = `{"id":-100123,"type":"supergroup","title":"Опт","is_forum":true}`
)

// open makes an adapter that is never connected.
func open(t testing.TB, settings map[string]string) channel.Adapter {
	t.Helper()
	a, err := telegram.NewFactory(telegram.Deps{}).Open(channel.Account{
		ID: 1, Kind: channel.Telegram, Settings: settings, Secrets: map[string]string{"token": token},
		WebhookURL: "https://okno.example/hooks/telegram/1", WebhookSecret: "s3cret",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// decode decodes {"update_id":900001,<fields>} and wants one update.
func decode(t testing.TB, a channel.Adapter, fields string) channel.Update {
	t.Helper()
	updates, err := a.Decode(channel.Raw{Body: []byte(`{"update_id":900001,` + fields + `}`)})
	if err != nil || len(updates) != 1 {
		t.Fatalf("%d updates, error %v", len(updates), err)
	}
	return updates[0]
}

func message(parts string) string {
	return `"message":{"message_id":41,"date":1790000000,"chat":` + irinaChat + `,"from":` + irina + `,` + parts + `}`
}

type contentCase struct {
	parts string
	want  channel.Content
}

func contentCases() map[string]contentCase {
	file := `"file_id":"AwACAgQAAxkBAAI","file_unique_id":"AgADxx","file_size":31200`
	return map[string]contentCase{
		"voice": {
			`"voice":{` + file + `,"duration":7,"mime_type":"audio/ogg"}`,
			attached(channel.Attachment{Kind: channel.Voice, MIME: "audio/ogg", Duration: 7 * time.Second}),
		},
		"the largest picture": {
			`"photo":[{"file_id":"small","width":90,"height":60},{` + file + `,"width":1280,"height":720},{"file_id":"middle","width":320,"height":200}],"caption":"вот"`,
			texted("вот", attached(channel.Attachment{Kind: channel.Image, MIME: "image/jpeg", Width: 1280, Height: 720})),
		},
		"video note": {
			`"video_note":{` + file + `,"length":240,"duration":5}`,
			attached(channel.Attachment{Kind: channel.Video, MIME: "video/mp4", Width: 240, Height: 240, Duration: 5 * time.Second}),
		},
		"animation, not document": {
			`"animation":{` + file + `,"width":10,"height":20,"duration":1,"mime_type":"video/mp4","file_name":"кот.mp4"},"document":{"file_id":"other"}`,
			attached(channel.Attachment{Kind: channel.Animation, Name: "кот.mp4", MIME: "video/mp4", Width: 10, Height: 20, Duration: time.Second}),
		},
		"moving sticker": {
			`"sticker":{` + file + `,"type":"regular","width":512,"height":512,"is_animated":false,"is_video":true,"emoji":"😀"}`,
			attached(channel.Attachment{Kind: channel.Sticker, MIME: "video/webm", Width: 512, Height: 512, Emoji: "😀"}),
		},
		"animated sticker": {
			`"sticker":{` + file + `,"type":"regular","width":512,"height":512,"is_animated":true}`,
			attached(channel.Attachment{Kind: channel.Sticker, MIME: "application/x-tgsticker", Width: 512, Height: 512}),
		},
		"audio": {
			`"audio":{` + file + `,"duration":200,"title":"Песня","mime_type":"audio/mpeg"}`,
			attached(channel.Attachment{Kind: channel.Audio, Name: "Песня", MIME: "audio/mpeg", Duration: 200 * time.Second}),
		},
		"more than the platform hands over": {
			`"document":{"file_id":"AwACAgQAAxkBAAI","file_name":"a.iso","file_size":20971521}`,
			channel.Content{Attachments: []channel.Attachment{{
				Kind: channel.Document, Name: "a.iso", Size: 20971521, Ref: "AwACAgQAAxkBAAI", Unfetchable: channel.ReasonTooBig,
			}}},
		},
		"venue": {
			`"location":{"latitude":1,"longitude":2},"venue":{"location":{"latitude":1,"longitude":2},"title":"Офис","address":"Тверская, 1"}`,
			channel.Content{Location: &channel.Location{Latitude: 1, Longitude: 2, Title: "Офис", Address: "Тверская, 1"}},
		},
		"live location": {
			`"location":{"latitude":1,"longitude":2,"live_period":60}`,
			channel.Content{Location: &channel.Location{Latitude: 1, Longitude: 2, Live: true}},
		},
		"dice":    {`"dice":{"emoji":"🎲","value":5}`, channel.Content{Text: "🎲 5"}},
		"forward": {`"text":"x","forward_origin":{"type":"user","date":1,"sender_user":` + petr + `}`, channel.Content{Text: "x", Forwarded: "Пётр"}},
		"forward from a channel": {
			`"text":"x","forward_origin":{"type":"channel","date":1,"message_id":3,"chat":{"id":-1,"type":"channel","title":"Новости"}}`,
			channel.Content{Text: "x", Forwarded: "Новости"},
		},
		"poll":                  {`"poll":{"id":"1","question":"?","options":[]}`, channel.Content{Unsupported: "poll"}},
		"paid media, captioned": {`"paid_media":{"star_count":1,"paid_media":[]},"caption":"к"`, channel.Content{Text: "к", Unsupported: "paid_media"}},
		"rich message":          {`"rich_message":{"blocks":[]}`, channel.Content{Unsupported: "rich_message"}},
		"nothing":               {`"effect_id":"1"`, channel.Content{Unsupported: "message"}},
		"text that is a number": {`"text":5`, channel.Content{Unsupported: "text"}},
		"formatting": {
			`"text":"😀 жирный ссылка плохая","entities":[{"type":"bold","offset":3,"length":6},{"type":"text_link","offset":10,"length":6,"url":"https://x.example/"},` +
				`{"type":"text_link","offset":17,"length":6,"url":"javascript:alert(1)"},{"type":"bot_command","offset":0,"length":2},{"type":"italic","offset":17,"length":900},` +
				`{"type":"italic","offset":-1,"length":2},{"type":"italic","offset":90,"length":2},{"type":"expandable_blockquote","offset":0,"length":2}]`,
			channel.Content{Text: "😀 жирный ссылка плохая", Marks: []channel.Mark{
				{Type: channel.Bold, Offset: 3, Length: 6},
				{Type: channel.Link, Offset: 10, Length: 6, URL: "https://x.example/"},
				{Type: channel.Italic, Offset: 17, Length: 6},
				{Type: channel.Quote, Offset: 0, Length: 2},
			}},
		},
	}
}

func TestDecodeContent(t *testing.T) {
	a := open(t, nil)
	for name, c := range contentCases() {
		t.Run(name, func(t *testing.T) {
			u := decode(t, a, message(c.parts))
			if u.Message == nil {
				t.Fatalf("no message: %+v", u)
			}
			if !reflect.DeepEqual(u.Message.Content, c.want) {
				t.Errorf("got  %+v\nwant %+v", u.Message.Content, c.want)
			}
			if u.Chat != (channel.Chat{Key: "501"}) || u.Message.ExternalID != "41" || !u.At.Equal(time.Unix(1790000000, 0)) ||
				u.Sender != (channel.Person{ID: "501", Name: "Ирина П", Username: "irina", Language: "ru"}) {
				t.Errorf("in %+v by %+v at %s: %+v", u.Chat, u.Sender, u.At, u.Message)
			}
		})
	}
}

func attached(at channel.Attachment) channel.Content {
	at.Size, at.Ref = 31200, "AwACAgQAAxkBAAI"
	return channel.Content{Attachments: []channel.Attachment{at}}
}

func texted(text string, c channel.Content) channel.Content {
	c.Text = text
	return c
}

func TestDecodeOwnPhone(t *testing.T) {
	a := open(t, nil)
	for name, c := range map[string]struct {
		parts string
		phone string
	}{
		"own":             {`"contact":{"phone_number":"79005556677","first_name":"И","user_id":501}`, "+79005556677"},
		"somebody else's": {`"contact":{"phone_number":"+79005556677","first_name":"И","user_id":502}`, ""},
		"nobody's":        {`"contact":{"phone_number":"+79005556677","first_name":"И"}`, ""},
		"own, forwarded":  {`"contact":{"phone_number":"+79005556677","first_name":"И","user_id":501},"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"И"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := decode(t, a, message(c.parts))
			if u.Sender.Phone != c.phone || u.Message.Content.Contacts[0].Own != (c.phone != "") {
				t.Errorf("phone %q, cards %+v; want phone %q", u.Sender.Phone, u.Message.Content.Contacts, c.phone)
			}
		})
	}
}

// TestDecodeEvents checks everything that is not plain content.
func TestDecodeEvents(t *testing.T) {
	plain, groups := open(t, nil), open(t, map[string]string{"groups": "true"})
	business := func(kind, from, parts string) string {
		return `"` + kind + `":{"business_connection_id":"bc_9x","message_id":12,"date":1790000002,"chat":` + petrChat + `,"from":` + from + `,` + parts + `}`
	}
	bot := `{"id":110201543,"is_bot":true,"first_name":"Okno"}`
	member := func(chat, status string) string {
		return `"my_chat_member":{"chat":` + chat + `,"from":` + irina + `,"date":1790000000,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"` + status + `"}}`
	}
	for name, c := range map[string]struct {
		a      channel.Adapter
		fields string
		chat   string
		is     func(channel.Update) bool
	}{
		"start":                 {plain, message(`"text":"/start ad_42"`), "501", func(u channel.Update) bool { return u.Start != nil && u.Start.Payload == "ad_42" }},
		"start, encoded":        {plain, message(`"text":"/start b64_0L_RgNC40LLQtdGC"`), "501", func(u channel.Update) bool { return u.Start != nil && u.Start.Payload == "привет" }},
		"bare start":            {plain, message(`"text":"/start"`), "501", func(u channel.Update) bool { return u.Start != nil && u.Start.Payload == "" }},
		"no start":              {plain, message(`"text":"/started"`), "501", func(u channel.Update) bool { return u.Message != nil }},
		"start in business":     {plain, business("business_message", petr, `"text":"/start x"`), "bc:bc_9x:601", func(u channel.Update) bool { return u.Message != nil }},
		"customer of business":  {plain, business("business_message", petr, `"text":"Цена?"`), "bc:bc_9x:601", func(u channel.Update) bool { return !u.Message.Own && !u.Message.Echo && u.Sender.ID == "601" }},
		"owner himself":         {plain, business("business_message", owner, `"text":"100"`), "bc:bc_9x:601", func(u channel.Update) bool { return u.Message.Own && !u.Message.Echo && u.Sender.ID == "601" }},
		"our own echo":          {plain, business("business_message", owner, `"text":"100","sender_business_bot":`+bot), "bc:bc_9x:601", func(u channel.Update) bool { return u.Message.Echo && !u.Message.Own && u.Message.ExternalID == "12" }},
		"another bot for him":   {plain, business("business_message", owner, `"text":"100","sender_business_bot":{"id":5,"is_bot":true,"first_name":"B"}`), "bc:bc_9x:601", func(u channel.Update) bool { return u.Message.Own && !u.Message.Echo }},
		"business edit":         {plain, business("edited_business_message", petr, `"text":"испр.","edit_date":1790000100`), "bc:bc_9x:601", func(u channel.Update) bool { return u.Edit.Content.Text == "испр." && u.At.Unix() == 1790000100 }},
		"business deletion":     {plain, `"deleted_business_messages":{"business_connection_id":"bc_9x","chat":` + petrChat + `,"message_ids":[12,13]}`, "bc:bc_9x:601", func(u channel.Update) bool { return strings.Join(u.Deletion.ExternalIDs, ",") == "12,13" }},
		"connection":            {plain, `"business_connection":{"id":"bc_9x","user":` + owner + `,"user_chat_id":77,"date":1,"rights":{"can_reply":true},"is_enabled":true}`, "bc:bc_9x", func(u channel.Update) bool { return u.Access.CanReply }},
		"connection, read only": {plain, `"business_connection":{"id":"bc_9x","user":` + owner + `,"user_chat_id":77,"date":1,"rights":{},"is_enabled":true}`, "bc:bc_9x", func(u channel.Update) bool { return !u.Access.CanReply && u.Access.Reason != "" }},
		"connection off":        {plain, `"business_connection":{"id":"bc_9x","user":` + owner + `,"user_chat_id":77,"date":1,"rights":{"can_reply":true},"is_enabled":false}`, "bc:bc_9x", func(u channel.Update) bool { return !u.Access.CanReply }},
		"edit":                  {plain, `"edited_message":{"message_id":41,"date":1790000000,"edit_date":1790000100,"chat":` + irinaChat + `,"text":"испр."}`, "501", func(u channel.Update) bool { return u.Edit.ExternalID == "41" && u.Sender.ID == "501" }},
		"reaction": {plain, `"message_reaction":{"chat":` + irinaChat + `,"message_id":40,"user":` + irina + `,"date":1790000200,"old_reaction":[],"new_reaction":[{"type":"emoji","emoji":"👍"},{"type":"custom_emoji","custom_emoji_id":"1"},{"type":"paid"}]}`, "501", func(u channel.Update) bool {
			return strings.Join(u.Reaction.Emoji, "") == "👍✨⭐" && u.Sender.ID == "501"
		}},
		"reaction back": {plain, `"message_reaction":{"chat":` + irinaChat + `,"message_id":40,"user":` + irina + `,"date":1,"old_reaction":[{"type":"emoji","emoji":"👍"}],"new_reaction":[]}`, "501", func(u channel.Update) bool { return u.Reaction.ExternalID == "40" && len(u.Reaction.Emoji) == 0 }},
		"press": {plain, `"callback_query":{"id":"4382","from":` + irina + `,"message":{"message_id":40,"date":1,"chat":` + irinaChat + `,"reply_markup":{"inline_keyboard":[[{"text":"Пять","callback_data":"csat:5"}]]}},"chat_instance":"x","data":"csat:5"}`, "501", func(u channel.Update) bool {
			return u.Press.AnswerID == "4382" && u.Press.ExternalID == "40" && u.Press.Button.Text == "Пять" && u.Press.Button.Payload == "csat:5" && u.Sender.ID == "501"
		}},
		"blocked":                 {plain, member(irinaChat, "kicked"), "501", func(u channel.Update) bool { return u.Reach.Blocked && u.Reach.Reason == channel.ReasonBlocked }},
		"came back":               {plain, member(irinaChat, "member"), "501", func(u channel.Update) bool { return !u.Reach.Blocked }},
		"removed from a group":    {groups, member(forum, "left"), "-100123", func(u channel.Update) bool { return u.Reach.Blocked && u.Reach.Reason == channel.ReasonChatGone }},
		"muted in a group":        {groups, `"my_chat_member":{"chat":` + forum + `,"from":` + irina + `,"date":1,"new_chat_member":{"status":"restricted","is_member":true,"can_send_messages":false}}`, "-100123", func(u channel.Update) bool { return !u.Access.CanReply }},
		"added though not wanted": {plain, member(forum, "member"), "", func(u channel.Update) bool { return u.Notice.Code == "group_ignored" && u.Notice.Detail == "Опт" }},
		"topic": {groups, `"message":{"message_id":9,"message_thread_id":7,"is_topic_message":true,"date":1,"chat":` + forum + `,"from":` + irina + `,"text":"x","reply_to_message":{"message_id":7,"date":1,"chat":` + forum + `,"forum_topic_created":{"name":"t","icon_color":1}}}`, "-100123:7", func(u channel.Update) bool {
			return u.Message.ReplyTo == "" && u.Chat.Group && u.Chat.Title == "Опт"
		}},
		"group without topics":    {groups, `"message":{"message_id":9,"message_thread_id":7,"date":1,"chat":` + forum + `,"from":` + irina + `,"text":"x"}`, "-100123", func(u channel.Update) bool { return u.Message != nil }},
		"anonymous admin":         {groups, `"message":{"message_id":9,"date":1,"chat":` + forum + `,"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},"sender_chat":` + forum + `,"text":"x"}`, "-100123", func(u channel.Update) bool { return u.Sender.ID == "-100123" && u.Sender.Name == "Опт" }},
		"channel's messages":      {plain, `"message":{"message_id":9,"date":1,"chat":{"id":-100777,"type":"supergroup","is_direct_messages":true},"direct_messages_topic":{"topic_id":601,"user":` + petr + `},"from":` + petr + `,"text":"x"}`, "-100777:dm:601", func(u channel.Update) bool { return u.Message != nil && !u.Chat.Group }},
		"topic of a private chat": {plain, message(`"text":"x","message_thread_id":7,"is_topic_message":true`), "501:7", func(u channel.Update) bool { return u.Message != nil }},
		"migration":               {groups, `"message":{"message_id":9,"date":1,"chat":{"id":-5,"type":"group","title":"Опт"},"from":` + irina + `,"migrate_to_chat_id":-1005}`, "-5", func(u channel.Update) bool { return u.Migration.To == "-1005" }},
		"migration, other end":    {groups, `"message":{"message_id":1,"date":1,"chat":{"id":-1005,"type":"supergroup","title":"Опт"},"from":` + irina + `,"migrate_from_chat_id":-5}`, "-5", func(u channel.Update) bool { return u.Migration.To == "-1005" }},
		"service": {groups, `"message":{"message_id":9,"date":1,"chat":` + forum + `,"from":` + irina + `,"new_chat_title":"Розница"}`, "-100123", func(u channel.Update) bool {
			return u.Notice.Code == "service_message" && u.Notice.Detail == "new_chat_title"
		}},
		"album":              {plain, message(`"photo":[{"file_id":"a"}],"media_group_id":"137"`), "501", func(u channel.Update) bool { return u.Message.Album == "137" }},
		"reply with a quote": {plain, message(`"text":"x","quote":{"text":"часть","position":0},"reply_to_message":{"message_id":39,"date":1,"chat":` + irinaChat + `,"text":"вся часть"}`), "501", func(u channel.Update) bool { return u.Message.ReplyTo == "39" && u.Message.ReplyText == "часть" }},
		"unknown with a chat": {plain, `"telepathy":{"chat":` + irinaChat + `,"from":` + irina + `}`, "501", func(u channel.Update) bool {
			return u.Message.Content.Unsupported == "telepathy" && u.Message.ExternalID == "update:900001"
		}},
		"unknown without": {plain, `"inline_query":{"id":"1","from":` + irina + `,"query":"","offset":""}`, "", func(u channel.Update) bool {
			return u.Notice.Code == "unsupported_update" && u.Notice.Detail == "inline_query"
		}},
		"scheduled, without id": {plain, `"message":{"message_id":0,"date":1,"chat":` + irinaChat + `,"from":` + irina + `,"text":"x"}`, "501", func(u channel.Update) bool { return u.Message.ExternalID == "update:900001" }},
	} {
		t.Run(name, func(t *testing.T) {
			u := decode(t, c.a, c.fields)
			defer func() {
				if r := recover(); r != nil {
					t.Fatalf("not what it should be: %+v", u)
				}
			}()
			if u.Chat.Key != c.chat || !c.is(u) {
				t.Errorf("in %q: %+v", u.Chat.Key, u)
			}
		})
	}
}

func TestGroupsOff(t *testing.T) {
	a := open(t, nil)
	body := `{"update_id":1,"message":{"message_id":9,"date":1,"chat":` + forum + `,"from":` + irina + `,"text":"x"}}`
	if updates, err := a.Decode(channel.Raw{Body: []byte(body)}); err != nil || len(updates) != 0 {
		t.Errorf("%+v, %v; want nothing", updates, err)
	}
}

func TestDeepLink(t *testing.T) {
	a := open(t, map[string]string{"username": "@okno_bot"})
	linker := a.(channel.Linker)
	for payload, want := range map[string]string{
		"":                      "https://t.me/okno_bot",
		"ad_42":                 "https://t.me/okno_bot?start=ad_42",
		"привет":                "https://t.me/okno_bot?start=b64_0L_RgNC40LLQtdGC",
		"b64_x":                 "https://t.me/okno_bot?start=b64_YjY0X3g",
		strings.Repeat("x", 65): "",
		strings.Repeat("я", 30): "",
		strings.Repeat("x", 64): "https://t.me/okno_bot?start=" + strings.Repeat("x", 64),
	} {
		got := linker.DeepLink(payload)
		if got != want {
			t.Errorf("%q: %q, want %q", payload, got, want)
		}
		if _, start, ok := strings.Cut(got, "?start="); ok {
			if u := decode(t, a, message(`"text":"/start `+start+`"`)); u.Start == nil || u.Start.Payload != payload {
				t.Errorf("%q comes back as %+v", payload, u.Start)
			}
		}
	}
	if got := open(t, nil).(channel.Linker).DeepLink("x"); got != "" {
		t.Errorf("a link without a name: %q", got)
	}
}
