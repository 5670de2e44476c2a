package whatsapp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// headOf is how much of a file is looked at to know a true voice message.
const headOf = 64

// maxFilename is the platform's limit of a document's name.
const maxFilename = 240

// file composes a message with a file.
func (a *adapter) file(ctx context.Context, o channel.Outgoing, words string) (string, any, error) {
	kind, out, err := a.media(ctx, o)
	if err != nil {
		return "", nil, err
	}
	if words != "" {
		out["caption"] = words
	}
	return kind, out, nil
}

// media uploads the message's only file and returns what refers to it.
func (a *adapter) media(ctx context.Context, o channel.Outgoing) (string, object, error) {
	file := o.Content.Attachments[0]
	kind := string(file.Kind)
	switch file.Kind {
	case channel.Image, channel.Video, channel.Document:
		if n := units(render(o.Content.Text, o.Content.Marks)); n > maxCaption {
			return "", nil, tooLong(n, maxCaption)
		}
	case channel.Audio, channel.Voice, channel.Sticker:
		if o.Content.Text != "" {
			return "", nil, refused(channel.ReasonUnsupported, "this file goes without a text")
		}
		if file.Kind == channel.Voice {
			kind = "audio"
		}
	case channel.Animation:
		return "", nil, refused(channel.ReasonUnsupported, "animations are not taken: send a video")
	default:
		return "", nil, refused(channel.ReasonUnsupported, "unknown kind of file")
	}
	id, err := a.upload(ctx, o)
	if err != nil {
		return "", nil, err
	}
	out := object{"id": id}
	if file.Kind == channel.Voice {
		out["voice"] = true
	}
	if file.Kind == channel.Document && file.Name != "" {
		out["filename"] = shorten(file.Name, maxFilename)
	}
	return kind, out, nil
}

// shorten cuts the middle out of a long name, so that its ending stays.
func shorten(name string, limit int) string {
	r := []rune(name)
	if len(r) <= limit {
		return name
	}
	const tail = 20
	return string(r[:limit-tail-1]) + "…" + string(r[len(r)-tail:])
}

// upload gives the message's file to the platform and returns its media id,
// which lives for 30 days.
func (a *adapter) upload(ctx context.Context, o channel.Outgoing) (string, error) {
	file := o.Content.Attachments[0]
	base, _, err := mime.ParseMediaType(file.MIME)
	if err != nil || !contains(fileLimits()[file.Kind].MIME, base) {
		return "", refused(channel.ReasonMedia, fmt.Sprintf("type %q is not taken as %s", file.MIME, file.Kind))
	}
	content, size, err := o.Open(ctx, 0)
	if err != nil {
		// Nothing was asked of the platform, and our own store may recover.
		return "", &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the file cannot be read", Cause: err}
	}
	defer func() { _ = content.Close() }()
	switch limit := limitOf(file.Kind, base); {
	case size > limit:
		return "", refused(channel.ReasonTooBig, fmt.Sprintf("%d bytes, at most %d", size, limit))
	case size <= 0:
		return "", refused(channel.ReasonMedia, "the file is empty")
	}
	kind := base
	if file.Kind == channel.Voice {
		if err := voice(content); err != nil {
			return "", err
		}
		kind = oggOpus + "; codecs=opus"
	}
	name := file.Name
	if name == "" {
		name = string(file.Kind)
	}
	part := egress.File{Field: "file", Name: shorten(name, maxFilename), ContentType: kind, Size: size, Open: func() (io.ReadCloser, error) {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("rewind: %w", err)
		}
		return io.NopCloser(content), nil
	}}
	fields := []egress.Field{{Name: "messaging_product", Value: "whatsapp"}, {Name: "type", Value: kind}}
	var answer struct {
		ID string `json:"id"`
	}
	err = a.client.Multipart(ctx, a.settings.numberID+"/media", a.bearer(), fields, []egress.File{part}, &answer,
		egress.Operation("media_upload"), egress.Unlimited())
	if err != nil {
		return "", a.repeatable(err)
	}
	if answer.ID == "" {
		return "", &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the upload got no id"}
	}
	return answer.ID, nil
}

// voice makes sure that a voice message is Opus in Ogg (RFC 7845): anything
// else the platform takes and then does not deliver.
func voice(content io.ReadSeeker) error {
	head := make([]byte, headOf)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return &channel.SendError{Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the file cannot be read", Cause: err}
	}
	if !bytes.HasPrefix(head, []byte("OggS")) || !bytes.Contains(head[:n], []byte("OpusHead")) {
		return refused(channel.ReasonMedia, "a voice message must be Opus in Ogg")
	}
	return nil
}

func tooLong(n, limit int) *channel.SendError {
	return refused(channel.ReasonTooBig, fmt.Sprintf("%d characters, at most %d", n, limit))
}
