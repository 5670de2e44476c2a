package webchat_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/webchat"
	"github.com/okno-hq/okno/internal/fault"
)

func TestSettings(t *testing.T) {
	w := newWorld(t, widgetAccount())
	for _, c := range []struct{ field, value string }{
		{"sites", "ftp://shop.example"},
		{"sites", "https://"},
		{"sites", "https://user:pass@shop.example"},
		{"sites", "https://*"},
		{"sites", "https://shop.example; script-src *"},
		{"sites", "https://a b"},
		{"sites", "https://*.*.example"},
		{"sites", "https://shop.example\njavascript:alert(1)"},
		{"color", "red"},
		{"color", "#12345"},
		{"color", "#12345g"},
		{"color", "#fff;}"},
		{"position", "top"},
		{"theme", "pink"},
		{"language", "de"},
		{"proactive_delay", "0"},
		{"proactive_delay", "soon"},
		{"max_file_mb", "201"},
		{"max_file_mb", "-1"},
		{"ask_phone", "yes"},
		{"consent", "maybe"},
		{"consent_url", "javascript:alert(1)"},
		{"consent_url", "/policy"},
		{"greeting_ru", strings.Repeat("я", 1001)},
	} {
		_, err := w.platform.Factory().Open(widgetAccount(c.field, c.value))
		fe, ok := errors.AsType[*fault.Error](err)
		if !ok || fe.Kind != fault.Invalid || fe.Field != c.field {
			t.Errorf("%s=%q: %v, want invalid about that field", c.field, c.value, err)
		}
	}
	for _, sites := range []string{"", "shop.example", "http://localhost:8080\n\n https://SHOP.example/path ", "https://*.shop.example", "https://[::1]:8443", "https://xn--e1afmkfd.xn--p1ai"} {
		if _, err := w.platform.Factory().Open(widgetAccount("sites", sites)); err != nil {
			t.Errorf("sites %q: %v", sites, err)
		}
	}
}

func TestHealth(t *testing.T) {
	for _, c := range []struct {
		name   string
		sites  string
		tune   func(*webchat.Deps)
		state  channel.HealthState
		reason channel.Reason
	}{
		{"set up", "https://shop.example", func(*webchat.Deps) {}, channel.Working, ""},
		{"no site", "", func(*webchat.Deps) {}, channel.Degraded, channel.ReasonMisconfigured},
		{"not built", "https://shop.example", func(d *webchat.Deps) {
			d.Assets = fstest.MapFS{"placeholder.js": {Data: []byte("console.warn(1)")}}
		}, channel.Failing, channel.ReasonMisconfigured},
		{"no storage", "https://shop.example", func(d *webchat.Deps) { d.Visitors.(*memory).broken = true }, channel.Failing, channel.ReasonPlatformDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, widgetAccount("sites", c.sites), c.tune)
			if h := w.adapter.Check(t.Context()); h.State != c.state || h.Reason != c.reason || h.Account == "" {
				t.Errorf("health %+v", h)
			}
			if c.name == "not built" {
				if got := w.must(w.do("GET", "/widget.js", "", nil), 200); !strings.Contains(string(got.body), "console.warn") {
					t.Errorf("script %s", got.body)
				}
			}
		})
	}
}

func TestConfigFallsBackToTheOtherLanguage(t *testing.T) {
	w := newWorld(t, widgetAccount("greeting_ru", "Привет", "offline_en", "Closed", "consent", "true"))
	var c struct {
		Greeting, Offline, Title struct{ RU, EN string }
		Consent                  *struct{ URL string }
		Proactive                *struct{}
		Open                     bool
	}
	w.must(w.do("GET", "/widget/7/config", "", nil), 200).into(t, &c)
	if c.Greeting.EN != "Привет" || c.Offline.RU != "Closed" || c.Title.EN != "Кофейня" || c.Consent == nil || c.Proactive != nil || !c.Open {
		t.Errorf("config %+v", c)
	}
}

func TestDepsAreChecked(t *testing.T) {
	for name, tune := range map[string]func(*webchat.Deps){
		"short key":    func(d *webchat.Deps) { d.Key = []byte("short") },
		"bad base URL": func(d *webchat.Deps) { d.BaseURL = "okno" + "\x00" },
	} {
		d := deps(newMemory())
		tune(&d)
		if p, err := webchat.New(d); err == nil {
			p.Close()
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzDecode: whatever lies in the store, decoding says the same twice and
// nothing malformed.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"v":1,"type":"message","chat":"c","person":{"id":"c"},"id":"c.1","body":{"text":"а","marks":[{"type":"bold","offset":0,"length":9}],"files":[{"id":"1","kind":"image"}]}}`,
		`{"v":1,"type":"press","chat":"c","id":"c.2","reply_to":"out.1","button":{"kind":"callback","text":"a"}}`,
		`{"v":1,"type":"status","chat":"c","id":"out.1","state":"read"}`, `{"v":1,"type":"person","chat":"c","old":{"id":"x"}}`, `{"type":"new","chat":"c"}`, `[]`,
	} {
		f.Add([]byte(s))
	}
	p, err := webchat.New(deps(newMemory()))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(p.Close)
	a, err := p.Factory().Open(widgetAccount())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := a.Decode(channel.Raw{Key: "k", Body: body})
		again, _ := a.Decode(channel.Raw{Key: "k", Body: body})
		if !reflect.DeepEqual(got, again) {
			t.Fatal("decoding is not repeatable")
		}
		if err != nil {
			return
		}
		for _, u := range got {
			if u.Chat.Key == "" {
				t.Errorf("an update without a chat: %+v", u)
			}
			if m := u.Message; m != nil {
				for _, k := range m.Content.Marks {
					if k.Offset < 0 || k.Length <= 0 {
						t.Errorf("mark %+v", k)
					}
				}
			}
		}
	})
}

// FuzzMessage: a stranger's request never breaks the server, and what is kept
// is valid text without controls.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{`{"client_id":"12345678","text":"a"}`, `{"client_id":"12345678","profile":{"phone":"+7 900"}}`, `{"client_id":"12345678","text":"\ud800\u0000"}`, `{"client_id":"12345678","press":{"id":"x","row":9}}`} {
		f.Add([]byte(s))
	}
	limits := webchat.DefaultLimits()
	limits.Messages, limits.Requests = webchat.Rate{Burst: 1}, webchat.Rate{Burst: 1}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := newWorld(t, widgetAccount(), func(d *webchat.Deps) { d.Limits = limits })
		v := w.visit()
		if got := w.do("POST", "/widget/7/messages", v.token, strings.NewReader(string(body))); got.status >= 500 {
			t.Errorf("status %d: %s", got.status, got.body)
		}
		for _, e := range v.after(0).Entries {
			if !utf8.ValidString(e.Text) || strings.ContainsAny(e.Text, "\x00\x1b\u202e") {
				t.Errorf("text %q", e.Text)
			}
		}
	})
}
