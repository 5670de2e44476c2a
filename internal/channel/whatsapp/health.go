package whatsapp

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
)

// number is what the platform tells about our number.
type number struct {
	Display  string `json:"display_phone_number"`
	Name     string `json:"verified_name"`
	Quality  string `json:"quality_rating"`
	Status   string `json:"status"`
	NameIs   string `json:"name_status"`
	Tier     string `json:"messaging_limit_tier"`
	Callback struct {
		Application string `json:"application"`
		Account     string `json:"whatsapp_business_account"`
		Number      string `json:"phone_number"`
	} `json:"webhook_configuration"`
	Throughput struct {
		Level string `json:"level"`
	} `json:"throughput"`
}

// callback is the address that counts: the number's own goes before the
// account's, and that before the app's.
func (n number) callback() string {
	for _, u := range []string{n.Callback.Number, n.Callback.Account, n.Callback.Application} {
		if u != "" {
			return u
		}
	}
	return ""
}

// Check implements channel.Adapter: the token, the number's standing, and
// whether notifications come to us.
func (a *adapter) Check(ctx context.Context) channel.Health {
	var n number
	query := url.Values{"fields": {
		"display_phone_number,verified_name,quality_rating,status,name_status,messaging_limit_tier,throughput,webhook_configuration",
	}}
	if err := a.graph(ctx, http.MethodGet, a.settings.numberID, query, nil, &n, "number"); err != nil {
		return unhealthy(err)
	}
	h := channel.Health{State: channel.Working, Account: n.Display, Facts: map[string]string{}}
	for name, value := range map[string]string{
		"name": n.Name, "quality": n.Quality, "status": n.Status, "name_status": n.NameIs, "tier": n.Tier, "throughput": n.Throughput.Level,
	} {
		if value != "" {
			h.Facts[name] = value
		}
	}
	switch strings.ToUpper(n.Status) {
	case "", "CONNECTED":
	case "FLAGGED", "RATE_LIMITED", "RESTRICTED":
		h.State, h.Reason, h.Detail = channel.Degraded, channel.ReasonRateLimited, n.Status
	default: // BANNED, DISCONNECTED, PENDING, MIGRATED, DELETED …
		h.State, h.Reason, h.Detail = channel.Failing, channel.ReasonNoPermission, n.Status
		return h
	}
	return a.checkWebhook(ctx, n, h)
}

// checkWebhook finds out whether the platform would deliver to us.
func (a *adapter) checkWebhook(ctx context.Context, n number, h channel.Health) channel.Health {
	failing := func(reason channel.Reason, detail string) channel.Health {
		h.State, h.Reason, h.Detail = channel.Failing, reason, detail
		return h
	}
	if a.settings.webhookURL == "" {
		return failing(channel.ReasonMisconfigured, "the server's public address is not set")
	}
	if at := n.callback(); at != a.settings.webhookURL {
		detail := "no callback is set"
		if u, err := url.Parse(at); err == nil && u.Host != "" {
			detail = "notifications go to " + u.Host
		}
		return failing(channel.ReasonWebhookMissing, detail)
	}
	var apps struct {
		Data []struct{} `json:"data"`
	}
	if err := a.graph(ctx, http.MethodGet, a.settings.wabaID+"/subscribed_apps", nil, nil, &apps, "subscribed_apps"); err != nil {
		return unhealthy(err)
	}
	if len(apps.Data) == 0 {
		return failing(channel.ReasonWebhookMissing, "the app is not subscribed to the account")
	}
	return a.checkToken(ctx, h)
}

// tokenWarning is how long before its end a token is reported.
const tokenWarning = 7 * 24 * time.Hour

// checkToken looks for what will break later: the dashboard's temporary token
// lives for a day and is the usual beginner's mistake, as are missing rights.
func (a *adapter) checkToken(ctx context.Context, h channel.Health) channel.Health {
	var v struct {
		Data struct {
			ExpiresAt int64    `json:"expires_at"`
			Scopes    []string `json:"scopes"`
		} `json:"data"`
	}
	err := a.graph(ctx, http.MethodGet, "debug_token", url.Values{"input_token": {a.settings.token}}, nil, &v, "debug_token")
	if err != nil {
		// The token works; that the platform says no more about it is no fault.
		a.log.Debug("the token cannot be inspected", slog.Any("error", err))
		return h
	}
	degraded := func(reason channel.Reason, detail string) channel.Health {
		h.State, h.Reason, h.Detail = channel.Degraded, reason, detail
		return h
	}
	for _, scope := range []string{"whatsapp_business_messaging", "whatsapp_business_management"} {
		if len(v.Data.Scopes) > 0 && !contains(v.Data.Scopes, scope) {
			return degraded(channel.ReasonNoPermission, "the access token lacks "+scope)
		}
	}
	if v.Data.ExpiresAt > 0 { // 0: never, as of a system user
		at := time.Unix(v.Data.ExpiresAt, 0).UTC()
		h.Facts["token_expires"] = at.Format(time.RFC3339)
		if time.Until(at) < tokenWarning {
			return degraded(channel.ReasonMisconfigured, "the access token expires at "+at.Format(time.RFC3339))
		}
	}
	return h
}

func unhealthy(err error) channel.Health {
	h := channel.Health{State: channel.Failing, Reason: channel.ReasonRejected}
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		h.Reason, h.Detail = se.Reason, se.Detail
		if se.Reason == channel.ReasonRateLimited {
			h.State = channel.Degraded
		}
	}
	return h
}

// Subscribe implements channel.Subscriber. The number gets a callback of its
// own, so that several numbers of an account can be connected separately; the
// platform proves the address before it answers.
func (a *adapter) Subscribe(ctx context.Context) error {
	if a.settings.webhookURL == "" {
		return refused(channel.ReasonMisconfigured, "the server's public address is not set")
	}
	if len(a.settings.verifyTokens) == 0 {
		return refused(channel.ReasonMisconfigured, "no verify token")
	}
	if err := a.graph(ctx, http.MethodPost, a.settings.wabaID+"/subscribed_apps", nil, nil, nil, "subscribe"); err != nil {
		return err
	}
	return a.callback(ctx, a.settings.webhookURL)
}

// Unsubscribe implements channel.Subscriber. The app stays subscribed to the
// account: its other numbers may depend on that.
func (a *adapter) Unsubscribe(ctx context.Context) error { return a.callback(ctx, "") }

func (a *adapter) callback(ctx context.Context, address string) error {
	config := object{"override_callback_uri": address}
	if address != "" {
		config["verify_token"] = a.settings.verifyTokens[0]
	}
	return a.graph(ctx, http.MethodPost, a.settings.numberID, nil, object{"webhook_configuration": config}, nil, "number_update")
}
