// Package maxbot connects a bot of the MAX messenger: https://dev.max.ru/docs-api
package maxbot

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/fault"
)

// Defaults of the advanced settings.
const (
	defaultAPI = "https://platform-api2.max.ru"
	// defaultPerSecond stays below the platform's 30 calls a second, which
	// other users of the token share.
	defaultPerSecond      = 25
	defaultPollsPerSecond = 2
)

// The ways updates reach us.
const (
	modeWebhook = "webhook"
	modePolling = "polling"
)

// Deps is what adapters of this kind share.
type Deps struct {
	Log *slog.Logger
	// Transport replaces the network in tests.
	Transport http.RoundTripper
	// Observe is told of each exchange with the platform, for metrics.
	Observe func(egress.Observation)
	// NotReadyPause is the first pause after attachment.not.ready, a second
	// by default; each further one is twice as long.
	NotReadyPause time.Duration
	// PollTimeout is how long the platform holds a poll open: 30 s, its
	// longest recommended time, by default.
	PollTimeout time.Duration
	// PollsPerSecond limits long polls: 2, the platform's limit, by default.
	PollsPerSecond float64
	// Settle is how long after a send the history is believed when it does
	// not show the message: 10 s by default.
	Settle time.Duration
}

// Factory opens MAX bots.
type Factory struct{ deps Deps }

var _ channel.Factory = (*Factory)(nil)

// NewFactory returns the factory.
func NewFactory(deps Deps) *Factory {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.NotReadyPause <= 0 {
		deps.NotReadyPause = time.Second
	}
	if deps.PollTimeout <= 0 {
		deps.PollTimeout = 30 * time.Second
	}
	if deps.PollsPerSecond <= 0 {
		deps.PollsPerSecond = defaultPollsPerSecond
	}
	if deps.Settle <= 0 {
		deps.Settle = 10 * time.Second
	}
	return &Factory{deps: deps}
}

// Kind implements channel.Factory.
func (f *Factory) Kind() channel.Kind { return channel.MAX }

// Form implements channel.Factory.
func (f *Factory) Form() channel.Form {
	return channel.Form{Fields: []channel.Field{
		{Name: "token", Type: channel.FieldText, Secret: true, Required: true},
		{Name: "mode", Type: channel.FieldChoice, Default: modeWebhook, Options: []string{modeWebhook, modePolling}},
		{Name: "groups", Type: channel.FieldBool, Advanced: true, Default: "false"},
		{Name: "username", Type: channel.FieldText, Advanced: true}, // for links before the first check
		{Name: "per_second", Type: channel.FieldText, Advanced: true, Default: strconv.Itoa(defaultPerSecond)},
		{Name: "api_url", Type: channel.FieldURL, Advanced: true, Default: defaultAPI},
		{Name: "proxy_url", Type: channel.FieldURL, Secret: true, Advanced: true},
		{Name: "ca_bundle", Type: channel.FieldPEM, Advanced: true},
	}}
}

// settings are an account's fields, checked.
type settings struct {
	token, mode, username string
	groups                bool
	api                   *url.URL
	webhookURL, secret    string
	customAPI             bool
}

func (s settings) polls() bool { return s.mode == modePolling }

// privateAPI says whether the API's address is plainly within our own
// network: a relay or a stand-in of the administrator's.
func (s settings) privateAPI() bool {
	host := s.api.Hostname()
	addr, err := netip.ParseAddr(host)
	return s.customAPI && (host == "localhost" || (err == nil && (addr.IsLoopback() || addr.IsPrivate())))
}

var usernamePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

func parseSettings(a channel.Account) (settings, int, error) {
	s := settings{
		token:      strings.TrimSpace(a.Setting("token", "")),
		mode:       a.Setting("mode", modeWebhook),
		username:   strings.TrimPrefix(strings.TrimSpace(a.Setting("username", "")), "@"),
		groups:     a.Setting("groups", "false") == "true",
		webhookURL: a.WebhookURL,
		secret:     webhookSecret(a.WebhookSecret),
	}
	if s.token == "" {
		return s, 0, fault.Invalidf("token", "channel.required", "missing")
	}
	if strings.ContainsAny(s.token, " \t\r\n") {
		return s, 0, fault.Invalidf("token", "channel.max.bad_token", "want the token as it is, without Bearer")
	}
	if s.mode != modeWebhook && s.mode != modePolling {
		return s, 0, fault.Invalidf("mode", "channel.max.bad_mode", "want %s or %s", modeWebhook, modePolling)
	}
	if s.username != "" && !usernamePattern.MatchString(s.username) {
		return s, 0, fault.Invalidf("username", "channel.max.bad_username", "want the bot's name in its address")
	}
	rate, err := strconv.Atoi(a.Setting("per_second", strconv.Itoa(defaultPerSecond)))
	if err != nil || rate < 1 || rate > 30 {
		return s, 0, fault.Invalidf("per_second", "channel.max.bad_rate", "want 1 to 30")
	}
	address := strings.TrimRight(a.Setting("api_url", defaultAPI), "/")
	s.customAPI = address != defaultAPI
	if s.api, err = url.Parse(address); err != nil {
		return s, 0, fault.Invalidf("api_url", "egress.bad_base_url", "malformed address")
	}
	return s, rate, nil
}

var secretPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{5,256}$`)

// webhookSecret is the account's secret in a form that the platform takes.
func webhookSecret(secret string) string {
	if secret == "" || secretPattern.MatchString(secret) {
		return secret
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Open implements channel.Factory.
func (f *Factory) Open(a channel.Account) (channel.Adapter, error) {
	s, rate, err := parseSettings(a)
	if err != nil {
		return nil, err
	}
	config := egress.Config{
		BaseURL:  s.api.String(),
		ProxyURL: a.Setting("proxy_url", ""),
		CABundle: []byte(a.Setting("ca_bundle", "")),
		Limits: egress.Limits{
			Overall: egress.Limit{PerSecond: float64(rate), Burst: 2},
			ForKey: func(key string) (egress.Limit, bool) {
				return egress.Limit{PerSecond: f.deps.PollsPerSecond, Burst: 1}, key == pollKey
			},
		},
		AllowPrivate: s.customAPI, // an administrator chose the address
		Redact:       []string{s.token, s.secret, a.WebhookSecret},
		Transport:    f.deps.Transport,
		Observe:      f.deps.Observe,
	}
	api, err := egress.New(config)
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault that names the setting
	}
	// Files lie on hosts that the platform names in its answers: those must
	// be public unless the API itself was set to a private address.
	config.BaseURL, config.AllowPrivate, config.Limits = "", s.privateAPI(), egress.Limits{}
	media, err := egress.New(config)
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault that names the setting
	}
	log := f.deps.Log.With(slog.Int64("channel_id", int64(a.ID)), slog.String("kind", string(channel.MAX)))
	return &adapter{settings: s, deps: f.deps, api: api, media: media, log: log, tokens: newTokens()}, nil
}
