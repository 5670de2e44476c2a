// Package library keeps the files of conversations: it finds out what each is,
// stores it, and makes the small picture or the waveform that goes with it.
package library

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/okno-hq/okno/internal/blob"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
	"github.com/okno-hq/okno/internal/filetype"
	"github.com/okno-hq/okno/internal/inbox"
	"github.com/okno-hq/okno/internal/picture"
	"github.com/okno-hq/okno/internal/voice"
)

// Config has what a library is made of.
type Config struct {
	Blobs    blob.Store
	Pictures *picture.Maker
	Voice    *voice.Converter
	Log      *slog.Logger
}

// Library implements inbox.Library.
type Library struct{ cfg Config }

// New returns a library.
func New(cfg Config) *Library {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Library{cfg}
}

// inspectMost bounds what is read back to look into a file.
const inspectMost = 64 << 20

// Keep implements inbox.Library.
func (l *Library) Keep(ctx context.Context, k inbox.Keeping, r io.Reader) (inbox.Kept, error) {
	if k.Voice {
		return l.keepVoice(ctx, k, r)
	}
	head := make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return inbox.Kept{}, err
	}
	if n == 0 {
		return inbox.Kept{}, fault.New(fault.Invalid, "file.empty")
	}
	head = head[:n]
	hint := filetype.Hint{
		MIME: k.MIME, Name: k.Name, Voice: k.Kind == channel.Voice, Sticker: k.Kind == channel.Sticker, Animation: k.Kind == channel.Animation,
	}
	t := filetype.Detect(head, hint)
	kept := inbox.Kept{
		Name: name(k, t), MIME: t.MIME, Kind: channel.AttachmentKind(t.Kind(hint)), BlobKey: blob.NewKey(prefix(k.Workspace)),
	}
	body := io.MultiReader(bytes.NewReader(head), r)
	if k.Most > 0 {
		body = blob.Limit(body, k.Most)
	}
	stored, err := l.cfg.Blobs.Put(ctx, kept.BlobKey, body)
	if err != nil {
		return inbox.Kept{}, err
	}
	kept.Size, kept.SHA256 = stored.Size, stored.SHA256[:]
	l.look(ctx, k, &kept)
	return kept, nil
}

// keepVoice makes a voice message of a recording.
func (l *Library) keepVoice(ctx context.Context, k inbox.Keeping, r io.Reader) (inbox.Kept, error) {
	note, err := l.cfg.Voice.Note(ctx, r)
	if err != nil {
		return inbox.Kept{}, err
	}
	kept := inbox.Kept{
		BlobKey: blob.NewKey(prefix(k.Workspace)), Name: "voice.ogg", MIME: "audio/ogg", Kind: channel.Voice,
		Duration: note.Duration, Peaks: note.Peaks,
	}
	stored, err := l.cfg.Blobs.Put(ctx, kept.BlobKey, bytes.NewReader(note.Data))
	kept.Size, kept.SHA256 = stored.Size, stored.SHA256[:]
	return kept, err
}

func prefix(ws int64) string { return "files/" + strconv.FormatInt(ws, 10) }

// name is the file's name with the extension of what it really is where it
// has none.
func name(k inbox.Keeping, t filetype.Type) string {
	n := filetype.CleanName(k.Name)
	if k.Name == "" {
		n = "file" + t.Ext
	}
	if !strings.Contains(n, ".") {
		n += t.Ext
	}
	return n
}

// look makes what goes with a file. A file that cannot be looked into is
// stored all the same.
func (l *Library) look(ctx context.Context, k inbox.Keeping, kept *inbox.Kept) {
	if kept.Size > inspectMost {
		return
	}
	var err error
	switch group, _, _ := strings.Cut(kept.MIME, "/"); group {
	case "image":
		err = l.thumb(ctx, k, kept)
	case "audio":
		err = l.listen(ctx, kept)
	}
	if err != nil {
		l.cfg.Log.InfoContext(ctx, "file not looked into", slog.String("mime", kept.MIME), slog.String("code", fault.CodeOf(err)))
	}
}

func (l *Library) thumb(ctx context.Context, k inbox.Keeping, kept *inbox.Kept) error {
	o, err := l.cfg.Blobs.Open(ctx, kept.BlobKey)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	info, err := l.cfg.Pictures.Inspect(o)
	if err != nil {
		return err
	}
	kept.Width, kept.Height = info.Width, info.Height
	if _, err := o.Seek(0, io.SeekStart); err != nil {
		return err
	}
	small, err := l.cfg.Pictures.Thumbnail(ctx, o, picture.ThumbnailSide)
	if err != nil {
		return err
	}
	key := blob.NewKey("thumbs/" + strconv.FormatInt(k.Workspace, 10))
	if _, err := l.cfg.Blobs.Put(ctx, key, bytes.NewReader(small.Data)); err != nil {
		return err
	}
	kept.ThumbKey = key
	return nil
}

func (l *Library) listen(ctx context.Context, kept *inbox.Kept) error {
	o, err := l.cfg.Blobs.Open(ctx, kept.BlobKey)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	info, err := l.cfg.Voice.Inspect(ctx, o)
	if err != nil {
		return err
	}
	kept.Duration, kept.Peaks = info.Duration, info.Peaks
	return nil
}

// Open implements inbox.Library.
func (l *Library) Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error) {
	o, err := l.cfg.Blobs.Open(ctx, key)
	if err != nil {
		return nil, 0, err
	}
	return o, o.Info.Size, nil
}

// Discard implements inbox.Library.
func (l *Library) Discard(ctx context.Context, key string) error { return l.cfg.Blobs.Delete(ctx, key) }
