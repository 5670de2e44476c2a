package webchat

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/channel/visitor"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/filetype"
)

// factory makes adapters over one platform.
type factory struct{ platform *Platform }

// Factory makes the adapters of the widgets that this platform serves.
func (p *Platform) Factory() channel.Factory { return factory{p} }

func (factory) Kind() channel.Kind { return channel.Webchat }
func (factory) Form() channel.Form { return Form() }

func (f factory) Open(a channel.Account) (channel.Adapter, error) {
	s, err := parse(a)
	if err != nil {
		return nil, err
	}
	return &adapter{id: a.ID, name: a.Name, settings: s, platform: f.platform}, nil
}

// adapter is one widget's line to its visitors' logs.
type adapter struct {
	id       channel.ID
	name     string
	settings settings
	platform *Platform
}

var (
	_ channel.Adapter      = (*adapter)(nil)
	_ channel.Editor       = (*adapter)(nil)
	_ channel.Deleter      = (*adapter)(nil)
	_ channel.Reactor      = (*adapter)(nil)
	_ channel.Typer        = (*adapter)(nil)
	_ channel.ReadMarker   = (*adapter)(nil)
	_ channel.MediaFetcher = (*adapter)(nil)
	_ channel.Reconciler   = (*adapter)(nil)
)

// Limits of what is sent to a visitor.
const (
	maxAlbum         = 10
	maxButtons       = 20
	maxButtonText    = 64
	maxButtonPayload = 256
	oggMIME          = "audio/ogg"
)

// Capabilities implements channel.Adapter.
func (a *adapter) Capabilities() channel.Capabilities {
	limit := channel.FileLimit{MaxBytes: a.settings.maxFile}
	with := func(mime ...string) channel.FileLimit { return channel.FileLimit{MaxBytes: limit.MaxBytes, MIME: mime} }
	return channel.Capabilities{
		Text: MaxText, Caption: MaxText,
		Marks: []channel.MarkType{
			channel.Bold, channel.Italic, channel.Underline, channel.Strike, channel.Code, channel.Pre, channel.Quote,
			channel.Link, channel.Spoiler,
		},
		Attachments: map[channel.AttachmentKind]channel.FileLimit{
			channel.Image: with("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"), channel.Video: with("video/mp4", "video/webm", "video/quicktime"),
			channel.Audio: with("audio/*"), channel.Voice: with("audio/*"), channel.Document: limit,
			channel.Animation: with("image/gif", "image/webp", "video/mp4"), channel.Sticker: with("image/webp", "image/png", "image/gif"),
		},
		Album: maxAlbum, AlbumKinds: []channel.AttachmentKind{channel.Image, channel.Video, channel.Document, channel.Audio},
		Location: true, Contact: true, Reply: true, Edit: true, Delete: true, React: true, Typing: true, MarkRead: true,
		Delivered: true, Read: true,
		Buttons: channel.ButtonLimit{Max: maxButtons, Text: maxButtonText, Payload: maxButtonPayload, Kinds: []channel.ButtonKind{
			channel.ButtonCallback, channel.ButtonURL, channel.ButtonPhone,
		}},
	}
}

// Decode implements channel.Adapter.
func (a *adapter) Decode(raw channel.Raw) ([]channel.Update, error) { return decode(a.id, raw) }

// Close implements channel.Adapter.
func (a *adapter) Close() {}

// Check implements channel.Adapter. The platform is ourselves: what can be
// wrong is the set-up.
func (a *adapter) Check(ctx context.Context) channel.Health {
	sites := make([]string, 0, len(a.settings.sites))
	for _, s := range a.settings.sites {
		sites = append(sites, s.String())
	}
	h := channel.Health{State: channel.Working, Account: strings.Join(sites, ", "), Facts: map[string]string{"sites": strings.Join(sites, "\n")}}
	switch _, err := a.platform.deps.Visitors.Get(ctx, a.id, "check"); {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		h.State, h.Reason = channel.Failing, channel.ReasonPlatformDown
	case !a.platform.built():
		h.State, h.Reason, h.Detail = channel.Failing, channel.ReasonMisconfigured, "the widget was not built into this binary"
	case len(sites) == 0:
		h.State, h.Reason, h.Detail = channel.Degraded, channel.ReasonMisconfigured, "no site is allowed to show the widget"
	}
	if h.Account == "" {
		h.Account = a.name
	}
	return h
}

// externalID is the key of a message sent for an item.
func externalID(itemID string) string { return "out." + itemID }

// Send implements channel.Adapter: it appends to the visitor's log under the
// item's id, so that sending again changes nothing.
func (a *adapter) Send(ctx context.Context, o channel.Outgoing) (channel.Sent, error) {
	if err := ctx.Err(); err != nil {
		return channel.Sent{}, failure(ctx, err)
	}
	if err := a.fits(o); err != nil {
		return channel.Sent{}, err
	}
	id := visitor.ID(o.Chat)
	if _, err := a.platform.deps.Visitors.Get(ctx, a.id, id); err != nil {
		return channel.Sent{}, failure(ctx, err)
	}
	b := body{
		Text: o.Content.Text, Marks: fitting(o.Content.Text, o.Content.Marks), Location: o.Content.Location,
		Contacts: cards(o.Content.Contacts), Buttons: o.Content.Buttons,
	}
	if o.ReplyTo != "" {
		q, err := a.platform.quote(ctx, a.id, id, o.ReplyTo)
		if err != nil {
			return channel.Sent{}, failure(ctx, err)
		}
		if q == nil {
			return channel.Sent{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonReplyGone}
		}
		if o.ReplyQuote != "" {
			q.Text = shorten(o.ReplyQuote, quoteRunes)
		}
		b.Quote = q
	}
	for i, at := range o.Content.Attachments {
		f, err := a.store(ctx, o, id, i, at)
		if err != nil {
			return channel.Sent{}, err
		}
		b.Files = append(b.Files, refOf(f))
	}
	e := visitor.Entry{Channel: a.id, Visitor: id, Key: externalID(o.ItemID), Kind: visitor.Message, Own: true, At: a.platform.now()}
	if a.platform.deps.Author != nil {
		name, err := a.platform.deps.Author(ctx, o.ItemID)
		if err != nil {
			return channel.Sent{}, failure(ctx, err)
		}
		e.Author = shorten(line(name), maxField)
	}
	stored, err := a.append(ctx, e, b)
	if err != nil {
		return channel.Sent{}, failure(ctx, err)
	}
	return channel.Sent{ExternalIDs: []string{stored.Key}, At: stored.At}, nil
}

// append writes an entry and wakes the visitor's widgets.
func (a *adapter) append(ctx context.Context, e visitor.Entry, b body) (visitor.Entry, error) {
	var err error
	if e.Kind != visitor.Deletion {
		if e.Body, err = writeBody(b); err != nil {
			return visitor.Entry{}, err
		}
	}
	stored, _, err := a.platform.deps.Log.Append(ctx, e)
	if err != nil {
		return visitor.Entry{}, fmt.Errorf("append to the visitor's log: %w", err)
	}
	a.platform.signal(Signal{Channel: e.Channel, Visitor: e.Visitor})
	return stored, nil
}

// cards drops what a visitor has no use for.
func cards(list []channel.Card) []channel.Card {
	out := make([]channel.Card, 0, len(list))
	for _, c := range list {
		out = append(out, channel.Card{Name: c.Name, Phones: c.Phones, Emails: c.Emails})
	}
	return out
}

// fits refuses what cannot be shown, before anything is done.
func (a *adapter) fits(o channel.Outgoing) error {
	no := func(reason channel.Reason, detail string) error {
		return &channel.SendError{Outcome: channel.Failed, Reason: reason, Detail: detail}
	}
	c := o.Content
	if c.Empty() || c.Template != nil {
		return no(channel.ReasonUnsupported, "nothing to show")
	}
	if units(c.Text) > MaxText {
		return no(channel.ReasonTooBig, fmt.Sprintf("at most %d characters", MaxText))
	}
	if len(c.Attachments) > maxAlbum {
		return no(channel.ReasonUnsupported, fmt.Sprintf("at most %d files", maxAlbum))
	}
	limits := a.Capabilities().Attachments
	for _, at := range c.Attachments {
		limit, ok := limits[at.Kind]
		if !ok {
			return no(channel.ReasonUnsupported, "no files of this kind")
		}
		if at.Size > limit.MaxBytes {
			return no(channel.ReasonTooBig, fmt.Sprintf("at most %d MB", limit.MaxBytes>>20))
		}
	}
	n := 0
	for _, row := range c.Buttons {
		for _, b := range row {
			n++
			if b.Kind == channel.ButtonLocation || units(b.Text) > maxButtonText || units(b.Payload) > maxButtonPayload || blank(b.Text) {
				return no(channel.ReasonUnsupported, "a button that cannot be shown")
			}
		}
	}
	if n > maxButtons {
		return no(channel.ReasonUnsupported, fmt.Sprintf("at most %d buttons", maxButtons))
	}
	return nil
}

// store copies an attachment to where the visitor's browser can get it.
func (a *adapter) store(ctx context.Context, o channel.Outgoing, v visitor.ID, i int, at channel.Attachment) (visitor.File, error) {
	if o.Open == nil {
		return visitor.File{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonMedia, Detail: "no bytes"}
	}
	r, size, err := o.Open(ctx, i)
	if err != nil {
		return visitor.File{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Cause: err}
	}
	defer func() { _ = r.Close() }() // it was only read
	if size > a.settings.maxFile {
		return visitor.File{}, &channel.SendError{Outcome: channel.Failed, Reason: channel.ReasonTooBig, Detail: fmt.Sprintf("at most %d MB", a.settings.maxFile>>20)}
	}
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return visitor.File{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Cause: err}
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return visitor.File{}, &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Cause: err}
	}
	f := describe(visitor.File{
		Channel: a.id, Visitor: v, Key: fmt.Sprintf("%s.%d", externalID(o.ItemID), i), Name: filetype.CleanName(at.Name),
		Duration: at.Duration,
	}, head[:n], at.Kind)
	if f.Width == 0 {
		f.Width, f.Height = at.Width, at.Height
	}
	if said := (filetype.Type{MIME: at.MIME}); f.MIME == filetype.Unknown && said.Inline() {
		f.MIME, f.Kind = at.MIME, at.Kind // the workspace knows better, and nothing in such a type runs
	}
	stored, err := a.platform.deps.Files.Put(ctx, f, r)
	if err != nil {
		return visitor.File{}, failure(ctx, err)
	}
	return stored, nil
}

// failure says what became of a send whose store failed: everything we do is
// idempotent, so it may be tried again unless it can never work.
func failure(ctx context.Context, err error) error {
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		return se
	}
	out := &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonPlatformDown, Cause: err}
	switch {
	case ctx.Err() != nil:
		out.Reason = channel.ReasonUnreachable
	case fault.KindOf(err) == fault.NotFound:
		out.Outcome, out.Reason = channel.Failed, channel.ReasonChatGone
	case fault.KindOf(err) == fault.TooLarge:
		out.Outcome, out.Reason = channel.Failed, channel.ReasonTooBig
	}
	return out
}

// Reconcile implements channel.Reconciler: the log knows. What did not get
// there before the program ended is put there now: an entry is made once,
// however often it is sent, so nobody has to decide.
func (a *adapter) Reconcile(ctx context.Context, o channel.Outgoing, _ time.Time) (channel.Sent, bool, error) {
	e, err := a.platform.deps.Log.Find(ctx, a.id, visitor.ID(o.Chat), externalID(o.ItemID))
	if err == nil {
		return channel.Sent{ExternalIDs: []string{e.Key}, At: e.At}, true, nil
	}
	if fault.KindOf(err) != fault.NotFound {
		return channel.Sent{}, false, failure(ctx, err)
	}
	sent, err := a.Send(ctx, o)
	if se, ok := errors.AsType[*channel.SendError](err); ok && se.Outcome == channel.Failed {
		return channel.Sent{}, false, nil
	}
	return sent, err == nil, err
}

// changeKey is the key of a change to a message: unlike messages, changes
// carry no id of their own, and repeating one does no harm.
func changeKey(prefix string) string { return prefix + "." + strings.ToLower(rand.Text()) }
