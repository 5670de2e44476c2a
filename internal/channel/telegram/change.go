package telegram

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// aim reads a target.
func aim(t channel.Target) (chatRef, int64, error) {
	ref, err := parseChat(t.Chat)
	if err != nil {
		return ref, 0, refused(channel.ReasonMisconfigured, err.Error())
	}
	id, err := messageID(t.ExternalID)
	if err != nil {
		return ref, 0, refused(channel.ReasonRejected, err.Error())
	}
	return ref, id, nil
}

// Edit implements channel.Editor. Without buttons in the content the message
// loses those that it has.
func (a *adapter) Edit(ctx context.Context, t channel.Target, c channel.Content) error {
	ref, id, err := aim(t)
	if err != nil {
		return err
	}
	params := ref.target(id)
	if err := buttons(params, ref, c.Buttons); err != nil {
		return err
	}
	if markup, ok := params["reply_markup"].(map[string]any); ok && markup["keyboard"] != nil {
		return refused(channel.ReasonUnsupported, "such buttons cannot be added later")
	}
	method := "editMessageText"
	switch {
	case t.Media:
		method = "editMessageCaption"
		if err := caption(params, c); err != nil {
			return err
		}
	case strings.TrimSpace(c.Text) == "":
		return refused(channel.ReasonRejected, "nothing to show")
	case units(c.Text) > maxText:
		return refused(channel.ReasonTooBig, "text too long")
	default:
		params["text"] = c.Text
		if list := entitiesOf(c.Text, c.Marks); len(list) > 0 {
			params["entities"] = list
		}
	}
	err = repeatable(a.call(ctx, method, params, nil, egress.Key(ref.lane())))
	if describes(err, "message is not modified") {
		return nil
	}
	return err
}

// Delete implements channel.Deleter. What is gone already is no error.
func (a *adapter) Delete(ctx context.Context, t channel.Target) error {
	ref, id, err := aim(t)
	if err != nil {
		return err
	}
	ids := []int64{id}
	for _, external := range t.ExternalIDs {
		if n, err := messageID(external); err == nil && !slices.Contains(ids, n) {
			ids = append(ids, n)
		}
	}
	ids = ids[:min(len(ids), maxDeletions)]
	method, params := "deleteMessage", map[string]any{"chat_id": ref.id, "message_id": id}
	switch {
	case ref.conn != "":
		method, params = "deleteBusinessMessages", map[string]any{"business_connection_id": ref.conn, "message_ids": ids}
	case len(ids) > 1:
		method, params = "deleteMessages", map[string]any{"chat_id": ref.id, "message_ids": ids}
	}
	err = repeatable(a.call(ctx, method, params, nil))
	if describes(err, "to delete not found") {
		return nil
	}
	return err
}

// React implements channel.Reactor.
func (a *adapter) React(ctx context.Context, t channel.Target, emoji string) error {
	ref, id, err := aim(t)
	if err != nil {
		return err
	}
	if ref.conn != "" {
		return refused(channel.ReasonUnsupported, "the platform does not let bots react in business chats")
	}
	list := []map[string]any{}
	if emoji != "" {
		if plain := strings.ReplaceAll(emoji, "\ufe0f", ""); slices.Contains(reactions(), plain) {
			emoji = plain // the platform lists them without the selector
		}
		list = append(list, map[string]any{"type": "emoji", "emoji": emoji})
	}
	params := ref.target(id)
	params["reaction"] = list
	return repeatable(a.call(ctx, "setMessageReaction", params, nil))
}

// ShowActivity implements channel.Typer. The platform shows it for five
// seconds.
func (a *adapter) ShowActivity(ctx context.Context, t channel.Target, activity channel.Activity) error {
	ref, err := parseChat(t.Chat)
	if err != nil {
		return refused(channel.ReasonMisconfigured, err.Error())
	}
	if ref.direct {
		return nil // the platform has no such parameter there
	}
	params := ref.params()
	switch activity {
	case channel.TypingText:
		params["action"] = "typing"
	case channel.RecordingVoice:
		params["action"] = "record_voice"
	case channel.SendingFile:
		params["action"] = "upload_document"
	default:
		return refused(channel.ReasonUnsupported, "unknown activity")
	}
	return a.repeat(ctx, "sendChatAction", params, nil)
}

// MarkRead implements channel.ReadMarker. Only business accounts show it;
// elsewhere there is nothing to mark.
func (a *adapter) MarkRead(ctx context.Context, t channel.Target) error {
	ref, id, err := aim(t)
	if err != nil {
		return err
	}
	if ref.conn == "" {
		return nil
	}
	return a.repeat(ctx, "readBusinessMessage", ref.target(id), nil)
}

// AnswerPress implements channel.PressAnswerer. A press that was answered or
// forgotten meanwhile is no error.
func (a *adapter) AnswerPress(ctx context.Context, answerID, text string) error {
	params := map[string]any{"callback_query_id": answerID}
	if text != "" {
		if r := []rune(text); len(r) > 100 { // 200 units
			text = string(r[:100])
		}
		params["text"] = text
	}
	err := a.repeat(ctx, "answerCallbackQuery", params, nil)
	if se, ok := errors.AsType[*channel.SendError](err); ok && se.Reason == channel.ReasonExpired {
		return nil
	}
	return err
}
