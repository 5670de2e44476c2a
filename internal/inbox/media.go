package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/contact"
	"github.com/okno-hq/okno/internal/fault"
)

// Limits of files.
const (
	maxUpload  = 2 << 30  // what a person may upload
	maxFetched = 4 << 30  // what a platform may hand us
	maxPicture = 10 << 20 // of a contact
)

func (f *File) take(k Kept) {
	f.BlobKey, f.ThumbKey, f.Size, f.SHA256 = k.BlobKey, k.ThumbKey, k.Size, k.SHA256
	f.MIME, f.State, f.Reason = k.MIME, FileReady, ""
	if f.Name == "" {
		f.Name = k.Name
	}
	if f.Kind == "" {
		f.Kind = k.Kind
	}
	if k.Width > 0 {
		f.Width, f.Height = k.Width, k.Height
	}
	if k.Duration > 0 {
		f.Duration = k.Duration
	}
	if len(k.Peaks) > 0 {
		f.Peaks = k.Peaks
	}
}

// FileFor returns a file that the actor may see: his own upload, somebody's
// picture, or a file of an item that he may see or of a canned reply that he
// may use.
func (s *Service) FileFor(ctx context.Context, a access.Actor, id FileID) (File, error) {
	f, err := s.d.Files.File(ctx, int64(a.Workspace), id)
	if err != nil {
		return f, err
	}
	if f.Item == 0 {
		// Pictures of people and of contacts are everybody's in the workspace;
		// what somebody has not sent yet is his alone.
		if f.User == 0 || f.User == a.User || f.Position == PositionPicture {
			if f.User != 0 && f.State == FileExpired {
				return File{}, ErrNoFile // given up
			}
			return f, nil
		}
	} else if i, _, err := s.seeItem(ctx, a, f.Item); err == nil && (i.DeletedAt.IsZero() || a.Can(access.ViewEditions)) {
		return f, nil
	}
	_, usable, err := s.cannedFiles(ctx, a)
	if err == nil && !slices.Contains(usable, id) {
		err = ErrNoFile
	}
	if err != nil {
		return File{}, err
	}
	return f, nil
}

// PositionPicture marks a file that is a person's or contact's picture.
const PositionPicture = -1

// UploadPicture keeps a person's own picture.
func (s *Service) UploadPicture(ctx context.Context, a access.Actor, id FileID) error {
	return s.d.Tx.Write(ctx, func(ctx context.Context) error {
		f, err := s.d.Files.File(ctx, int64(a.Workspace), id)
		if err != nil {
			return err
		}
		if f.User != a.User || f.Item != 0 || f.State != FileReady {
			return ErrNoFile
		}
		if f.Kind != channel.Image {
			return fault.New(fault.Invalid, "picture.not_an_image").WithField("avatar_file_id")
		}
		f.Position = PositionPicture
		return s.d.Files.UpdateFile(ctx, f)
	})
}

// Open opens a file's bytes, or its preview's.
func (s *Service) Open(ctx context.Context, f File, thumb bool) (io.ReadSeekCloser, int64, error) {
	k := f.BlobKey
	if thumb && f.ThumbKey != "" {
		k = f.ThumbKey
	}
	if k == "" || f.State != FileReady {
		return nil, 0, ErrFileNotReady
	}
	return s.d.Library.Open(ctx, k)
}

// Refetch asks for a file again that could not be fetched.
func (s *Service) Refetch(ctx context.Context, a access.Actor, id FileID) (File, error) {
	var f File
	err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
		var err error
		if f, err = s.FileFor(ctx, a, id); err != nil {
			return err
		}
		if f.State == FileReady || f.State == FilePending || f.Ref == "" {
			return ErrWrongState
		}
		f.State, f.Reason = FilePending, ""
		if err := s.saveFile(ctx, f); err != nil {
			return err
		}
		return s.d.Jobs.Enqueue(ctx, Job{Kind: JobMedia, Workspace: f.Workspace, Subject: int64(f.ID)})
	})
	return f, err
}

// saveFile stores a changed file and tells of its item.
func (s *core) saveFile(ctx context.Context, f File) error {
	if err := s.d.Files.UpdateFile(ctx, f); err != nil || f.Item == 0 {
		return err
	}
	i, err := s.d.Items.Item(ctx, f.Workspace, f.Item)
	if err != nil {
		return err
	}
	return s.saveItem(ctx, i, 0)
}

// fetchFor is how long a file is tried: platforms' links do not live longer.
const fetchFor = 24 * time.Hour

// FetchMedia fetches a file's bytes from its platform.
func (d *Deliverer) FetchMedia(ctx context.Context, ws int64, id FileID) error {
	f, err := d.d.Files.File(ctx, ws, id)
	if err != nil {
		return err
	}
	if f.State != FilePending {
		return nil
	}
	kept, err := d.fetch(ctx, f.Channel, f.Ref, Keeping{
		Workspace: ws, Name: f.Name, MIME: f.MIME, Kind: f.Kind, Most: maxFetched,
	})
	if err == nil {
		f.take(kept)
		return d.d.Tx.Write(ctx, func(ctx context.Context) error { return d.saveFile(ctx, f) })
	}
	f.State, f.Reason = FileFailed, channel.ReasonMedia
	if fault.KindOf(err) == fault.TooLarge {
		f.Reason = channel.ReasonTooBig
	}
	if se, ok := errors.AsType[*channel.SendError](err); ok {
		f.Reason = se.Reason
		if se.Outcome != channel.Failed && d.now().Sub(f.CreatedAt) < fetchFor {
			return &Later{After: se.RetryAfter, Cause: err}
		}
		if se.Reason == channel.ReasonExpired {
			f.State = FileExpired
		}
	} else if k := fault.KindOf(err); (k == fault.Unavailable || k == fault.Internal) && d.now().Sub(f.CreatedAt) < fetchFor {
		return &Later{Cause: err} // our own disk is full, the channel is off
	}
	return d.d.Tx.Write(ctx, func(ctx context.Context) error { return d.saveFile(ctx, f) })
}

func (d *Deliverer) fetch(ctx context.Context, ch channel.ID, ref string, k Keeping) (Kept, error) {
	adapter, err := d.d.Accounts.Adapter(ctx, ch)
	if err != nil {
		return Kept{}, err
	}
	fetcher, ok := adapter.(channel.MediaFetcher)
	if !ok {
		return Kept{}, fault.New(fault.Invalid, "channel.no_media")
	}
	m, err := fetcher.Fetch(ctx, ref)
	if err != nil {
		return Kept{}, err
	}
	defer func() { _ = m.Body.Close() }()
	if k.Name == "" {
		k.Name = m.Name
	}
	if k.MIME == "" {
		k.MIME = m.MIME
	}
	if m.Size > k.Most {
		return Kept{}, fault.New(fault.TooLarge, "file.too_big")
	}
	return d.d.Library.Keep(ctx, k, m.Body)
}

// FetchPicture fetches a contact's picture. The job's text is the channel's
// id and the reference.
func (d *Deliverer) FetchPicture(ctx context.Context, ws int64, who contact.ID, text string) error {
	first, ref, ok := strings.Cut(text, " ")
	ch, err := strconv.ParseInt(first, 10, 64)
	if err != nil || !ok {
		return fmt.Errorf("inbox: malformed picture job %q: %w", text, errors.Join(err, fault.New(fault.Invalid, "job.malformed")))
	}
	// Several messages in a row ask for the same picture.
	if c, err := d.d.Contacts.Current(ctx, ws, who); err != nil || c.AvatarRef == ref {
		return err
	}
	kept, err := d.fetch(ctx, channel.ID(ch), ref, Keeping{Workspace: ws, Name: "avatar", Kind: channel.Image, Most: maxPicture})
	if se, ok := errors.AsType[*channel.SendError](err); (ok && se.Outcome == channel.Failed) || fault.KindOf(err) == fault.Invalid {
		return nil // gone or hidden: the next message brings another reference
	}
	if err != nil {
		return err
	}
	f := File{
		ID: FileID(d.d.NewID()), Workspace: ws, Position: PositionPicture, Channel: channel.ID(ch), CreatedAt: d.now(),
	}
	f.take(kept)
	return d.d.Tx.Write(ctx, func(ctx context.Context) error {
		if err := d.d.Files.CreateFile(ctx, f); err != nil {
			return err
		}
		return d.d.Contacts.SetPicture(ctx, ws, who, int64(f.ID), ref)
	})
}

// FilesOf lists the files of a contact that the actor may see, with their
// items, the newest first.
func (s *Service) FilesOf(ctx context.Context, a access.Actor, c contact.ID, before FileID, limit int) ([]File, []Item, error) {
	seen, err := s.seen(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	return s.d.Files.FilesOfContact(ctx, seen, c, before, limit)
}
