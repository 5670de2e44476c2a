package telegram

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// answer is the platform's envelope.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		MigrateTo  int64 `json:"migrate_to_chat_id"`
		RetryAfter int64 `json:"retry_after"`
	} `json:"parameters"`
}

// path is a method's address. The token is part of it: addresses are never
// logged.
func (a *adapter) path(method string) string { return "/bot" + a.settings.token + "/" + method }

// call calls a method with a JSON body. Errors are *channel.SendError.
func (a *adapter) call(ctx context.Context, method string, params map[string]any, out any, opts ...egress.Option) error {
	var ans answer
	opts = append([]egress.Option{egress.Operation(method)}, opts...)
	err := a.client.JSON(ctx, http.MethodPost, a.path(method), nil, nil, params, &ans, opts...)
	return a.outcome(err, ans, out)
}

// upload calls a method with files.
func (a *adapter) upload(
	ctx context.Context, method string, params map[string]any, files []egress.File, out any, opts ...egress.Option,
) error {
	fields := make([]egress.Field, 0, len(params))
	for name, value := range params {
		text, ok := value.(string)
		if !ok {
			raw, err := json.Marshal(value)
			if err != nil {
				return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonRejected, Detail: "unusable parameter " + name, Cause: err}
			}
			text = string(raw)
		}
		fields = append(fields, egress.Field{Name: name, Value: text})
	}
	var ans answer
	opts = append([]egress.Option{egress.Operation(method)}, opts...)
	err := a.client.Multipart(ctx, a.path(method), nil, fields, files, &ans, opts...)
	return a.outcome(err, ans, out)
}

// repeat calls a method that may be called again without harm, and outside of
// the limits on messages: what is uncertain is simply to be tried again.
func (a *adapter) repeat(ctx context.Context, method string, params map[string]any, out any, opts ...egress.Option) error {
	return repeatable(a.call(ctx, method, params, out, append(opts, egress.Unlimited())...))
}
