package webchat

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
)

// target finds the entry that an act is about.
func (a *adapter) target(ctx context.Context, t channel.Target) (visitor.Entry, error) {
	e, err := a.platform.deps.Log.Find(ctx, a.id, visitor.ID(t.Chat), t.ExternalID)
	if err != nil {
		return visitor.Entry{}, failure(ctx, err)
	}
	return e, nil
}

// Edit implements channel.Editor. Files, place and quote stay as they were.
func (a *adapter) Edit(ctx context.Context, t channel.Target, c channel.Content) error {
	e, err := a.target(ctx, t)
	if err != nil {
		return err
	}
	if !e.Own || len(e.Body) == 0 {
		return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonNoPermission, Detail: "not a message of ours"}
	}
	b, err := readBody(e)
	if err != nil {
		return failure(ctx, err)
	}
	if units(c.Text) > MaxText {
		return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonTooBig, Detail: fmt.Sprintf("at most %d characters", MaxText)}
	}
	b.Text, b.Marks, b.Buttons = c.Text, fitting(c.Text, c.Marks), c.Buttons
	written, err := writeBody(b)
	if err != nil {
		return failure(ctx, err)
	}
	if bytes.Equal(written, e.Body) {
		return nil
	}
	change := visitor.Entry{Channel: a.id, Visitor: e.Visitor, Key: changeKey("edit"), Kind: visitor.Edit, Own: true, Ref: e.Key, At: a.platform.now()}
	if _, err := a.append(ctx, change, b); err != nil {
		return failure(ctx, err)
	}
	return nil
}

// Delete implements channel.Deleter.
func (a *adapter) Delete(ctx context.Context, t channel.Target) error {
	e, err := a.target(ctx, t)
	if err != nil {
		return err
	}
	change := visitor.Entry{Channel: a.id, Visitor: e.Visitor, Key: "deletion." + e.Key, Kind: visitor.Deletion, Own: true, Ref: e.Key, At: a.platform.now()}
	if _, err := a.append(ctx, change, body{}); err != nil {
		return failure(ctx, err)
	}
	return nil
}

// maxEmoji bounds a reaction; the longest emoji sequences have 15 units.
const maxEmoji = 32

// React implements channel.Reactor.
func (a *adapter) React(ctx context.Context, t channel.Target, emoji string) error {
	e, err := a.target(ctx, t)
	if err != nil {
		return err
	}
	if units(emoji) > maxEmoji {
		return &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonUnsupported, Detail: "not an emoji"}
	}
	change := visitor.Entry{Channel: a.id, Visitor: e.Visitor, Key: changeKey("reaction"), Kind: visitor.Reaction, Own: true, Ref: e.Key, At: a.platform.now()}
	if _, err := a.append(ctx, change, body{Emoji: emoji}); err != nil {
		return failure(ctx, err)
	}
	return nil
}

// ShowActivity implements channel.Typer.
func (a *adapter) ShowActivity(_ context.Context, t channel.Target, act channel.Activity) error {
	a.platform.signal(Signal{Channel: a.id, Visitor: visitor.ID(t.Chat), Activity: act})
	return nil
}

// MarkRead implements channel.ReadMarker.
func (a *adapter) MarkRead(ctx context.Context, t channel.Target) error {
	e, err := a.target(ctx, t)
	if err != nil {
		return err
	}
	moved := false
	_, err = a.platform.deps.Visitors.Update(ctx, a.id, e.Visitor, func(v *visitor.Visitor) error {
		moved = v.AgentRead < e.Seq
		v.AgentRead = max(v.AgentRead, e.Seq)
		return nil
	})
	if err != nil {
		return failure(ctx, err)
	}
	if moved {
		a.platform.signal(Signal{Channel: a.id, Visitor: e.Visitor, Read: true})
	}
	return nil
}

// voiceRetry is how long to wait before a recording is converted again.
const voiceRetry = 10 * time.Second

// Fetch implements channel.MediaFetcher. A recording becomes OGG/Opus here,
// once it is asked for, so that a failing converter delays nobody's message.
func (a *adapter) Fetch(ctx context.Context, ref string) (channel.Media, error) {
	f, r, err := a.platform.deps.Files.Open(ctx, a.id, ref)
	if err != nil {
		out := failure(ctx, err)
		if fault.KindOf(err) == fault.NotFound {
			return channel.Media{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonExpired, Cause: err}
		}
		return channel.Media{}, out
	}
	media := channel.Media{Body: r, Size: f.Size, Name: f.Name, MIME: f.MIME}
	if f.Kind != channel.Voice || f.MIME == oggMIME || a.platform.deps.Voice == nil {
		return media, nil
	}
	converted, size, err := a.platform.deps.Voice.Convert(ctx, f.MIME, r)
	closed := r.Close()
	switch {
	case err == nil && closed == nil:
		return channel.Media{Body: converted, Size: size, Name: "voice.ogg", MIME: oggMIME}, nil
	case fault.KindOf(err) == fault.Invalid && err != nil:
		// Not a recording after all: hand over what there is.
		if _, r, err = a.platform.deps.Files.Open(ctx, a.id, ref); err != nil {
			return channel.Media{}, failure(ctx, err)
		}
		media.Body = r
		return media, nil
	case err == nil:
		_ = converted.Close() // the source failed; so may have the result
		err = closed
	}
	return channel.Media{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, RetryAfter: voiceRetry, Cause: err}
}
