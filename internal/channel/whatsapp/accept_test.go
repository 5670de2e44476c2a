package whatsapp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	standin "github.com/okno-hq/okno/internal/standin/whatsapp"
)

func TestHandshake(t *testing.T) {
	hook := offline(t, map[string]string{"verify_token": "chosen-by-the-admin"}).(channel.Webhook)
	ask := func(mode, token, challenge string) (channel.Reply, error) {
		_, reply, err := hook.Accept(channel.Request{Method: http.MethodGet, Query: map[string][]string{
			"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {challenge},
		}})
		return reply, err
	}
	for _, token := range []string{"verify-me-please", "chosen-by-the-admin"} {
		reply, err := ask("subscribe", token, "1158201444")
		if err != nil || string(reply.Body) != "1158201444" || reply.ContentType != "text/plain" || reply.Status != http.StatusOK {
			t.Errorf("token %s: %+v %v", token, reply, err)
		}
	}
	for name, r := range map[string][3]string{
		"wrong token":    {"subscribe", "guess", "1"},
		"no token":       {"subscribe", "", "1"},
		"wrong mode":     {"unsubscribe", "verify-me-please", "1"},
		"no challenge":   {"subscribe", "verify-me-please", ""},
		"long challenge": {"subscribe", "verify-me-please", strings.Repeat("1", 1000)},
	} {
		if reply, err := ask(r[0], r[1], r[2]); fault.KindOf(err) != fault.Unauthenticated || len(reply.Body) != 0 {
			t.Errorf("%s: %+v %v", name, reply, err)
		}
	}
}

func TestSignatureIsOverTheRawBody(t *testing.T) {
	hook := offline(t, nil).(channel.Webhook)
	// The platform escapes what is not ASCII; written anew it would differ.
	body := wrap("messages", `{`+meta+`,"messages":[{"from":"79005556677","id":"wamid.1","type":"text","text":{"body":"\u041f\u0440\u0438\u0432\u0435\u0442 \/"}}]}`)
	raws, _, err := hook.Accept(signed(body))
	if err != nil || len(raws) != 1 {
		t.Fatalf("%d updates, %v", len(raws), err)
	}
	updates, err := hook.(channel.Adapter).Decode(raws[0])
	if err != nil || updates[0].Message.Content.Text != "Привет /" {
		t.Errorf("%+v %v", updates, err)
	}
	good := standin.Sign("app-secret", []byte(body))
	for name, header := range map[string][]string{
		"none": nil, "two": {good, good}, "no prefix": {strings.TrimPrefix(good, "sha256=")}, "sha1": {"sha1=" + good[7:]},
		"short": {good[:20]}, "not hex": {"sha256=zz"}, "another secret": {standin.Sign("other", []byte(body))}, "empty": {""},
	} {
		req := signed(body)
		req.Header = map[string][]string{"X-Hub-Signature-256": header}
		if raws, _, err := hook.Accept(req); fault.KindOf(err) != fault.Unauthenticated || raws != nil {
			t.Errorf("%s: %d updates, %v", name, len(raws), err)
		}
	}
}

func TestBatchesAreSplit(t *testing.T) {
	hook := offline(t, nil).(channel.Webhook)
	person := func(wa, user, name string) string {
		return `{"profile":{"name":"` + name + `"},"wa_id":"` + wa + `","user_id":"` + user + `"}`
	}
	one := `{` + meta + `,"contacts":[` + person("7900", "RU.1", "А") + `,` + person("7901", "RU.2", "Б") + `],"messages":[` +
		`{"from":"7900","from_user_id":"RU.1","id":"w1","type":"text","text":{"body":"1"}},` +
		`{"from":"7901","from_user_id":"RU.2","id":"w2","type":"text","text":{"body":"2"}},` +
		`{"from":"7900","from_user_id":"RU.1","id":"w3","type":"text","text":{"body":"3"}}],` +
		`"statuses":[{"id":"o1","status":"delivered","recipient_user_id":"RU.1"},{"id":"o1","status":"sent","recipient_user_id":"RU.1"}]}`
	two := `{` + meta + `,"errors":[{"code":131000,"title":"Something went wrong"}]}`
	body := `{"object":"whatsapp_business_account","entry":[` +
		`{"id":"1","changes":[{"field":"messages","value":` + one + `},{"field":"messages","value":` + two + `}]},` +
		`{"id":"1","changes":[{"field":"new_field","value":{"x":1}}]}]}`
	raws, _, err := hook.Accept(signed(body))
	if err != nil {
		t.Fatal(err)
	}
	var keys, orders, names []string
	for _, r := range raws {
		keys, orders = append(keys, r.Key[:min(len(r.Key), 6)]), append(orders, r.Order)
		updates, err := hook.(channel.Adapter).Decode(r)
		if err != nil || len(updates) != 1 {
			t.Fatalf("%d updates, %v from %s", len(updates), err, r.Body)
		}
		if updates[0].Message != nil {
			names = append(names, updates[0].Sender.Name)
		}
	}
	if want := []string{"RU.1", "RU.2", "RU.1", "RU.1", "RU.1", "account", "account"}; !slices.Equal(orders, want) {
		t.Errorf("orders %v, want %v", orders, want)
	}
	if want := []string{"m:w1", "m:w2", "m:w3", "s:o1:d", "s:o1:s"}; !slices.Equal(keys[:5], want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
	if want := []string{"А", "Б", "А"}; !slices.Equal(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
}
