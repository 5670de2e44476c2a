package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
	"github.com/okno-hq/okno/internal/fault"
)

// secretHeader is what setWebhook's secret_token comes back in.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token" //nolint:gosec // a header's name

// accountOrder is the lane of updates that belong to no chat.
const accountOrder = "account"

// pollMargin is how much later than promised a poll may be answered.
const pollMargin = 15 * time.Second

// allowedUpdates are asked for by name: the platform's default leaves
// reactions out and has much that we do not want.
func allowedUpdates() []string {
	return []string{
		"message", "edited_message", "business_connection", "business_message", "edited_business_message", "deleted_business_messages",
		"callback_query", "message_reaction", "my_chat_member",
	}
}

// Accept implements channel.Webhook: one request is one update.
func (w *webhook) Accept(r channel.Request) ([]channel.Raw, channel.Reply, error) {
	given := r.Header[secretHeader]
	if r.Method != http.MethodPost || len(given) != 1 || !w.ours(given[0]) {
		return nil, channel.Reply{}, fault.New(fault.Unauthenticated, "channel.bad_signature")
	}
	return []channel.Raw{rawOf(r.Body)}, channel.Reply{}, nil
}

// ours compares the secret in constant time, whatever its length. Without a
// secret nobody is believed.
func (w *webhook) ours(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(w.settings.webhookSecret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && w.settings.webhookSecret != ""
}

// rawOf names an update without understanding it: its id, and its chat for
// the order.
func rawOf(body []byte) channel.Raw {
	raw := channel.Raw{Order: accountOrder, Body: body}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		raw.Key = fingerprint(body)
		return raw
	}
	var id int64
	if json.Unmarshal(fields["update_id"], &id) == nil && id != 0 {
		raw.Key = strconv.FormatInt(id, 10)
	} else {
		raw.Key = fingerprint(body)
	}
	for _, name := range keys(fields) {
		var in struct {
			ID         any      `json:"id"`
			Chat       *chat    `json:"chat"`
			Connection string   `json:"business_connection_id"`
			Message    *message `json:"message"` // of a callback query
			From       *user    `json:"from"`
		}
		if lenient(fields[name], &in) != nil {
			continue
		}
		if in.Chat == nil && in.Message != nil {
			in.Chat, in.Connection = in.Message.Chat, in.Message.Connection
		}
		switch id, _ := in.ID.(string); {
		case in.Chat != nil && in.Chat.ID != 0:
			raw.Order = chatRef{conn: in.Connection, id: in.Chat.ID}.lane()
		case name == "business_connection" && id != "":
			raw.Order = businessPrefix + id
		case in.From != nil && in.From.ID != 0:
			raw.Order = strconv.FormatInt(in.From.ID, 10)
		}
	}
	return raw
}

// fingerprint keys what has no id of its own; the same bytes again have the
// same key.
func fingerprint(body []byte) string {
	sum := sha256.Sum256(body)
	return "h:" + hex.EncodeToString(sum[:16])
}

// Subscribe implements channel.Subscriber. A bot has one webhook: setting ours
// replaces any other.
func (w *webhook) Subscribe(ctx context.Context) error {
	if w.settings.webhookURL == "" || w.settings.webhookSecret == "" {
		return refused(channel.ReasonMisconfigured, "no public address to call")
	}
	return w.repeat(ctx, "setWebhook", map[string]any{
		"url": w.settings.webhookURL, "secret_token": w.settings.webhookSecret, "allowed_updates": allowedUpdates(),
		"max_connections": w.settings.connections,
	}, nil)
}

// Unsubscribe implements channel.Subscriber. Waiting updates are kept.
func (w *webhook) Unsubscribe(ctx context.Context) error {
	return w.repeat(ctx, "deleteWebhook", map[string]any{}, nil)
}

// Poll implements channel.Poller. The cursor is getUpdates' offset.
func (p *poller) Poll(ctx context.Context, cursor string) ([]channel.Raw, string, error) {
	wait := int64(p.settings.pollWait.Seconds())
	params := map[string]any{"timeout": min(wait, 50), "limit": 100, "allowed_updates": allowedUpdates()}
	next, err := strconv.ParseInt(cursor, 10, 64)
	if cursor != "" && err != nil {
		return nil, cursor, fault.Invalidf("cursor", "channel.telegram.bad_cursor", "not an offset")
	}
	if cursor != "" {
		params["offset"] = next
	}
	var updates []json.RawMessage
	err = p.repeat(ctx, "getUpdates", params, &updates, egress.Within(p.settings.pollWait+pollMargin))
	if hasWebhook(err) {
		// The admin chose polling; a webhook, ours of earlier or a
		// stranger's, is in the way.
		if err = p.repeat(ctx, "deleteWebhook", map[string]any{}, nil); err == nil {
			err = p.repeat(ctx, "getUpdates", params, &updates, egress.Within(p.settings.pollWait+pollMargin))
		}
	}
	if err != nil {
		return nil, cursor, err
	}
	raws := make([]channel.Raw, 0, len(updates))
	for _, body := range updates {
		raws = append(raws, rawOf(body))
		var u struct {
			ID int64 `json:"update_id"`
		}
		if lenient(body, &u) == nil && u.ID >= next {
			next, cursor = u.ID+1, strconv.FormatInt(u.ID+1, 10)
		}
	}
	return raws, cursor, nil
}
