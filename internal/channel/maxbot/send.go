package maxbot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// Bounds of waiting for an uploaded file to be processed.
const (
	notReadyTries   = 8
	notReadyLongest = 10 * time.Second
)

// Send implements channel.Adapter. The call that creates the message is made
// again only after a refusal that says that it did not.
func (a *adapter) Send(ctx context.Context, o channel.Outgoing) (channel.Sent, error) {
	to, err := address(o.Chat, o.Recipient)
	if err != nil {
		return channel.Sent{}, err
	}
	msg, refusal := compose(o)
	if refusal != nil {
		return channel.Sent{}, refusal
	}
	var files []object
	for i := range o.Content.Attachments {
		file, err := a.attachFile(ctx, o, i)
		if err != nil {
			return channel.Sent{}, err
		}
		files = append(files, file)
	}
	if len(files) > 0 {
		if msg.Attachments != nil {
			files = append(files, *msg.Attachments...)
		}
		msg.Attachments = &files
	}
	sent, err := a.post(ctx, to, msg)
	if se, ok := errors.AsType[*channel.SendError](err); ok && se.Outcome == channel.Failed {
		for i, at := range o.Content.Attachments {
			a.tokens.forget(at.FileID, uploadType(o.Content, i))
		}
	}
	return sent, err
}

// address makes the query that names a chat: by its id, or by its person
// where only he is known.
func address(chat, person string) (url.Values, error) {
	if id, ok := strings.CutPrefix(chat, personPrefix); ok {
		chat, person = "", id
	}
	name, value := "chat_id", chat
	if chat == "" {
		name, value = "user_id", person
	}
	if _, err := strconv.ParseInt(value, 10, 64); err != nil {
		return nil, refused(channel.ReasonChatGone, "not a chat of MAX")
	}
	return url.Values{name: {value}}, nil
}

// post creates the message.
func (a *adapter) post(ctx context.Context, to url.Values, msg newMessage) (channel.Sent, error) {
	pause := a.deps.NotReadyPause
	var waitedFor error
	for try := 1; ; try++ {
		var out struct {
			Message optional[message] `json:"message"`
		}
		err := a.call(ctx, http.MethodPost, "/messages", to, msg, &out, "send", egress.Key(to.Encode()))
		if err == nil {
			created := out.Message.or()
			mid := string(created.Content.or().MID)
			if mid == "" {
				return channel.Sent{}, &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Detail: "the answer has no message id"}
			}
			return channel.Sent{ExternalIDs: []string{mid}, At: created.Timestamp.moment()}, nil
		}
		if e, ok := egress.AsError(err); ok && e.Class == egress.NotWritten && waitedFor != nil {
			err = waitedFor // not asked again: the refusal before stands
		}
		if !notReady(err) || err == waitedFor || try == notReadyTries { //nolint:errorlint // the very same
			return channel.Sent{}, a.failure(err)
		}
		waitedFor = err
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return channel.Sent{}, a.failure(err) // refused so far: it can be tried again
		}
		pause = min(2*pause, notReadyLongest)
	}
}

// notReady says whether the platform is still working on a file.
func notReady(err error) bool {
	e, ok := egress.AsError(err)
	if !ok || e.Class != egress.Rejected {
		return false
	}
	var p platformError
	return e.Decode(&p) == nil && p.notReady()
}
