package maxbot

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// platformError is how the platform describes a refusal.
type platformError struct {
	Code    text `json:"code"`
	Message text `json:"message"`
}

// notReady says whether the platform is still working on an uploaded file:
// attachment.not.ready, and the other words it has been seen to use.
func (p platformError) notReady() bool {
	for _, s := range []string{string(p.Code), string(p.Message)} {
		if strings.HasSuffix(s, "not.ready") || strings.HasSuffix(s, "not.processed") {
			return true
		}
	}
	return false
}

// failure turns the error of a call that creates a message into what became
// of the message.
func (a *adapter) failure(err error) error {
	if err == nil {
		return nil
	}
	e, ok := egress.AsError(err)
	if !ok {
		return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonRejected, Detail: "internal", Cause: err}
	}
	var described platformError
	_ = json.Unmarshal(e.Body, &described) // a gateway's page has no code
	out := &channel.SendError{Cause: err, RetryAfter: e.RetryAfter, Detail: a.words(string(described.Message), string(described.Code))}
	switch e.Class {
	case egress.NotWritten:
		out.Outcome, out.Reason = channel.Retry, reasonOf(e.Reason)
		if e.Reason == egress.ReasonRequest || e.Reason == egress.ReasonPrivate {
			out.Outcome = channel.Failed
		}
	case egress.RateLimited:
		out.Outcome, out.Reason, out.WholeAccount = channel.Retry, channel.ReasonRateLimited, true
		if out.RetryAfter == 0 {
			out.RetryAfter = time.Second
		}
	case egress.Unauthorized:
		out.Outcome, out.Reason, out.WholeAccount = channel.Failed, channel.ReasonTokenRevoked, true
	case egress.Rejected:
		return a.explained(described, e.Status, err)
	case egress.ServerError:
		// It does not say whether the message was created before the failure.
		out.Outcome, out.Reason = channel.Uncertain, channel.ReasonPlatformDown
	case egress.Uncertain, egress.TooLarge:
		out.Outcome, out.Reason = channel.Uncertain, channel.ReasonNoAnswer
	}
	if out.Detail == "" {
		out.Detail = string(e.Class)
		if e.Reason != "" {
			out.Detail += ": " + string(e.Reason)
		}
	}
	return out
}

// explained is a definite refusal in the platform's words.
func (a *adapter) explained(p platformError, status int, cause error) *channel.SendError {
	out := &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonRejected, Cause: cause, Detail: a.words(string(p.Message), string(p.Code))}
	code, message := string(p.Code), strings.ToLower(string(p.Message))
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(message, part) || strings.Contains(code, part) {
				return true
			}
		}
		return false
	}
	switch {
	case code == "verify.token":
		out.Reason, out.WholeAccount = channel.ReasonTokenRevoked, true
	case p.notReady():
		out.Outcome, out.Reason, out.RetryAfter = channel.Retry, channel.ReasonMedia, 30*time.Second
	case has("dialog.suspended", "user.blocked", "bot.blocked"):
		out.Reason = channel.ReasonBlocked
	case has("chat.not.found", "dialog.not.found", "invalid chatid"):
		out.Reason = channel.ReasonChatGone
	case has("message.not.found"):
		out.Reason = channel.ReasonReplyGone
	case has("too old"):
		out.Reason = channel.ReasonTooOld
	case status == http.StatusRequestEntityTooLarge || has("too.large", "too large", "too long"):
		out.Reason = channel.ReasonTooBig
	case status == http.StatusForbidden || has("denied", "permission"):
		out.Reason = channel.ReasonNoPermission
	case has("errors.process.attachment", "attachment"):
		out.Reason = channel.ReasonMedia
	}
	if out.Detail == "" {
		out.Detail = http.StatusText(status)
	}
	return out
}

// repeatable is failure for calls that may be made again without harm.
func (a *adapter) repeatable(err error) error {
	err = a.failure(err)
	if se, ok := err.(*channel.SendError); ok && se.Outcome == channel.Uncertain { //nolint:errorlint // made just above
		se.Outcome = channel.Retry
		if se.Reason == channel.ReasonNoAnswer {
			se.Reason = channel.ReasonUnreachable
		}
	}
	return err
}

// reasonOf names why nothing reached the platform.
func reasonOf(r egress.Reason) channel.Reason {
	switch r {
	case egress.ReasonTLS, egress.ReasonCA:
		return channel.ReasonTLS
	case egress.ReasonLimiter:
		return channel.ReasonRateLimited
	case egress.ReasonRequest, egress.ReasonPrivate:
		return channel.ReasonMisconfigured
	case egress.ReasonDNS, egress.ReasonConnect, egress.ReasonProxy, egress.ReasonRedirect, egress.ReasonTimeout,
		egress.ReasonCanceled, egress.ReasonBroken, egress.ReasonMalformed:
	}
	return channel.ReasonUnreachable
}

// words are the platform's own, without secrets and not endless.
func (a *adapter) words(message, code string) string {
	words := strings.TrimSpace(message)
	if code = strings.TrimSpace(code); code != "" && !strings.Contains(words, code) {
		words = strings.TrimPrefix(words+" ("+code+")", " ")
	}
	words = a.api.Redact(words)
	if r := []rune(words); len(r) > 300 {
		words = string(r[:299]) + "…"
	}
	return words
}

// refused is a message that cannot be sent as it is; nothing was asked of the
// platform.
func refused(reason channel.Reason, detail string) *channel.SendError {
	return &channel.SendError{Outcome: channel.Failed, Reason: reason, Detail: detail}
}
