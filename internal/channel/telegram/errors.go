package telegram

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// saying is a part of a description, in lower case, and what it means. The
// platform has no codes of its own: its words are all there is.
type saying struct {
	words  string
	reason channel.Reason
}

// sayings are looked through in order.
func sayings() []saying {
	return []saying{
		{"bot was blocked by the user", channel.ReasonBlocked},
		{"user is deactivated", channel.ReasonChatGone},
		{"can't initiate conversation", channel.ReasonRecipient},
		{"bot can't send messages to bots", channel.ReasonRecipient},
		{"bot was kicked", channel.ReasonChatGone},
		{"bot is not a member", channel.ReasonChatGone},
		{"the group chat was deleted", channel.ReasonChatGone},
		{"group chat was deactivated", channel.ReasonChatGone},
		{"upgraded to a supergroup", channel.ReasonChatGone},
		{"chat not found", channel.ReasonChatGone},
		{"user not found", channel.ReasonChatGone},
		{"peer_id_invalid", channel.ReasonChatGone},
		{"message thread not found", channel.ReasonChatGone},
		{"topic_deleted", channel.ReasonChatGone},
		{"topic_closed", channel.ReasonNoPermission},
		{"business_peer_usage_missing", channel.ReasonWindowClosed},
		{"business_peer_invalid", channel.ReasonRecipient},
		{"business_connection", channel.ReasonNoPermission},
		{"business connection", channel.ReasonNoPermission},
		{"voice_messages_forbidden", channel.ReasonNoPermission},
		{"chat_write_forbidden", channel.ReasonNoPermission},
		{"_forbidden", channel.ReasonNoPermission},
		{"not enough rights", channel.ReasonNoPermission},
		{"have no rights", channel.ReasonNoPermission},
		{"need administrator rights", channel.ReasonNoPermission},
		{"replied not found", channel.ReasonReplyGone},
		{"replied message not found", channel.ReasonReplyGone},
		{"reply_message_id_invalid", channel.ReasonReplyGone},
		{"quote", channel.ReasonReplyGone},
		{"too long", channel.ReasonTooBig},
		{"too_long", channel.ReasonTooBig},
		{"too big", channel.ReasonTooBig},
		{"too large", channel.ReasonTooBig},
		{"can't be edited", channel.ReasonTooOld},
		{"can't be deleted", channel.ReasonTooOld},
		{"query is too old", channel.ReasonExpired},
		{"wrong file_id", channel.ReasonExpired},
		{"invalid file_id", channel.ReasonExpired},
		{"reaction_", channel.ReasonUnsupported},
		{"button_", channel.ReasonUnsupported},
		{"keyboard", channel.ReasonUnsupported},
		{"reply_markup", channel.ReasonUnsupported},
		{"method not found", channel.ReasonUnsupported},
		{"image_process_failed", channel.ReasonMedia},
		{"photo_", channel.ReasonMedia},
		{"video_", channel.ReasonMedia},
		{"sticker", channel.ReasonMedia},
		{"wrong type", channel.ReasonMedia},
		{"file", channel.ReasonMedia},
	}
}

// outcome makes one error of an exchange: how it went on the wire, and what
// the platform said.
func (a *adapter) outcome(err error, ans answer, out any) error {
	if err == nil && ans.OK {
		if out == nil {
			return nil
		}
		if err := json.Unmarshal(ans.Result, out); err != nil {
			return &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Detail: "unreadable result", Cause: err}
		}
		return nil
	}
	if err == nil { // 200 without ok: a relay's invention, or the platform's error without its status
		if ans.Code == 0 {
			return &channel.SendError{Outcome: channel.Uncertain, Reason: channel.ReasonNoAnswer, Detail: "not the platform's answer"}
		}
		return a.said(ans.Code, ans, 0, nil)
	}
	e, ok := egress.AsError(err)
	if !ok {
		return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonRejected, Detail: "internal", Cause: err}
	}
	if e.Status != 0 && json.Unmarshal(e.Body, &ans) == nil && !ans.OK && ans.Code != 0 {
		return a.said(e.Status, ans, e.RetryAfter, err)
	}
	return unsaid(e, err)
}

// said explains an error of the platform itself.
func (a *adapter) said(status int, ans answer, retryAfter time.Duration, cause error) *channel.SendError {
	se := &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonRejected, Detail: a.words(ans.Description), Cause: cause}
	said := strings.ToLower(ans.Description)
	switch {
	case ans.Parameters.MigrateTo != 0:
		se.Outcome, se.Reason = channel.Retry, channel.ReasonChatGone
		se.Chat = strconv.FormatInt(ans.Parameters.MigrateTo, 10)
		return se
	case status == http.StatusTooManyRequests:
		se.Outcome, se.Reason, se.WholeAccount = channel.Retry, channel.ReasonRateLimited, true
		se.RetryAfter = max(time.Duration(ans.Parameters.RetryAfter)*time.Second, retryAfter)
		if se.RetryAfter > 0 {
			a.client.Pause("", se.RetryAfter) // the platform refuses the whole bot
		}
		return se
	case status == http.StatusUnauthorized, status == http.StatusNotFound && !strings.Contains(said, "method not found"):
		// A token that never was one is answered with 404.
		se.Reason, se.WholeAccount = channel.ReasonTokenRevoked, true
		return se
	case status == http.StatusConflict:
		se.Outcome, se.Reason, se.WholeAccount = channel.Retry, channel.ReasonMisconfigured, true
		return se
	case status >= http.StatusInternalServerError:
		// The method may have been carried out before whatever went wrong.
		se.Outcome, se.Reason = channel.Uncertain, channel.ReasonPlatformDown
		return se
	case status == http.StatusRequestEntityTooLarge:
		se.Reason = channel.ReasonTooBig
		return se
	}
	for _, s := range sayings() {
		if strings.Contains(said, s.words) {
			se.Reason = s.reason
			return se
		}
	}
	if status == http.StatusForbidden {
		se.Reason = channel.ReasonNoPermission
	}
	return se
}

// unsaid explains a failure without the platform's words.
func unsaid(e *egress.Error, err error) *channel.SendError {
	se := &channel.SendError{Cause: err, RetryAfter: e.RetryAfter, Detail: string(e.Class)}
	if e.Reason != "" {
		se.Detail += ": " + string(e.Reason)
	}
	switch e.Class {
	case egress.NotWritten:
		se.Outcome, se.Reason = channel.Retry, reasonOf(e.Reason)
		if e.Reason == egress.ReasonPrivate {
			se.Outcome = channel.Failed
		}
	case egress.RateLimited:
		se.Outcome, se.Reason, se.WholeAccount = channel.Retry, channel.ReasonRateLimited, true
	case egress.Unauthorized:
		se.Outcome, se.Reason, se.WholeAccount = channel.Failed, channel.ReasonTokenRevoked, true
	case egress.Rejected:
		se.Outcome, se.Reason = channel.Failed, channel.ReasonRejected
		switch e.Status {
		case http.StatusRequestEntityTooLarge:
			se.Reason = channel.ReasonTooBig
		case http.StatusNotFound: // a relay that is none
			se.Outcome, se.Reason = channel.Retry, channel.ReasonUnreachable
		}
	case egress.ServerError:
		se.Outcome, se.Reason = channel.Uncertain, channel.ReasonPlatformDown
	case egress.Uncertain, egress.TooLarge:
		se.Outcome, se.Reason = channel.Uncertain, channel.ReasonNoAnswer
	}
	return se
}

// reasonOf names why nothing reached the platform.
func reasonOf(r egress.Reason) channel.Reason {
	switch r {
	case egress.ReasonTLS, egress.ReasonCA:
		return channel.ReasonTLS
	case egress.ReasonLimiter:
		return channel.ReasonRateLimited
	case egress.ReasonPrivate:
		return channel.ReasonMisconfigured
	case egress.ReasonRequest: // a file of ours that could not be read
		return channel.ReasonMedia
	case egress.ReasonDNS, egress.ReasonConnect, egress.ReasonProxy, egress.ReasonRedirect, egress.ReasonTimeout, egress.ReasonCanceled,
		egress.ReasonBroken, egress.ReasonMalformed:
	}
	return channel.ReasonUnreachable
}

// repeatable turns uncertainty into another try, for calls that do no harm
// when made twice.
func repeatable(err error) error {
	se, ok := errors.AsType[*channel.SendError](err)
	if !ok || se.Outcome != channel.Uncertain {
		return err
	}
	again := *se
	again.Outcome = channel.Retry
	if again.Reason == channel.ReasonNoAnswer {
		again.Reason = channel.ReasonUnreachable
	}
	return &again
}

// refused is a message that cannot be sent as it is; nothing was asked of the
// platform.
func refused(reason channel.Reason, detail string) *channel.SendError {
	return &channel.SendError{Outcome: channel.Failed, Reason: reason, Detail: detail}
}

var addresses = regexp.MustCompile(`\S*://\S*`)

// words are the platform's own, without secrets and addresses and not endless.
func (a *adapter) words(description string) string {
	text := addresses.ReplaceAllString(a.client.Redact(strings.ToValidUTF8(description, "")), "…")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:299]) + "…"
	}
	return text
}

// describes says whether an error has these words of the platform.
func describes(err error, words string) bool {
	se, ok := errors.AsType[*channel.SendError](err)
	return ok && strings.Contains(strings.ToLower(se.Detail), words)
}

// hasWebhook says that polling was refused because a webhook is set.
func hasWebhook(err error) bool { return describes(err, "webhook is active") }
