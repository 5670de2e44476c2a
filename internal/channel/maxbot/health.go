package maxbot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// subscriptions are the webhooks of the bot, anybody's.
type subscriptions struct {
	List []struct {
		URL   text             `json:"url"`
		Types optional[[]text] `json:"update_types"`
	} `json:"subscriptions"`
}

func (a *adapter) subscriptions(ctx context.Context) (subscriptions, error) {
	var out subscriptions
	if err := a.call(ctx, http.MethodGet, "/subscriptions", nil, nil, &out, "subscriptions"); err != nil {
		return out, a.repeatable(err)
	}
	return out, nil
}

// Check implements channel.Adapter: the token, and whether updates come to
// us. The platform ends a subscription after eight hours of failures without
// a word, so this is the watchdog.
func (a *adapter) Check(ctx context.Context) channel.Health {
	var me user
	if err := a.call(ctx, http.MethodGet, "/me", nil, nil, &me, "me"); err != nil {
		return a.unhealthy(err)
	}
	a.me.Store(&me)
	h := channel.Health{State: channel.Working, Account: me.person("").Name, Facts: map[string]string{"user_id": me.ID.String(), "name": me.person("").Name}}
	if me.Username != "" {
		h.Account = "@" + string(me.Username)
	}
	subs, err := a.subscriptions(ctx)
	if err != nil {
		return a.unhealthy(err)
	}
	return a.checkDelivery(h, subs)
}

// checkDelivery finds out whether the platform would deliver to us.
func (a *adapter) checkDelivery(h channel.Health, subs subscriptions) channel.Health {
	says := func(state channel.HealthState, reason channel.Reason, detail string) channel.Health {
		h.State, h.Reason, h.Detail = state, reason, detail
		return h
	}
	h.Facts["subscriptions"] = strconv.Itoa(len(subs.List))
	if a.settings.polls() {
		if len(subs.List) > 0 {
			return says(channel.Failing, channel.ReasonMisconfigured, "a webhook is subscribed ("+host(string(subs.List[0].URL))+"): it leaves nothing to poll")
		}
		return h
	}
	if why := a.badAddress(); why != "" {
		return says(channel.Failing, channel.ReasonMisconfigured, why)
	}
	stale := 0
	var ours []text
	found := false
	for _, s := range subs.List {
		switch {
		case string(s.URL) == a.settings.webhookURL:
			found, ours = true, s.Types.or()
		case a.stale(string(s.URL)):
			stale++
		}
	}
	switch {
	case !found:
		detail := "the bot has no webhook"
		if len(subs.List) > 0 {
			detail = "updates go to " + host(string(subs.List[0].URL))
		}
		return says(channel.Failing, channel.ReasonWebhookMissing, detail)
	case len(ours) > 0 && slices.ContainsFunc(updateTypes(), func(t string) bool { return !slices.Contains(ours, text(t)) }):
		return says(channel.Degraded, channel.ReasonWebhookMissing, "the webhook is not subscribed to every kind of update")
	case stale > 0:
		return says(channel.Degraded, channel.ReasonMisconfigured, "old webhooks of this server are still subscribed: "+strconv.Itoa(stale))
	}
	return h
}

// badAddress says why the platform would not take our address, or "".
func (a *adapter) badAddress() string {
	if a.settings.webhookURL == "" {
		return "the server's public address is not set"
	}
	if a.settings.secret == "" {
		return "the account has no webhook secret"
	}
	u, err := url.Parse(a.settings.webhookURL)
	switch {
	case err != nil || u.Host == "":
		return "the server's public address is malformed"
	case a.settings.customAPI: // a relay or stand-in has rules of its own
		return ""
	case u.Scheme != "https" || (u.Port() != "" && u.Port() != "443"):
		return "MAX delivers only to https on port 443"
	}
	return ""
}

// host names a server to a person; the rest of an address may be secret.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "another server"
}

func (a *adapter) unhealthy(err error) channel.Health {
	h := channel.Health{State: channel.Failing, Reason: channel.ReasonRejected}
	if e, ok := egress.AsError(err); ok {
		err = a.repeatable(err)
		if e.Reason == egress.ReasonCA {
			h.Reason, h.Detail = channel.ReasonTLS, "the certificate's issuer is not trusted: MAX needs the Russian Trusted Root CA in the CA bundle"
			return h
		}
	}
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		h.Reason, h.Detail = se.Reason, se.Detail
		if se.Reason == channel.ReasonRateLimited {
			h.State = channel.Degraded
		}
	}
	return h
}

// hooks is the path under which Okno receives webhooks of this kind.
const hooks = "/hooks/max/"

// stale says whether a webhook is an earlier one of ours: the same channel at
// another address, or another channel of this server, which the same bot can
// only have had before. Others' webhooks are none of our business.
func (a *adapter) stale(address string) bool {
	if address == a.settings.webhookURL {
		return false
	}
	ours, err := url.Parse(a.settings.webhookURL)
	if err != nil || ours.Host == "" {
		return false
	}
	theirs, err := url.Parse(address)
	if err != nil {
		return false
	}
	return theirs.Path == ours.Path || (theirs.Host == ours.Host && strings.Contains(theirs.Path, hooks))
}

// Subscribe implements channel.Subscriber. The platform adds webhooks rather
// than replacing them, so earlier ones of ours are removed, after the new one
// is there.
func (a *adapter) Subscribe(ctx context.Context) error {
	if why := a.badAddress(); why != "" {
		return refused(channel.ReasonMisconfigured, why)
	}
	body := object{"url": a.settings.webhookURL, "update_types": updateTypes(), "secret": a.settings.secret}
	if err := a.change(ctx, http.MethodPost, "/subscriptions", nil, body, "subscribe"); err != nil {
		return err
	}
	return a.unsubscribe(ctx, a.stale)
}

// Unsubscribe implements channel.Subscriber.
func (a *adapter) Unsubscribe(ctx context.Context) error {
	return a.unsubscribe(ctx, func(address string) bool {
		return a.settings.webhookURL != "" && (address == a.settings.webhookURL || a.stale(address))
	})
}

func (a *adapter) unsubscribe(ctx context.Context, which func(string) bool) error {
	subs, err := a.subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range subs.List {
		if which(string(s.URL)) {
			if err := a.change(ctx, http.MethodDelete, "/subscriptions", url.Values{"url": {string(s.URL)}}, nil, "unsubscribe"); err != nil {
				return err
			}
		}
	}
	return nil
}
