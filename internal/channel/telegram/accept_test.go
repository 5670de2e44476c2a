package telegram_test

import (
	"net/http"
	"testing"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/telegram"
	"github.com/okno-hq/okno/internal/fault"
)

const header = "X-Telegram-Bot-Api-Secret-Token"

func TestAccept(t *testing.T) {
	w := open(t, nil).(channel.Webhook)
	body := []byte(`{"update_id":900001,` + message(`"text":"x"`) + `}`)
	request := func(method string, secrets ...string) channel.Request {
		return channel.Request{Method: method, Header: map[string][]string{header: secrets}, Body: body}
	}
	raws, reply, err := w.Accept(request(http.MethodPost, "s3cret"))
	if err != nil || len(raws) != 1 || raws[0].Key != "900001" || raws[0].Order != "501" || reply.Status != 0 {
		t.Errorf("raws %+v, reply %+v, error %v", raws, reply, err)
	}
	for name, r := range map[string]channel.Request{
		"no secret":        {Method: http.MethodPost, Body: body},
		"empty secret":     request(http.MethodPost, ""),
		"wrong secret":     request(http.MethodPost, "s3cres"),
		"longer secret":    request(http.MethodPost, "s3cret "),
		"two secrets":      request(http.MethodPost, "s3cret", "s3cret"),
		"not a POST":       request(http.MethodGet, "s3cret"),
		"in the wrong row": {Method: http.MethodPost, Header: map[string][]string{"Authorization": {"s3cret"}}, Body: body},
	} {
		t.Run(name, func(t *testing.T) {
			if raws, _, err := w.Accept(r); fault.KindOf(err) != fault.Unauthenticated || len(raws) != 0 {
				t.Errorf("%d updates, error %v", len(raws), err)
			}
		})
	}
}

// TestNoSecretNoBelief: an account without a secret believes nobody.
func TestNoSecretNoBelief(t *testing.T) {
	a, err := telegram.NewFactory(telegram.Deps{}).Open(channel.Account{Secrets: map[string]string{"token": token}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, secrets := range [][]string{nil, {""}, {"x"}} {
		r := channel.Request{Method: http.MethodPost, Header: map[string][]string{header: secrets}, Body: []byte(`{"update_id":1}`)}
		if _, _, err := a.(channel.Webhook).Accept(r); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("secrets %q: error %v", secrets, err)
		}
	}
}

// TestRawNames: keys and orders of every kind of update.
func TestRawNames(t *testing.T) {
	w := open(t, nil).(channel.Webhook)
	for body, want := range map[string][2]string{
		`{"update_id":1,"message":{"chat":{"id":-100123},"message_thread_id":7,"is_topic_message":true}}`:        {"1", "-100123"},
		`{"update_id":2,"business_message":{"business_connection_id":"b","chat":{"id":601}}}`:                    {"2", "bc:b:601"},
		`{"update_id":3,"deleted_business_messages":{"business_connection_id":"b","chat":{"id":601}}}`:           {"3", "bc:b:601"},
		`{"update_id":4,"business_connection":{"id":"b"}}`:                                                       {"4", "bc:b"},
		`{"update_id":5,"callback_query":{"id":"9","from":{"id":501},"message":{"chat":{"id":501}}}}`:            {"5", "501"},
		`{"update_id":6,"callback_query":{"id":"9","message":{"business_connection_id":"b","chat":{"id":601}}}}`: {"6", "bc:b:601"},
		`{"update_id":7,"message_reaction":{"chat":{"id":501}}}`:                                                 {"7", "501"},
		`{"update_id":8,"inline_query":{"id":"1","from":{"id":501}}}`:                                            {"8", "501"},
		`{"update_id":9,"poll":{"id":"1"}}`:                                                                      {"9", "account"},
		`{"update_id":"x","message":{"chat":{"id":501}}}`:                                                        {"", "501"},
		`{"update_id":10,"message":{"chat":{"id":"501"}}}`:                                                       {"10", "account"},
		`not JSON`: {"", "account"},
	} {
		raws, _, err := w.Accept(channel.Request{Method: http.MethodPost, Header: map[string][]string{header: {"s3cret"}}, Body: []byte(body)})
		if err != nil || len(raws) != 1 {
			t.Fatalf("%s: %d updates, error %v", body, len(raws), err)
		}
		if r := raws[0]; r.Order != want[1] || (want[0] != "" && r.Key != want[0]) || (want[0] == "" && len(r.Key) < 20) || string(r.Body) != body {
			t.Errorf("%s: key %q order %q, want %q", body, r.Key, r.Order, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		field    string
		settings map[string]string
	}{
		"no token":           {"token", map[string]string{"token": " "}},
		"a name for a token": {"token", map[string]string{"token": "okno_bot"}},
		"a path for a token": {"token", map[string]string{"token": "1234:../../../../../../../etc/passwd"}},
		"mode":               {"mode", map[string]string{"mode": "pigeon"}},
		"connections":        {"max_connections", map[string]string{"max_connections": "101"}},
		"username":           {"username", map[string]string{"username": "https://t.me/x"}},
		"api_url":            {"api_url", map[string]string{"api_url": "ftp://x"}},
		"file_url":           {"file_url", map[string]string{"file_url": "/var/lib"}},
		"proxy_url":          {"proxy_url", map[string]string{"proxy_url": "gopher://x"}},
		"ca_bundle":          {"ca_bundle", map[string]string{"ca_bundle": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			account := channel.Account{Settings: c.settings, Secrets: map[string]string{}}
			if c.settings["token"] == "" {
				account.Secrets["token"] = token
			}
			_, err := telegram.NewFactory(telegram.Deps{}).Open(account)
			f, ok := err.(*fault.Error) //nolint:errorlint // it must be one itself
			if !ok || f.Kind != fault.Invalid || f.Field != c.field {
				t.Errorf("error %v, want invalid %s", err, c.field)
			}
		})
	}
}
