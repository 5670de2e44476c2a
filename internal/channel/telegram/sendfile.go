package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/egress"
)

// shape is how the platform is told to show a file: the method is "send" +
// shape, the parameter its lower case.
type shape string

const (
	asPhoto     shape = "Photo"
	asVideo     shape = "Video"
	asAudio     shape = "Audio"
	asVoice     shape = "Voice"
	asDocument  shape = "Document"
	asSticker   shape = "Sticker"
	asAnimation shape = "Animation"
)

func (s shape) param() string { return strings.ToLower(string(s)) }

// shapeOf chooses how to send a file: what the platform would not show as
// asked goes as a document rather than not at all, except for voice messages,
// which must be true ones.
func (a *adapter) shapeOf(at channel.Attachment) (shape, error) {
	kind := strings.ToLower(strings.TrimSpace(strings.SplitN(at.MIME, ";", 2)[0]))
	shown := map[channel.AttachmentKind]shape{
		channel.Image: asPhoto, channel.Video: asVideo, channel.Audio: asAudio, channel.Voice: asVoice, channel.Sticker: asSticker,
		channel.Animation: asAnimation, channel.Document: asDocument,
	}
	s, ok := shown[at.Kind]
	if !ok {
		return "", refused(channel.ReasonUnsupported, "unknown kind of file")
	}
	limit := a.fileLimits()[at.Kind]
	fits := len(limit.MIME) == 0 || kind == "" || slices.Contains(limit.MIME, kind)
	switch {
	case s == asVoice && !fits:
		return "", refused(channel.ReasonMedia, "a voice message must be Ogg/Opus, MP3 or M4A")
	case s == asPhoto && kind == "image/gif":
		return asAnimation, nil
	case s == asPhoto && (at.Width+at.Height > maxSquareSide || at.Width > 20*max(at.Height, 1) || at.Height > 20*max(at.Width, 1)) &&
		at.Width > 0 && at.Height > 0:
		return asDocument, nil
	case !fits:
		return asDocument, nil
	}
	return s, nil
}

// fileName is what the customer sees; the platform wants one.
func fileName(at channel.Attachment) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == '\\' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(at.Name, "_"))
	if name != "" {
		return name
	}
	switch at.Kind {
	case channel.Image:
		return "photo.jpg"
	case channel.Video, channel.Animation:
		return "video.mp4"
	case channel.Voice:
		return "voice.ogg"
	case channel.Audio:
		return "audio.mp3"
	case channel.Sticker:
		return "sticker.webp"
	case channel.Document:
	}
	return "file"
}

// source is one file of an outgoing message, opened once to know its size.
type source struct {
	open func() (io.ReadSeekCloser, int64, error)

	mu    sync.Mutex
	first io.ReadSeekCloser // not handed out yet
}

// file opens attachment i and checks its size against the limit.
func (a *adapter) file(ctx context.Context, o channel.Outgoing, i int, field string, limit int64) (*source, egress.File, error) {
	at := o.Content.Attachments[i]
	if o.Open == nil {
		return nil, egress.File{}, refused(channel.ReasonMedia, "the file is not there")
	}
	if at.Size > limit {
		return nil, egress.File{}, refused(channel.ReasonTooBig, "file too big")
	}
	src := &source{open: func() (io.ReadSeekCloser, int64, error) { return o.Open(ctx, i) }}
	r, size, err := src.open()
	if err != nil {
		return nil, egress.File{}, &channel.SendError{
			Outcome: channel.Retry, Reason: channel.ReasonMedia, Detail: "the file cannot be read", Cause: fmt.Errorf("telegram: open attachment: %w", err),
		}
	}
	src.first = r
	switch {
	case size > limit:
		err = refused(channel.ReasonTooBig, "file too big")
	case size <= 0:
		err = refused(channel.ReasonMedia, "the file is empty")
	}
	if err != nil {
		if cerr := src.close(); cerr != nil {
			a.log.WarnContext(ctx, "close attachment", slog.Any("error", cerr))
		}
		return nil, egress.File{}, err
	}
	return src, egress.File{Field: field, Name: fileName(at), ContentType: at.MIME, Size: size, Open: src.read}, nil
}

// read hands out the content from its beginning.
func (s *source) read() (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.first; r != nil {
		s.first = nil
		return r, nil
	}
	r, _, err := s.open()
	return r, err
}

func (s *source) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		return nil
	}
	return s.first.Close()
}

func (a *adapter) limitOf(s shape) int64 {
	switch s {
	case asPhoto:
		return maxPhoto
	case asSticker:
		return maxSticker
	case asVideo, asAudio, asVoice, asDocument, asAnimation:
	}
	return a.maxUpload()
}

// details adds what we know of a file.
func details(params map[string]any, s shape, at channel.Attachment) {
	seconds := int64(at.Duration.Seconds() + 0.5)
	switch s {
	case asVideo, asAnimation:
		if at.Width > 0 && at.Height > 0 {
			params["width"], params["height"] = at.Width, at.Height
		}
		if s == asVideo {
			params["supports_streaming"] = true
		}
	case asAudio, asVoice:
	case asPhoto, asDocument, asSticker:
		return
	}
	if seconds > 0 {
		params["duration"] = seconds
	}
}

func (a *adapter) sendFile(ctx context.Context, ref chatRef, params map[string]any, o channel.Outgoing) (channel.Sent, error) {
	at := o.Content.Attachments[0]
	s, err := a.shapeOf(at)
	if err != nil {
		return channel.Sent{}, err
	}
	if s == asSticker && o.Content.Text != "" {
		return channel.Sent{}, refused(channel.ReasonUnsupported, "a sticker has no caption")
	}
	if err := caption(params, o.Content); err != nil {
		return channel.Sent{}, err
	}
	details(params, s, at)
	if s == asDocument { // otherwise the platform may show it as something else
		params["disable_content_type_detection"] = true
	}
	src, file, err := a.file(ctx, o, 0, s.param(), a.limitOf(s))
	if err != nil {
		return channel.Sent{}, err
	}
	var result json.RawMessage
	err = a.upload(ctx, "send"+string(s), params, []egress.File{file}, &result, egress.Key(ref.lane()))
	if cerr := src.close(); cerr != nil {
		a.log.WarnContext(ctx, "close attachment", slog.Any("error", cerr))
	}
	if err != nil {
		return channel.Sent{}, err
	}
	return sent(result)
}

// sendAlbum sends several files as one message; the caption goes with the
// first.
func (a *adapter) sendAlbum(ctx context.Context, ref chatRef, params map[string]any, o channel.Outgoing) (channel.Sent, error) {
	list := o.Content.Attachments
	switch {
	case len(list) > maxAlbum:
		return channel.Sent{}, refused(channel.ReasonUnsupported, "at most ten files in an album")
	case params["reply_markup"] != nil:
		return channel.Sent{}, refused(channel.ReasonUnsupported, "an album has no buttons")
	}
	shapes, err := a.albumShapes(list)
	if err != nil {
		return channel.Sent{}, err
	}
	media := make([]map[string]any, 0, len(list))
	files := make([]egress.File, 0, len(list))
	for i, at := range list {
		name := fmt.Sprintf("file%d", i)
		src, file, err := a.file(ctx, o, i, name, a.limitOf(shapes[i]))
		if err != nil {
			return channel.Sent{}, err
		}
		defer func() {
			if err := src.close(); err != nil {
				a.log.WarnContext(ctx, "close attachment", slog.Any("error", err))
			}
		}()
		item := map[string]any{"type": shapes[i].param(), "media": "attach://" + name}
		details(item, shapes[i], at)
		if i == 0 {
			if err := caption(item, o.Content); err != nil {
				return channel.Sent{}, err
			}
		}
		media, files = append(media, item), append(files, file)
	}
	params["media"] = media
	var result json.RawMessage
	if err := a.upload(ctx, "sendMediaGroup", params, files, &result, egress.Key(ref.lane())); err != nil {
		return channel.Sent{}, err
	}
	return sent(result)
}

// albumShapes chooses shapes that may share an album: pictures with videos,
// or files of one kind; a mixture goes as documents.
func (a *adapter) albumShapes(list []channel.Attachment) ([]shape, error) {
	shapes := make([]shape, len(list))
	seen := map[shape]bool{}
	for i, at := range list {
		s, err := a.shapeOf(at)
		if err != nil {
			return nil, err
		}
		switch s {
		case asPhoto, asVideo:
			seen[asPhoto] = true
		case asAudio, asDocument:
			seen[s] = true
		case asVoice, asSticker, asAnimation:
			return nil, refused(channel.ReasonUnsupported, "such files go alone")
		}
		shapes[i] = s
	}
	if len(seen) > 1 {
		for i := range shapes {
			shapes[i] = asDocument
		}
	}
	return shapes, nil
}
