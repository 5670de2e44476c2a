// Package whatsapp connects a number of the WhatsApp Business Cloud API:
// https://developers.facebook.com/documentation/business-messaging/whatsapp
package whatsapp

import (
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/fault"
)

// Defaults of the advanced settings.
const (
	defaultAPI     = "https://graph.facebook.com"
	defaultVersion = "v23.0"
	// defaultPerSecond is the throughput of a number that Meta has not
	// upgraded.
	defaultPerSecond = 80
	// defaultListLabel opens a list of buttons; it must not be empty and
	// should need no translation.
	defaultListLabel = "☰"
)

// Deps is what adapters of this kind share.
type Deps struct {
	Log *slog.Logger
	// Transport replaces the network in tests.
	Transport http.RoundTripper
	// Observe is told of each exchange with the platform, for metrics.
	Observe func(egress.Observation)
}

// Factory opens WhatsApp numbers.
type Factory struct{ deps Deps }

var _ channel.Factory = (*Factory)(nil)

// NewFactory returns the factory.
func NewFactory(deps Deps) *Factory {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	return &Factory{deps: deps}
}

// Kind implements channel.Factory.
func (f *Factory) Kind() channel.Kind { return channel.WhatsApp }

// Form implements channel.Factory.
func (f *Factory) Form() channel.Form {
	return channel.Form{Fields: []channel.Field{
		{Name: "phone_number_id", Type: channel.FieldText, Required: true},
		{Name: "waba_id", Type: channel.FieldText, Required: true},
		{Name: "token", Type: channel.FieldText, Secret: true, Required: true},
		{Name: "app_secret", Type: channel.FieldText, Secret: true, Required: true},
		{Name: "number", Type: channel.FieldText}, // for links: the API call that tells it needs the network
		{Name: "verify_token", Type: channel.FieldText, Secret: true, Advanced: true},
		{Name: "groups", Type: channel.FieldBool, Advanced: true, Default: "false"},
		{Name: "portfolio_id", Type: channel.FieldText, Advanced: true},
		{Name: "per_second", Type: channel.FieldText, Advanced: true, Default: strconv.Itoa(defaultPerSecond)},
		{Name: "list_label", Type: channel.FieldText, Advanced: true, Default: defaultListLabel},
		{Name: "api_version", Type: channel.FieldText, Advanced: true, Default: defaultVersion},
		{Name: "api_url", Type: channel.FieldURL, Advanced: true, Default: defaultAPI},
		{Name: "proxy_url", Type: channel.FieldURL, Secret: true, Advanced: true},
		{Name: "ca_bundle", Type: channel.FieldPEM, Advanced: true},
	}}
}

// settings are an account's fields, checked.
type settings struct {
	numberID, wabaID, portfolio string
	token, appSecret            string
	verifyTokens                []string
	number, listLabel, version  string
	groups                      bool
	https                       bool // files come over TLS, as the API does
	perSecond                   int
	webhookURL, webhookSecret   string
}

var (
	idPattern      = regexp.MustCompile(`^\d{5,32}$`)
	versionPattern = regexp.MustCompile(`^v\d{1,3}\.\d{1,2}$`)
)

func parseSettings(a channel.Account) (settings, error) {
	s := settings{
		numberID:  strings.TrimSpace(a.Setting("phone_number_id", "")),
		wabaID:    strings.TrimSpace(a.Setting("waba_id", "")),
		portfolio: strings.TrimSpace(a.Setting("portfolio_id", "")),
		token:     strings.TrimSpace(a.Setting("token", "")),
		appSecret: strings.TrimSpace(a.Setting("app_secret", "")),
		number:    digits(a.Setting("number", "")),
		listLabel: a.Setting("list_label", defaultListLabel),
		version:   a.Setting("api_version", defaultVersion),
		groups:    a.Setting("groups", "false") == "true",

		webhookURL: a.WebhookURL, webhookSecret: a.WebhookSecret,
	}
	for name, value := range map[string]string{"phone_number_id": s.numberID, "waba_id": s.wabaID} {
		if !idPattern.MatchString(value) {
			return s, fault.Invalidf(name, "channel.whatsapp.bad_id", "want an id in digits")
		}
	}
	for name, value := range map[string]string{"token": s.token, "app_secret": s.appSecret} {
		if value == "" {
			return s, fault.Invalidf(name, "channel.required", "missing")
		}
	}
	if !versionPattern.MatchString(s.version) {
		return s, fault.Invalidf("api_version", "channel.whatsapp.bad_version", "want a version like v23.0")
	}
	if n := len([]rune(s.listLabel)); n > maxButtonText {
		return s, fault.Invalidf("list_label", "channel.whatsapp.bad_list_label", "%d characters, at most %d", n, maxButtonText)
	}
	rate, err := strconv.Atoi(a.Setting("per_second", strconv.Itoa(defaultPerSecond)))
	if err != nil || rate < 1 || rate > 1000 {
		return s, fault.Invalidf("per_second", "channel.whatsapp.bad_rate", "want 1 to 1000")
	}
	s.perSecond = rate
	for _, token := range []string{a.WebhookSecret, strings.TrimSpace(a.Setting("verify_token", ""))} {
		if token != "" {
			s.verifyTokens = append(s.verifyTokens, token)
		}
	}
	return s, nil
}

// Open implements channel.Factory.
func (f *Factory) Open(a channel.Account) (channel.Adapter, error) {
	s, err := parseSettings(a)
	if err != nil {
		return nil, err
	}
	api := strings.TrimRight(a.Setting("api_url", defaultAPI), "/")
	s.https = !strings.HasPrefix(api, "http://")
	client, err := egress.New(egress.Config{
		BaseURL:  api + "/" + s.version,
		ProxyURL: a.Setting("proxy_url", ""),
		CABundle: []byte(a.Setting("ca_bundle", "")),
		Limits: egress.Limits{
			Overall: egress.Limit{PerSecond: float64(s.perSecond), Burst: s.perSecond},
			// To one customer: a message in six seconds, and up to 45 at once
			// borrowed from the future.
			PerKey: egress.Limit{PerSecond: 1.0 / 6, Burst: 45},
		},
		AllowPrivate: api != defaultAPI, // an administrator chose the address
		Redact:       []string{s.token, s.appSecret, s.webhookSecret},
		Transport:    f.deps.Transport,
		Observe:      f.deps.Observe,
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault that names the setting
	}
	log := f.deps.Log.With(slog.Int64("channel_id", int64(a.ID)), slog.String("kind", string(channel.WhatsApp)))
	return &adapter{settings: s, client: client, log: log}, nil
}

// digits strips a phone number to what WhatsApp calls a wa_id.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}
