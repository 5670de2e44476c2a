package whatsapp

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// meaning is what an error code of the platform says to us.
type meaning struct {
	reason  channel.Reason
	outcome channel.Outcome
	// account: it concerns every chat of the number.
	account bool
	wait    time.Duration
}

// meaningOf explains the Cloud API's error codes:
// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
//
//nolint:cyclop // a table
func meaningOf(code int) meaning {
	switch code {
	case 0, 190:
		return meaning{reason: channel.ReasonTokenRevoked, account: true}
	case 10, 131005:
		return meaning{reason: channel.ReasonNoPermission, account: true}
	case 368, 131031, 134011:
		return meaning{reason: channel.ReasonNoPermission, account: true}
	case 130497:
		return meaning{reason: channel.ReasonNoPermission}
	case 1, 2, 131000, 131016:
		return meaning{reason: channel.ReasonPlatformDown, outcome: channel.Retry}
	case 131057:
		return meaning{reason: channel.ReasonPlatformDown, outcome: channel.Retry, account: true, wait: time.Minute}
	case 130429:
		return meaning{reason: channel.ReasonRateLimited, outcome: channel.Retry, account: true, wait: time.Second}
	case 4, 17, 32, 613, 80007:
		return meaning{reason: channel.ReasonRateLimited, outcome: channel.Retry, account: true, wait: time.Minute}
	case 131056:
		return meaning{reason: channel.ReasonRateLimited, outcome: channel.Retry, wait: 6 * time.Second}
	case 131048:
		return meaning{reason: channel.ReasonRateLimited} // bad quality: waiting minutes does not help
	case 131047:
		return meaning{reason: channel.ReasonWindowClosed}
	case 131026, 131030, 131021, 131050, 130472, 131062:
		return meaning{reason: channel.ReasonRecipient}
	case 131042:
		return meaning{reason: channel.ReasonBilling, account: true}
	case 33, 131037, 131045, 133010, 133006:
		return meaning{reason: channel.ReasonMisconfigured, account: true}
	case 131051, 131060:
		return meaning{reason: channel.ReasonUnsupported}
	case 131052, 131053:
		return meaning{reason: channel.ReasonMedia}
	case 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069:
		return meaning{reason: channel.ReasonTemplate}
	}
	if code >= 200 && code <= 299 { // permission errors of the Graph API
		return meaning{reason: channel.ReasonNoPermission, account: true}
	}
	return meaning{reason: channel.ReasonRejected}
}

// subcodeGone is the Graph API's "no such object, or not for you".
const subcodeGone = 33

// graphError is the platform's error envelope.
type graphError struct {
	Error *struct {
		Message string `json:"message"`
		Code    int    `json:"code"`
		Subcode int    `json:"error_subcode"`
		Data    struct {
			Details string `json:"details"`
		} `json:"error_data"`
	} `json:"error"`
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
	out := &channel.SendError{Cause: err, RetryAfter: e.RetryAfter}
	var envelope graphError
	if len(e.Body) > 0 && json.Unmarshal(e.Body, &envelope) == nil && envelope.Error != nil {
		// The platform itself answered: it did not take the message, whatever
		// the HTTP status.
		mean := meaningOf(envelope.Error.Code)
		if envelope.Error.Code == 100 && envelope.Error.Subcode == subcodeGone {
			mean = meaning{reason: channel.ReasonMisconfigured, account: true}
		}
		out.Outcome, out.Reason, out.WholeAccount = mean.outcome, mean.reason, mean.account
		if out.RetryAfter == 0 {
			out.RetryAfter = mean.wait
		}
		if e.Class == egress.RateLimited && out.Outcome != channel.Retry {
			out.Outcome, out.Reason = channel.Retry, channel.ReasonRateLimited
		}
		out.Detail = a.words(envelope.Error.Message, envelope.Error.Data.Details)
		return out
	}
	switch e.Class {
	case egress.NotWritten:
		out.Outcome, out.Reason = channel.Retry, reasonOf(e.Reason)
		if e.Reason == egress.ReasonRequest || e.Reason == egress.ReasonPrivate {
			out.Outcome = channel.Failed
		}
	case egress.RateLimited:
		out.Outcome, out.Reason, out.WholeAccount = channel.Retry, channel.ReasonRateLimited, true
	case egress.Unauthorized:
		out.Outcome, out.Reason, out.WholeAccount = channel.Failed, channel.ReasonTokenRevoked, true
	case egress.Rejected:
		out.Outcome, out.Reason = channel.Failed, channel.ReasonRejected
	case egress.ServerError:
		// A gateway's error page: the platform behind it may have taken it.
		out.Outcome, out.Reason = channel.Uncertain, channel.ReasonPlatformDown
	case egress.Uncertain, egress.TooLarge:
		out.Outcome, out.Reason = channel.Uncertain, channel.ReasonNoAnswer
	}
	out.Detail = string(e.Class)
	if e.Reason != "" {
		out.Detail += ": " + string(e.Reason)
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
func (a *adapter) words(message, details string) string {
	text := strings.TrimSpace(message)
	if details = strings.TrimSpace(details); details != "" && !strings.Contains(text, details) {
		text += ": " + details
	}
	return clip(a.client.Redact(text))
}

// refused is a message that cannot be sent as it is; nothing was asked of the
// platform.
func refused(reason channel.Reason, detail string) *channel.SendError {
	return &channel.SendError{Outcome: channel.Failed, Reason: reason, Detail: detail}
}
