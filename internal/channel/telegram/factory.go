// Package telegram connects a Telegram bot, also one that works for business
// accounts: https://core.telegram.org/bots/api
package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
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
	defaultAPI         = "https://api.telegram.org"
	defaultFiles       = defaultAPI + "/file"
	defaultConnections = 40
	defaultPollWait    = 25 * time.Second
)

// The ways to receive updates.
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
	// PollWait is how long a poll waits for updates, in whole seconds: 25 s
	// by default, the platform allows 50.
	PollWait time.Duration
}

// Factory opens bots.
type Factory struct{ deps Deps }

var _ channel.Factory = (*Factory)(nil)

// NewFactory returns the factory.
func NewFactory(deps Deps) *Factory {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.PollWait <= 0 {
		deps.PollWait = defaultPollWait
	}
	return &Factory{deps: deps}
}

// Kind implements channel.Factory.
func (f *Factory) Kind() channel.Kind { return channel.Telegram }

// Form implements channel.Factory.
func (f *Factory) Form() channel.Form {
	return channel.Form{Fields: []channel.Field{
		{Name: "token", Type: channel.FieldText, Secret: true, Required: true},
		{Name: "mode", Type: channel.FieldChoice, Default: modeWebhook, Options: []string{modeWebhook, modePolling}},
		{Name: "groups", Type: channel.FieldBool, Default: "false"},
		{Name: "username", Type: channel.FieldText, Advanced: true}, // for links before the first check
		{Name: "max_connections", Type: channel.FieldText, Advanced: true, Default: strconv.Itoa(defaultConnections)},
		{Name: "local_server", Type: channel.FieldBool, Advanced: true, Default: "false"},
		{Name: "api_url", Type: channel.FieldURL, Advanced: true, Default: defaultAPI},
		{Name: "file_url", Type: channel.FieldURL, Advanced: true}, // default: below api_url
		{Name: "proxy_url", Type: channel.FieldURL, Secret: true, Advanced: true},
		{Name: "ca_bundle", Type: channel.FieldPEM, Advanced: true},
	}}
}

// settings are an account's fields, checked.
type settings struct {
	token    string
	botID    int64
	username string
	polling  bool
	groups   bool
	// local is our own Bot API server, without the limits on files.
	local         bool
	connections   int
	fileURL       string
	webhookURL    string
	webhookSecret string
	pollWait      time.Duration
}

var (
	tokenPattern    = regexp.MustCompile(`^(\d{3,19}):[A-Za-z0-9_-]{20,128}$`)
	usernamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{2,63}$`)
	secretPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

func parseSettings(a channel.Account) (settings, error) {
	s := settings{
		token:      strings.TrimSpace(a.Setting("token", "")),
		username:   strings.TrimPrefix(strings.TrimSpace(a.Setting("username", "")), "@"),
		groups:     a.Setting("groups", "false") == "true",
		local:      a.Setting("local_server", "false") == "true",
		webhookURL: a.WebhookURL, webhookSecret: secretToken(a.WebhookSecret),
	}
	found := tokenPattern.FindStringSubmatch(s.token)
	if found == nil {
		return s, fault.Invalidf("token", "channel.telegram.bad_token", "want a token as BotFather gives it")
	}
	var err error
	if s.botID, err = strconv.ParseInt(found[1], 10, 64); err != nil {
		return s, fault.Invalidf("token", "channel.telegram.bad_token", "bot id out of range")
	}
	if s.username != "" && !usernamePattern.MatchString(s.username) {
		return s, fault.Invalidf("username", "channel.telegram.bad_username", "want a name like okno_bot")
	}
	switch a.Setting("mode", modeWebhook) {
	case modeWebhook:
	case modePolling:
		s.polling = true
	default:
		return s, fault.Invalidf("mode", "channel.telegram.bad_mode", "want webhook or polling")
	}
	s.connections, err = strconv.Atoi(a.Setting("max_connections", strconv.Itoa(defaultConnections)))
	if err != nil || s.connections < 1 || s.connections > 100 {
		return s, fault.Invalidf("max_connections", "channel.telegram.bad_connections", "want 1 to 100")
	}
	return s, nil
}

// secretToken makes our secret fit the platform's alphabet.
func secretToken(secret string) string {
	if secret == "" || secretPattern.MatchString(secret) {
		return secret
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Open implements channel.Factory. The adapter is a channel.Webhook and
// channel.Subscriber, or a channel.Poller, as the account's mode says.
func (f *Factory) Open(a channel.Account) (channel.Adapter, error) {
	s, err := parseSettings(a)
	if err != nil {
		return nil, err
	}
	s.pollWait = f.deps.PollWait
	api := strings.TrimRight(a.Setting("api_url", defaultAPI), "/")
	s.fileURL = strings.TrimRight(a.Setting("file_url", api+"/file"), "/")
	if files := a.Setting("file_url", defaultFiles); !strings.HasPrefix(files, "http://") && !strings.HasPrefix(files, "https://") {
		return nil, fault.Invalidf("file_url", "channel.telegram.bad_file_url", "want an http or https address")
	}
	_, secret, _ := strings.Cut(s.token, ":")
	client, err := egress.New(egress.Config{
		BaseURL:  api,
		ProxyURL: a.Setting("proxy_url", ""),
		CABundle: []byte(a.Setting("ca_bundle", "")),
		Limits: egress.Limits{
			// https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
			Overall: egress.Limit{PerSecond: 28, Burst: 2}, // at most 30 in any second
			PerKey:  egress.Limit{PerSecond: 1, Burst: 5},
			ForKey: func(chat string) (egress.Limit, bool) {
				// At most 20 in any minute.
				return egress.Limit{PerSecond: 0.25, Burst: 5}, strings.HasPrefix(chat, "-")
			},
		},
		AllowPrivate: api != defaultAPI || s.fileURL != defaultFiles, // an administrator chose the address
		Redact:       []string{s.token, secret, s.webhookSecret},
		Transport:    f.deps.Transport,
		Observe:      f.deps.Observe,
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault that names the setting
	}
	ad := &adapter{
		settings: s, client: client,
		log: f.deps.Log.With(slog.Int64("channel_id", int64(a.ID)), slog.String("kind", string(channel.Telegram))),
	}
	if s.username != "" {
		ad.username.Store(&s.username)
	}
	if s.polling {
		return &poller{adapter: ad}, nil
	}
	return &webhook{adapter: ad}, nil
}
