package whatsapp

import (
	"context"
	"net/http"

	"github.com/okno-hq/okno/internal/channel"
)

// React implements channel.Reactor. Reacting again changes nothing, so an
// answer that got lost is no reason for doubt.
func (a *adapter) React(ctx context.Context, t channel.Target, emoji string) error {
	msg, err := a.address(t.Chat, t.Recipient)
	if err != nil {
		return err
	}
	if t.ExternalID == "" {
		return refused(channel.ReasonReplyGone, "no message to react to")
	}
	msg["type"], msg["reaction"] = "reaction", object{"message_id": t.ExternalID, "emoji": emoji}
	return a.graph(ctx, http.MethodPost, a.settings.numberID+"/messages", nil, msg, nil, "reaction")
}

// ShowActivity implements channel.Typer. The platform has one indicator, tied
// to the customer's last message, which it also marks as read.
func (a *adapter) ShowActivity(ctx context.Context, t channel.Target, _ channel.Activity) error {
	return a.read(ctx, t, object{"typing_indicator": object{"type": "text"}})
}

// MarkRead implements channel.ReadMarker: earlier messages count as read too.
func (a *adapter) MarkRead(ctx context.Context, t channel.Target) error {
	return a.read(ctx, t, object{})
}

func (a *adapter) read(ctx context.Context, t channel.Target, msg object) error {
	if t.ExternalID == "" {
		return refused(channel.ReasonReplyGone, "no message of the customer")
	}
	msg["messaging_product"], msg["status"], msg["message_id"] = "whatsapp", "read", t.ExternalID
	return a.graph(ctx, http.MethodPost, a.settings.numberID+"/messages", nil, msg, nil, "read")
}
