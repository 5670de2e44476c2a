package whatsapp_test

import (
	"maps"
	"net/http"
	"reflect"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/whatsapp"
	standin "github.com/okno-hq/okno/internal/standin/whatsapp"
)

// offline opens an adapter that will not use the network.
func offline(t testing.TB, settings map[string]string) channel.Adapter {
	t.Helper()
	a := channel.Account{
		ID: 1, Settings: map[string]string{"phone_number_id": "106540352242922", "waba_id": "102290129340398", "groups": "true"},
		Secrets:       map[string]string{"token": "EAAtoken", "app_secret": "app-secret"},
		WebhookSecret: "verify-me-please", WebhookURL: "https://okno.example/hooks/whatsapp/1",
	}
	maps.Copy(a.Settings, settings)
	adapter, err := whatsapp.NewFactory(whatsapp.Deps{}).Open(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(adapter.Close)
	return adapter
}

// signed is a webhook request of the platform.
func signed(body string) channel.Request {
	return channel.Request{Method: http.MethodPost, Body: []byte(body), Header: map[string][]string{
		"X-Hub-Signature-256": {standin.Sign("app-secret", []byte(body))},
	}}
}

// wrap makes a notification with one change.
func wrap(field, value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"` + field + `","value":` + value + `}]}]}`
}

const meta = `"messaging_product":"whatsapp","metadata":{"display_phone_number":"79001112233","phone_number_id":"106540352242922"}`

// FuzzAccept: whatever is signed is split without loss of identity, and each
// part can be decoded.
func FuzzAccept(f *testing.F) {
	for _, v := range []string{
		wrap("messages", `{`+meta+`,"contacts":[{"profile":{"name":"И"},"wa_id":"7900"}],"messages":[{"from":"7900","id":"wamid.1","timestamp":"1790000000","type":"text","text":{"body":"*a* _b_"}}]}`),
		wrap("messages", `{`+meta+`,"messages":[{"from_user_id":"RU.1","id":"wamid.1","type":"image","image":{"id":"12345","caption":"> a"}},{"type":"reaction","from":"1","reaction":{"message_id":"w","emoji":"x"}}]}`),
		wrap("messages", `{`+meta+`,"statuses":[{"id":"w","status":"failed","recipient_id":"1","errors":[{"code":131047,"title":"t"}],"biz_opaque_callback_data":"a b"}]}`),
		wrap("user_id_update", `{`+meta+`,"user_id_update":[{"wa_id":"1","user_id":{"previous":"RU.1","current":"RU.2"}}]}`),
		wrap("smb_message_echoes", `{`+meta+`,"message_echoes":[{"id":"w","from":"1","to":"2","type":"text","text":{"body":"x"}}]}`),
		wrap("calls", `{`+meta+`,"calls":[{"id":"c","from":"1","event":"connect"}]}`),
		wrap("message_template_status_update", `{"event":"APPROVED","message_template_name":"n"}`),
		`{"object":"whatsapp_business_account","entry":[]}`, `{}`, `[]`, `{"entry":{}}`,
	} {
		f.Add(v)
	}
	adapter := offline(f, nil)
	f.Fuzz(func(t *testing.T, body string) {
		raws, _, err := adapter.(channel.Webhook).Accept(signed(body))
		if err != nil {
			t.Fatalf("signed, yet refused: %v", err)
		}
		if len(raws) == 0 {
			t.Fatal("nothing is left of it")
		}
		for _, raw := range raws {
			if raw.Key == "" || raw.Order == "" {
				t.Fatalf("no key or order: %+v", raw)
			}
			updates, err := adapter.Decode(raw)
			again, _ := adapter.Decode(raw)
			if !reflect.DeepEqual(updates, again) {
				t.Fatal("decoding twice differs")
			}
			if err != nil {
				continue
			}
			for _, u := range updates {
				if u.Message != nil && (u.Chat.Key == "" || u.Message.ExternalID == "") {
					t.Fatalf("message without chat or id: %+v", u)
				}
			}
		}
		again, _, _ := adapter.(channel.Webhook).Accept(signed(body))
		if !reflect.DeepEqual(raws, again) {
			t.Fatal("splitting twice differs")
		}
	})
}

// FuzzDecode takes what never went through Accept.
func FuzzDecode(f *testing.F) {
	for _, v := range []string{
		wrap("messages", `{`+meta+`,"messages":[{"from":"7900","id":"w","type":"contacts","contacts":[{"name":{"formatted_name":"a"},"phones":[{"phone":"1"}]}]}]}`),
		wrap("messages", `{`+meta+`,"messages":[{"from":"7900","id":"w","type":"order","order":{"product_items":[{"item_price":1e9}]}}]}`),
		wrap("messages", `{`+meta+`,"messages":[{"from":"7900","id":"w","type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"1"}}}]}`),
		wrap("messages", `{`+meta+`,"messages":[{"from":"7900","id":"w","type":"system","system":{"type":"user_changed_number","wa_id":"1"}}]}`),
		wrap("x", `[1]`), wrap("x", `null`), `null`,
	} {
		f.Add([]byte(v))
	}
	adapter := offline(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := adapter.Decode(channel.Raw{Key: "k", Order: "o", Body: body})
		if err != nil && updates != nil {
			t.Fatal("both updates and an error")
		}
	})
}
