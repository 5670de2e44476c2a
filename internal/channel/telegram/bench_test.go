package telegram_test

import (
	"net/http"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
)

// BenchmarkInbound is what each message costs before and after its commit.
func BenchmarkInbound(b *testing.B) {
	a := open(b, nil)
	body := []byte(`{"update_id":900001,` + message(`"text":"Здравствуйте, когда придёт заказ?","entities":[{"type":"bold","offset":0,"length":12}]`) + `}`)
	r := channel.Request{Method: http.MethodPost, Header: map[string][]string{header: {"s3cret"}}, Body: body}
	b.Run("accept", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := a.(channel.Webhook).Accept(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := a.Decode(channel.Raw{Body: body}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
