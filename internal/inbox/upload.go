package inbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/okno-hq/okno/internal/access"
	"github.com/okno-hq/okno/internal/channel"
	"github.com/okno-hq/okno/internal/fault"
)

// Purpose says what a file is uploaded for, and so who may.
type Purpose string

// The purposes. A message's file needs the permission to reply, a canned
// reply's that to manage them; everybody has a picture.
const (
	ForMessage Purpose = "message"
	ForCanned  Purpose = "canned"
	ForAvatar  Purpose = "avatar"
)

// NewFile describes a file that a person uploads.
type NewFile struct {
	Name, MIME string
	Purpose    Purpose // empty: ForMessage
	// Voice makes a voice message of a recording.
	Voice bool
}

// may says whether somebody may upload for a purpose, and how many bytes.
func (p Purpose) may(a access.Actor) (most int64, err error) {
	switch p {
	case ForMessage, "":
		return maxUpload, a.Require(access.Reply)
	case ForCanned:
		return maxUpload, a.Require(access.ManageCanned)
	case ForAvatar:
		return maxPicture, nil
	}
	return 0, fault.New(fault.Invalid, "file.bad_purpose").WithField("purpose")
}

// Upload keeps a file that a person is going to use. One that nothing refers
// to after [UnusedFor] is removed.
func (s *Service) Upload(ctx context.Context, a access.Actor, n NewFile, r io.Reader) (File, error) {
	most, err := n.Purpose.may(a)
	if err != nil {
		return File{}, err
	}
	kept, err := s.d.Library.Keep(ctx, Keeping{Workspace: int64(a.Workspace), Name: n.Name, MIME: n.MIME, Voice: n.Voice, Most: most}, r)
	if err != nil {
		return File{}, err
	}
	if n.Purpose == ForAvatar && kept.Kind != channel.Image {
		err := fault.New(fault.Invalid, "picture.not_an_image").WithField("file")
		return File{}, errors.Join(err, s.drop(ctx, kept.BlobKey, kept.ThumbKey))
	}
	f := File{ID: FileID(s.d.NewID()), Workspace: int64(a.Workspace), User: a.User, CreatedAt: s.now()}
	f.take(kept)
	if err := s.d.Files.CreateFile(ctx, f); err != nil {
		return f, errors.Join(err, s.drop(ctx, kept.BlobKey, kept.ThumbKey))
	}
	return f, nil
}

// drop removes bytes, even for somebody who has gone away meanwhile.
func (s *core) drop(ctx context.Context, keys ...string) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, k := range keys {
		if k != "" {
			errs = append(errs, s.d.Library.Discard(ctx, k))
		}
	}
	return errors.Join(errs...)
}

// cannedFiles are the files of canned replies: of all, and of those that the
// actor may use.
func (s *core) cannedFiles(ctx context.Context, a access.Actor) (every, usable []FileID, err error) {
	list, err := s.d.Shelf.ListCanned(ctx, int64(a.Workspace))
	if err != nil {
		return nil, nil, err
	}
	inboxes, err := s.visible(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range list {
		every = append(every, c.Files...)
		if c.Inbox == 0 || inboxes == nil || slices.Contains(inboxes, c.Inbox) {
			usable = append(usable, c.Files...)
		}
	}
	return every, usable, nil
}

// toSend are the files of a new message or note: what the actor uploaded and
// has not sent yet, and copies of what belongs to a canned reply that he may
// use, as often as he likes. A copy shares the bytes.
func (s *core) toSend(ctx context.Context, a access.Actor, ids []FileID) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	every, usable, err := s.cannedFiles(ctx, a)
	if err != nil {
		return nil, err
	}
	out := make([]File, 0, len(ids))
	for n, id := range ids {
		f, err := s.d.Files.File(ctx, int64(a.Workspace), id)
		if err != nil {
			return nil, err
		}
		own := f.Item == 0 && f.User == a.User
		// What a canned reply or a person's picture needs stays where it is.
		stays := f.Position == PositionPicture || slices.Contains(every, id)
		switch {
		case slices.Contains(ids[:n], id):
			return nil, ErrFileUsed.WithField("file_ids")
		case !own && !slices.Contains(usable, id) && f.Item == 0:
			return nil, ErrNoFile.WithField("file_ids")
		case !own && !slices.Contains(usable, id):
			return nil, ErrFileUsed.WithField("file_ids")
		case f.State != FileReady:
			return nil, ErrFileNotReady.WithField("file_ids")
		}
		if !own || stays {
			f.ID, f.Item, f.Position, f.User, f.Channel, f.Ref, f.CreatedAt = FileID(s.d.NewID()), 0, 0, a.User, 0, "", s.now()
			if err := s.d.Files.CreateFile(ctx, f); err != nil {
				return nil, err
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// UnusedFor is how long an upload is kept that nothing refers to.
const UnusedFor = 24 * time.Hour

// tidyBatch bounds how many uploads are given up at once.
const tidyBatch = 200

// TidyUploads gives up the uploads that were never used: no item, draft,
// canned reply or person has them. Each is marked and gets a job that removes
// its bytes, in one transaction; a marked one cannot be used any more. It
// returns how many there were.
func (s *Service) TidyUploads(ctx context.Context) (int, error) {
	before := s.now().Add(-UnusedFor)
	list, err := s.d.Uploads.UnusedUploads(ctx, before, 0, tidyBatch)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range list {
		if f.State == FileExpired {
			continue // its job is under way
		}
		err := s.d.Tx.Write(ctx, func(ctx context.Context) error {
			// With the file locked: somebody may have just begun to use it.
			f, err := s.d.Files.File(ctx, f.Workspace, f.ID)
			if err != nil {
				return err
			}
			still, err := s.d.Uploads.UnusedUploads(ctx, before, f.ID, 1)
			if err != nil || len(still) == 0 || f.State == FileExpired {
				return err
			}
			f.State = FileExpired
			if err := s.d.Files.UpdateFile(ctx, f); err != nil {
				return err
			}
			return s.d.Jobs.Enqueue(ctx, Job{Kind: JobDiscard, Workspace: f.Workspace, Subject: int64(f.ID)})
		})
		if err != nil && !errors.Is(err, ErrNoFile) {
			return n, err
		}
		n++
	}
	if n > 0 {
		s.d.Log.InfoContext(ctx, "unused uploads given up", slog.Int("files", n))
	}
	return n, nil
}

// Discard removes an upload that was given up: first its bytes, unless another
// file has the same, then what is known of it.
func (d *Deliverer) Discard(ctx context.Context, ws int64, id FileID) error {
	f, err := d.d.Files.File(ctx, ws, id)
	if errors.Is(err, ErrNoFile) {
		return nil
	}
	if err != nil || f.Item != 0 || f.State != FileExpired {
		return err
	}
	shared, err := d.d.Uploads.SharedBytes(ctx, f)
	if err != nil {
		return err
	}
	if !shared {
		if err := d.drop(ctx, f.BlobKey, f.ThumbKey); err != nil {
			return err
		}
	}
	return d.d.Uploads.DeleteFile(ctx, ws, id)
}
