package whatsapp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/whatsapp"
	"github.com/okno-hq/okno/internal/fault"
	standin "github.com/okno-hq/okno/internal/standin/whatsapp"
)

func TestHealthSeesWhereNotificationsGo(t *testing.T) {
	p, a := connect(t)
	p.AddCustomer(standin.Customer{Phone: irina})
	if h := a.Check(t.Context()); h.State != channel.Failing || h.Reason != channel.ReasonWebhookMissing || h.Account != "+7 900 111-22-33" {
		t.Errorf("before subscribing: %+v", h)
	}
	account := p.Account()
	account.WebhookURL = ""
	nowhere, err := p.Factory().Open(account)
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	if h := nowhere.Check(t.Context()); h.State != channel.Failing || h.Reason != channel.ReasonMisconfigured {
		t.Errorf("without an address: %+v", h)
	}
	if err := nowhere.(channel.Subscriber).Subscribe(t.Context()); err == nil {
		t.Error("subscribed without an address")
	}
	// The platform asks the address for proof; nobody answers for this one.
	account.WebhookURL = "http://127.0.0.1:1/hooks/whatsapp/1"
	dead, err := p.Factory().Open(account)
	if err != nil {
		t.Fatal(err)
	}
	defer dead.Close()
	if err := dead.(channel.Subscriber).Subscribe(t.Context()); err == nil {
		t.Error("subscribed an address that does not answer")
	} else if se := sendError(t, err); se.Detail == "" {
		t.Errorf("no words: %+v", se)
	}
	p.Fail(standin.Fault{Method: "number", Code: 80007})
	if h := a.Check(t.Context()); h.State != channel.Degraded || h.Reason != channel.ReasonRateLimited {
		t.Errorf("rate limited: %+v", h)
	}
}

// What the platform says about the number and the token, as health.
func TestHealthTellsStandingAndToken(t *testing.T) {
	const hook = "https://okno.example/hooks/whatsapp/1"
	soon := time.Now().Add(20 * time.Hour).Unix()
	for name, tt := range map[string]struct {
		number, apps, token string
		state               channel.HealthState
		reason              channel.Reason
	}{
		"well":           {`"status":"CONNECTED"`, `{}`, `{"expires_at":0,"scopes":["whatsapp_business_messaging","whatsapp_business_management"]}`, channel.Working, ""},
		"silent on both": {`"quality_rating":"GREEN"`, `{}`, `null`, channel.Working, ""},
		"banned":         {`"status":"BANNED"`, `{}`, `{}`, channel.Failing, channel.ReasonNoPermission},
		"flagged":        {`"status":"FLAGGED"`, `{}`, `{}`, channel.Degraded, channel.ReasonRateLimited},
		"unsubscribed":   {`"status":"CONNECTED"`, ``, `{}`, channel.Failing, channel.ReasonWebhookMissing},
		"temporary":      {`"status":"CONNECTED"`, `{}`, fmt.Sprintf(`{"expires_at":%d}`, soon), channel.Degraded, channel.ReasonMisconfigured},
		"few rights":     {`"status":"CONNECTED"`, `{}`, `{"scopes":["whatsapp_business_messaging"]}`, channel.Degraded, channel.ReasonNoPermission},
	} {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			mux.HandleFunc("GET /v23.0/106540352242922", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"display_phone_number":"+7 900","webhook_configuration":{"application":"https://other.example/","phone_number":%q},%s}`, hook, tt.number)
			})
			mux.HandleFunc("GET /v23.0/102290129340398/subscribed_apps", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"data":[%s]}`, tt.apps)
			})
			mux.HandleFunc("GET /v23.0/debug_token", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = fmt.Fprintf(w, `{"data":%s}`, tt.token)
			})
			server := httptest.NewServer(mux)
			defer server.Close()
			h := offline(t, map[string]string{"api_url": server.URL}).Check(t.Context())
			if h.State != tt.state || h.Reason != tt.reason || (h.State != channel.Working && h.Detail == "") {
				t.Errorf("%+v, want %s, %s", h, tt.state, tt.reason)
			}
		})
	}
}

func TestDeepLink(t *testing.T) {
	for number, want := range map[string]string{"+7 900 111-22-33": "https://wa.me/79001112233?text=%D0%97%D0%B0%D0%BA%D0%B0%D0%B7%205", "": ""} {
		if got := offline(t, map[string]string{"number": number}).(channel.Linker).DeepLink("Заказ 5"); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for name, value := range map[string]string{
		"phone_number_id": "abc", "waba_id": "1 2", "api_version": "latest", "per_second": "0", "list_label": "слишком длинная подпись",
		"api_url": "ftp://x", "proxy_url": "gopher://x", "ca_bundle": "not PEM",
	} {
		a := channel.Account{
			Settings: map[string]string{"phone_number_id": "106540352242922", "waba_id": "102290129340398"},
			Secrets:  map[string]string{"token": "t", "app_secret": "s"},
		}
		a.Settings[name] = value
		adapter, err := whatsapp.NewFactory(whatsapp.Deps{}).Open(a)
		if err == nil {
			adapter.Close()
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s %q: %v, want invalid", name, value, err)
		}
	}
}
