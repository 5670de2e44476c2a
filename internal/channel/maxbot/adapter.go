package maxbot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// Limits of https://dev.max.ru/docs-api.
const (
	maxText        = 4000
	maxMedia       = 12
	maxRows        = 30
	maxPerRow      = 7
	maxWidePerRow  = 3 // of links and requests
	maxButtons     = maxRows * maxPerRow
	maxButtonText  = 128
	maxPayload     = 1024
	maxButtonURL   = 2048
	maxNotify      = 200
	maxStart       = 512
	maxImageSide   = 7680
	editableInChat = 7 * 24 * time.Hour
)

// adapter is one connected bot.
type adapter struct {
	settings settings
	deps     Deps
	api      *egress.Client // the API's host
	media    *egress.Client // hosts that the API names
	log      *slog.Logger
	tokens   *tokens
	// me is what the platform last said about the bot: it spares a question,
	// nothing depends on it.
	me atomic.Pointer[user]
}

var (
	_ channel.Adapter       = (*adapter)(nil)
	_ channel.Webhook       = (*adapter)(nil)
	_ channel.Subscriber    = (*adapter)(nil)
	_ channel.Poller        = (*adapter)(nil)
	_ channel.Editor        = (*adapter)(nil)
	_ channel.Deleter       = (*adapter)(nil)
	_ channel.Typer         = (*adapter)(nil)
	_ channel.PressAnswerer = (*adapter)(nil)
	_ channel.MediaFetcher  = (*adapter)(nil)
	_ channel.Profiler      = (*adapter)(nil)
	_ channel.Reconciler    = (*adapter)(nil)
	_ channel.Linker        = (*adapter)(nil)
)

// Capabilities implements channel.Adapter. Stickers go out only by a code that
// the platform does not hand out, so they are not offered.
func (a *adapter) Capabilities() channel.Capabilities {
	return channel.Capabilities{
		Text: maxText, Caption: maxText,
		Marks: []channel.MarkType{
			channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Quote, channel.Link,
		},
		Attachments: fileLimits(),
		Album:       maxMedia, AlbumKinds: []channel.AttachmentKind{channel.Image, channel.Video},
		Location: true, Contact: true, Reply: true,
		Edit: true, EditWithin: editableInChat, Delete: true,
		Typing: true,
		Buttons: channel.ButtonLimit{Max: maxButtons, Text: maxButtonText, Payload: maxPayload, Kinds: []channel.ButtonKind{
			channel.ButtonCallback, channel.ButtonURL, channel.ButtonPhone, channel.ButtonLocation,
		}},
	}
}

// fileLimits are those of https://dev.max.ru/docs-api/methods/POST/uploads.
func fileLimits() map[channel.AttachmentKind]channel.FileLimit {
	sounds := []string{"audio/*", "application/ogg"}
	return map[channel.AttachmentKind]channel.FileLimit{
		channel.Image: {MaxBytes: 50 << 20, MIME: []string{
			"image/jpeg", "image/png", "image/gif", "image/tiff", "image/bmp", "image/heic",
		}},
		channel.Video: {MaxBytes: 250 << 20, MIME: []string{
			"video/mp4", "video/quicktime", "video/x-matroska", "video/matroska", "video/webm",
		}},
		channel.Audio:    {MaxBytes: 256 << 20, MIME: sounds},
		channel.Voice:    {MaxBytes: 256 << 20, MIME: sounds},
		channel.Document: {MaxBytes: 4 << 30},
	}
}

// Close implements channel.Adapter.
func (a *adapter) Close() {
	a.api.Close()
	a.media.Close()
}

// DeepLink implements channel.Linker. It is empty until the bot's name is
// known, from the settings or from a check.
func (a *adapter) DeepLink(payload string) string {
	name := a.settings.username
	if me := a.me.Load(); me != nil && me.Username != "" {
		name = string(me.Username)
	}
	if name == "" || len(payload) > maxStart {
		return ""
	}
	link := "https://max.ru/" + url.PathEscape(name)
	if payload != "" {
		link += "?start=" + url.QueryEscape(payload)
	}
	return link
}

// call makes a call of the API.
func (a *adapter) call(ctx context.Context, method, path string, query url.Values, in, out any, name string, opts ...egress.Option) error {
	header := http.Header{"Authorization": {a.settings.token}}
	return a.api.JSON(ctx, method, path, query, header, in, out, append([]egress.Option{egress.Operation(name)}, opts...)...)
}

// done is the answer of calls that change something: a refusal may come with
// status 200.
type done struct {
	Success *bool `json:"success"`
	Message text  `json:"message"`
}

// change makes a call that may be repeated without harm and is answered with
// success or not.
func (a *adapter) change(ctx context.Context, method, path string, query url.Values, in any, name string) error {
	var out done
	if err := a.call(ctx, method, path, query, in, &out, name); err != nil {
		return gone(a.repeatable(err))
	}
	if out.Success != nil && !*out.Success {
		return gone(a.explained(platformError{Message: out.Message}, http.StatusOK, nil))
	}
	return nil
}

// gone corrects the meaning of "no such message" where it is not one that a
// new message replies to.
func gone(err error) error {
	if se, ok := errors.AsType[*channel.SendError](err); ok && se.Reason == channel.ReasonReplyGone {
		se.Reason = channel.ReasonRejected
	}
	return err
}

// clientFor chooses who talks to an address that the platform named: the
// API's own host may be private when an administrator set it so, others never.
func (a *adapter) clientFor(address string) *egress.Client {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == a.settings.api.Scheme && u.Host == a.settings.api.Host {
		return a.api
	}
	return a.media
}
