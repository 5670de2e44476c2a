package maxbot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/okno-hq/okno/internal/channel"
)

// Edit implements channel.Editor. Buttons are an attachment like files: where
// a message has files, they are named again with new buttons.
func (a *adapter) Edit(ctx context.Context, t channel.Target, c channel.Content) error {
	text, format, refusal := render(words(c), c.Marks)
	if refusal != nil {
		return refusal
	}
	if text == "" && !t.Media {
		return refused(channel.ReasonUnsupported, "there is nothing left of the message")
	}
	msg := newMessage{Text: &text, Format: format}
	list := []object{}
	if len(c.Buttons) > 0 {
		keys, refusal := buttons(c.Buttons)
		if refusal != nil {
			return refusal
		}
		list = append(list, keys)
	}
	if t.Media && len(c.Buttons) > 0 {
		files, err := a.filesOf(ctx, t.ExternalID)
		if err != nil {
			return err
		}
		list = append(files, list...)
	}
	if !t.Media || len(c.Buttons) > 0 { // else the attachments stay as they are
		msg.Attachments = &list
	}
	return a.change(ctx, http.MethodPut, "/messages", url.Values{"message_id": {t.ExternalID}}, msg, "edit")
}

// filesOf names the files of a message, to keep them.
func (a *adapter) filesOf(ctx context.Context, id string) ([]object, error) {
	var m message
	if err := a.call(ctx, http.MethodGet, "/messages/"+url.PathEscape(id), nil, nil, &m, "message"); err != nil {
		return nil, gone(a.repeatable(err))
	}
	var out []object
	for _, raw := range m.Content.or().Attachments.or() {
		var at attachment
		if decodeAttachment(raw, &at) && at.Payload.or().Token != "" {
			out = append(out, object{"type": string(at.Type), "payload": object{"token": string(at.Payload.or().Token)}})
		}
	}
	return out, nil
}

// Delete implements channel.Deleter.
func (a *adapter) Delete(ctx context.Context, t channel.Target) error {
	ids := t.ExternalIDs
	if len(ids) == 0 {
		ids = []string{t.ExternalID}
	}
	for _, id := range ids {
		if err := a.change(ctx, http.MethodDelete, "/messages", url.Values{"message_id": {id}}, nil, "delete"); err != nil {
			return err
		}
	}
	return nil
}

// ShowActivity implements channel.Typer. The method is documented for groups;
// where a dialog does not take it, the error says so and nothing is lost.
func (a *adapter) ShowActivity(ctx context.Context, t channel.Target, activity channel.Activity) error {
	if t.Chat == "" || strings.HasPrefix(t.Chat, personPrefix) {
		return refused(channel.ReasonUnsupported, "the chat's id is not known yet")
	}
	action := "typing_on"
	switch activity {
	case channel.RecordingVoice:
		action = "sending_audio"
	case channel.SendingFile:
		action = "sending_file"
	case channel.TypingText:
	}
	return a.change(ctx, http.MethodPost, "/chats/"+url.PathEscape(t.Chat)+"/actions", nil, object{"action": action}, "actions")
}

// AnswerPress implements channel.PressAnswerer. An answer without words is
// what the schema allows; should the platform refuse it, a check mark is shown
// rather than a button that hangs.
func (a *adapter) AnswerPress(ctx context.Context, answerID, text string) error {
	query := url.Values{"callback_id": {answerID}}
	if r := []rune(text); len(r) > maxNotify {
		text = string(r[:maxNotify-1]) + "…"
	}
	if text != "" {
		return a.change(ctx, http.MethodPost, "/answers", query, object{"notification": text}, "answers")
	}
	err := a.change(ctx, http.MethodPost, "/answers", query, object{}, "answers")
	if se, ok := errors.AsType[*channel.SendError](err); ok && se.Outcome == channel.Failed && se.Reason == channel.ReasonRejected {
		return a.change(ctx, http.MethodPost, "/answers", query, object{"notification": "✓"}, "answers")
	}
	return err
}
