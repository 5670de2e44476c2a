package inbox

import (
	"context"
	"errors"
	"strconv"

	"github.com/okno-hq/okno/internal/channel"
)

// noticeVoice says that a platform did not hand over a voice message.
const noticeVoice = "voice_not_handed_over"

// chatNotice puts what a platform tells of a chat on its timeline. A voice
// message that is not handed over is a customer's word all the same.
func (r *Receiver) chatNotice(ctx context.Context, acc Account, u channel.Update) error {
	if u.Notice.Code == noticeVoice {
		u.Message = &channel.Message{
			ExternalID: "notice:" + u.Notice.Code + ":" + strconv.FormatInt(u.At.UnixMilli(), 10),
			Content:    channel.Content{Unsupported: u.Notice.Code},
		}
		u.Notice = nil
		return r.message(ctx, acc, u)
	}
	chat, err := r.d.Chats.ChatByKey(ctx, acc.ID, u.Chat.Key)
	if errors.Is(err, ErrNoChat) || (err == nil && chat.Conversation == 0) {
		return nil // of somebody who never said anything
	}
	if err != nil {
		return err
	}
	conv, err := r.d.Conversations.Conversation(ctx, acc.Workspace, chat.Conversation)
	if err != nil {
		return err
	}
	return r.happen(ctx, &conv, 0, Happening{Type: "channel.notice", Data: map[string]string{
		"channel": acc.Name, "code": u.Notice.Code, "detail": clipText(u.Notice.Detail, 300),
	}})
}

// notice tells the people of the inbox about the channel, once until they
// have read it.
func (r *Receiver) notice(ctx context.Context, acc Account, u channel.Update) error {
	if u.Chat.Key != "" {
		return r.chatNotice(ctx, acc, u)
	}
	return r.NotifyAll(ctx, acc.Workspace, acc.Inbox, NotifyChannel, u.Notice.Code+" "+acc.Name)
}
