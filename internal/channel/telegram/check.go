package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// While updates wait, a failed delivery as fresh as this counts as failing
// now, and for an hour as something to look at: the platform tells of its
// failures, not of its successes.
const (
	fresh  = 10 * time.Minute
	recent = time.Hour
)

// webhookInfo is what getWebhookInfo tells.
type webhookInfo struct {
	URL         string   `json:"url"`
	Pending     int      `json:"pending_update_count"`
	LastErrorAt int64    `json:"last_error_date"`
	LastError   string   `json:"last_error_message"`
	Allowed     []string `json:"allowed_updates"`
}

// Check implements channel.Adapter: whether the token is valid and updates
// find their way.
func (a *adapter) Check(ctx context.Context) channel.Health {
	var me struct {
		user
		ReadsGroups bool `json:"can_read_all_group_messages"`
		Business    bool `json:"can_connect_to_business"`
	}
	if err := a.repeat(ctx, "getMe", map[string]any{}, &me); err != nil {
		return failing(err)
	}
	h := channel.Health{State: channel.Working, Account: "@" + me.Username, Facts: map[string]string{
		"name": me.name(), "mode": modeWebhook, "business": fmt.Sprint(me.Business), "reads_groups": fmt.Sprint(me.ReadsGroups),
	}}
	if me.Username != "" {
		a.username.Store(&me.Username)
	}
	var info webhookInfo
	if err := a.repeat(ctx, "getWebhookInfo", map[string]any{}, &info); err != nil {
		bad := failing(err)
		bad.Account, bad.Facts = h.Account, h.Facts
		return bad
	}
	h.Pending, h.LastError, h.LastErrorAt = info.Pending, a.words(info.LastError), seconds(info.LastErrorAt)
	if a.settings.polling {
		h.Facts["mode"] = modePolling
		if info.URL != "" {
			h.State, h.Reason, h.Detail = channel.Degraded, channel.ReasonMisconfigured, "a webhook is set at "+host(info.URL)+": updates go there"
		}
		return h
	}
	switch {
	case info.URL == "":
		h.State, h.Reason, h.Detail = channel.Failing, channel.ReasonWebhookMissing, "no webhook is set"
	case info.URL != a.settings.webhookURL:
		h.State, h.Reason, h.Detail = channel.Failing, channel.ReasonWebhookMissing, "the webhook points to "+host(info.URL)
	case info.Pending > 0 && time.Since(h.LastErrorAt) < recent:
		h.State, h.Reason, h.Detail = channel.Degraded, channel.ReasonWebhookFailing, h.LastError
		if time.Since(h.LastErrorAt) < fresh {
			h.State = channel.Failing
		}
	case !covers(info.Allowed, allowedUpdates()):
		h.State, h.Reason, h.Detail = channel.Degraded, channel.ReasonWebhookMissing, "the webhook leaves out updates that we need"
	case a.settings.groups && !me.ReadsGroups:
		h.State, h.Reason = channel.Degraded, channel.ReasonNoPermission
		h.Detail = "privacy mode is on: in groups the bot sees commands and answers to it only"
	}
	return h
}

func covers(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

// host names an address without what may be secret in it.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "another address"
	}
	return u.Host
}

// failing explains why the platform could not be asked.
func failing(err error) channel.Health {
	h := channel.Health{State: channel.Failing, Reason: channel.ReasonUnreachable}
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok {
		h.Detail = "internal"
		return h
	}
	h.Reason, h.Detail = se.Reason, se.Detail
	if se.Reason == channel.ReasonRateLimited {
		h.State = channel.Degraded
	}
	if e, ok := egress.AsError(err); ok {
		if e.Reason == egress.ReasonProxy {
			h.Reason = "proxy"
		}
		if e.Reason == egress.ReasonCA {
			h.Reason = "ca_untrusted"
		}
		if e.Reason != "" && !strings.Contains(h.Detail, string(e.Reason)) {
			h.Detail += ": " + string(e.Reason)
		}
	}
	return h
}
