package telegram_test

import (
	"net/http"
	"reflect"
	"testing"
	"unicode/utf16"

	"github.com/okno-hq/okno/internal/channel"
)

// FuzzDecode: any bytes give an error or well-formed updates, always the same.
func FuzzDecode(f *testing.F) {
	for _, fields := range []string{
		message(`"text":"привет","entities":[{"type":"bold","offset":0,"length":3}]`),
		message(`"photo":[{"file_id":"a","width":1,"height":2}],"caption":"x","media_group_id":"1"`),
		message(`"contact":{"phone_number":"79","first_name":"И","user_id":501}`),
		message(`"venue":{"location":{"latitude":1,"longitude":2},"title":"t","address":"a"}`),
		`"business_message":{"business_connection_id":"b","message_id":1,"date":2,"chat":` + petrChat + `,"from":` + owner + `,"sender_business_bot":{"id":110201543}}`,
		`"business_connection":{"id":"b","user":` + owner + `,"is_enabled":true,"rights":{"can_reply":true}}`,
		`"deleted_business_messages":{"business_connection_id":"b","chat":` + petrChat + `,"message_ids":[1]}`,
		`"message_reaction":{"chat":` + irinaChat + `,"message_id":40,"new_reaction":[{"type":"emoji","emoji":"👍"}]}`,
		`"callback_query":{"id":"1","from":` + irina + `,"data":"x","message":{"message_id":4,"chat":` + irinaChat + `,"reply_markup":{"inline_keyboard":[[{"text":"t","callback_data":"x"}]]}}}`,
		`"my_chat_member":{"chat":` + forum + `,"new_chat_member":{"status":"restricted","is_member":true,"can_send_messages":false}}`,
		`"message":{"message_id":9,"chat":{"id":-5},"migrate_to_chat_id":-1005}`,
		`"message":{"message_id":9,"chat":{"id":-100777,"is_direct_messages":true},"direct_messages_topic":{"topic_id":601}}`,
	} {
		f.Add([]byte(`{"update_id":900001,` + fields + `}`))
	}
	f.Add([]byte(`{"update_id":1e999,"message":null}`))
	a := open(f, map[string]string{"groups": "true"})
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := a.Decode(channel.Raw{Body: body})
		again, _ := a.Decode(channel.Raw{Body: body})
		if !reflect.DeepEqual(updates, again) {
			t.Fatalf("decoding twice differs: %+v, %+v", updates, again)
		}
		if err != nil {
			return
		}
		for _, u := range updates {
			set := 0
			for i, v := 0, reflect.ValueOf(u); i < v.NumField(); i++ {
				if p := v.Field(i); p.Kind() == reflect.Pointer && !p.IsNil() {
					set++
				}
			}
			if set != 1 {
				t.Fatalf("%d things in one update: %+v", set, u)
			}
			if m := u.Message; m != nil {
				if m.ExternalID == "" || u.Chat.Key == "" {
					t.Fatalf("a message without id or chat: %+v", u)
				}
				n := len(utf16.Encode([]rune(m.Content.Text)))
				for _, mark := range m.Content.Marks {
					if mark.Offset < 0 || mark.Length <= 0 || mark.Offset+mark.Length > n {
						t.Fatalf("mark %+v outside of %d units", mark, n)
					}
				}
			}
		}
		raws, _, err := a.(channel.Webhook).Accept(channel.Request{Method: http.MethodPost, Header: map[string][]string{header: {"s3cret"}}, Body: body})
		if err != nil || len(raws) != 1 || raws[0].Key == "" || raws[0].Order == "" {
			t.Fatalf("accepted as %+v, error %v", raws, err)
		}
	})
}
